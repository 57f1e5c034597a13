"""Which topic model fits, coheres and spreads best? One small panel per metric, because the scales differ."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from newsangle.figures.checks import check_table
from newsangle.figures.page import page
from newsangle.figures.rows import GAP, beside, dot, limits, row_axes, set_scale
from newsangle.figures.style import BLUE, QUIET, SIZES, styled
from newsangle.figures.wording import DASH, plain, shorten, significant, widest, width, wrap

Direction = Literal["higher", "lower"]

# Which way is better; a metric that is not here is drawn with "direction not stated".
DIRECTIONS: dict[str, Direction] = {
    "perplexity": "lower",
    "heldout_perplexity": "lower",
    "held-out perplexity": "lower",
    "npmi": "higher",
    "c_npmi": "higher",
    "c_v": "higher",
    "umass": "higher",
    "u_mass": "higher",
    "diversity": "higher",
    "log_diversity": "higher",
    "inverted_rbo": "higher",
    "exclusivity": "higher",
    "stability": "higher",
}

PANEL, NUMBER, BETWEEN = 1.55, 0.52, 0.3  # inches: axes, column of values, gap
SIDE_BY_SIDE = 4


@styled
def topic_scores(
    scores: pd.DataFrame,
    *,
    directions: Mapping[str, Direction] | None = None,
    interval: str = "95% interval",
    title: str = "Topic models: fit, coherence, diversity",
    note: str | None = None,
) -> Figure:
    """Which topic model fits, coheres and spreads best?

    `scores`: model, metric, value, low, high, and `reason`: why a value is missing ("no φ: not a distribution over
    words"). One panel per metric in the order given, with its direction below; one row per model, best first by the
    first metric. The part of a reason before its colon stands in the row, the whole reason at the foot. `directions`
    adds to or overrides `DIRECTIONS`. No panel shares its scale with another.

    Perplexities compare only between models scored by one evaluator on one vocabulary; coherence alone chooses
    nothing, since a model that repeats one coherent topic wins.
    Raises ValueError for an empty table, a column missing, or two rows for one model and metric.
    """
    table = check_table(
        scores, "topic_scores", key=["model", "metric"], numbers=["value", "low", "high"],
        others=["reason"] if "reason" in scores.columns else [],
    )  # fmt: skip
    ways = {**DIRECTIONS, **{name.casefold(): way for name, way in (directions or {}).items()}}
    metrics = list(dict.fromkeys(table["metric"]))
    models = _best_first(table, str(metrics[0]), ways.get(str(metrics[0]).casefold(), "higher"))
    rows = {(row["model"], row["metric"]): row for _, row in table.iterrows()}

    names = [shorten(model, 2.2, SIZES["label"]) for model in models]
    left = widest(names, SIZES["label"]) + GAP
    across = min(SIDE_BY_SIDE, len(metrics))
    high = 0.3 + len(models) * 0.27 + 0.5
    step = PANEL + NUMBER + BETWEEN
    reasons: dict[str, list[str]] = {}
    for (model, metric), row in rows.items():
        why = _reason(row)
        if np.isnan(row["value"]) and why and _head(why) != why:
            reasons.setdefault(why, []).append(f"{plain(model)}, {plain(metric)}")
    foot = [f"{'; '.join(where)}: {why}." for why, where in reasons.items()]
    sheet = page(
        left + across * step - BETWEEN, high * -(-len(metrics) // across) - 0.1, title=title, note=note,
        foot=[f"Lines: {interval}. Each panel has its own scale.", *foot],
    )  # fmt: skip
    for at, metric in enumerate(metrics):
        x, top = left + (at % across) * step, 0.3 + (at // across) * high
        axes = row_axes(sheet, x, top, PANEL, len(models))
        mine = table[table["metric"] == metric]
        set_scale(axes, *limits(mine["value"], mine["low"], mine["high"], pad=0.08), kind="score", bins=3)
        if mine["value"].isna().all():
            axes.set_xticks([])
        sheet.words(
            x, top - 0.14, shorten(metric, PANEL + NUMBER, SIZES["panel"], "bold"), size=SIZES["panel"], weight="bold"
        )
        way = ways.get(str(metric).casefold())
        says = f"{way} is better" if way else "direction not stated"
        arrow = {"higher": " →", "lower": "← "}.get(way or "", "")
        sheet.words(
            x + PANEL / 2, top + len(models) * 0.27 + 0.32, arrow + says if way == "lower" else says + arrow,
            ha="center", color=QUIET, size=SIZES["small"],
        )  # fmt: skip
        decimals = _decimals(mine["value"].to_numpy())
        column = widest([significant(value, decimals) for value in mine["value"]], SIZES["label"])
        for i, model in enumerate(models):
            if at % across == 0:
                beside(axes, i, names[i])
            if (model, metric) not in rows or np.isnan(rows[model, metric]["value"]):
                why = _reason(rows[model, metric]) if (model, metric) in rows else ""
                beside(axes, i, _head(why) or DASH, inches=-0.04, ha="left", color=QUIET, backed=True)
                continue
            row = rows[model, metric]
            dot(axes, i, row["value"], row["low"], row["high"], color=BLUE)
            beside(axes, i, significant(row["value"], decimals), side="right", inches=0.07 + column, ha="right")
    return sheet.figure


def _reason(row: "pd.Series[Any]") -> str:
    return plain(row["reason"]) if "reason" in row and pd.notna(row["reason"]) else ""


def _decimals(values: NDArray[np.float64]) -> int:
    """How many decimals tell these values apart? None for perplexities, two for shares, three for small scores."""
    largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
    return 0 if largest >= 100 else 1 if largest >= 10 else 2 if largest >= 0.3 else 3


def _head(why: str) -> str:
    """The part of a reason that fits into a row: before its colon, or its first line."""
    head = why.split(":")[0].strip()
    return head if width(head, SIZES["label"]) <= PANEL else wrap(head, PANEL, SIZES["label"], 1)[0]


def _best_first(table: pd.DataFrame, metric: str, way: Direction) -> list[str]:
    models = list(dict.fromkeys(table["model"]))
    first = table[table["metric"].astype(str) == metric].set_index("model")["value"].reindex(models).to_numpy()
    key = np.where(np.isnan(first), np.inf, first if way == "lower" else -first)
    return [models[i] for i in np.argsort(key, kind="stable")]
