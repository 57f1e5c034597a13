"""Which lines and paragraphs does a text have? Hard-wrapped lines are one paragraph; offsets count raw characters."""

import re
from functools import lru_cache
from typing import NamedTuple

from newsangle.corpus.cleaning.line_patterns import MONTH, WEEKDAY

_OTHER_ENDS = ("\r", "\u2028", "\u2029", "\x85")
_WRAP_WIDEST = 120  # wider lines are paragraphs of their own, not wrapped at a column
_WRAP_NARROWEST = 40
_KEY_LENGTH = 239  # no pattern of a short line is longer
_FINAL = frozenset(".!?…。！？؟۔")
_CLOSING = "\"'”’»›)]}*_」』） \t"
_SIMPLE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\u200b": None})
_LIST_MARK = re.compile(r"(?:[-*•·‣▪●◦○■□–—+]|\(?[0-9]{1,2}[.)]|\(?[a-z][.)])\s+(?=\S)")
_HASHES = re.compile(r"#{1,6}\s+")
_NUMBERED = re.compile(rf"[0-9]|{WEEKDAY}?{MONTH}\b\.? [0-9]")
_EDGES = " \t\"'*_•·‣▪●◦■□►▶→»›«‹←|>/\\-–—:…~=+#▼▲✕×"


class Unit(NamedTuple):  # not a dataclass: an article makes twenty, and these are made in a quarter of the time
    """A line, or the lines of one hard-wrapped paragraph: raw[start:end], blanks at the ends not included.

    `key` is the small-lettered text without marks at its edges ("" for long ones); `words` counts blanks, plus one;
    `gap` is how many line ends stand before it; `ends` says whether it ends as sentences do, `listed` whether it begins
    with a bullet; `marks` is the length of "## " before a heading in Markdown, which is not part of text and offsets.
    """

    start: int
    end: int
    text: str
    key: str
    words: int
    gap: int
    ends: bool
    listed: bool
    marks: int

    @property
    def long(self) -> bool:
        """Is it as long as running text? Fifteen words, or sixty characters in a script without blanks."""
        return self.words >= 15 or (self.words <= 3 and len(self.text) >= 60 and not self.text.isascii())


def units_of(text: str) -> list[Unit]:
    """Which paragraphs and lines does this text have, in order? Blank lines belong to none.

    Lines that stand together and break just where the next word would not have fitted are one hard-wrapped paragraph.

    >>> [unit.text for unit in units_of("Head\\n\\nOne two.\\n- three")]
    ['Head', 'One two.', '- three']
    """
    units: list[Unit] = []
    lines: list[tuple[int, int, int]] = []
    # Other line ends are written as "\n", one for one, to keep offsets.
    split = text.replace("\r\n", " \n") if "\r" in text else text
    for end in _OTHER_ENDS:
        split = split.replace(end, "\n")
    start = gap = 0
    for line in split.split("\n"):
        body = line.strip()
        if body:
            first = start + line.index(body[0])
            lines.append((first, first + len(body), gap))
            gap = 0
        start += len(line) + 1
        gap += 1
    position = 0
    while position < len(lines):
        last = position + 1
        while last < len(lines) and lines[last][2] == 1:
            last += 1
        for first, beyond in _joined(text, lines[position:last]):
            begin, gap = lines[position + first][0], lines[position + first][2]
            units.append(_unit(text, begin, lines[position + beyond - 1][1], gap))
        position = last
    return _series(units)


def _series(units: list[Unit]) -> list[Unit]:
    """The units, with four or more lines in a row that begin with a number or a day marked as items of a list."""
    number = 0
    while number < len(units):
        beyond = number
        while beyond < len(units) and units[beyond].words >= 4 and _NUMBERED.match(units[beyond].key):
            beyond += 1
        if beyond - number >= 4:
            units[number:beyond] = [unit._replace(listed=True) for unit in units[number:beyond]]
        number = max(beyond, number + 1)
    return units


def _joined(text: str, run: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Which lines of this run of lines without a blank line are one paragraph? Pairs (first, beyond the last)."""
    if len(run) == 1:
        return [(0, 1)]
    width = max(end - start for start, end, _ in run)
    if not _WRAP_NARROWEST <= width <= _WRAP_WIDEST:
        return [(number, number + 1) for number in range(len(run))]
    full = [_is_full(text, run, number, width) for number in range(1, len(run))]
    wrapped = len(full) >= 2 and sum(full) >= 0.6 * len(full)
    pieces: list[tuple[int, int]] = []
    first = 0
    for number in range(1, len(run) + 1):
        # Where few lines are full, a full one goes on only if no sentence ends there.
        if number < len(run) and full[number - 1] and (wrapped or not _ends(text[: run[number - 1][1]][-6:])):
            continue
        pieces.append((first, number))
        first = number
    return pieces


def _is_full(text: str, run: list[tuple[int, int, int]], number: int, width: int) -> bool:
    """Would the first word of this line not have fitted on the line before it?"""
    start, end, _ = run[number]
    if _LIST_MARK.match(text, start, end):
        return False
    length = run[number - 1][1] - run[number - 1][0]
    return length + 1 + len(text[start:end].split(None, 1)[0]) > width and length >= 0.6 * width


def _ends(tail: str) -> bool:
    return tail.rstrip(_CLOSING)[-1:] in _FINAL


def _unit(text: str, start: int, end: int, gap: int) -> Unit:
    piece = text[start:end]
    marks = 0
    listed = False
    if not piece[0].isalpha() or piece[1:2] in ".)":
        hashes = _HASHES.match(piece)
        marks = hashes.end() if hashes and hashes.end() < len(piece) else 0
        listed = _LIST_MARK.match(piece) is not None
        start += marks
        piece = piece[marks:]
    key = key_of(piece) if len(piece) <= _KEY_LENGTH else ""
    words = piece.count(" ") + piece.count("\n") + 1
    return Unit(start, end, piece, key, words, gap, _ends(piece[-6:]), listed, marks)


@lru_cache(maxsize=16_384)
def key_of(text: str) -> str:
    """How is this line looked up? In small letters, plain quotes, single blanks, without bullets, arrows or colons.

    >>> key_of("» Read  More: ")
    'read more'
    """
    return " ".join(text.translate(_SIMPLE).casefold().split()).strip(_EDGES)
