"""Which numbers of several runs stand side by side, and may they be compared?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsangle.runs.differences import flat, points
from newsangle.runs.folder import Run
from newsangle.stance.crossfit import SELECTED

TOPICS = "topics"
FLOORS = ("majority", "keyword_rules", "unigram")
# What is shown first; everything else follows.
HEADLINE = (
    *("macro_f1", "macro_f1_weighted", "accuracy", "macro_f1_minus_keyword_rules", "brier"),
    *("perplexity", "perplexity_over_seeds", "npmi", "npmi_over_seeds", "diversity", "exclusivity", "stability"),
)
LOWER_IS_BETTER = ("perplexity", "perplexity_over_seeds", "brier", "ece")
_BY_RULES = ("agreement_with_rules", "keyword_reliance", "keyword_check", "share_of_words_masked")
_BY_NUMBER = ("diversity", "inverted_rbo", "exclusivity", "stability", "ami")

Key = tuple[str, str, str, str, str, str]


@dataclass(frozen=True)
class Row:
    """One number of each run: `records` has None where a run lacks it.

    `point`: what `vary` says, the model apart, the same words for every run. `against`: why the numbers can't be
    compared, "" where they can (or where only one run has it).
    """

    task: str
    target: str
    slice: str
    model: str
    metric: str
    point: str
    records: tuple[dict[str, Any] | None, ...]
    against: str

    @property
    def headline(self) -> bool:
        """Is it one of the numbers to look at first?"""
        whole = self.task == TOPICS or (not self.target and self.slice == "all")
        return whole and self.metric in HEADLINE

    @property
    def label(self) -> str:
        """The row's name beside its task and metric: model, point of `vary`, target, slice."""
        part = "" if self.slice == "all" or self.task == TOPICS else self.slice
        return ", ".join(text for text in (self.model, self.point, self.target, part) if text)


def side_by_side(runs: Sequence[Run]) -> list[Row]:
    """Every number of these runs, what is the same of each in one row; headline numbers of a task first.

    Rows are matched by task, target, slice, model, metric and point of `vary`; a run that doesn't vary what another
    one varies stands beside the point with its value.
    """
    records = [json.loads(run.read("metrics.json")) for run in runs]
    labelled = {r["task"] for found in records for r in found if r["vary"]}
    axes = list(dict.fromkeys(axis for run in runs for axis in run.config.get("vary", {}) if axis != "topics.model"))
    rows: dict[Key, list[dict[str, Any] | None]] = {}
    for i, (run, found) in enumerate(zip(runs, records, strict=True)):
        known = points(run.config)
        for r in found:
            point = _point(r, run.config, known, axes if r["task"] in labelled else [])
            key = (r["task"], r["target"] or "", r["slice"], r["model"], r["metric"], point)
            cells = rows.setdefault(key, [None] * len(runs))
            cells[i] = cells[i] or r
    made = [Row(*key, tuple(cells), _against(key, cells, runs)) for key, cells in rows.items()]
    tasks = {name: i for i, name in enumerate(dict.fromkeys(row.task for row in made))}
    order = {name: i for i, name in enumerate(HEADLINE)}
    return sorted(
        made, key=lambda row: (tasks[row.task], not row.headline, order.get(row.metric, len(order)), *_best_first(row))
    )


def _best_first(row: Row) -> tuple[bool, bool]:
    return row.model != SELECTED, row.model in FLOORS


def _point(
    record: Mapping[str, Any],
    config: Mapping[str, Any],
    points: Mapping[str, Mapping[str, Any]],
    axes: Sequence[str],
) -> str:
    if record["model"] == "unigram":  # the floor is the same for every point
        return ""
    label = record["vary"]
    if label and label not in points:
        return str(label)
    mine = points[label] if label else {}
    if not label and config.get("vary"):
        return ""  # shared by all points of this run
    whole = flat(config) | dict(mine)
    return ", ".join(f"{axis}={whole[axis]}" for axis in axes if axis in whole)


def _against(key: Key, cells: Sequence[dict[str, Any] | None], runs: Sequence[Run]) -> str:
    """Why can't these numbers be compared? Reasons found by config and hashes, not by the numbers."""
    have = [(run, cell) for run, cell in zip(runs, cells, strict=True) if cell is not None]
    if len(have) < 2:
        return ""
    task, _, _, _, metric, _ = key
    made = [_made_of(run, task, metric, cell) for run, cell in have]
    return ", ".join(name for name, first in made[0].items() if any(other[name] != first for other in made[1:]))


def _made_of(run: Run, task: str, metric: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be the same for this number to be comparable, by how it is told where it isn't."""
    config, inputs = run.config, run.manifest.get("inputs", {})
    if task == TOPICS:
        return _topics_made_of(config, inputs, metric, record)
    settings = config["tasks"].get(task, {})
    labels, rows = settings.get("labels", {}), settings.get("rows", {})
    return {
        "other classes": settings.get("classes"),
        "other codes": (inputs.get(labels.get("file")), labels.get("column")),
        "other rows": (record["n"], inputs.get(rows.get("file")), settings.get("targets")),
        "another split": (record["split"], settings.get("gap_days") if record["split"] == "time" else None),
        "other voices": labels.get("voice_column") if metric == "right_by_voice" else None,
        "other keyword rules": settings.get("rules") if any(part in metric for part in _BY_RULES) else None,
    }


def _topics_made_of(
    config: Mapping[str, Any], inputs: Mapping[str, str], metric: str, record: Mapping[str, Any]
) -> dict[str, Any]:
    corpus = config["corpus"]
    point = points(config).get(record["vary"], {}) if record["vary"] else {}
    whole = flat(config) | point
    articles = whole.get("topics.articles")
    selected = {k: v for k, v in whole.items() if k.startswith("corpus.filter.")} if articles == "selected" else None
    content = inputs.get(f"corpus {corpus['source']}" if corpus.get("source") else corpus.get("path", ""))
    of_perplexity, of_number = metric.startswith("perplexity"), metric.startswith(_BY_NUMBER)
    return {
        "another corpus": (content, corpus.get("columns"), articles, selected),
        "another vocabulary": {k: v for k, v in whole.items() if k.startswith("features.")},
        "other held-out articles": (whole.get("topics.held_out"), whole.get("seed")) if of_perplexity else None,
        "another evaluator (topics.alpha)": whole.get("topics.alpha") if of_perplexity else None,
        "another number of topics": whole.get("topics.n_topics") if of_number else None,
    }
