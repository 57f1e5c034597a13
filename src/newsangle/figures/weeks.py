"""How does the use of frames change from week to week, and which weeks say little? Lines above, counts below."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from newsangle.figures.checks import check_shares, check_table
from newsangle.figures.outlets import NAIVE_FOOT
from newsangle.figures.page import page, put
from newsangle.figures.rows import round_ticks, share_limits, tick_labels
from newsangle.figures.style import FLOOR, INK, QUIET, RULE, SIZES, colour_of, darker, marker_of, styled
from newsangle.figures.wording import DASH, day, percent, shorten, widest, width

LINES, STRIP = 2.5, 0.5  # inches high
FEW, FEW_CODED = 10, 30  # under this many passages, or codes, a week's share says little


@styled
def frame_share_by_week(
    shares: pd.DataFrame,
    *,
    note: str | None,
    unit: str = "share of a week's passages",
    interval: str = "95% interval",
    title: str = "How the use of each frame changes by week",
) -> Figure:
    """How does the use of frames change from week to week?

    `shares`: week (Timestamp of its Monday), frame, share, low, high (shares in [0, 1]; NaN where there is none),
    n (passages). A line per frame, broken at weeks without a share; bands are intervals. Weeks with n < 10 are
    hollow: don't read a turn into them. The strip below counts passages by week (the largest n of its frames).

    For shares corrected by codes, two columns more: `naive`, the share as predicted, a grey line; `n_coded`, which the
    strip counts in place of n, weeks without a share being those with too few. The scale then reaches as far as the
    shares, and the intervals of weeks with 30 codes; longer ones are cut off, which the foot says.

    Raises ValueError for an empty table, a column missing, two rows for one week and frame, a week that doesn't begin
    on a Monday, or percentages.
    """
    table = check_table(shares, "frame_share_by_week", key=["week", "frame"], numbers=["share", "low", "high", "n"])
    check_shares(table, "frame_share_by_week", ["share", "low", "high"])
    table["week"] = pd.to_datetime(table["week"])
    off = table[(table["week"].dt.day_of_week != 0) | (table["week"] != table["week"].dt.normalize())]
    if len(off):
        raise ValueError(f"frame_share_by_week: {off['week'].iloc[0]} is not the start of a Monday; name weeks by it")
    coded = "n_coded" in shares.columns
    if coded:
        more = check_table(shares, "frame_share_by_week", key=["week", "frame"], numbers=["naive", "n_coded"])
        check_shares(more, "frame_share_by_week", ["naive"])
        table = table.join(more[["naive", "n_coded"]])
    few = FEW_CODED if coded else FEW
    size = "n_coded" if coded else "n"
    frames = list(dict.fromkeys(table["frame"]))
    weeks = pd.date_range(table["week"].min(), table["week"].max(), freq="7D")
    x = np.arange(len(weeks), dtype=float)

    wide = float(np.clip(0.3 * len(weeks), 2.6, 8.0))
    banded = len(frames) <= 4
    bounds = [table["low"], table["high"]] if banded else []
    if coded:  # one week with a dozen codes would squeeze all others to the floor
        bounds = [bound.where(table["n_coded"] >= few) for bound in bounds] + [table["naive"]]
    low, high = share_limits(table["share"], *bounds)
    low, high = (low, high) if np.isfinite(high) else (0.0, 1.0)
    cut = coded and banded and bool((table["high"] > high).any())
    names = [shorten(frame, 1.6, SIZES["label"], "bold") for frame in frames]
    drawn = f"{'Upright lines' if coded else 'Bands'}: {interval}."
    left = 0.48
    sheet = page(
        left + wide + 0.06 + widest(names, SIZES["label"], "bold") + 0.45, 0.2 + LINES + 0.2 + STRIP + 0.3, title=title,
        note=note, foot=[
            drawn if banded else "Intervals are left out: bands of so many frames cover each other.",
            f"Hollow: fewer than {few} {'coded ' if coded else ''}passages. Weeks begin on the Monday named.",
            *(["Bars: coded passages; weeks with too few have no share. " + NAIVE_FOOT] if coded else []),
            *(["Intervals of hollow weeks that run past the top are cut off there."] if cut else []),
        ],
    )  # fmt: skip
    sheet.words(0, 0.06, unit, color=QUIET, size=SIZES["small"])
    axes = sheet.axes(left, 0.2, wide, LINES)
    axes.set_ylim(low, high)
    ticks = round_ticks(low, high, 5)
    axes.set_yticks(ticks, tick_labels(ticks, "share"))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    ends: list[float] = []
    for at, frame in enumerate(frames):
        mine = table[table["frame"] == frame].set_index("week").reindex(weeks)
        # One column of marks: side by side, or they and their upright intervals cover each other.
        aside = (0.12 if len(weeks) == 1 else 0.4 if coded else 0.0) * (at - (len(frames) - 1) / 2) / len(frames)
        if coded:
            naive = mine["naive"].to_numpy(dtype=float)
            axes.plot(
                x + aside, naive, color=FLOOR, linewidth=1.1, zorder=1.8, marker=".", markersize=3, label="_naive"
            )
        mine = mine.assign(size=mine[size])
        ends.append(_line(axes, x + aside, mine, at, banded, few, coded))
    _name_lines(axes, names, ends, len(weeks), wide)

    strip = sheet.axes(left, 0.2 + LINES + 0.2, wide, STRIP)
    counts = table.groupby("week")[size].max().reindex(weeks).to_numpy(dtype=float)
    _count(strip, x, counts, wide, few)
    for each in (axes, strip):
        each.set_xlim(-0.55, len(weeks) - 0.45)
        for side in ("left", "right", "top", "bottom"):
            each.spines[side].set_visible(each is strip and side == "bottom")
    room = widest([day(weeks[0])], SIZES["small"]) + 0.3
    every = int(np.ceil(room / (wide / len(weeks)))) if len(weeks) > 1 else 1
    places = list(range(0, len(weeks), every))
    axes.set_xticks(places, [""] * len(places))
    axes.grid(axis="x", color="#F0F0F0", linewidth=0.6)
    strip.set_xticks(places, [day(weeks[i]) for i in places])
    sheet.words(
        left - 0.08,
        0.2 + LINES + 0.2 + STRIP / 2,
        "coded" if coded else "n",
        ha="right",
        color=QUIET,
        size=SIZES["small"],
    )
    return sheet.figure


def _line(axes: Axes, x: NDArray[np.float64], mine: pd.DataFrame, at: int, banded: bool, few: int, bars: bool) -> float:
    """One frame's line, band and points; the share at its last known week (NaN if none is known)."""
    share, low, high, n = (mine[name].to_numpy(dtype=float) for name in ("share", "low", "high", "size"))
    colour, marker = colour_of(at), marker_of(at)
    known = ~np.isnan(low) & ~np.isnan(high) & ~np.isnan(share) & banded
    alone = known
    if not bars:
        axes.fill_between(x, low, high, where=known, color=colour, alpha=0.13, linewidth=0, zorder=1)
        before, after = np.r_[False, known[:-1]], np.r_[known[1:], False]
        alone = known & ~before & ~after  # a band needs two neighbours; a single week gets a bar
    axes.vlines(x[alone], low[alone], high[alone], color=colour, alpha=0.45, linewidth=1.6, zorder=1)
    axes.plot(x, share, color=colour, linewidth=1.5, zorder=2)
    size = 5.0 if len(x) <= 40 else 3.0
    for hollow in (False, True):
        these = ~np.isnan(share) & ((n < few) == hollow)
        axes.plot(
            x[these], share[these], linestyle="none", marker=marker, markersize=size, color=colour, zorder=3,
            markerfacecolor="white" if hollow else colour, markeredgewidth=1.1, clip_on=False,
        )  # fmt: skip
    there = np.flatnonzero(~np.isnan(share))
    return float(share[there[-1]]) if len(there) else float("nan")


def _name_lines(axes: Axes, names: list[str], ends: list[float], weeks: int, wide: float) -> None:
    """Each frame's name at the end of its line, moved apart where lines end close together."""
    low, high = axes.get_ylim()
    gap = 0.19 / LINES * (high - low)
    at = spread([low if np.isnan(end) else end for end in ends], gap, low, high)
    right = 1 + 0.06 / wide
    for i, (name, end, y) in enumerate(zip(names, ends, at, strict=True)):
        colour = darker(colour_of(i))
        where = axes.get_yaxis_transform()
        put(axes, right, y, name, weight="bold", color=colour, transform=where)
        # The number is a text of its own: after an Arabic name, one text would set it to the left.
        after = right + (width(name, SIZES["label"], "bold") + 0.05) / wide
        put(axes, after, y, DASH if np.isnan(end) else percent(end), color=colour, transform=where)
        if abs(y - end) > 0.25 * gap:
            edge = 1 - 0.55 / weeks + 0.06 / wide
            axes.plot(
                [edge, right - 0.02 / wide], [end, y], color=colour_of(i), linewidth=0.7, clip_on=False,
                transform=axes.get_yaxis_transform(), label="_leader",
            )  # fmt: skip


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Where do labels stand so that they keep `gap` apart and near the places wanted, between `low` and `high`?

    Least squares under the order of the places (isotonic regression after taking the gaps off).

    >>> spread([0.50, 0.50, 0.90], gap=0.1, low=0.0, high=1.0)
    [0.45, 0.55, 0.9]
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    placed = np.asarray(isotonic_regression(np.asarray(wanted, dtype=float)[order] - steps).x)
    placed = np.clip(placed, low, max(low, high - steps[-1])) + steps
    found = np.empty(len(wanted))
    found[order] = placed
    return [round(float(y), 12) for y in found]


def _count(strip: Axes, x: NDArray[np.float64], counts: NDArray[np.float64], wide: float, few: int) -> None:
    """Bars of counts by week, hollow under `few`, with the number above while there is room for it."""
    top = float(np.nanmax(counts)) if np.isfinite(counts).any() else 1.0
    strip.set_ylim(0, max(top, 1.0) * 1.05)
    strip.set_yticks([])
    faces = ["white" if hollow else FLOOR for hollow in counts < few]
    strip.bar(x, counts, width=min(0.62, 0.3 * len(x) / wide), color=faces, edgecolor=FLOOR, linewidth=0.8)
    if len(x) <= 30:
        for i, count in enumerate(counts):
            words = DASH if np.isnan(count) else f"{count:,.0f}"
            place = 0.0 if np.isnan(count) else count
            put(strip, i, place + 0.06 * top, words, size=6.5, color=QUIET, ha="center", va="bottom")
    else:
        busiest = int(np.nanargmax(np.nan_to_num(counts)))
        put(strip, busiest, top * 1.06, f"{top:,.0f}", size=6.5, color=INK, ha="center", va="bottom")
