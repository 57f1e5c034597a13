"""What of a page did the extractor leave out, and why? For people to look at: the page is parsed once more for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsangle.corpus.cleaning.clean import starred
from newsangle.corpus.cleaning.comments import comments_begin, readers_of, star_readers
from newsangle.corpus.cleaning.page import page_tree
from newsangle.corpus.cleaning.page_lines import Line, comment_boxes, comment_lines, page_lines
from newsangle.corpus.cleaning.patterns import byline, is_date_line, weak_reason
from newsangle.corpus.cleaning.result import Reason
from newsangle.corpus.cleaning.units import Unit, key_of, units_of
from newsangle.corpus.cleaning.verdicts import reason_by_form

_GRAM = 4  # words: so many in a row are hardly the same by chance
_TAKEN = 0.5  # share of a line's word sequences that the extractor must have taken
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class LeftOut:
    """A line of a page that isn't in the text taken out of it: behind which character of that it stands, and why.

    `short`: is it short enough to be one of several lines of a menu?
    """

    after: int
    text: str
    reason: Reason
    short: bool = False


def left_out(html: str, extracted: str, title: str = "") -> list[LeftOut]:
    """Which lines of this page are not in the text that was extracted from it, in the order of the page?

    A line is there where half of its sequences of four words are (for shorter ones: where the line is). The reason is
    what the line itself says, as for plain text, else what its box is called (nav, share, related …), else "outside the
    story". Boxes of readers' comments are left to `page_comments`; a comment section that no box is called after
    begins, as in plain text, at a comment counter or form below the story, and of it nothing but its length is told.
    """
    tree, _ = page_tree(html)
    boxes = comment_boxes(tree)
    names = [text for text, kind in comment_lines(boxes) if kind == "name"]
    lines = list(page_lines(tree, frozenset(boxes)))
    grams, whole = _grams_of(extracted), _lines_of(extracted)
    places = [_place(line.text, grams, whole) for line in lines]
    readers = readers_of(names, [extracted])
    hidden = _comments_below(lines, places)
    found: list[LeftOut] = []
    after, titled = 0, False
    for number, (line, place) in enumerate(zip(lines, places, strict=True)):
        if place is not None:
            after = max(after, place)
        elif number >= hidden:
            found.append(LeftOut(after, "*" * len(line.text), "reader name"))
        elif title and key_of(line.text) == key_of(title):
            if titled:
                found.append(LeftOut(after, line.text, "repeated"))
            titled = True
        else:
            found.append(LeftOut(after, star_readers(starred(line.text), readers), _reason(line)))
    return found


def _lines_of(extracted: str) -> dict[str, int]:
    ends: dict[str, int] = {}
    start = 0
    for line in extracted.split("\n"):
        if line.strip():
            ends.setdefault(" ".join(_WORD.findall(line)), start + len(line))
        start += len(line) + 1
    return ends


def _grams_of(extracted: str) -> dict[tuple[str, ...], int]:
    """Each sequence of four words, and where it first ends."""
    found = [(match[0], match.end()) for match in _WORD.finditer(extracted)]
    grams: dict[tuple[str, ...], int] = {}
    for number in range(len(found) - _GRAM + 1):
        part = found[number : number + _GRAM]
        grams.setdefault(tuple(word for word, _ in part), part[-1][1])
    return grams


def _place(text: str, grams: dict[tuple[str, ...], int], whole: dict[str, int]) -> int | None:
    """Where in the extracted text does this line end? None where it isn't there."""
    words = _WORD.findall(text)
    exact = whole.get(" ".join(words))
    if exact is not None or len(words) < _GRAM:
        return exact
    places = [grams.get(tuple(words[n : n + _GRAM])) for n in range(len(words) - _GRAM + 1)]
    there = [place for place in places if place is not None]
    return max(there) if len(there) >= _TAKEN * len(places) else None


def _comments_below(lines: Sequence[Line], places: Sequence[int | None]) -> int:
    """From which line on do readers write, though no box is called after them? len(lines) where they don't."""
    last = max((number for number, place in enumerate(places) if place is not None), default=-1)
    units: list[Unit] = []
    number_of: list[int] = []
    for number in range(last + 1, len(lines)):
        for unit in units_of(lines[number].text)[:1]:
            units.append(unit)
            number_of.append(number)
    begin = comments_begin(units, [False] * len(units), -1)
    return number_of[begin] if begin < len(units) else len(lines)


def _reason(line: Line) -> Reason:
    units = units_of(line.text)
    if not units:
        return "decoration"
    unit = units[0]
    said = reason_by_form(unit) or weak_reason(unit.key)
    if said is None and (is_date_line(unit.key) or byline(unit.text)):
        said = "metadata line"
    return said or line.box or "outside the story"
