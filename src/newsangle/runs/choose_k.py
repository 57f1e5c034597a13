"""How many topics? What `vary = { "topics.n_topics" = [...] }` says, by model: numbers of each K, and the choice."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from newsangle.runs.records import record
from newsangle.runs.results import PointResult
from newsangle.runs.wording import find, number, point_name, with_interval
from newsangle.topics.choose import OneStandardError, one_standard_error

AXIS = "topics.n_topics"
# Metric of the records → how the figure calls it.
PANELS: Mapping[str, str] = {
    "perplexity_over_seeds": "held-out perplexity",
    "npmi_over_seeds": "NPMI",
    "exclusivity": "exclusivity",
    "stability": "stability",
}


@dataclass(frozen=True)
class Candidates:
    """Points that differ in nothing but the number of topics, fewest first, and the number that is chosen.

    label: what the other axes of `vary` say, "" where there are none. rule: None where the model predicts no words.
    """

    label: str
    points: tuple[PointResult, ...]
    rule: OneStandardError | None


def candidates(points: Sequence[PointResult]) -> list[Candidates]:
    """Which points of `vary` compare numbers of topics? One entry for each combination of the other axes."""
    found: dict[str, list[PointResult]] = {}
    for point in points:
        parts = _split(point)
        if parts is not None and point.config.topics is not None:
            found.setdefault(parts, []).append(point)
    return [_choose(label, members) for label, members in found.items()]


def _split(point: PointResult) -> str | None:
    """The point's label without the number of topics; None where that isn't compared."""
    mine = f"{AXIS}={n_topics(point)}"
    if mine not in point.label:
        return None
    return ", ".join(part for part in point.label.split(", ") if part != mine)


def n_topics(point: PointResult) -> int:
    """How many topics does this point have?"""
    return point.config.topics.n_topics if point.config.topics is not None else 0


def _choose(label: str, members: Sequence[PointResult]) -> Candidates:
    ordered = {n_topics(point): point for point in sorted(members, key=n_topics)}
    held = {k: point.held_losses for k, point in ordered.items() if point.held_losses is not None}
    rule = None
    if len(held) == len(ordered):
        tokens = next(iter(ordered.values())).held_tokens
        rule = one_standard_error(held, tokens)
    return Candidates(label, tuple(ordered.values()), rule)


def choice_records(points: Sequence[PointResult]) -> list[dict[str, Any]]:
    """The chosen number of topics of each entry, as a record."""
    return [
        record(
            task="topics",
            model=str(entry.points[0].topic_model),
            metric="chosen_n_topics",
            value=entry.rule.chosen,
            interval=f"fewest topics within one standard error of the best, {entry.rule.best}",
            n=len(entry.points[0].held_tokens),
            seed=entry.points[0].config.seed,
            slice="held-out syndication groups",
            vary=entry.label,
        )
        for entry in candidates(points)
        if entry.rule is not None and entry.points[0].held_tokens is not None
    ]


def choice_table(points: Sequence[PointResult]) -> pd.DataFrame:
    """What `choose_k` draws: series, metric, n_topics, value, low, high, chosen; empty where no K are compared."""
    rows = [
        {
            "series": point_name(entry.label) or str(point.topic_model),
            "metric": name,
            "n_topics": n_topics(point),
            "chosen": entry.rule is not None and entry.rule.chosen == n_topics(point),
        }
        | {key: (found or {}).get(key) for key in ("value", "low", "high")}
        for entry in candidates(points)
        for point in entry.points
        for metric, name in PANELS.items()
        for found in [find(point.topic_records, metric=metric)]
    ]
    table = pd.DataFrame(rows, columns=["series", "metric", "n_topics", "value", "low", "high", "chosen"])
    return table.astype({"value": float, "low": float, "high": float})


def choice_report(points: Sequence[PointResult]) -> list[dict[str, Any]]:
    """The same for the report: one row a K, numbers as text, with the difference to the best and its error."""
    rows = []
    for entry in candidates(points):
        for i, point in enumerate(entry.points):
            row = {"label": entry.label, "n_topics": n_topics(point), "chosen": False, "best": False, "excess": "–"}
            if entry.rule is not None:
                row["chosen"] = entry.rule.chosen == n_topics(point)
                row["best"] = entry.rule.best == n_topics(point)
                if not row["best"]:
                    row["excess"] = _per_cent(float(entry.rule.excess[i]), float(entry.rule.error[i]))
            for metric in PANELS:
                found = find(point.topic_records, metric=metric)
                row[metric] = with_interval(found, 3) if found else "–"
            rows.append(row)
    return rows


def _per_cent(excess: float, error: float) -> str:
    """Nats per token above the best, as per cent of perplexity with one standard error to each side."""
    value, low, high = (number(100 * math.expm1(x), 1) for x in (excess, excess - error, excess + error))
    return f"+{value} [{low}, {high}]"
