"""Which point of `vary` does a report show, and how is another one shown?"""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from newsangle.runs.choose_k import candidates, n_topics
from newsangle.runs.results import PointResult
from newsangle.runs.vary import labelled_points


def shown(points: Sequence[PointResult], vary: Mapping[str, Sequence[Any]]) -> dict[str, Any] | None:
    """What is shown in detail (the first of `points`), and the chosen numbers of topics that are not shown.

    None where nothing is compared. `label`: of the point shown; `n`: how many points there are; `chosen`: is it a
    chosen number of topics; `others`: of each other chosen point its label and the `--set` that show it.
    """
    if not vary:
        return None
    chosen = [
        next(point for point in entry.points if n_topics(point) == entry.rule.chosen)
        for entry in candidates(points)
        if entry.rule is not None
    ]
    pinned = _settings(vary)
    others = [{"label": p.label, "set": pinned[p.label]} for p in chosen if p.label != points[0].label]
    return {
        "label": points[0].label,
        "n": len(points),
        "chosen": any(p.label == points[0].label for p in chosen),
        "others": others,
    }


def _settings(vary: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """By label of a point: the options of `newsangle run` that make it the only one."""
    return {
        label: " ".join(f"--set {shlex.quote(f'{key}={_toml(value)}')}" for key, value in chosen.items())
        for label, chosen in labelled_points(vary)
    }


def _toml(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)  # numbers, booleans and lists of them, as in TOML
