"""Which words of a passage made the model decide? A text in pieces, the weighty ones marked by how much they add."""

from collections.abc import Mapping, Sequence
from typing import Any

LEVELS = (0.15, 0.4, 0.7)  # share of the weightiest word's contribution from which a word is marked, and how strongly


def pieces(text: str, words: Sequence[Sequence[Any]]) -> list[tuple[str, int]]:
    """The text cut at its weighty words: (piece, level), level 0 for what isn't marked, 3 for the weightiest.

    `words`: start, end, contribution; only what speaks for the decision is marked.

    >>> pieces("Tanks rolled on.", [(0, 5, 2.0), (6, 12, 0.5), (13, 15, -3.0)])
    [('Tanks', 3), (' ', 0), ('rolled', 1), (' on.', 0)]
    """
    top = max((float(value) for _, _, value in words), default=0.0)
    out, last = [], 0
    for start, end, value in words:
        level = sum(value >= share * top for share in LEVELS) if top > 0 and value > 0 else 0
        if level:
            out += [(text[last:start], 0), (text[start:end], level)]
            last = end
    out.append((text[last:], 0))
    return [(piece, level) for piece, level in out if piece]


def why(reasons: Mapping[str, Any] | None, text: str) -> dict[str, Any]:
    """What the report says of a decision: the text in pieces, and the weightiest terms as words."""
    if reasons is None:
        return {"pieces": [(text, 0)], "because": ""}
    found: dict[str, None] = {}
    for block, term, value in reasons["terms"]:
        if value > 0 and block in ("word", "target"):
            told = term.replace("xtargetx", "TARGET").replace("xotherx", "OTHER")
            found[f"{told} (+{value:.2f})"] = None
    return {"pieces": pieces(text, reasons["words"]), "because": ", ".join(list(found)[:6])}
