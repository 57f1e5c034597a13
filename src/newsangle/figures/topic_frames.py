"""Which topics tell the frames apart? A row per topic, a mark per frame."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from newsangle.figures.checks import check_matrix
from newsangle.figures.page import page
from newsangle.figures.rows import GAP, beside, row_axes, set_scale, share_limits
from newsangle.figures.style import QUIET, SIZES, colour_of, darker, marker_of, styled
from newsangle.figures.wording import DASH, percent_figures, shorten, widest, width


@styled
def topic_frame(
    shares: pd.DataFrame,
    *,
    most: int = 15,
    unit: str = "mean share of the topic in passages of the frame",
    title: str = "The topics that differ most between frames",
    note: str | None = None,
) -> Figure:
    """Which topics tell the frames apart?

    `shares`: index = topic labels, columns = frames, values = mean topic share in [0, 1]. The `most` topics with the
    largest distance between two frames, widest first; a mark per frame and a line over the distance. Topics of which
    fewer than two frames are known come last.

    The widest of many distances are wide partly by chance: this figure describes, it tests nothing.
    Raises ValueError for an empty table, names twice, or shares outside [0, 1].
    """
    table = check_matrix(shares, "topic_frame")
    if ((table < 0) | (table > 1)).to_numpy().any():
        raise ValueError("topic_frame: a share is outside 0..1; give shares, not percentages")
    distance = (table.max(axis=1) - table.min(axis=1)).where(table.notna().sum(axis=1) > 1)
    order = np.argsort(-distance.fillna(-1.0).to_numpy(), kind="stable")[:most]
    values, whole = table.iloc[order].to_numpy(), len(table)
    names = [shorten(label, 2.6, SIZES["label"]) for label in table.index[order]]

    left, wide = widest(names, SIZES["label"]) + GAP, 3.9
    keys = [shorten(frame, 1.8, SIZES["label"], "bold") for frame in table.columns]
    sheet_width = max(left + wide + 0.55, 4.6)
    places, lines = _flow(keys, sheet_width)
    above = 0.2 * lines + 0.12
    foot = [f"{len(order)} of {whole} topics."] if len(order) < whole else []
    sheet = page(
        sheet_width, above + len(order) * 0.27 + 0.46, title=title, note=note,
        foot=[*foot, "Gap: between the highest and the lowest frame, in percentage points."],
    )  # fmt: skip
    for j, (key, (x, line)) in enumerate(zip(keys, places, strict=True)):
        spot = sheet.axes(x, 0.2 * line, 0.14, 0.14)
        spot.set_axis_off()
        spot.plot([0], [0], marker=marker_of(j), markersize=6.5, color=colour_of(j), clip_on=False)
        sheet.words(x + 0.18, 0.2 * line + 0.07, key, weight="bold", color=darker(colour_of(j)))
    axes = row_axes(sheet, left, above, wide, len(order))
    set_scale(axes, *share_limits(*values.T), kind="share")
    sheet.words(left + wide / 2, above + len(order) * 0.27 + 0.34, unit, ha="center", color=QUIET)
    beside(axes, -0.5 - 0.06 / 0.27, "gap", side="right", inches=0.45, ha="right", color=QUIET, size=SIZES["small"])
    for i, name in enumerate(names):
        beside(axes, i, name)
        known = values[i][~np.isnan(values[i])]
        if len(known) > 1:
            axes.plot([known.min(), known.max()], [i, i], color="#C8C8C8", linewidth=2.2, zorder=1.5)
            gap = percent_figures(float(known.max() - known.min()))
            beside(axes, i, gap, side="right", inches=0.45, ha="right", color=QUIET, size=SIZES["small"])
        else:
            beside(axes, i, DASH, side="right", inches=0.45, ha="right", color=QUIET)
    lanes = np.array([_lanes(row, 0.09 / wide * float(np.ptp(axes.get_xlim()))) for row in values])
    for j in range(values.shape[1]):
        axes.plot(
            values[:, j], np.arange(len(order)) + lanes[:, j], linestyle="none", marker=marker_of(j), markersize=6.5,
            color=colour_of(j), markeredgecolor="white", markeredgewidth=0.6, clip_on=False, zorder=3,
        )  # fmt: skip
    return sheet.figure


def _lanes(row: NDArray[np.float64], near: float) -> NDArray[np.float64]:
    """How far above or below its row does each mark stand? 0, unless it would cover one nearer than `near`."""
    shift = np.zeros(len(row))
    crowd: list[int] = []
    for j in [*np.argsort(row, kind="stable"), -1]:
        if crowd and (j == -1 or not row[j] - row[crowd[-1]] < near):
            shift[crowd] = 0.34 * (np.arange(len(crowd)) - (len(crowd) - 1) / 2) / max(1, len(crowd) - 1)
            crowd = []
        crowd.append(int(j))
    return shift


def _flow(keys: Sequence[str], wide: float) -> tuple[list[tuple[float, int]], int]:
    """Where do the names of the frames stand, left to right, and on how many lines?"""
    places: list[tuple[float, int]] = []
    x, line = 0.0, 0
    for key in keys:
        need = 0.18 + width(key, SIZES["label"], "bold") + 0.3
        if x and x + need > wide:
            x, line = 0.0, line + 1
        places.append((x, line))
        x += need
    return places, line + 1
