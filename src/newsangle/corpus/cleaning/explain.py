"""What was kept, what was dropped, and why? One line a piece, for people."""

from collections.abc import Sequence
from dataclasses import replace

from newsangle.corpus.cleaning.clean import starred
from newsangle.corpus.cleaning.page_rest import LeftOut
from newsangle.corpus.cleaning.result import Block, Cleaned, Dropped

_GREEN, _RED, _BLUE, _BOLD, _PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[36m", "\x1b[1m", "\x1b[0m"
_COLOURS = {"title": _BOLD + _GREEN, "heading": _BOLD + _GREEN, "body": _GREEN, "comment": _BLUE}
_SHORT = 7  # words of a line of a menu, at most
# Control characters in a text would move the cursor or colour the terminal.
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)), "�")


def explain(cleaned: Cleaned, colour: bool = False, left: Sequence[LeftOut] = ()) -> str:
    """What became of each piece of this article? "+ section" for what was kept, "- reason" for what was not, in order.

    `left`: what the extractor left out of a page, from `page_rest.left_out`; a menu's short lines are told in one.

    >>> from newsangle.corpus.cleaning.clean import clean_document
    >>> print(explain(clean_document("The rain fell on the town.\\n\\nShare on Facebook")))
    + body            The rain fell on the town.
    - share           Share on Facebook
    = date            – (no date line)
    """
    pieces: list[Block | Dropped | LeftOut] = [*cleaned.blocks, *cleaned.dropped, *_in_runs(left)]
    pieces.sort(key=lambda piece: (piece.after, 0) if isinstance(piece, LeftOut) else (piece.start, 1))
    lines = [_line(piece, colour) for piece in pieces]
    return "\n".join([*lines, *_facts(cleaned)])


def _in_runs(left: Sequence[LeftOut]) -> list[LeftOut]:
    """Short lines that follow each other, left out at one place for one reason, are one."""
    runs: list[LeftOut] = []
    for piece in left:
        short = piece.text.count(" ") < _SHORT
        if runs and short and (last := runs[-1]).after == piece.after and last.reason == piece.reason and last.short:
            runs[-1] = replace(last, text=f"{last.text} · {piece.text}")
        else:
            runs.append(replace(piece, short=short))
    return runs


def _line(piece: Block | Dropped | LeftOut, colour: bool) -> str:
    label = f"+ {piece.section}" if isinstance(piece, Block) else f"- {piece.reason}"
    line = f"{label:<17} {_shown(piece.text)}"
    shade = _COLOURS[piece.section] if isinstance(piece, Block) else _RED
    return f"{shade}{line}{_PLAIN}" if colour else line


def _shown(text: str) -> str:
    return " ".join(text.split()).translate(_CONTROLS)


def _facts(cleaned: Cleaned) -> list[str]:
    found = cleaned.metadata
    named = [
        ("date", found.date, found.date_rule),
        ("outlet", found.outlet, found.outlet_rule),
        ("author", found.author, found.author_rule),
        ("origin", found.origin, found.origin_rule),
    ]
    if cleaned.title and all(block.section != "title" for block in cleaned.blocks):
        named.insert(0, ("title", starred(cleaned.title), "not in the text"))
    # What a file says of its articles may hold anything, too.
    facts = [f"= {name:<15} {_shown(value) or '–'} ({_shown(rule)})" for name, value, rule in named if value or rule]
    return facts + [f"! {_shown(note)}" for note in cleaned.notes]
