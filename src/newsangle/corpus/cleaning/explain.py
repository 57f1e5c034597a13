"""What was kept, what was dropped, and why? One line a piece, for people."""

from newsangle.corpus.cleaning.result import Block, Cleaned, Dropped

_GREEN, _RED, _BLUE, _BOLD, _PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[36m", "\x1b[1m", "\x1b[0m"
_COLOURS = {"title": _BOLD + _GREEN, "heading": _BOLD + _GREEN, "body": _GREEN, "comment": _BLUE}
# Control characters in a text would move the cursor or colour the terminal.
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)), "�")


def explain(cleaned: Cleaned, colour: bool = False) -> str:
    """What became of each piece of this article? "+ section" for what was kept, "- reason" for what was not, in order.

    >>> from newsangle.corpus.cleaning.clean import clean_document
    >>> print(explain(clean_document("The rain fell on the town.\\n\\nShare on Facebook")))
    + body            The rain fell on the town.
    - share           Share on Facebook
    = date            – (no date line)
    """
    lines = []
    pieces: list[Block | Dropped] = [*cleaned.blocks, *cleaned.dropped]
    pieces.sort(key=lambda piece: piece.start)
    for piece in pieces:
        label = f"+ {piece.section}" if isinstance(piece, Block) else f"- {piece.reason}"
        words = " ".join(piece.text.split()).translate(_CONTROLS)
        line = f"{label:<17} {words}"
        shade = _COLOURS[piece.section] if isinstance(piece, Block) else _RED
        lines.append(f"{shade}{line}{_PLAIN}" if colour else line)
    return "\n".join([*lines, *_facts(cleaned)])


def _facts(cleaned: Cleaned) -> list[str]:
    found = cleaned.metadata
    named = [
        ("date", found.date, found.date_rule),
        ("outlet", found.outlet, found.outlet_rule),
        ("author", found.author, found.author_rule),
        ("origin", found.origin, found.origin_rule),
    ]
    facts = [f"= {name:<15} {value or '–'} ({rule})" for name, value, rule in named if value or rule]
    return facts + [f"! {note}" for note in cleaned.notes]
