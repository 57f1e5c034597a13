"""What came out, of one point of `vary`, in tables that figures and report share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from newsangle.coverage.share_table import TaskShares
from newsangle.coverage.shares import mean_shares
from newsangle.runs.config import CorpusConfig, ExperimentConfig, TaskConfig
from newsangle.runs.contrast_plan import contrasts_of
from newsangle.runs.contrast_results import ContrastResult, contrast_result
from newsangle.runs.highlight import why
from newsangle.runs.plan import PointPlan
from newsangle.runs.share_stage import stored_predicted, stored_shares
from newsangle.runs.store import Loader
from newsangle.runs.topic_names import with_names
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
    `about`: the model for new articles; `files`: its arrays and its domain's, as NPZ; `reliability`: see
    `reliability_table`, classes by their codes; None without codes.
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
    about: dict[str, Any]
    files: dict[str, bytes]
    leaks: dict[str, Any]
    checks: dict[str, Any]
    reliability: pd.DataFrame | None = None
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


def collect(plan: PointPlan, store: Loader, known: Catalogue | None = None) -> PointResult:
    """Everything that the jobs of a point left in the store. `known`: topic names of the first point, kept here."""
    corpus = store.load(plan.corpus.key)
    checks = {name: store.load(job.key) for name, job in plan.checks.items()}
    tasks = {}
    for name, jobs in plan.task_jobs.items():
        beside = {"rows": jobs.rows, "shares": jobs.shares, "files": jobs.files}
        more = {what: store.load(job.key) for what, job in beside.items()} | {"checks": checks.get(name, {})}
        tasks[name] = _task(name, plan.config.tasks[name], store.load(jobs.task.key), more)
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
        card=corpus["card"] | _called(plan.config.corpus),
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


def _called(config: CorpusConfig) -> dict[str, str | None]:
    """What are the corpus and the frame of its passages called?"""
    frame = config.passages.frame
    return {"source": config.source or Path(str(config.path)).name, "frame": Path(frame).name if frame else None}


def _contrasts(plan: PointPlan, store: Loader, labels: list[str]) -> dict[str, ContrastResult]:
    found = {}
    for name, config in contrasts_of(plan.config).items():
        words = store.load(plan.contrast_words[name].key)
        topics = store.load(plan.contrast_topics[name].key) if name in plan.contrast_topics else None
        found[name] = contrast_result(name, config, plan.config.tasks, words, topics, labels)
    return found


def _task(
    name: str, config: TaskConfig, values: Mapping[str, Any], more: Mapping[str, Mapping[str, Any]]
) -> TaskResult:
    """What the jobs of one task left; `more`: those beside the task itself, by what they are."""
    shares = more["shares"]
    return TaskResult(
        name=name,
        config=config,
        predictions=values["predictions"],
        records=values["records"],
        chosen=values["chosen"],
        shares=stored_predicted(shares),
        estimates=stored_shares(shares),
        comparisons=values["comparisons"],
        by_model=values["by_model"],
        about=values["about"],
        files={file: array.tobytes() for file, array in more["files"].items()},
        leaks=more["rows"].get("leaks", {}),
        checks=dict(more["checks"]),
        reliability=shares.get("reliability"),
        reasons=values.get("reasons", {}),
        class_words=values.get("class_words", {}),
    )


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
    """Of the coded rows with a probability of a class, how many are coded so? (a row a class and bin, names as printed)

    Raises ValueError for a task without codes.
    """
    if task.reliability is None:
        raise ValueError(f"{task.name} has no codes to compare probabilities with")
    return task.reliability.assign(**{"class": [task.class_name(c) for c in task.reliability["class"]]})


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
