"""Which model is better, and by how much against the floor? Dots with intervals, sorted."""

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from newsangle.figures.checks import check_table
from newsangle.figures.page import page, put
from newsangle.figures.rows import GAP, beside, dot, limits, row_axes, set_scale
from newsangle.figures.style import BLUE, FLOOR, INK, QUIET, SIZES, styled
from newsangle.figures.wording import DASH, Weight, counted, shorten, significant, widest

PLOT = 3.6  # inches of axes
Direction = Literal["higher", "lower"]


@styled
def scores_by_model(
    scores: pd.DataFrame,
    *,
    metric_label: str,
    better: Direction = "higher",
    interval: str = "95% interval",
    title: str | None = None,
    note: str | None = None,
) -> Figure:
    """Which model scores best, and does it clear the floor?

    `scores`: model, value, low, high, floor (bool: majority, keyword rule), selected (bool). Best on top; models
    without a value last, with a dash. Floors are grey, and a thin line carries the best floor through all rows; the
    selected model is drawn in blue, and bold.

    Overlapping intervals don't say that two models are equal: read the paired test for that.
    Raises ValueError for an empty table, a column missing or a model twice.
    """
    table = check_table(
        scores, "scores_by_model", key=["model"], numbers=["value", "low", "high"], others=["floor", "selected"]
    )
    floors = table[table["floor"].astype(bool) & table["value"].notna()]
    best_floor = None
    if len(floors):
        numbers = floors["value"].to_numpy()
        best_floor = floors.iloc[int(numbers.argmax() if better == "higher" else numbers.argmin())]
    foot = [f"Lines: {interval}."]
    foot[0] += " Blue: the selected model." if table["selected"].astype(bool).any() else ""
    foot[0] += " Grey: floors, which learn nothing from the text." if table["floor"].astype(bool).any() else ""
    return _dots(
        table, "model", metric_label, better, title or f"{_capital(metric_label)} by model", note, foot,
        line_at=None if best_floor is None else (float(best_floor["value"]), str(best_floor["model"])),
    )  # fmt: skip


@styled
def scores_by_slice(
    scores: pd.DataFrame,
    *,
    metric_label: str,
    slice_label: str = "target",
    better: Direction = "higher",
    interval: str = "95% interval",
    title: str | None = None,
    note: str | None = None,
) -> Figure:
    """For which targets (outlets, classes) is the model good, and how many rows say so?

    `scores`: slice, value, low, high, n. Best on top; n beside each name; NaN is a dash.
    Don't rank slices whose intervals are wider than their distance.
    Raises ValueError for an empty table, a column missing or a slice twice.
    """
    table = check_table(scores, "scores_by_slice", key=["slice"], numbers=["value", "low", "high", "n"])
    return _dots(
        table.assign(floor=False, selected=True), "slice", metric_label, better,
        title or f"{_capital(metric_label)} by {slice_label}", note, [f"Lines: {interval}."],
    )  # fmt: skip


def _dots(
    table: pd.DataFrame,
    name: str,
    metric_label: str,
    better: Direction,
    title: str,
    note: str | None,
    foot: list[str],
    line_at: tuple[float, str] | None = None,
) -> Figure:
    key = table["value"] if better == "lower" else -table["value"]
    table = table.iloc[np.argsort(key.fillna(np.inf).to_numpy(), kind="stable")].reset_index(drop=True)
    names = [shorten(label, 2.4, SIZES["label"], "bold") for label in table[name]]
    counts = [counted([n]) for n in table["n"]] if "n" in table else []
    values = [significant(value, None if abs(value) >= 10 else 2) for value in table["value"]]
    ranges = [
        "" if pd.isna(low) or pd.isna(high) or pd.isna(value) else f"[{_bound(low)}, {_bound(high)}]"
        for value, low, high in zip(table["value"], table["low"], table["high"], strict=True)
    ]
    count_room = widest(counts, SIZES["small"]) + 0.15 if counts else 0.0
    left = widest(names, SIZES["label"], "bold") + count_room + GAP
    value_room = widest(values, SIZES["label"], "bold")
    right = GAP + value_room + 0.08 + widest(ranges, SIZES["small"])
    above = 0.2 if line_at or counts else 0.02
    sheet = page(
        left + PLOT + right, above + len(table) * 0.29 + 0.46, title=title, note=note, foot=foot,
        subtitle=[],
    )  # fmt: skip
    axes = row_axes(sheet, left, above, PLOT, len(table), row=0.29)
    set_scale(axes, *limits(table["value"], table["low"], table["high"]), kind="score", bins=6)
    sheet.words(
        left + PLOT / 2,
        above + len(table) * 0.29 + 0.34,
        f"{metric_label} ({better} is better)",
        ha="center",
        color=QUIET,
    )
    if counts:
        beside(axes, -0.5 - 0.1 / 0.29, "n", color=QUIET, size=SIZES["small"])
    if line_at:
        axes.axvline(line_at[0], color="#B5B5B5", linewidth=0.9, zorder=1)
        inside = (line_at[0] - axes.get_xlim()[0]) / (axes.get_xlim()[1] - axes.get_xlim()[0])
        words = f"best floor: {shorten(line_at[1], 2.0, SIZES['small'])}"
        side: Literal["left", "right"] = "left" if inside < 0.5 else "right"
        put(axes, line_at[0], -0.5 - 0.1 / 0.29, words, size=SIZES["small"], color=QUIET, ha=side)
    for i, row in table.iterrows():
        y = float(i)  # type: ignore[arg-type]
        chosen, floor = bool(row["selected"]), bool(row["floor"])
        weight: Weight = "bold" if chosen and name == "model" else "normal"
        ink, mark = (INK, BLUE) if chosen else (QUIET, FLOOR) if floor else (INK, INK)
        at = int(y)
        dot(axes, y, row["value"], row["low"], row["high"], color=mark, size=7.5 if chosen else 6.0, hollow=floor)
        beside(axes, y, names[at], color=ink, weight=weight, inches=GAP + count_room)
        if counts:
            beside(axes, y, counts[at], color=QUIET, size=SIZES["small"])
        if values[at] == DASH:
            beside(axes, y, DASH, side="right", inches=GAP + value_room, ha="right", color=QUIET)
        else:
            beside(axes, y, values[at], side="right", inches=GAP + value_room, ha="right", color=ink, weight=weight)
            beside(axes, y, ranges[at], side="right", inches=GAP + value_room + 0.08, color=QUIET, size=SIZES["small"])
    return sheet.figure


def _bound(value: float) -> str:
    return significant(value, None if abs(value) >= 10 else 2)


def _capital(label: str) -> str:
    # "macro-F1" becomes "Macro-F1"; "NPMI" stays: only the first letter is touched
    return label[:1].upper() + label[1:]
