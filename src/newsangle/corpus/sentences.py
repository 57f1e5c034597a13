"""Where does a sentence end? Rules for news English: titles, initials, U.S., a.m., No. 5, decimals and quotes.

Deterministic and without a model, so that offsets stay the same on every machine and in every year.
"""

import re


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Never the end of a sentence: a name or a number follows. Capitals count: "a mass." ends, "D-Mass." may not.
_TITLES = _words(
    "Mr Mrs Ms Messrs Mx Dr Prof Gen Lt Col Sgt Maj Capt Cmdr Cpl Pvt Adm Brig Rev Fr Hon Sen Sens Rep Reps Gov Govs "
    "Pres Supt Det Insp St Mt Ft Lt.-Gen Maj.-Gen gen vs v approx est dept Dept Univ Fig Figs fig figs Vol vol Nos nos "
    "pp eg ie e.g i.e cf"
)
# Before a number only: "No. 5", "p. 12", "Art. 3"; "He said no." ends.
_BEFORE_NUMBER = _words("No no p Art Sec Ch ca")
# The end only where an unmistakable first word follows: "at Acme Inc. The", but "Acme Inc. President".
_UNSURE = _words(
    "Inc Ltd Co Corp Bros Jr Sr Esq Ph.D etc al Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu "
    "Thur Thurs Fri Sat Sun Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont "
    "Neb Nev Okla Ore Pa Tenn Tex Va Vt Wash Wis Wyo Ave Blvd Rd"
)
_FIRST_WORDS = _words(
    "A After All Also Although An And Another Are As At Because Before Both But By Despite During Each Even Few For "
    "From Has Have He Her Here His How However If In Is It Its Last Later Many Meanwhile More Most My Next No Not Now "
    "On Once One Only Other Our She Since So Some Still Such That The Their Then There These They This Those Though "
    "Through To Today Two Under Until We Were What When Where Whether Which While Who Why With Yet You Your"
)

_SMALL = frozenset(word for word in _TITLES | _BEFORE_NUMBER | _UNSURE if word.isalpha() and word.islower())

_CLOSING = "\"'”’»)\\]}›"
_OPENING = "\"'“‘«(\\[{‹„¿¡—–\\-"
_MARKS = ".!?…؟۔"
# It begins with a set of characters: the search for those is a tight loop, a look-behind first would be tried at every
# character. The look-behind after them and possessive "++" keep a line of a million dots linear.
_END = re.compile(
    rf"[{_MARKS}。！？](?:(?<=[{_MARKS}])(?<![{_MARKS}].)(?P<more>[{_MARKS}]*+)[{_CLOSING}]*+(?P<gap>\s++)"
    rf"(?=[{_OPENING}\s]*+(?P<next>\w*))|(?<=[。！？])(?P<wide>[。！？]*+[{_CLOSING}」』）]*+))"
)
_LAST_TOKEN = re.compile(r"[^\W_](?:[\w.'’-]*[^\W_])?$")
_INITIAL = re.compile(r"[^\W\d_]")
_DOTTED = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")  # U.S, a.m, D.C
_LOOKBACK = 40  # characters; no abbreviation is longer


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where does each sentence begin and end? Offsets into `text`; blanks between sentences belong to none.

    A sentence ends at a full stop, question or exclamation mark or ellipsis, closing quotes and brackets included, when
    a blank follows and then no small letter. Not after titles and initials ("Gen.", "J."), not before a number after
    "No.", and after "U.S.", "a.m.", "Inc." or a month only when an unmistakable first word ("The", "But") follows.
    Blanks between paragraphs alone end nothing; see `passages.paragraph_spans`.

    >>> text = 'Gen. J. Doe left the U.S. at 9 a.m. "It is 3.5 km." He paid.'
    >>> [text[a:b] for a, b in sentence_spans(text)]
    ['Gen. J. Doe left the U.S. at 9 a.m.', '"It is 3.5 km."', 'He paid.']
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        more, _, following, wide = match.groups()
        if wide is None and not _ends_sentence(text, match.start(), more, following, start):
            continue
        end = match.end() if wide is not None else match.start("gap")
        _append_stripped(spans, text, start, end)
        start = end
    _append_stripped(spans, text, start, len(text))
    return spans


def _append_stripped(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _ends_sentence(text: str, mark: int, more: str, following: str, start: int) -> bool:
    """Does a sentence end at text[mark], a stop before a blank? `more`: further stops, `following`: the next word."""
    if following[:1].islower():
        return False
    if more or text[mark] != ".":
        return True
    # Most sentences end with a small-lettered word between blanks: known without a search.
    word = text[max(text.rfind(" ", start, mark) + 1, start) : mark]
    if len(word) > 1 and word.isascii() and word.isalpha() and word.islower() and word not in _SMALL:
        return True
    before = _LAST_TOKEN.search(text, max(start, mark - _LOOKBACK), mark)
    if before is None:
        return True
    token = before[0]
    if token.isdigit() and len(token) <= 2 and not text[start : before.start()].strip():
        return False  # "1. First point"
    word = token.capitalize() if token.isupper() and "." not in token else token  # "GEN. DOE" is Gen. Doe
    if _INITIAL.fullmatch(token):
        return following in _FIRST_WORDS and following != "A"
    if word in _TITLES:
        return False
    if word in _BEFORE_NUMBER:
        return not following[:1].isdigit()
    if word in _UNSURE or _DOTTED.fullmatch(token):
        return following in _FIRST_WORDS
    return True
