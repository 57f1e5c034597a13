"""Do probabilities mean what they say? One panel a class: share coded so against predicted probability."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from newsangle.figures.checks import check_shares, check_table
from newsangle.figures.page import page, put
from newsangle.figures.style import BLUE, FLOOR, QUIET, RULE, SIZES, styled
from newsangle.figures.wording import shorten

ACROSS, SIDE, GAP, SCALE = 3, 1.75, 0.3, 0.45  # panels in a row; inches
TICKS = [0.0, 0.25, 0.5, 0.75, 1.0]


@styled
def reliability(
    bins: pd.DataFrame,
    *,
    interval: str = "95% interval",
    errors: Mapping[str, str] | None = None,
    title: str = "Do the probabilities mean what they say?",
    note: str | None = None,
) -> Figure:
    """Of the rows that got a probability, how many were coded so?

    `bins`: class, predicted (mean probability of a bin), share (coded so), low, high, n. On the diagonal probabilities
    are right; dots below it are too sure. `errors`: a line of words on a class, such as its calibration error.
    Raises ValueError for an empty table, a column missing, percentages for shares, or a class and probability twice.
    """
    table = check_table(bins, "reliability", key=["class", "bin"], numbers=["predicted", "share", "low", "high", "n"])
    check_shares(table, "reliability", ["predicted", "share"])
    classes = list(dict.fromkeys(table["class"]))
    across = min(ACROSS, len(classes))
    step, high = SCALE + SIDE + GAP, 0.42 + SIDE + 0.45
    foot = [f"Dots: rows of equal number, by probability. Lines: {interval}. Diagonal: probabilities that are true."]
    sheet = page(across * step - GAP, high * -(-len(classes) // across), title=title, note=note, foot=foot)
    for at, name in enumerate(classes):
        left, top = (at % across) * step + SCALE, (at // across) * high + 0.42
        axes = sheet.axes(left, top, SIDE, SIDE)
        told = shorten(name, SIDE + SCALE, SIZES["panel"], "bold")
        sheet.words(left - SCALE, top - 0.3, told, size=SIZES["panel"], weight="bold")
        says = shorten((errors or {}).get(str(name), "share coded so"), SIDE + SCALE, SIZES["small"])
        sheet.words(left - SCALE, top - 0.14, says, color=QUIET, size=SIZES["small"])
        sheet.words(left + SIDE / 2, top + SIDE + 0.33, "predicted probability", ha="center", color=QUIET, size=8.0)
        _panel(axes, table[table["class"] == name])
    return sheet.figure


def _panel(axes: Axes, mine: pd.DataFrame) -> None:
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    labels = [f"{100 * tick:.0f}%" for tick in TICKS]
    axes.set_xticks(TICKS, labels)
    axes.set_yticks(TICKS, labels)
    axes.grid(color=RULE, linewidth=0.6)
    for side in ("right", "top"):
        axes.spines[side].set_visible(False)
    axes.plot([0, 1], [0, 1], color=FLOOR, linewidth=1.0, zorder=1)
    x, y = (mine[column].to_numpy(dtype=float) for column in ("predicted", "share"))
    if np.isnan(y).all():
        put(axes, 0.5, 0.5, "–", ha="center", color=QUIET)
        return
    axes.vlines(x, mine["low"].to_numpy(dtype=float), mine["high"].to_numpy(dtype=float), color=BLUE, linewidth=1.4)
    axes.plot(x, y, marker="o", markersize=5.0, color=BLUE, linestyle="none", zorder=3, clip_on=False)
