"""How many topics? One panel per metric over the numbers of topics tried, with the spread over seeds and the choice."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from newsangle.figures.checks import check_table
from newsangle.figures.fits import DIRECTIONS
from newsangle.figures.page import page, put
from newsangle.figures.rows import limits, round_ticks, tick_labels
from newsangle.figures.style import BLUE, INK, QUIET, RULE, SIZES, VERMILLION, colour_of, marker_of, styled
from newsangle.figures.wording import DASH, plain, shorten, significant, width

ACROSS = 2
SCALE, STEP, HIGH = 0.52, 0.52, 1.35  # inches: labels left of the axes, one number of topics, axes
LEAST, MOST = 2.1, 3.6  # inches of axes


@styled
def choose_k(
    scores: pd.DataFrame,
    *,
    interval: str = "range over seeds",
    rule: str = "fewest topics within one standard error of the best held-out perplexity",
    title: str = "How many topics?",
    note: str | None = None,
    floor: tuple[str, float] | None = None,
) -> Figure:
    """How do perplexity, coherence, exclusivity and stability move with the number of topics, and which is chosen?

    `scores`: series (a model), metric, n_topics, value, low, high, chosen (bool). One panel per metric in the order
    given, each with its own scale and its direction above it; the numbers of topics stand at equal steps, so slopes
    compare only between neighbours. Lines: `interval`. The chosen number has a ring and a vertical line. A metric
    without any value shows a dash; a single missing value is a gap.

    `floor`: a metric and what is reached without topics, a dashed line where the panel's scale holds it; else it is
    told at the foot.

    The panels pull in different directions by nature: more topics often predict better, but share more words and
    move more between seeds. Perplexity alone does not make topics that a reader can name.
    Raises ValueError for an empty table, a column missing, or two rows for one series, metric and number.
    """
    table = check_table(
        scores, "choose_k", key=["series", "metric", "n_topics"], numbers=["value", "low", "high"], others=["chosen"]
    )
    tried = sorted({int(k) for k in table["n_topics"]})
    metrics, series = list(dict.fromkeys(table["metric"])), list(dict.fromkeys(table["series"]))
    wide = min(MOST, max(LEAST, STEP * len(tried)))
    step, high = SCALE + wide + 0.35, 0.42 + HIGH + 0.38
    across = min(ACROSS, len(metrics))
    legend = 0.28 if len(series) > 1 else 0.0
    foot = [f"Lines: {interval}. Each panel has its own scale; numbers of topics stand at equal steps."]
    chosen = table.loc[table["chosen"].astype(bool)]
    if len(chosen):
        foot.append(f"Ring: chosen, the {rule}.")
    of = {m: table[table["metric"] == m] for m in metrics}
    scales = {m: limits(rows["value"], rows["low"], rows["high"], pad=0.16) for m, rows in of.items()}
    drawn = floor is not None and floor[0] in scales and scales[floor[0]][0] <= floor[1] <= scales[floor[0]][1]
    if floor is not None:
        told = "Dashed: no topics at all (unigram)" if drawn else "No topics at all (unigram), off the scale"
        foot.append(f"{told}: {floor[0]} {significant(floor[1])}.")
    sheet = page(
        across * step - 0.35, legend + high * -(-len(metrics) // across) + 0.06, title=title, note=note, foot=foot,
        subtitle=_chosen_words(chosen, several=len(series) > 1),
    )  # fmt: skip
    if legend:
        _legend(sheet.axes(0, 0, across * step - 0.35, 0.2), series)
    for at, metric in enumerate(metrics):
        left, top = (at % across) * step + SCALE, legend + (at // across) * high + 0.42
        axes = sheet.axes(left, top, wide, HIGH)
        name = shorten(metric, wide + SCALE, SIZES["panel"], "bold")
        sheet.words(left - SCALE, top - 0.3, name, size=SIZES["panel"], weight="bold")
        way = DIRECTIONS.get(str(metric).casefold())
        says = f"{way} is better" if way else "direction not stated"
        sheet.words(left - SCALE, top - 0.14, says, color=QUIET, size=SIZES["small"])
        if at // across == (len(metrics) - 1) // across or at + across >= len(metrics):
            sheet.words(left + wide / 2, top + HIGH + 0.35, "number of topics", ha="center", color=QUIET, size=8.0)
        mine = of[metric]
        _scales(axes, scales[metric], tried)
        if drawn and floor is not None and metric == floor[0]:
            axes.axhline(floor[1], color=QUIET, linewidth=1.0, linestyle="--", zorder=1)
        for position, name in enumerate(series):
            _line(axes, mine[mine["series"] == name], tried, position, len(series))
        if mine["value"].isna().all():
            put(axes, 0.5, 0.5, DASH, transform=axes.transAxes, ha="center", color=QUIET, size=SIZES["label"])
    return sheet.figure


def _chosen_words(chosen: pd.DataFrame, *, several: bool) -> list[str]:
    """The choice in one sentence: "Chosen: 40 topics." or "Chosen: 40 topics (lda), 30 topics (nmf)."."""
    once = chosen.drop_duplicates(["series", "n_topics"])
    told = [
        f"{int(row['n_topics'])} topics" + (f" ({plain(row['series'])})" if several else "")
        for _, row in once.iterrows()
    ]
    return [f"Chosen: {', '.join(told)}."] if told else []


def _legend(axes: Axes, series: list[str]) -> None:
    axes.set_axis_off()
    wide = float(axes.get_window_extent().width / axes.figure.dpi)
    axes.set_xlim(0, wide)
    axes.set_ylim(0, 1)
    x = 0.06
    room = wide / len(series) - 0.3
    for position, name in enumerate(series):
        told = shorten(name, room, SIZES["label"])
        colour = colour_of(position)
        axes.plot([x], [0.5], marker=marker_of(position), markersize=6, color=colour, linestyle="none", clip_on=False)
        put(axes, x + 0.1, 0.46, told, size=SIZES["label"])
        x += 0.1 + width(told, SIZES["label"]) + 0.25


def _scales(axes: Axes, scale: tuple[float, float], tried: list[int]) -> None:
    axes.set_xlim(-0.5, len(tried) - 0.5)
    # Where numbers would touch, every second one (or third …) is written.
    room = float(axes.get_window_extent().width / axes.figure.dpi) / len(tried)
    every = max(1, math.ceil((width(str(tried[-1]), SIZES["small"]) + 0.06) / room))
    axes.set_xticks(range(len(tried)), [str(k) if i % every == 0 else "" for i, k in enumerate(tried)])
    low, high = scale
    if math.isfinite(low):
        axes.set_ylim(low, high)
        ticks = round_ticks(low, high, 4)
        axes.set_yticks(ticks, tick_labels(ticks, "score"))
        axes.grid(axis="y", color=RULE, linewidth=0.6)
    else:
        axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def _line(axes: Axes, mine: pd.DataFrame, tried: list[int], position: int, n_series: int) -> None:
    """One series: dots joined by a line, whiskers, and a ring where it is chosen."""
    colour = colour_of(position) if n_series > 1 else BLUE
    shift = 0.0 if n_series == 1 else 0.24 * (position - (n_series - 1) / 2) / n_series
    rows = mine.set_index("n_topics").reindex(tried)
    x, y = np.arange(len(tried)) + shift, rows["value"].to_numpy(dtype=float)
    axes.plot(x, y, color=colour, linewidth=1.0, alpha=0.55, zorder=1.5)
    axes.vlines(x, rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float), color=colour, linewidth=1.8)
    axes.plot(x, y, marker=marker_of(position), markersize=5.5, color=colour, linestyle="none", zorder=3)
    for i in np.flatnonzero(rows["chosen"].fillna(False).to_numpy(dtype=bool) & ~np.isnan(y)):
        ring = VERMILLION if n_series == 1 else colour
        axes.plot(
            [x[i]], [y[i]], marker="o", markersize=12, markerfacecolor="none", color=ring, markeredgewidth=1.4,
            zorder=3.5, clip_on=False, linestyle="none",
        )  # fmt: skip
        if n_series == 1:
            axes.axvline(x[i], color=ring, linewidth=0.8, alpha=0.6, zorder=1)
            _say_value(axes, y, int(i))


def _say_value(axes: Axes, y: NDArray[np.float64], i: int) -> None:
    """The chosen value beside its ring, on the side where the line isn't: right of it, left where it is the last."""
    last = i == len(y) - 1
    other = y[i - 1] if last and i else y[min(i + 1, len(y) - 1)]
    above = other <= y[i]
    low, high = axes.get_ylim()
    right = 0.13 * len(y) / float(axes.get_window_extent().width / axes.figure.dpi)
    up = 0.11 * (high - low) / HIGH
    put(
        axes, i - right if last and i else i + right, y[i] + (up if above else -up), significant(float(y[i])),
        size=SIZES["small"], color=INK, ha="right" if last and i else "left", zorder=4,
    )  # fmt: skip
