"""Where does everything stand on the page? A figure laid out in inches from its top left corner.

Fixed inches instead of a layout engine: a row is as high on a figure of three rows as on one of fifty, columns of text
line up, and the bytes don't hang on an optimiser.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from newsangle.figures.style import INK, QUIET, SIZES, WARN
from newsangle.figures.wording import Weight, wrap

MARGIN = 0.22
LEADING = 1.32  # line height over type size
LEAST_WIDTH = 4.6  # below this a title breaks into too many lines


@dataclass(frozen=True)
class Page:
    """An empty page with its headings: `body` inches high below `top`, `width` inches wide, margins outside."""

    figure: Figure
    width: float
    top: float
    body: float

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes whose corner is `left` inches from the margin and `top` inches below the headings."""
        whole_width, whole_height = (float(side) for side in self.figure.get_size_inches())
        bottom = whole_height - self.top - top - height
        box = ((MARGIN + left) / whole_width, bottom / whole_height, width / whole_width, height / whole_height)
        return self.figure.add_axes(box)

    def words(self, left: float, top: float, text: str, **look: Any) -> Text:
        """Words at `left` inches from the margin and `top` inches below the headings; see `put` for their look."""
        whole_width, whole_height = (float(side) for side in self.figure.get_size_inches())
        x, y = (MARGIN + left) / whole_width, 1 - (self.top + top) / whole_height
        return put(self.figure, x, y, text, **look)


def page(
    width: float, body: float, *, title: str, note: str | None, subtitle: Sequence[str] = (), foot: Sequence[str] = ()
) -> Page:
    """Begin a page: title, then the note (a caveat, in a colour of its own), then quiet lines; `foot` at the bottom.

    `width` and `body` are inches without margins; the page grows around them.
    """
    width = max(width, LEAST_WIDTH)
    head: list[tuple[str, float, Weight, str]] = []
    head += [(line, SIZES["title"], "bold", INK) for line in wrap(title, width, SIZES["title"], 3, "bold")]
    if note:
        head += [(line, SIZES["note"], "bold", WARN) for line in wrap(note, width, SIZES["note"], 4, "bold")]
    for sentence in subtitle:
        head += [(line, SIZES["subtitle"], "normal", QUIET) for line in wrap(sentence, width, SIZES["subtitle"], 4)]
    below = [line for sentence in foot for line in wrap(sentence, width, SIZES["small"], 4)]
    top = MARGIN + sum(size * LEADING / 72 for _, size, _, _ in head) + 0.1
    bottom = MARGIN + len(below) * SIZES["small"] * LEADING / 72 + (0.08 if below else 0.0)

    whole = (width + 2 * MARGIN, top + body + bottom)
    figure = Figure(figsize=whole)
    down = MARGIN
    for line, size, weight, colour in head:
        put(figure, MARGIN / whole[0], 1 - down / whole[1], line, size=size, weight=weight, color=colour, va="top")
        down += size * LEADING / 72
    down = top + body + 0.08
    for line in below:
        put(figure, MARGIN / whole[0], 1 - down / whole[1], line, size=SIZES["small"], color=QUIET, va="top")
        down += SIZES["small"] * LEADING / 72
    return Page(figure=figure, width=width, top=top, body=body)


def put(
    where: Axes | Figure,
    x: float,
    y: float,
    text: str,
    *,
    size: float = SIZES["label"],
    color: Any = INK,
    weight: Weight = "normal",
    ha: Literal["left", "center", "right"] = "left",
    va: Literal["top", "center", "bottom", "baseline", "center_baseline"] = "center_baseline",
    **placing: Any,
) -> Text:
    """Write these words, and no mathematics: `$`, `_` and `^` stay what they are wherever the figure is saved."""
    return where.text(
        x, y, text, fontsize=size, color=color, fontweight=weight, ha=ha, va=va, parse_math=False, **placing
    )
