"""Fixtures with gold: each line begins with T|, H|, B| (kept), C| (comment) or D| (dropped); ⟦…⟧ is a dropped piece."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from newsangle.corpus.cleaning.result import Cleaned

FIXTURES = Path(__file__).parent / "fixtures"
_KEPT = "THB"
_PIECES = re.compile(r"⟦(.*?)⟧")


@dataclass(frozen=True)
class Piece:
    """A line, or a piece of one, with its gold mark."""

    start: int
    end: int
    mark: str


def read_gold(source: str) -> tuple[str, list[Piece]]:
    """The text without marks, and what each piece of it is."""
    text = ""
    pieces: list[Piece] = []
    for line in source.split("\n"):
        if line.strip():
            mark, body = line[0], line[2:]
            position = 0
            for match in _PIECES.finditer(body):
                pieces += _piece(text, body[position : match.start()], mark)
                text += body[position : match.start()]
                pieces += _piece(text, match[1], "D")
                text += match[1]
                position = match.end()
            pieces += _piece(text, body[position:], mark)
            text += body[position:]
        text += "\n"
    return text, pieces


def _piece(text: str, piece: str, mark: str) -> list[Piece]:
    return [Piece(len(text), len(text) + len(piece), mark)] if piece.strip() else []


def outcome(cleaned: Cleaned, text: str, piece: Piece) -> str:
    """What became of most of a piece's characters: "kept", "comment", "dropped" or "nowhere"."""
    count = {"kept": 0, "comment": 0, "dropped": 0}
    for block in cleaned.blocks:
        overlap = min(block.end, piece.end) - max(block.start, piece.start)
        if overlap > 0:
            count["comment" if block.section == "comment" else "kept"] += overlap
    for dropped in cleaned.dropped:
        count["dropped"] += max(min(dropped.end, piece.end) - max(dropped.start, piece.start), 0)
    return max(count, key=lambda name: count[name]) if any(count.values()) else "nowhere"


def wanted(piece: Piece) -> str:
    return "kept" if piece.mark in _KEPT else "comment" if piece.mark == "C" else "dropped"


def line_f1(pairs: list[tuple[str, str]]) -> float:
    """F1 of "kept" over (wanted, got) pairs."""
    both = sum(pair == ("kept", "kept") for pair in pairs)
    one = sum((a == "kept") + (b == "kept") for a, b in pairs)
    return 2 * both / one if one else 1.0


def fixtures() -> Iterator[tuple[str, str, list[Piece]]]:
    for path in sorted(FIXTURES.glob("*.txt")):
        text, pieces = read_gold(path.read_text(encoding="utf-8"))
        yield path.stem, text, pieces
