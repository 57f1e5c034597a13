"""How is a matrix drawn? Coloured cells with their numbers in them, and a small key of the colours."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from newsangle.figures.page import Page, put
from newsangle.figures.style import QUIET, SEQUENTIAL, SIZES, ink_on
from newsangle.figures.wording import DASH, percent, width


def draw_cells(
    page: Page, left: float, top: float, cell: tuple[float, float], values: NDArray[np.float64], highest: float
) -> Axes:
    """A mesh of cells `cell` inches wide and high, coloured from 0 to `highest`; hatched with a dash where NaN."""
    rows, columns = values.shape
    axes = page.axes(left, top, columns * cell[0], rows * cell[1])
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_axis_off()
    axes.pcolormesh(
        np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5, np.ma.masked_invalid(values), cmap=SEQUENTIAL,
        norm=Normalize(0.0, highest), edgecolors="white", linewidth=1.0,
    )  # fmt: skip
    for i, j in zip(*np.nonzero(np.isnan(values)), strict=True):
        axes.add_patch(
            Rectangle(
                (j - 0.48, i - 0.46), 0.96, 0.92, facecolor="#FAFAFA", edgecolor="#C4C4C4", hatch="////", linewidth=0
            )
        )
        put(
            axes, j, i, DASH, color=QUIET, ha="center", size=SIZES["small"],
            bbox={"facecolor": "#FAFAFA", "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
    return axes


def ink_for(value: float, highest: float) -> str:
    """Which letters are readable on the cell of this value?"""
    return ink_on(SEQUENTIAL(Normalize(0.0, highest)(value))[:3])


def colour_key(page: Page, right: float, top: float, highest: float, label: str) -> None:
    """A strip of the colours from 0 to `highest`, its right end `right` inches from the margin."""
    end = percent(highest)
    long, high, size = 1.1, 0.09, SIZES["small"]
    end_at = right - width(end, size) - 0.06
    axes = page.axes(end_at - long, top - high / 2, long, high)
    axes.set_axis_off()
    # Sixty-four small cells, not a picture: pixels in an SVG blur when it is enlarged.
    axes.pcolormesh(
        np.linspace(0, 1, 65), [0, 1], (np.arange(64)[None, :] + 0.5) / 64, cmap=SEQUENTIAL, vmin=0, vmax=1,
        edgecolors="face", linewidth=0.3,
    )  # fmt: skip
    look: dict[str, Any] = {"size": size, "color": QUIET}
    page.words(end_at - long - 0.06, top, f"{label}  0%", ha="right", **look)
    page.words(end_at + 0.06, top, end, **look)


def nice_top(values: NDArray[np.float64]) -> float:
    """Where does the colour scale end? At the largest value, rounded up to whole percents; 1 % at least."""
    known = values[np.isfinite(values)]
    return max(0.01, float(np.ceil(100 * known.max() - 1e-9)) / 100) if len(known) else 1.0


def column_heads(
    axes: Axes, heads: Sequence[Sequence[str]], cell: tuple[float, float], *, size: float = SIZES["label"]
) -> None:
    """Lines of words above each column, the last line nearest to the cells."""
    step = size * 1.25 / 72 / cell[1]
    for j, lines in enumerate(heads):
        for up, line in enumerate(reversed(lines)):
            put(axes, j, -0.5 - (0.07 / cell[1]) - up * step, line, size=size, ha="center", va="bottom")
