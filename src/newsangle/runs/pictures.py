"""Which figures does a run have? Results in, named figures with captions out; what doesn't apply is left out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from newsangle.coverage.shares import UNCORRECTED
from newsangle.figures.table import FIGURES
from newsangle.runs.choose_k import PANELS, candidates, choice_table, n_topics
from newsangle.runs.contrast_pictures import topics_figure, words_figure
from newsangle.runs.results import PointResult, TaskResult, confusion, reliability_table
from newsangle.runs.topic_warnings import floor_perplexity
from newsangle.runs.wording import find, number, point_name, with_interval
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.crossfit import SELECTED

BOOTSTRAP = "95% interval (bootstrap over syndication groups)"


@dataclass(frozen=True)
class Picture:
    """A figure ready to be rendered: file name without suffix, the room it belongs to in the report, and a caption."""

    name: str
    section: str
    figure: Any
    caption: str


def draw(point: PointResult, points: Sequence[PointResult]) -> list[Picture]:
    """All figures that the config asks for and the results allow, in the order of `BUILDERS`."""
    wanted = point.config.figures
    return [
        picture
        for name, build in BUILDERS.items()
        if wanted is None or name in wanted
        for picture in build(point, points)
    ]


def _frames(task: TaskResult) -> list[str]:
    return [c for c in task.config.classes if c != task.config.residual]


LIMITS = "The limits hold whatever the classifier's errors; they say nothing of errors in the codes themselves."
CORRECTED = "95% limits, whatever the classifier's errors"


def _note(task: TaskResult) -> str:
    return UNCORRECTED if task.config.labels else "by keyword rule, not checked against codes"


def _shares(task: TaskResult, key: str) -> pd.DataFrame | None:
    table = task.shares.get(key)
    if table is None:
        return None
    kept = table.loc[table["frame"].isin(_frames(task))].rename(columns={"key": key})
    return kept.assign(frame=[task.class_name(f) for f in kept["frame"]])


def _plain_tasks(point: PointResult) -> Iterator[TaskResult]:
    return (task for task in point.tasks.values() if not task.config.targets)


def _by_outlet(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    return _shares_by(point, "outlet", "all weeks together")


def _by_week(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    return _shares_by(point, "week", "all outlets together")


def _estimates(task: TaskResult, key: str) -> pd.DataFrame:
    """Corrected shares of a slice as the figures want them, everything published."""
    table = task.estimates.table
    kept = table.loc[(table["slice"] == key) & (table["count"] == "published") & table["class"].isin(_frames(task))]
    named = kept.assign(frame=[task.class_name(c) for c in kept["class"]], share=kept["estimate"])
    return named.astype({"labels_needed": "float64"})


def _shares_by(point: PointResult, key: str, pooled: str) -> Iterator[Picture]:
    for task in _plain_tasks(point):
        if task.corrected:
            estimates = _estimates(task, key)
            if len(estimates):
                figure = FIGURES[f"frame_share_by_{key}"](estimates, note=None, interval=CORRECTED)
                caption = (
                    f"Share of passages by {key}, {pooled}, corrected by {len(task.coded):,} coded passages. "
                    f"{LIMITS} Grey: predicted, uncorrected."
                )
                yield Picture(f"{task.name}_share_by_{key}", task.name, figure, caption)
            continue
        table = _shares(task, key)
        if table is not None:
            figure = FIGURES[f"frame_share_by_{key}"](table, note=_note(task), interval=BOOTSTRAP)
            caption = f"Share of passages by {key}, {pooled} ({_note(task)}). {_what_interval(task)}"
            yield Picture(f"{task.name}_share_by_{key}", task.name, figure, caption)


def _what_interval(task: TaskResult) -> str:
    return "Intervals cover which stories were published, not the classifier's errors." if task.config.labels else ""


def _scores(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    for task in point.tasks.values():
        rows = [r for r in task.records if r["metric"] == "macro_f1" and r["target"] is None]
        if rows:
            table = pd.DataFrame(rows)[["model", "value", "low", "high"]].astype({"low": float, "high": float})
            table["floor"] = [m in CLASSIFIERS and CLASSIFIERS[m].floor for m in table["model"]]
            table["selected"] = table["model"] == SELECTED
            title = f"How well each model finds the codes: {task.name}"
            figure = FIGURES["scores_by_model"](table, metric_label="macro-F1", interval=BOOTSTRAP, title=title)
            caption = (
                f"Macro-F1 on {rows[0]['n']} coded rows, each predicted without its fold. Grey: floors. “selected”: "
                "the model chosen inside each fold by inner cross-validation; its score is not picked from this list."
            )
            yield Picture(f"{task.name}_scores_by_model", task.name, figure, caption)


def _confusion(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    for task in point.tasks.values():
        if len(task.coded):
            figure = FIGURES["confusion_matrix"](confusion(task), title=f"Predicted against coded: {task.name}")
            caption = "Coded rows by code and prediction of the selected model; percentages are shares of the row."
            yield Picture(f"{task.name}_confusion_matrix", task.name, figure, caption)


def _reliability(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    for task in point.tasks.values():
        if len(task.coded):
            score, error, by_chance = (
                find(task.records, model=SELECTED, metric=m, target=None) for m in ("brier", "ece", "ece_if_calibrated")
            )
            figure = FIGURES["reliability"](
                reliability_table(task),
                interval=BOOTSTRAP,
                title=f"Do the probabilities mean what they say? {task.name}",
            )
            caption = (
                "Share coded as a class against its predicted probability, rows weighted by 1/π where they have it."
            )
            if score and error and by_chance:
                caption += (
                    f" Brier score {with_interval(score)} (lower is better); expected calibration error "
                    f"{number(error['value'], 3)}, where true probabilities would have {number(by_chance['value'], 3)}."
                )
            yield Picture(f"{task.name}_reliability", task.name, figure, caption)


def _stance(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    for task in point.tasks.values():
        if "target" in task.shares and {"favor", "against"} <= set(task.config.classes):
            note: str | None = _note(task)
            caption = f"({note}). {_what_interval(task)}"
            table = task.shares["target"].rename(columns={"key": "target", "frame": "stance"})
            if task.corrected:
                table = _estimates(task, "all").rename(columns={"class": "stance"})
                note, caption = None, f"corrected by {len(task.coded):,} coded rows. {LIMITS}"
            interval = CORRECTED if task.corrected else BOOTSTRAP
            table["target"] = [task.target_name(t) for t in table["target"]]
            table["stance"] = table["stance"].replace({"none": "neutral"})
            figure = FIGURES["stance_by_target"](table, note=note, interval=interval)
            caption = f"Stance toward each target in the passages that name it{',' if note is None else ''} {caption}"
            yield Picture(f"{task.name}_by_target", task.name, figure, caption)


def _heatmap(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    if point.topic_outlet is not None:
        n = {str(k): int(v) for k, v in point.articles["outlet"].value_counts().items()}
        figure = FIGURES["topic_outlet_heatmap"](point.topic_outlet, n=n)
        caption = f"Mean topic share of each outlet's articles, topics of {point.topic_model}; columns sum to 100%."
        yield Picture("topic_outlet_heatmap", "topics", figure, caption)


def _topic_frame(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    for name, table in point.topic_frame.items():
        task = point.tasks[name]
        figure = FIGURES["topic_frame"](table.rename(columns=task.class_name), note=_note(task))
        yield Picture(f"{name}_topics", name, figure, "Mean topic share in passages of each predicted class.")


def _topic_scores(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    shown = {"perplexity": "perplexity", "npmi": "NPMI", "diversity": "diversity"}
    rows = []
    for other in points:
        for r in other.topic_records:
            if r["metric"] in shown and r["model"] != "unigram":
                name = point_name(other.label) if len(points) > 1 else r["model"]
                rows.append(r | {"model": name})
    if rows:
        table = pd.DataFrame(rows)[["model", "metric", "value", "low", "high", "reason"]]
        table = table.astype({"value": float, "low": float, "high": float}).replace({"metric": shown})
        table = table.drop_duplicates(["model", "metric"])
        directions = {"perplexity": "lower", "NPMI": "higher", "diversity": "higher"}
        figure = FIGURES["topic_scores"](table, directions=directions, interval="interval")
        caption = (
            "Perplexity on held-out articles (bootstrap over syndication groups), NPMI of the ten top words (grouped "
            "jackknife, given the topics), diversity of the 25 top words (range over seeds)."
        )
        floor = floor_perplexity([other.topic_records for other in points])
        caption += f" No topics at all (unigram): perplexity {number(floor)}." if floor is not None else ""
        yield Picture("topic_scores", "topics", figure, caption)


def _choose_k(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    table = choice_table(points)
    if len(table):
        edge = any(entry.rule and entry.rule.best == n_topics(entry.points[-1]) for entry in candidates(points))
        note = "The best perplexity is at the largest number tried: try more topics." if edge else None
        floor = floor_perplexity([other.topic_records for other in points])
        figure = FIGURES["choose_k"](
            table, interval="range over seeds; stability: over pairs of seeds", note=note,
            floor=None if floor is None else (PANELS["perplexity_over_seeds"], floor),
        )  # fmt: skip
        caption = (
            "Held-out perplexity, NPMI of the ten top words, exclusivity of the ten top words and stability (1 − mean "
            "Jensen–Shannon distance of matched topics) by number of topics. Dots: means, lines: range over seeds. "
            "Ring: the fewest topics whose perplexity is within one standard error of the best."
        )
        yield Picture("choose_k", "topics", figure, caption)


def _top_words(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    if point.topics:
        rows = [
            {"topic": t["label"], "word": w, "weight": x}
            for t in point.topics
            for w, x in zip(t["words"], t["weights"], strict=True)
        ]
        figure = FIGURES["top_words"](pd.DataFrame(rows))
        yield Picture("top_words", "topics", figure, f"Heaviest words of each topic, {point.topic_model}.")


def _contrast_words(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    for name, found in point.contrasts.items():
        drawn = words_figure(found)
        if drawn is not None:
            yield Picture(f"contrast_{name}_words", f"contrast_{name}", *drawn)


def _contrast_topics(point: PointResult, points: Sequence[PointResult]) -> Iterator[Picture]:
    for name, found in point.contrasts.items():
        drawn = topics_figure(found)
        if drawn is not None:
            yield Picture(f"contrast_{name}_topics", f"contrast_{name}", *drawn)


BUILDERS: dict[str, Callable[[PointResult, Sequence[PointResult]], Iterator[Picture]]] = {
    "frame_share_by_outlet": _by_outlet,
    "frame_share_by_week": _by_week,
    "scores_by_model": _scores,
    "confusion_matrix": _confusion,
    "reliability": _reliability,
    "stance_by_target": _stance,
    "topic_outlet_heatmap": _heatmap,
    "topic_frame": _topic_frame,
    "topic_scores": _topic_scores,
    "choose_k": _choose_k,
    "top_words": _top_words,
    "contrast_words": _contrast_words,
    "contrast_topics": _contrast_topics,
}
