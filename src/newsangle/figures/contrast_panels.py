"""Which words, or topics, are each side's own? Small panels, the surest on top, with intervals and counts."""

import math
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from newsangle.figures.checks import check_table
from newsangle.figures.page import Page, page
from newsangle.figures.rows import beside, dot, limits, round_ticks
from newsangle.figures.style import BLUE, FLOOR, QUIET, RULE, SIZES, darker, styled
from newsangle.figures.wording import DASH, shorten, widest

ROW, PANEL, BETWEEN = 0.2, 1.15, 0.28  # inches
Scale = Literal["times", "points"]


@styled
def contrast_panels(
    rows: pd.DataFrame,
    *,
    scale: Scale,
    most: int = 10,
    across: int = 3,
    level: float = 0.05,
    title: str = "What is each outlet's own",
    note: str | None = None,
    counts: str = "documents with the word, of how many",
    marks: str | None = None,
    against: str = "all others",
) -> Figure:
    """Which words or topics does each side give more room than the others, and how much more?

    `rows`: side, label, value with low and high, z, q; counted (text in grey beside each row); `marked` (bool) for rows
    that need a caveat, which `marks` tells; `only` (bool) for what no other side has: no number, but "only here". A
    panel a side, in the order given; in it the `most` rows with the largest z among those with value > 0, q ≤ `level`.
    The foot names sides without any. `scale`: "times" draws e^value, how many times
    the odds of the others (logarithmic scale from 1); "points" draws differences of shares in percentage points.

    Panels share one scale. The order is by z (how sure), not by length. Raises ValueError for an empty table, a column
    missing, or a label twice in a side.
    """
    table = check_table(
        rows, "contrast_panels", key=["side", "label"], numbers=["value", "low", "high", "z", "q"],
        others=["counted", "marked", "only"],
    )  # fmt: skip
    names = list(dict.fromkeys(table["side"]))
    chosen = {
        name: group.loc[(group["value"] > 0) & (group["q"] <= level)]
        .sort_values(["z", "label"], ascending=[False, True])
        .head(most)
        for name, group in table.groupby("side", sort=False)
    }
    empty = [str(name) for name in names if not len(chosen[name])]
    names = [name for name in names if len(chosen[name])]
    if not names:
        return _nothing(title, note, level)
    shown = pd.concat([chosen[name] for name in names])
    across = math.ceil(len(names) / math.ceil(len(names) / across))  # four panels are two and two, not three and one
    label = widest([str(word) for word in shown["label"]], SIZES["label"], most=1.9 if scale == "points" else 1.2) + 0.1
    count = widest([str(told) for told in shown["counted"]], 7.0, most=1.0) + 0.1
    step = label + PANEL + count + BETWEEN
    # Each panel goes where the column is shortest: panels of one row and of ten leave no holes.
    down, places = [0.0] * across, {}
    for name in names:
        column = down.index(min(down))
        places[name] = (column * step, down[column] + 0.3)
        down[column] += 0.3 + len(chosen[name]) * ROW + 0.32
    ends = _ends(shown.loc[~shown["only"].astype(bool)], scale)
    unit = f"times the odds in {against}" if scale == "times" else f"percentage points above {against}"
    foot = [f"Dots: {unit}; lines: 95% interval over whole stories; surest first. Grey: {counts}."]
    if ((shown["high"] > ends[1]) & ~shown["only"].astype(bool)).any():
        foot[0] += " Lines end at the edge of the scale."
    foot.append(f"Shown: q ≤ {level:g} (Benjamini–Hochberg over all sides together).")
    if empty:
        foot.append(f"Nothing beyond chance: {', '.join(empty)}.")
    if marks and shown["marked"].any():
        foot.append(f"Hollow: {marks}.")
    sheet = page(across * step - BETWEEN, max(down) - 0.06, title=title, note=note, foot=foot)
    for name in names:
        _panel(sheet, name, chosen[name], *places[name], (label, count), ends, scale)
    return sheet.figure


def _nothing(title: str, note: str | None, level: float) -> Figure:
    sheet = page(4.6, 0.3, title=title, note=note)
    sheet.words(0, 0.12, DASH, color=QUIET)
    sheet.words(0.15, 0.12, f"Nothing beyond chance (q ≤ {level:g}).", color=QUIET)
    return sheet.figure


def _panel(
    sheet: Page,
    name: str,
    group: pd.DataFrame,
    left: float,
    top: float,
    room: tuple[float, float],
    ends: tuple[float, float],
    scale: Scale,
) -> None:
    label, count = room
    head = shorten(name, label + PANEL + count, SIZES["panel"], "bold")
    sheet.words(left, top - 0.14, head, size=SIZES["panel"], weight="bold")
    axes = sheet.axes(left + label, top, PANEL, len(group) * ROW)
    _scale(axes, ends, scale, len(group))
    for i, (_, row) in enumerate(group.iterrows()):
        beside(axes, i, shorten(row["label"], label - 0.08, SIZES["label"]), inches=0.08)
        beside(axes, i, str(row["counted"]), side="right", inches=count, ha="right", size=7.0, color=QUIET)
        if row["only"]:
            beside(axes, i, "only here", inches=-0.05, ha="left", size=SIZES["small"], color=darker(BLUE), backed=True)
            continue
        value, low, high = (float(row[column]) for column in ("value", "low", "high"))
        dot(
            axes, i, value, max(low, ends[0]), min(high, ends[1]), color=BLUE, size=4.8, hollow=bool(row["marked"]),
            line=1.3,
        )  # fmt: skip


def _ends(shown: pd.DataFrame, scale: Scale) -> tuple[float, float]:
    """One scale for all panels: from no difference to the largest value, and what of the lines fits."""
    if not len(shown):
        return 0.0, 1.0
    _, high = limits(shown["value"], pad=0.12)
    return 0.0, max(high, math.log(2) if scale == "times" else 0.01) * 1.05


def _scale(axes: Axes, ends: tuple[float, float], scale: Scale, rows: int) -> None:
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    for side in ("left", "right", "top", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xlim(*ends)
    if scale == "times":
        steps = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
        steps = steps[np.log(steps) <= ends[1]]
        steps = steps[:: max(1, math.ceil(len(steps) / 4))]  # more would touch each other
        axes.set_xticks(np.log(steps), [f"×{s}" for s in steps])
    else:
        ticks = round_ticks(*ends, 3)
        axes.set_xticks(ticks, [f"+{100 * t:g}" if t else "0" for t in ticks])
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.axvline(0, color=FLOOR, linewidth=0.9, zorder=1)
