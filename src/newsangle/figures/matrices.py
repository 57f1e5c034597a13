"""Which classes are taken for which, and which outlet writes about what? Two matrices with their numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from newsangle.figures.cells import colour_key, column_heads, draw_cells, ink_for, nice_top
from newsangle.figures.checks import check_matrix
from newsangle.figures.page import page, put
from newsangle.figures.rows import GAP, beside
from newsangle.figures.style import INK, QUIET, SIZES, styled
from newsangle.figures.wording import percent, percent_figures, plain, shorten, significant, widest, wrap


@styled
def confusion_matrix(
    counts: pd.DataFrame, *, title: str = "Predicted against coded classes", note: str | None = None
) -> Figure:
    """Which coded classes does the classifier take for which?

    `counts`: index = coded classes, columns = predicted classes, values = numbers of passages. A cell shows its count
    and its share of the row; where row and column have one name (outlined) that share is the recall of the class.
    Rows and columns keep the order given. A class that was never coded has no shares: dashes, not zeros.

    Don't compare shares of a row with few passages; its n stands beside it.
    Raises ValueError for an empty table, names twice, counts that are negative or not whole.
    """
    table = check_matrix(counts, "confusion_matrix")
    numbers = table.to_numpy()
    wrong = np.argwhere(np.isnan(numbers) | (numbers < 0) | (numbers != np.round(numbers)))
    if len(wrong):
        i, j = wrong[0]
        raise ValueError(
            f"confusion_matrix: {numbers[i, j]:g} for coded {table.index[i]}, predicted {table.columns[j]} "
            "is not a count; give whole numbers of passages"
        )
    totals = numbers.sum(axis=1)
    shares = np.divide(numbers, totals[:, None], out=np.full(numbers.shape, np.nan), where=totals[:, None] > 0)

    rows, columns = numbers.shape
    cell = (0.98, 0.62) if columns <= 6 else (0.72, 0.5)
    names = [shorten(label, 2.0, SIZES["label"]) for label in table.index]
    heads = [wrap(label, cell[0] - 0.06, SIZES["label"], 2) for label in table.columns]
    beneath = [f"n = {total:,.0f}" for total in totals]
    left = max(widest(names, SIZES["label"]), widest([*beneath, "coded class"], SIZES["small"])) + GAP
    above = 0.24 + 0.15 * max(len(head) for head in heads) + 0.1
    sheet = page(
        left + columns * cell[0], above + rows * cell[1] + 0.28, title=title, note=note,
        subtitle=["Passages, and their share of the coded class. Outlined: share that is recognised (recall)."],
    )  # fmt: skip
    axes = draw_cells(sheet, left, above, cell, shares, 1.0)
    column_heads(axes, heads, cell)
    quiet: dict[str, Any] = {"color": QUIET, "size": SIZES["small"]}
    sheet.words(left + columns * cell[0] / 2, 0.08, "predicted class", ha="center", **quiet)
    sheet.words(left - GAP, above - 0.12, "coded class", ha="right", **quiet)
    for i, name in enumerate(names):
        beside(axes, i - 0.1 / cell[1], name)
        beside(axes, i + 0.1 / cell[1], beneath[i], color=QUIET, size=SIZES["small"])
        for j in range(columns):
            if np.isnan(shares[i, j]):
                continue
            ink = ink_for(shares[i, j], 1.0)
            put(axes, j, i - 0.09 / cell[1], f"{numbers[i, j]:,.0f}", size=10.0, weight="bold", color=ink, ha="center")
            put(axes, j, i + 0.12 / cell[1], percent(shares[i, j]), size=SIZES["small"], color=ink, ha="center")
    beside(axes, rows - 0.5 + 0.14 / cell[1], "predicted", **quiet)
    for j, label in enumerate(table.columns):
        put(axes, j, rows - 0.5 + 0.14 / cell[1], f"n = {numbers[:, j].sum():,.0f}", ha="center", **quiet)
        for i in np.flatnonzero(table.index == label):
            axes.add_patch(
                Rectangle((j - 0.48, i - 0.47), 0.96, 0.94, fill=False, edgecolor=INK, linewidth=1.1, clip_on=False)
            )
    return sheet.figure


@styled
def topic_outlet_heatmap(
    shares: pd.DataFrame,
    *,
    n: Mapping[str, int] | None = None,
    title: str = "What each outlet writes about",
    unit: str = "Mean share of a topic in an outlet's articles, in percent",
    note: str | None = None,
) -> Figure:
    """Which outlet gives how much of its text to which topic?

    `shares`: index = topic labels, columns = outlets, values = mean topic share in [0, 1]. Topics are sorted by their
    mean over the outlets, largest first; outlets keep the order given. `n`: articles by outlet, shown under its name.
    NaN (an outlet with no article) is hatched with a dash. Colours run from 0 to the largest share of this table:
    don't compare the colours of two heatmaps, compare their numbers.

    Raises ValueError for an empty table, names twice, or shares outside [0, 1].
    """
    table = check_matrix(shares, "topic_outlet_heatmap")
    if ((table < 0) | (table > 1)).to_numpy().any():
        raise ValueError("topic_outlet_heatmap: a share is outside 0..1; give shares, not percentages")
    order = np.argsort(-table.mean(axis=1).fillna(-1.0).to_numpy(), kind="stable")
    table = table.iloc[order]
    values = table.to_numpy()

    rows, columns = values.shape
    cell = (0.62 if columns <= 15 else 0.42, 0.235)
    names = [shorten(label, 2.6, SIZES["label"]) for label in table.index]
    left = widest(names, SIZES["label"]) + GAP
    # Names that fit over their column stand upright lines; otherwise all are tilted, so that none is cut.
    flat = [wrap(label, cell[0] - 0.05, SIZES["small"], 2) for label in table.columns]
    tilted = any("…" in line for lines in flat for line in lines) or any(
        " ".join(lines) != plain(label) for lines, label in zip(flat, table.columns, strict=True)
    )
    slanted = [shorten(label, 1.7, SIZES["small"]) for label in table.columns]
    above = 0.3 + (widest(slanted, SIZES["small"]) * 0.64 + 0.1 if tilted else 0.14 * max(map(len, flat)))
    above += 0.15 if n is not None else 0.0
    overhang = widest(slanted[-1:], SIZES["small"]) * 0.77 - cell[0] / 2 if tilted else 0.0
    sheet = page(
        left + columns * cell[0] + max(0.0, overhang), above + rows * cell[1], title=title, note=note,
        subtitle=[unit + "."],
    )  # fmt: skip
    highest = nice_top(values)
    axes = draw_cells(sheet, left, above, cell, values, highest)
    colour_key(sheet, left + columns * cell[0] if columns > 3 else sheet.width, 0.06, highest, "share")
    lift = 0.0
    if n is not None:
        for j, outlet in enumerate(table.columns):
            count = significant(float(n.get(outlet, np.nan)), 0)
            put(axes, j, -0.5 - 0.1 / cell[1], count, size=SIZES["small"], color=QUIET, ha="center")
        beside(axes, -0.5 - 0.1 / cell[1], "articles", size=SIZES["small"], color=QUIET)
        lift = 0.15
    for j in range(columns):
        base = -0.5 - (0.07 + lift) / cell[1]
        if tilted:
            put(axes, j, base, slanted[j], size=SIZES["small"], va="bottom", rotation=40, rotation_mode="anchor")
        else:
            for up, line in enumerate(reversed(flat[j])):
                put(axes, j, base - up * 0.13 / cell[1], line, size=SIZES["small"], ha="center", va="bottom")
    for i, name in enumerate(names):
        beside(axes, i, name)
        for j in range(columns):
            if not np.isnan(values[i, j]):
                ink = ink_for(values[i, j], highest)
                put(axes, j, i, percent_figures(values[i, j]), size=SIZES["small"], color=ink, ha="center")
    return sheet.figure
