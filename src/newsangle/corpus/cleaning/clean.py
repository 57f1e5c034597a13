"""What of a plain text is the story? Every line is kept or dropped with a reason; nothing disappears."""

import re
from collections.abc import Sequence

from newsangle.corpus.cleaning.comments import (
    is_interface,
    is_name_line,
    name_at_start,
    names_of,
    readers_of,
    star_readers,
)
from newsangle.corpus.cleaning.merged import bare, merged_sentences, sentences_of
from newsangle.corpus.cleaning.metadata import metadata_of
from newsangle.corpus.cleaning.patterns import line_reason
from newsangle.corpus.cleaning.repetition import Repeated, RepeatedHere
from newsangle.corpus.cleaning.result import Block, Cleaned, Dropped, Metadata, Reason, Section
from newsangle.corpus.cleaning.units import Unit, key_of, units_of
from newsangle.corpus.cleaning.verdicts import Verdicts, judge, reason_by_form

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_LONGEST_HEADING = 40


def clean_document(
    text: str, *, learned: Repeated | RepeatedHere | None = None, hints: Metadata | None = None
) -> Cleaned:
    """Which parts of this plain text are title, story and readers' comments, and what else was in it, and why?

    `learned` says what repeats in the corpus that the text comes from (`learn_repetition`); without it the text is
    cleaned by what it shows alone. `hints` holds metadata known from elsewhere, which win over what the text says.
    E-mail addresses and readers' names are starred in all that is returned.

    >>> cleaned = clean_document("Dam bursts\\n\\nShare\\n\\nThe dam at Ash burst on Monday, and the river took four "
    ...     "bridges and a mill with it. The views expressed here are the author's own.")
    >>> cleaned.title, [(piece.text[:9], piece.reason) for piece in cleaned.dropped]
    ('Dam bursts', [('Share', 'share'), ('The views', 'disclaimer')])
    >>> cleaned.text
    'The dam at Ash burst on Monday, and the river took four bridges and a mill with it.'
    """
    return clean_units(text, units_of(text), learned, hints or Metadata())


def clean_units(
    text: str, units: Sequence[Unit], learned: Repeated | RepeatedHere | None, given: Metadata, plain: str | None = None
) -> Cleaned:
    """The same as `clean_document` for a text whose units, and bare(text), are known."""
    plain = bare(text) if plain is None else plain
    verdicts = judge(units, given.title)
    blocks: list[Block] = []
    dropped: list[Dropped] = []
    for number, unit in enumerate(units[: verdicts.comments]):
        if unit.marks:
            dropped.append(_marks(unit, text))
        reason = verdicts.reasons[number]
        if reason is not None:
            dropped.append(_drop(unit.start, unit.end, text, reason))
        elif number == verdicts.title:
            blocks.append(_keep(unit.start, unit.end, text, "title"))
        else:
            _cut(unit, text, plain, _section(units, verdicts, number), learned, blocks, dropped)
    metadata = metadata_of(units, verdicts, [piece.text for piece in dropped], given)
    _comments(units[verdicts.comments :], text, blocks, dropped)
    dropped.sort(key=lambda piece: piece.start)
    return Cleaned(metadata.title, tuple(blocks), tuple(dropped), metadata)


def clean_extracted(
    text: str,
    metadata: Metadata,
    headings: frozenset[str],
    notes: tuple[str, ...] = (),
    *,
    units: Sequence[Unit] | None = None,
    plain: str | None = None,
    learned: Repeated | RepeatedHere | None = None,
) -> Cleaned:
    """Which lines of a text that was taken out of a page are no part of the story, however sure the extractor was?

    Only what a line or sentence says itself counts here, not where it stands: menus and comments are gone already.
    """
    units = units_of(text) if units is None else units
    plain = bare(text) if plain is None else plain
    blocks: list[Block] = []
    dropped: list[Dropped] = []
    for number, unit in enumerate(units):
        reason = reason_by_form(unit)
        if reason is not None:
            dropped.append(_drop(unit.start, unit.end, text, reason))
        elif number == 0 and metadata.title and unit.key == key_of(metadata.title):
            blocks.append(_keep(unit.start, unit.end, text, "title"))
        else:
            _cut(unit, text, plain, "heading" if unit.text in headings else "body", learned, blocks, dropped)
    dropped.sort(key=lambda piece: piece.start)
    judged = Verdicts([None] * len(units), -1, 0, len(units) - 1, len(units))
    found = metadata_of(units, judged, [piece.text for piece in dropped], metadata)
    return Cleaned(metadata.title, tuple(blocks), tuple(dropped), found, notes, "extracted")


def starred(text: str) -> str:
    """The text with every character of an e-mail address replaced by a star, one for one."""
    return _EMAIL.sub(lambda match: "*" * len(match[0]), text) if "@" in text else text


def _keep(start: int, end: int, text: str, section: Section) -> Block:
    return Block(start, end, starred(text[start:end]), section)


def _drop(start: int, end: int, text: str, reason: Reason) -> Dropped:
    return Dropped(start, end, starred(text[start:end]), reason)


def _marks(unit: Unit, text: str) -> Dropped:
    """The "##" before a heading."""
    start = unit.start - unit.marks
    marks = text[start : unit.start].rstrip()
    return Dropped(start, start + len(marks), marks, "decoration")


def _section(units: Sequence[Unit], verdicts: Verdicts, number: int) -> Section:
    """Body or heading? A heading is short, no sentence, no item of a list, and no line of a verse."""
    unit = units[number]
    if unit.marks:
        return "heading"
    if (
        unit.ends
        or unit.listed
        or unit.words > _LONGEST_HEADING
        or unit.text[:1] in "\"'“‘«„"
        or unit.text.endswith((":", ",", ";"))
    ):
        return "body"
    kept = [
        n
        for n in (number - 1, number + 1)
        if 0 <= n < verdicts.comments and verdicts.reasons[n] is None and n != verdicts.title
    ]
    for other in kept:
        gap = unit.gap if other < number else units[other].gap
        if gap == 1 and not units[other].long:
            return "body"
    return "heading"


def _cut(
    unit: Unit,
    text: str,
    plain: str,
    section: Section,
    learned: Repeated | RepeatedHere | None,
    blocks: list[Block],
    dropped: list[Dropped],
) -> None:
    """Keeps a unit, or the runs of its sentences that are story, and drops the others."""
    words = plain[unit.start : unit.end].split() if plain else None
    merged = merged_sentences(unit.text, words) if unit.words >= 4 else []
    learned = learned if learned is not None and learned.may_hold(unit.text) else None
    out = {start: reason for start, _, reason in merged}
    spans: list[tuple[int, int]] = [(0, len(unit.text))]
    if learned is not None or out:
        spans = list(sentences_of(unit.text))
    if learned is not None:
        for start, end in spans:
            if start not in out and learned.holds(unit.text[start:end], whole_line=len(spans) == 1):
                out[start] = "repeated"
    run: tuple[int, int] | None = None
    for start, end in spans:
        if start not in out:
            run = (run[0] if run else start, end)
            continue
        if run:
            blocks.append(_keep(unit.start + run[0], unit.start + run[1], text, section))
            run = None
        dropped.append(_drop(unit.start + start, unit.start + end, text, out[start]))
    if run:
        blocks.append(_keep(unit.start + run[0], unit.start + run[1], text, section))


def _comments(units: Sequence[Unit], text: str, blocks: list[Block], dropped: list[Dropped]) -> None:
    """Readers' comments: names and buttons dropped, words kept apart."""
    names: list[str] = []
    kept: list[tuple[int, int]] = []
    for unit in units:
        if unit.marks:
            dropped.append(_marks(unit, text))
        reason = line_reason(unit.key) if unit.words <= 30 else None
        if is_interface(unit):
            dropped.append(_drop(unit.start, unit.end, text, "comment section"))
        elif reason is not None and reason not in ("metadata line", "related stories"):
            dropped.append(_drop(unit.start, unit.end, text, reason))
        elif is_name_line(unit):
            names += names_of(unit.text)
            dropped.append(Dropped(unit.start, unit.end, "*" * len(unit.text), "reader name"))
        else:
            cut = name_at_start(unit.text)
            if cut:
                names += names_of(unit.text[:cut].rstrip(" :"))
                dropped.append(Dropped(unit.start, unit.start + cut, "*" * cut, "reader name"))
            start = unit.start + cut
            while start < unit.end and text[start].isspace():
                start += 1
            if start < unit.end:
                kept.append((start, unit.end))
    if not kept:
        return
    readers = readers_of(names, [block.text for block in blocks])
    for start, end in kept:
        blocks.append(Block(start, end, star_readers(starred(text[start:end]), readers), "comment"))
