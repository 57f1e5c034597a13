"""Which targets does the press speak for, and which against? Bars to both sides of zero."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from newsangle.figures.checks import check_shares, check_table
from newsangle.figures.page import page, put
from newsangle.figures.rows import GAP, beside, round_ticks, row_axes, share_limits, tick_labels
from newsangle.figures.style import BLUE, INK, QUIET, RULE, SIZES, VERMILLION, darker, styled
from newsangle.figures.wording import DASH, counted, percent, shorten, widest

STANCES = ("against", "neutral", "favor")  # the order of the stance enum: −1, 0, +1


@styled
def stance_by_target(
    shares: pd.DataFrame,
    *,
    note: str | None = None,
    unit: str = "share of the passages that name the target",
    interval: str = "95% interval",
    title: str = "Stance toward each target",
) -> Figure:
    """Which targets does the press speak for, and which against?

    `shares`: target, stance (against, neutral, favor), share, low, high (shares in [0, 1]), n. Against runs to the
    left of 0, favor to the right, neutral is written; targets sorted by favor − against, highest first. NaN is a
    dash, and a target with either side unknown comes last.

    Neutral is no middle between the sides: a target with little of both is not one with much of both.
    Raises ValueError for an empty table, a column missing, another stance, two rows for one target and stance, or
    percentages.
    """
    table = check_table(shares, "stance_by_target", key=["target", "stance"], numbers=["share", "low", "high", "n"])
    check_shares(table, "stance_by_target", ["share", "low", "high"])
    other = sorted({str(stance) for stance in table["stance"]} - set(STANCES))
    if other:
        raise ValueError(f"stance_by_target: stance = {other[0]} is not a stance; choose against, neutral or favor")
    wide = {
        column: table.pivot(index="target", columns="stance", values=column).reindex(columns=STANCES)
        for column in ("share", "low", "high", "n")
    }
    targets = list(dict.fromkeys(table["target"]))
    net = (wide["share"]["favor"] - wide["share"]["against"]).reindex(targets)
    targets = [targets[i] for i in np.argsort(-net.fillna(-np.inf).to_numpy(), kind="stable")]

    row = 0.34
    names = [shorten(target, 2.2, SIZES["label"]) for target in targets]
    counts = [counted(list(wide["n"].loc[target])) for target in targets]
    count_room = widest([*counts, "n"], SIZES["small"])
    left, plot, right = widest(names, SIZES["label"]) + 0.15 + count_room + GAP, 4.2, 0.62
    above = 0.24
    sheet = page(
        left + plot + right, above + len(targets) * row + 0.46, title=title, note=note,
        foot=[f"Thin lines: {interval}. n: passages. Sorted by favor minus against."],
    )  # fmt: skip
    axes = row_axes(sheet, left, above, plot, len(targets), row=row)
    reach = {side: share_limits(wide["share"][side], wide["high"][side])[1] for side in ("against", "favor")}
    reach = {side: far if np.isfinite(far) and far > 0 else 0.1 for side, far in reach.items()}
    axes.set_xlim(-reach["against"] - 0.16 * sum(reach.values()), reach["favor"] + 0.16 * sum(reach.values()))
    _mirrored(axes)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=4)
    sheet.words(left + plot / 2, above + len(targets) * row + 0.34, unit, ha="center", color=QUIET)
    zero = -axes.get_xlim()[0] / (axes.get_xlim()[1] - axes.get_xlim()[0]) * plot
    head: dict[str, Any] = {"size": SIZES["panel"], "weight": "bold"}
    sheet.words(left + zero - 0.1, above - 0.12, "← against", ha="right", color=darker(VERMILLION), **head)
    sheet.words(left + zero + 0.1, above - 0.12, "favor →", color=darker(BLUE), **head)
    sheet.words(left + plot + right, above - 0.12, "neutral", ha="right", color=QUIET, size=SIZES["small"])
    beside(axes, -0.5 - 0.12 / row, "n", color=QUIET, size=SIZES["small"])
    for i, target in enumerate(targets):
        beside(axes, i, names[i], inches=GAP + count_room + 0.15)
        beside(axes, i, counts[i], color=QUIET, size=SIZES["small"])
        beside(
            axes, i, percent(wide["share"].loc[target, "neutral"]), side="right", inches=right, ha="right", color=QUIET
        )
        for side, sign, colour in (("against", -1, VERMILLION), ("favor", 1, BLUE)):
            share, low, high = (float(wide[column].loc[target, side]) for column in ("share", "low", "high"))
            align: Literal["left", "right"] = "right" if sign < 0 else "left"
            step = sign * 0.07 / plot * (axes.get_xlim()[1] - axes.get_xlim()[0])
            if np.isnan(share):
                put(axes, step, i, DASH, ha=align, color=QUIET)
                continue
            axes.barh([i], [sign * share], height=0.56, color=colour, zorder=2)
            far = share
            if not (np.isnan(low) or np.isnan(high)):
                axes.plot([sign * low, sign * high], [i, i], color=INK, linewidth=0.9, zorder=3)
                far = max(share, high)
            put(axes, sign * max(far, 0.0) + step, i, percent(share), ha=align)
    return sheet.figure


def _mirrored(axes: Axes) -> None:
    """Ticks on both sides of 0, all written without a sign: a share against is not a negative share."""
    ticks = round_ticks(*axes.get_xlim(), 7)
    axes.set_xticks(ticks, tick_labels([abs(tick) for tick in ticks], "share"))
    axes.grid(axis="x", color=RULE, linewidth=0.6)
