"""How is a value with its interval drawn in a row? Row axes, scales, dots and whiskers, one way for every figure."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from newsangle.figures.page import Page, put
from newsangle.figures.style import FLOOR, INK, RULE
from newsangle.figures.wording import Weight

ROW = 0.27  # inches; with 8.5-point labels the lines keep apart, and forty rows still fit a screen
GAP = 0.1  # between a row's label and its axes

STEPS = [1, 2, 2.5, 5, 10]

Kind = Literal["share", "score"]


def row_axes(page: Page, left: float, top: float, width: float, rows: int, *, row: float = ROW) -> Axes:
    """Axes with `rows` rows counted from the top, a faint line along each, nothing else yet."""
    axes = page.axes(left, top, width, rows * row)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    for side in ("left", "right", "top", "bottom"):
        axes.spines[side].set_visible(False)
    axes.hlines(range(rows), 0, 1, transform=axes.get_yaxis_transform(), colors="#F0F0F0", linewidths=0.7, zorder=0.5)
    return axes


def beside(
    axes: Axes,
    row: float,
    text: str,
    *,
    side: Literal["left", "right"] = "left",
    inches: float = GAP,
    size: float = 8.5,
    color: Any = INK,
    weight: Weight = "normal",
    ha: Literal["left", "right"] | None = None,
    backed: bool = False,
) -> None:
    """Words in a row, `inches` outside the left or right edge of the axes (negative: inside).

    `backed` hides the lines behind them.
    """
    wide = float(axes.get_window_extent().width / axes.figure.dpi)
    x = -inches / wide if side == "left" else 1 + inches / wide
    align = ha or ("right" if side == "left" else "left")
    look: dict[str, Any] = {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0}} if backed else {}
    where = axes.get_yaxis_transform()
    put(axes, x, row, text, size=size, color=color, weight=weight, ha=align, transform=where, **look)


def naive_tick(axes: Axes, row: float, value: float) -> None:
    """A grey tick across the row: the share that stands there for comparison only."""
    axes.plot([value, value], [row - 0.3, row + 0.3], color=FLOOR, linewidth=2.2, solid_capstyle="butt", zorder=1.5)


def set_scale(axes: Axes, low: float, high: float, *, kind: Kind, bins: int = 5) -> None:
    """Set the x axis to `low`..`high`, with round ticks and thin vertical lines; NaN limits give 0..1."""
    low, high = (low, high) if math.isfinite(low) and math.isfinite(high) else (0.0, 1.0)
    if high <= low:
        low, high = low - 0.05 * max(1.0, abs(low)), high + 0.05 * max(1.0, abs(high))
    # An axis that ends just short of a round number is moved to it: the reader sees where the scale begins and ends.
    outer = MaxNLocator(nbins=bins, steps=STEPS).tick_values(low, high)
    near = 0.15 * (high - low)
    low = float(outer[0]) if low - near < outer[0] < low else low
    high = float(outer[-1]) if high < outer[-1] < high + near else high
    axes.set_xlim(low, high)
    ticks = round_ticks(low, high, bins)
    axes.set_xticks(ticks, tick_labels(ticks, kind))
    axes.grid(axis="x", color=RULE, linewidth=0.6)


def limits(*columns: ArrayLike, pad: float = 0.05) -> tuple[float, float]:
    """Which range holds all these values, with a little room? NaN, NaN where there is none."""
    values = np.concatenate([np.asarray(column, dtype=float) for column in columns])
    values = values[np.isfinite(values)]
    if not len(values):
        return math.nan, math.nan
    room = pad * (float(values.max() - values.min()) or max(1.0, abs(float(values.max()))))
    return float(values.min()) - room, float(values.max()) + room


def share_limits(*columns: ArrayLike) -> tuple[float, float]:
    """Which range holds these shares? It begins at 0, the only honest start for a share, or below if a bound is."""
    low, high = limits(*columns)
    return (low if _smallest(columns) < 0 else 0.0), high


def _smallest(columns: Sequence[ArrayLike]) -> float:
    return min((float(v) for column in columns for v in np.asarray(column, dtype=float) if np.isfinite(v)), default=0.0)


def round_ticks(low: float, high: float, bins: int = 5) -> list[float]:
    """Which round numbers lie within `low`..`high`? At most about `bins` of them."""
    ticks = MaxNLocator(nbins=bins, steps=STEPS).tick_values(low, high)
    room = 1e-9 * (high - low)
    return [0.0 if abs(tick) < room else float(tick) for tick in ticks if low - room <= tick <= high + room]


def tick_labels(ticks: Sequence[float], kind: Kind) -> list[str]:
    """How are these ticks written? All with the same number of decimals; shares as percent.

    >>> tick_labels([0.0, 0.25, 0.5], "score"), tick_labels([0.0, 0.2, 0.4], "share")
    (['0.00', '0.25', '0.50'], ['0%', '20%', '40%'])
    """
    scaled = [100 * tick if kind == "share" else tick for tick in ticks]
    decimals = next((d for d in range(6) if all(abs(round(t, d) - t) < 1e-9 * max(1, abs(t)) for t in scaled)), 6)
    sign = "%" if kind == "share" else ""
    return [f"{tick:,.{decimals}f}{sign}".replace("-", "−") for tick in scaled]


def dot(
    axes: Axes,
    row: float,
    value: float,
    low: float,
    high: float,
    *,
    color: Any,
    marker: str = "o",
    size: float = 6.0,
    hollow: bool = False,
    line: float = 1.6,
) -> None:
    """One estimate and its interval in a row; no interval where a bound is NaN, nothing where the value is."""
    if math.isnan(value):
        return
    if not (math.isnan(low) or math.isnan(high)):
        axes.plot([low, high], [row, row], color=color, linewidth=line, solid_capstyle="butt", zorder=2)
    face = "white" if hollow else color
    axes.plot(
        [value], [row], marker=marker, markersize=size, color=color, markerfacecolor=face, markeredgewidth=1.2,
        linestyle="none", clip_on=False, zorder=3,
    )  # fmt: skip
