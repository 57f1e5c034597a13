"""What did readers write below a page's story? Their words are kept apart from it, their names never."""

from collections.abc import Sequence
from dataclasses import replace

from newsangle.corpus.cleaning.clean import starred
from newsangle.corpus.cleaning.comments import (
    is_interface,
    is_name_line,
    name_at_start,
    names_of,
    readers_of,
    star_readers,
    tells_when,
)
from newsangle.corpus.cleaning.patterns import line_reason
from newsangle.corpus.cleaning.result import Block, Cleaned, Dropped
from newsangle.corpus.cleaning.units import Unit, units_of


def with_comments(cleaned: Cleaned, length: int, lines: Sequence[Sequence[str]]) -> Cleaned:
    """The article of a page with the words of its readers as comment blocks, and what else stood among them as dropped.

    `lines`: (text, kind) as from `page_lines.comment_lines`. Offsets go on behind the extracted text, which is `length`
    characters long: each line stands two characters behind the one before it. Where no line names a reader or tells
    when somebody wrote, nobody has: what is there is a form.
    """
    if not lines:
        return cleaned
    named = any(kind == "name" for _, kind in lines)
    somebody = named or any(tells_when(text) for text, _ in lines)
    names: list[str] = []
    said: list[tuple[int, str]] = []
    dropped = list(cleaned.dropped)
    start = length
    for text, kind in lines:
        start += 2
        unit = next(iter(units_of(text)), None)
        if unit is None:
            pass
        elif kind == "name" or (kind == "said" and somebody and not is_interface(unit) and is_name_line(unit)):
            if kind == "name" or not named:  # where boxes say who wrote, a short line is hardly a name: dropped it is
                names += names_of(text)
            dropped.append(Dropped(start, start + len(text), "*" * len(text), "reader name"))
        elif kind == "button" or not somebody or is_interface(unit) or _is_known(unit):
            dropped.append(Dropped(start, start + len(text), starred(text), "comment section"))
        else:
            cut = name_at_start(text)
            if cut:
                names += names_of(text[:cut].rstrip(" :"))
                dropped.append(Dropped(start, start + cut, "*" * cut, "reader name"))
            if text[cut:].strip():
                said.append((start + cut, text[cut:]))
        start += len(text)
    readers = readers_of(names, [block.text for block in cleaned.blocks])
    blocks = [Block(at, at + len(text), star_readers(starred(text), readers), "comment") for at, text in said]
    hidden = [
        replace(piece, text=star_readers(piece.text, readers)) if piece.start >= length else piece for piece in dropped
    ]
    return replace(cleaned, blocks=(*cleaned.blocks, *blocks), dropped=tuple(hidden))


def _is_known(unit: Unit) -> bool:
    """Is this a line of the form, not of a reader?"""
    return unit.words <= 30 and bool(unit.key) and line_reason(unit.key) is not None
