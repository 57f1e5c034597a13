"""Which lines are never part of a story, by their form?"""

import re
from functools import lru_cache

from newsangle.corpus.cleaning.line_patterns import LINES, WEEKDAY, WHEN
from newsangle.corpus.cleaning.phrases import STRONG, WEAK
from newsangle.corpus.cleaning.result import Reason
from newsangle.corpus.cleaning.units import key_of

_LINES = re.compile("|".join(f"(?P<r{number}>{'|'.join(forms)})" for number, forms in enumerate(LINES.values())))
_LINE_REASONS: tuple[Reason, ...] = tuple(LINES)


@lru_cache(maxsize=16_384)
def line_reason(key: str) -> Reason | None:
    """Why is a line with this key no part of a story, wherever it stands? None where nothing says so.

    >>> line_reason("share this article"), line_reason("2,500 $"), line_reason("the tanks left the town.")
    ('share', 'bare amount', None)
    """
    if key in STRONG:
        return STRONG[key]
    if not key:
        return "decoration"
    match = _LINES.fullmatch(key)
    return _LINE_REASONS[int((match.lastgroup or "r0")[1:])] if match else None


_DATE_LINE = re.compile(rf"{WEEKDAY}?{WHEN}")
_BY_PIECES = re.compile("[BbVP](?:y|Y|on|ar|or)")  # looking for these first is cheap
_BY = re.compile(r"\b(?:[Bb]y|BY|Von|Par|Por)\b")
_BYLINE = re.compile(
    r"(?:(?:Analysis|Opinion|Commentary|Review|Interview|Column|Essay|Story|Report|Words|Text) )?"
    r"(?:By|BY|by|Von|Par|Por)[:]? +(?P<names>[^\W\d_a-z][\w.'’-]*(?: +(?:(?:[^\W\d_a-z][\w.'’-]*|al-\w+)"
    r"|and|AND|de|der|van|von|al|bin|"
    r"el|la|du|&)|, (?=[^\W\d_a-z])){0,9})(?P<rest>(?:\s*[,|•·–—(-] *.{0,80})?)"
)
_SUPPORT_WORDS = ("Support", "SUPPORT", "Donate to", "Fund")
_SUPPORT = re.compile(
    r"(?:Support|SUPPORT|Donate to|Fund)(?: [Tt]he)? (?P<name>[^\W\d_a-z]\w*(?:[ .-][^\W\d_a-z]\w*){0,3})[!.]?"
)
_CREDIT_TAIL = re.compile(
    r"[(\[][^\W\d_a-z][^()\[\],/]{1,60}(?:/| via | ?© ?)[^\W\d_a-z][^()\[\],/]{1,40}[)\]]\.?$"
    r"|[(\[](?:Photo|Image|Picture|Credit|File)\b[^()\[\]]{1,80}[)\]]\.?$"
    r"|\b(?:Photo|Image|Picture|Photograph|Credit|Photo credit|Image credit)(?::| by) [^.:]{2,60}\.?$"
)
_BRACKETS = (")", "]")
_CREDIT_WORDS = re.compile("hoto|mage|icture|redit")
_TRAIL = re.compile(r"[^>»›/|]{1,40}(?:\s+[>»›]\s+[^>»›|]{1,60})+|[^/|.]{1,25}(?:\s+/\s+[^/|.]{1,40}){2,}")
_TRAIL_MARK = re.compile(r"\s[>»›/]\s")
_MENU_MARKS = re.compile(r"[|·•‣/\t]")
_MENU_MARK = re.compile(r"\s*[|·•‣/]\s*|\s{2,}|\t")


# Words that papers, stations and sites call themselves by.
_OUTLET_WORDS = frozenset(
    [
        "post",
        "times",
        "news",
        "herald",
        "daily",
        "journal",
        "gazette",
        "tribune",
        "review",
        "chronicle",
        "press",
        "today",
        "magazine",
        "weekly",
        "observer",
        "mail",
        "star",
        "sun",
        "standard",
        "echo",
        "courier",
        "dispatch",
        "telegraph",
        "guardian",
        "globe",
        "record",
        "bulletin",
        "ledger",
        "online",
        "tv",
        "radio",
        "agency",
        "network",
        "monitor",
        "mirror",
        "express",
        "independent",
        "inquirer",
        "sentinel",
        "argus",
        "advertiser",
        "register",
        "examiner",
        "wire",
        "media",
        "broadcasting",
        "tageblatt",
        "zeitung",
        "anzeiger",
        "allgemeine",
        "presse",
        "nouvelles",
        "diario",
        "periódico",
        "noticias",
    ]
)


def sounds_like_an_outlet(text: str) -> bool:
    """Is this a name such as papers have: up to five words, among them "Post" or "Herald", each with a capital?

    >>> sounds_like_an_outlet("THE HILL COUNTRY POST"), sounds_like_an_outlet("Post office closes")
    (True, False)
    """
    words = text.split()
    named = all(word[:1].isupper() or word.lower() in ("of", "the", "and", "&", "for") for word in words)
    return 1 <= len(words) <= 5 and named and not _OUTLET_WORDS.isdisjoint(word.strip(".,").lower() for word in words)


def is_date_line(key: str) -> bool:
    """Is this line a date, with or without a time, and nothing else?"""
    return len(key) <= 60 and _DATE_LINE.fullmatch(key) is not None


def byline(text: str) -> str:
    """Whose names does a line "By …" hold? "" where it is no byline.

    >>> byline("By Jane Doe and Omar al-Said, Staff Writers"), byline("By Friday, they had gone home to rest.")
    ('Jane Doe and Omar al-Said', '')
    """
    if len(text) > 160:
        return ""
    text = text.strip("*_ ")
    if _BY_PIECES.search(text, 0, 15) is None:
        return ""
    match = _BYLINE.fullmatch(text) if _BY.search(text, 0, 15) else None
    if match is None or (match["rest"].rstrip().endswith((".", "!", "?")) and len(match["rest"]) > 20):
        return ""
    names = match["names"].strip(" ,")
    return names if " " in names else ""


def supported_name(text: str) -> str:
    """Whom does a line "Support …" ask to support? "" where it is another line."""
    match = _SUPPORT.fullmatch(text) if len(text) <= 60 and text.startswith(_SUPPORT_WORDS) else None
    return match["name"] if match else ""


def ends_in_credit(text: str) -> bool:
    """Does this line end with a picture's credit, such as "(A. Doe/Agency)" or "Photo: A. Doe"?"""
    tail = text[-140:]
    if tail.rstrip(".")[-1:] not in _BRACKETS and _CREDIT_WORDS.search(tail) is None:
        return False
    return _CREDIT_TAIL.search(tail) is not None


def is_trail(text: str) -> bool:
    """Is this a breadcrumb trail, such as "World > Middle East > Syria"?"""
    return len(text) <= 160 and _TRAIL_MARK.search(text) is not None and _TRAIL.fullmatch(text) is not None


def is_menu(text: str) -> bool:
    """Is this line a row of menu entries: "Home | World | Sport", or "News Sport Business"?"""
    if len(text) > 300:
        return False
    words = text.split()
    apart = len(" ".join(words)) != len(text) or _MENU_MARKS.search(text) is not None
    for parts, share in ((_MENU_MARK.split(text) if apart else words[:0], 0.5), (words, 0.8)):
        named = [part for part in parts if part.strip()]
        enough = max(2, share * len(named))
        missing = 0
        for part in named:
            key = key_of(part)
            missing += not (key in WEAK or key in STRONG)
            if len(named) - missing < enough or len(key.split()) > 4:
                break
        else:
            if len(named) >= 3:
                return True
    return False


def weak_reason(key: str) -> Reason | None:
    """Why may a line with this key be no part of a story, if it stands among other such lines or at an edge?"""
    return WEAK.get(key)
