"""What came out, of one point of `vary`, in tables that figures and report share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.coverage.share_table import TaskShares, task_shares
from newsangle.coverage.shares import mean_shares, predicted_shares, week_of
from newsangle.runs.config import ExperimentConfig, TaskConfig
from newsangle.runs.contrast_plan import contrasts_of
from newsangle.runs.contrast_results import ContrastResult, contrast_result
from newsangle.runs.highlight import why
from newsangle.runs.plan import PointPlan
from newsangle.runs.store import Store
from newsangle.runs.topic_names import with_names
from newsangle.stats.reliability import reliability_bins
from newsangle.topics.naming import Catalogue

# What the quality stage says of a topic; without word distributions it says nothing.
QUALITY = (
    "exclusivity",
    "flags",
    "duplicate_of",
    "stability",
    "stability_worst",
    "found",
    "stability_over_articles",
    "stability_over_articles_worst",
    "found_over_articles",
)


@dataclass(frozen=True)
class TaskResult:
    """One task: its config, one prediction a row, scores, the models chosen, shares, and which models differ.

    `leaks`: what training and test share in the split of the scores; `checks`: records and splits of the checks stage.
    Both are empty where there is nothing to check.

    `shares`: key, frame (class), share, low, high, n; predicted by "all", "outlet", "week" and, for tasks on targets,
    "target"; "coded" is the share among the coded rows alone, weighted by 1/π (by target for tasks on targets).
    `reasons`: by row number of `predictions`, terms and words that decided where the selected model was wrong;
    `class_words`: by class, the words that speak most for it.
    `estimates`: shares corrected by the codes where these have π, see `newsangle.coverage.share_table`.
    """

    name: str
    config: TaskConfig
    predictions: pd.DataFrame
    records: list[dict[str, Any]]
    chosen: list[str]
    shares: dict[str, pd.DataFrame]
    estimates: TaskShares
    comparisons: list[dict[str, Any]]
    by_model: pd.DataFrame | None
    stored: dict[str, Any]
    leaks: dict[str, Any]
    checks: dict[str, Any]

    reasons: dict[str, Any] = field(default_factory=dict)
    class_words: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def coded(self) -> pd.DataFrame:
        """The coded rows."""
        return self.predictions.loc[self.predictions["coded"].notna()]

    @property
    def corrected(self) -> bool:
        """Are the shares corrected by codes that were drawn with known chances?"""
        return len(self.coded) > 0 and bool(self.coded["pi"].notna().all())

    def class_name(self, label: str) -> str:
        """How is a class called in print?"""
        return self.config.class_names.get(label, label.replace("_", " "))

    def target_name(self, target: str) -> str:
        """How is a target called in print?"""
        return self.config.target_names.get(target, target.replace("_", " "))


@dataclass(frozen=True)
class PointResult:
    """One point: its label and config, the corpus, its topics with scores, and its tasks.

    held_losses, held_tokens: seeds × groups and groups, see `newsangle.topics.choose`; None where there are none.
    """

    label: str
    config: ExperimentConfig
    card: dict[str, Any]
    articles: pd.DataFrame
    passages: pd.DataFrame
    topics: list[dict[str, Any]]
    topic_model: str | None
    topic_records: list[dict[str, Any]]
    topic_outlet: pd.DataFrame | None
    topic_frame: dict[str, pd.DataFrame]
    seed_words: list[dict[str, Any]]
    catalogue: Catalogue | None
    held_losses: Any
    held_tokens: Any
    tasks: dict[str, TaskResult]
    contrasts: dict[str, ContrastResult]


def collect(plan: PointPlan, store: Store, known: Catalogue | None = None) -> PointResult:
    """Everything that the jobs of a point left in the store. `known`: topic names of the first point, kept here."""
    corpus = store.load(plan.corpus.key)
    checks = {name: store.load(job.key) for name, job in plan.checks.items()}
    tasks = {
        name: _task(name, plan.config, store.load(job.key), checks.get(name, {})) for name, job in plan.tasks.items()
    }
    scores: Mapping[str, Any] = store.load(plan.topics.key) if plan.topics is not None else {}
    seeded: Mapping[str, Any] = store.load(plan.seed_words.key) if plan.seed_words is not None else {}
    quality: Mapping[str, Any] = store.load(plan.topic_quality.key) if plan.topic_quality is not None else {}
    topics, catalogue = scores.get("topics", []), None
    if plan.topics is not None:
        of_topic = quality["topics"] or [dict.fromkeys(QUALITY)] * len(topics)
        fit, matrix = (store.load(plan.topics.needs[name].key) for name in ("fit0", "matrix"))
        topics = [topic | more for topic, more in zip(topics, of_topic, strict=True)]
        topics, catalogue = with_names(topics, fit, matrix["all_terms"], known)
    topic_frame = {}
    if plan.passage_topics is not None and all(t["share"] is not None for t in scores["topics"]):
        weights = store.load(plan.passage_topics.key)["shares"]
        labels = [t["label"] for t in topics]
        position = {p: i for i, p in enumerate(corpus["passages"]["passage_id"])}
        for name, task in tasks.items():
            if not task.config.targets:
                rows = weights[[position[p] for p in task.predictions["passage_id"]]]
                topic_frame[name] = mean_shares(rows, task.predictions["predicted"], labels)
    by_outlet = scores.get("topic_outlet")
    if by_outlet is not None:
        by_outlet = by_outlet.assign(topic=[t["label"] for t in topics]).set_index("topic")
    return PointResult(
        label=plan.label,
        config=plan.config,
        card=corpus["card"],
        articles=corpus["articles"],
        passages=corpus["passages"],
        topics=topics,
        topic_model=scores.get("model"),
        topic_records=[part for values in (scores, quality, seeded) for part in values.get("records", [])],
        topic_outlet=by_outlet,
        topic_frame=topic_frame,
        seed_words=seeded.get("rows", []),
        catalogue=catalogue,
        held_losses=quality.get("held_losses"),
        held_tokens=quality.get("held_tokens"),
        tasks=tasks,
        contrasts=_contrasts(plan, store, [t["label"] for t in topics]),
    )


def _contrasts(plan: PointPlan, store: Store, labels: list[str]) -> dict[str, ContrastResult]:
    found = {}
    for name, config in contrasts_of(plan.config).items():
        words = store.load(plan.contrast_words[name].key)
        topics = store.load(plan.contrast_topics[name].key) if name in plan.contrast_topics else None
        found[name] = contrast_result(name, config, plan.config.tasks, words, topics, labels)
    return found


def _task(name: str, config: ExperimentConfig, values: Mapping[str, Any], checks: Mapping[str, Any]) -> TaskResult:
    task, predictions = config.tasks[name], values["predictions"]
    keys: dict[str, Any] = {"all": None, "outlet": predictions["outlet"], "week": week_of(predictions["date"])}
    if task.targets:
        keys["target"] = predictions["target"]
    groups, classes = predictions["group"].tolist(), task.classes
    chances = predictions[[f"p_{c}" for c in classes]].to_numpy(dtype=np.float64)
    if task.labels is None:  # a rule has no probabilities
        chances = _one_hot(predictions["predicted"], classes)
    shares = {
        slice_name: predicted_shares(chances, groups, classes, by, seed=config.seed)
        for slice_name, by in keys.items()
        if by is None or by.notna().any()
    }
    coded = predictions.loc[predictions["coded"].notna()]
    if len(coded):
        weights = None if coded["pi"].isna().any() else 1 / coded["pi"].to_numpy(dtype=np.float64)
        codes = _one_hot(coded["coded"], classes)
        by_target = coded["target"] if task.targets else None
        shares["coded"] = predicted_shares(
            codes, coded["group"].tolist(), classes, by_target, weights=weights, seed=config.seed
        )
    stored = {k: v for k, v in values.items() if k == "about" or k.startswith(("model_", "domain_"))}
    return TaskResult(
        name,
        task,
        predictions,
        values["records"],
        values["chosen"],
        shares,
        task_shares(
            name, predictions.assign(**dict(zip([f"p_{c}" for c in classes], chances.T, strict=True))), classes
        ),
        values["comparisons"],
        values["by_model"],
        stored,
        values.get("leaks", {}),
        dict(checks),
        values.get("reasons", {}),
        values.get("class_words", {}),
    )


def _one_hot(labels: pd.Series, classes: Sequence[str]) -> npt.NDArray[np.float64]:
    return np.stack([(labels == c).to_numpy(dtype=np.float64) for c in classes], axis=1)


def confusion(task: TaskResult) -> pd.DataFrame:
    """How many coded rows of each class were predicted as each class? (coded × predicted, names as printed)"""
    coded = task.coded
    names = [task.class_name(c) for c in task.config.classes]
    table = np.array(
        [
            [int(((coded["coded"] == a) & (coded["predicted"] == b)).sum()) for b in task.config.classes]
            for a in task.config.classes
        ]
    )
    return pd.DataFrame(table, index=names, columns=names)


def reliability_table(task: TaskResult) -> pd.DataFrame:
    """Of the coded rows with a probability of a class, how many are coded so? (a row a class and bin)"""
    coded, classes = task.coded, task.config.classes
    number = {name: i for i, name in enumerate(classes)}
    bins = reliability_bins(
        coded[[f"p_{c}" for c in classes]].to_numpy(dtype=np.float64),
        np.array([number[c] for c in coded["coded"]], dtype=np.int64),
        coded["group"].tolist(),
        None if coded["pi"].isna().any() else 1 / coded["pi"].to_numpy(dtype=np.float64),
        seed=0,
    )
    rows = [
        {"class": task.class_name(classes[b.label]), "bin": i, "predicted": b.predicted, "share": b.coded}
        | {"low": b.interval.low, "high": b.interval.high, "n": b.n}
        for i, b in enumerate(bins)
    ]
    return pd.DataFrame(rows)


def hardest(task: TaskResult, passages: pd.DataFrame, most: int = 8) -> list[dict[str, Any]]:
    """Which errors is the selected model surest of? Coded rows it got wrong, by the probability of its own class."""
    coded = task.coded
    wrong = coded.loc[coded["coded"] != coded["predicted"]].copy()
    wrong["sure"] = [row[f"p_{row['predicted']}"] for _, row in wrong.iterrows()]
    wrong = wrong.sort_values(["sure", "passage_id"], ascending=[False, True], kind="stable").head(most)
    text = passages.set_index("passage_id")
    return [
        {
            "text": text.loc[row["passage_id"], "text"],
            "title": text.loc[row["passage_id"], "title"],
            "outlet": row["outlet"] if isinstance(row["outlet"], str) else "",
            "date": f"{row['date']:%Y-%m-%d}" if pd.notna(row["date"]) else "",
            "passage_id": row["passage_id"],
            "target": task.target_name(row["target"]) if isinstance(row["target"], str) else "",
            "coded": task.class_name(row["coded"]),
            "predicted": task.class_name(row["predicted"]),
            "sure": float(row["sure"]),
        }
        | why(task.reasons.get(str(i)), text.loc[row["passage_id"], "text"])
        for i, row in wrong.iterrows()
    ]
