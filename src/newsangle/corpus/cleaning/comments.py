"""Where do readers' comments begin, and who are the readers? Their words are kept apart, their names never."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsangle.corpus.cleaning.line_patterns import AGO, WHEN
from newsangle.corpus.cleaning.patterns import is_date_line, line_reason
from newsangle.corpus.cleaning.phrases import COMMENTS_BEGIN
from newsangle.corpus.cleaning.units import Unit

_COUNT = re.compile(
    r"\(?[0-9.,]+\)? (?:comments?|replies|responses?|thoughts?)(?: on .*| to .*|:)?"
    r"|comments? [0-9.,]+|(?:comments?|replies) ?[(:\[] ?[0-9.,]+ ?[)\]]?"
    r"|(?:view|show|read|see|hide|load) (?:all |more )?[0-9]+ comments?"
    r"|leave (?:a|your) (?:comment|reply).*|join the (?:conversation|discussion).*"
)
_TIME = re.compile(rf"(?:{WHEN}|{AGO})", re.IGNORECASE)
_INTERFACE = re.compile(
    "(?:reply|replies|like|likes|dislike|upvote|downvote|report|flag|share|edit|edited|delete|quote"
    "|permalink|up|down|vote"
    r"|recommend|respond|show replies|hide replies|[0-9]+ ?(?:repl(?:y|ies)|likes?|upvotes?|points?|votes?)"
    r"|reply to .*|in reply to .*"
    r"|[+-]?[0-9]{1,6}|[|·•,()-]|top fan|author|moderator|admin|guest|verified|view all|view more|more)"
    r"(?:[ |·•,]+(?:reply|like|report|share|edited|flag|[+-]?[0-9]{1,6}|[0-9]+ (?:likes?|replies|points)))*"
)
_LAST_EDIT = re.compile(
    r"last edited .*|edited by .*|(?:in )?repl(?:y|ying) to .*|posted by .*|comment by .*|by .{2,40}", re.IGNORECASE
)
_SAYS = re.compile(r"^(?P<name>[^.!?:]{2,40}?) (?:says|said|wrote|writes|commented|replied|on .{4,40})\s*:")
_NAME_COLON = re.compile(r"^(?P<name>@?[^\W\d_a-z][\w.'’-]*(?: [^\W\d_a-z][\w.'’-]*){0,2}):\s")
_INITIAL = re.compile(r" (?:[^\W\d_a-z]|Jr|Sr)\.$")  # "Jane D."
_WORD = re.compile(r"\w+")
_AT_NAME = re.compile(r"(?<![\w@])@[\w.-]{2,30}")
_NAME_LONGEST = 60


def comments_begin(units: Sequence[Unit], dropped: Sequence[bool], first_body: int) -> int:
    """At which unit do readers' comments begin? len(units) where there are none.

    They begin at a line of a comment form or counter that stands after the story's first paragraph, unless a paragraph
    of the story still follows that nothing marks as a comment. `dropped` says which units are known not to be story.
    """
    for number in range(first_body + 1, len(units)):
        unit = units[number]
        if unit.words > 12 or not (unit.key in COMMENTS_BEGIN or _COUNT.fullmatch(unit.key)):
            continue
        rest = units[number + 1 :]
        marks = sum(_marks_comment(unit) for unit in rest[:40])
        stories = sum(unit.long for unit in rest)
        if marks or stories == 0 or _form(units, number):
            return number
    return len(units)


def _form(units: Sequence[Unit], number: int) -> bool:
    """Do two more lines of a comment form stand beside this one?"""
    near = units[number + 1 : number + 4]
    return sum(line_reason(unit.key) == "comment section" for unit in near) >= 1


def _marks_comment(unit: Unit) -> bool:
    key = unit.key
    if unit.words > 10:
        return _SAYS.match(unit.text) is not None
    return (
        key in ("reply", "report", "like", "says", "edited", "flag")
        or _TIME.fullmatch(key) is not None
        or (_TIME.search(key) is not None and not unit.ends)
        or _SAYS.match(unit.text) is not None
        or re.fullmatch(r".{2,40} (?:says|wrote|said|writes)", key) is not None
    )


def tells_when(text: str) -> bool:
    """Does this line say when something was written?"""
    return _TIME.search(text) is not None


def is_interface(unit: Unit) -> bool:
    """Is this line of the comment section a button, a score or a time?"""
    if unit.words > 12:
        return False
    key = unit.key
    return (
        _INTERFACE.fullmatch(key) is not None
        or is_date_line(key)
        or _TIME.fullmatch(key) is not None
        or line_reason(key) in ("comment section", "share", "bare amount", "decoration", "navigation")
    )


def is_name_line(unit: Unit) -> bool:
    """Is this line of the comment section a reader's name, perhaps with a time? Short, and no sentence.

    Better one comment of two words lost than one name kept.
    """
    if _LAST_EDIT.fullmatch(unit.text) and unit.words <= 12 and not unit.ends:
        return True
    if len(unit.text) > _NAME_LONGEST or unit.words > 9:
        return False
    return not unit.ends or (unit.words <= 4 and _INITIAL.search(unit.text) is not None)


def name_at_start(text: str) -> int:
    """How many characters at the start of this comment name its writer ("Jane D. says: …")? 0 where none do."""
    match = _SAYS.match(text) or _NAME_COLON.match(text)
    return match.end() if match else 0


def names_of(line: str) -> list[str]:
    """Which names does a reader's name line hold, times and buttons taken off? For starring them elsewhere."""
    bare = _TIME.sub(" ", line)
    bare = re.sub(
        r"(?i)\b(?:says|said|wrote|writes|reply|replied|commented|report|like|last edited|edited|posted"
        r"|comment|by|on|at)\b",
        " ",
        bare,
    )
    bare = re.sub(r"[|·•,:()\[\]<>]+", "\n", bare)
    return [part for piece in bare.split("\n") if len(part := " ".join(piece.split()).strip(" -@")) >= 3]


@dataclass(frozen=True)
class Readers:
    """Readers' names by their first word, small-lettered, and the parts of them that are starred alone."""

    by_first: dict[str, tuple[tuple[str, ...], ...]]
    parts: frozenset[str]


def readers_of(names: Sequence[str], story: Iterable[str]) -> Readers:
    """Which words are to be starred, where these are the readers' names and those the paragraphs of the story?

    A part of a name ("Jane") counts where it has a capital and the story doesn't use it (so not "Russia").
    """
    by_first: dict[str, set[tuple[str, ...]]] = {}
    parts: set[str] = set()
    for name in names:
        words = _WORD.findall(name)
        if words and not name.isdigit():
            by_first.setdefault(words[0].lower(), set()).add(tuple(word.lower() for word in words))
        if 2 <= len(words) <= 3:
            parts |= {part for part in words if len(part) >= 4 and part[0].isupper()}
    if parts:
        parts -= {word for paragraph in story for word in _WORD.findall(paragraph)}
    return Readers({first: tuple(sorted(found)) for first, found in by_first.items()}, frozenset(parts))


def star_readers(text: str, readers: Readers) -> str:
    """The comment with its readers' names, parts of them and any @name replaced by stars, one for one."""
    text = _AT_NAME.sub(lambda match: "*" * len(match[0]), text)
    found = [(match.start(), match.end(), match[0]) for match in _WORD.finditer(text)]
    lowered = [word.lower() for _, _, word in found]
    signs: list[str] | None = None
    for number, (start, end, word) in enumerate(found):
        ends = [
            found[number + len(words) - 1][1]
            for words in readers.by_first.get(lowered[number], ())
            if tuple(lowered[number : number + len(words)]) == words
        ]
        if word in readers.parts:
            ends.append(end)
        if ends:
            signs = signs or list(text)
            signs[start : max(ends)] = "*" * (max(ends) - start)
    return text if signs is None else "".join(signs)
