"""Which tables does the report show? Results in, rows of plain text out."""

from collections.abc import Sequence
from typing import Any

from newsangle.runs.check_tables import SCORED_ON, check_tables
from newsangle.runs.results import PointResult, TaskResult, hardest
from newsangle.runs.share_report import contrast_rows, estimate_rows, trend_rows, week_grids
from newsangle.runs.wording import find, number, p_value, share_with_interval, signed, with_interval
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.crossfit import SELECTED

MODEL_NAMES = {
    "majority": "majority class (floor)",
    "keyword_rules": "keyword rule (floor)",
    SELECTED: "selected by inner cross-validation",
}

TOPIC_METRICS = (
    "perplexity",
    "perplexity_over_seeds",
    "npmi",
    "npmi_over_seeds",
    "diversity",
    "inverted_rbo",
    "exclusivity",
    "stability",
    "stability_over_articles",
    "ami",
)


def task_tables(task: TaskResult, point: PointResult) -> dict[str, Any]:
    """Everything that the report says about a task, figures apart."""
    coded = task.coded
    return {
        "name": task.name,
        "config": task.config,
        "rows": len(task.predictions),
        "coded": len(coded),
        "groups": int(coded["group"].nunique()),
        "shares": [] if task.corrected else _shares(task),
        "estimates": estimate_rows(task) if task.corrected else [],
        "grids": week_grids(task) if task.corrected else [],
        "contrasts": contrast_rows(task),
        "trends": trend_rows(task),
        "scores": _scores(task) if task.records else [],
        "classes": _classes(task),
        "targets": _targets(task),
        "pairs": _pairs(task),
        "n_pairs": len(task.comparisons),
        "chosen": _chosen(task),
        "errors": hardest(task, point.passages) if len(coded) else [],
        "scored_on": SCORED_ON[task.config.split],
        "checks": check_tables(task),
        "words": [
            {"name": task.class_name(c), "words": ", ".join(term for term, _ in found)}
            for c, found in task.class_words.items()
            if found
        ],
        "final": task.about["model"],
        "wrong": int((coded["coded"] != coded["predicted"]).sum()),
    }


def _told(task: TaskResult, model: str, metric: str, target: str | None = None) -> str:
    found = find(task.records, model=model, metric=metric, target=target)
    return with_interval(found) if found else "–"


def _scores(task: TaskResult) -> list[dict[str, Any]]:
    return [
        {"model": MODEL_NAMES.get(model, model), "floor": model in CLASSIFIERS and CLASSIFIERS[model].floor}
        | {metric: _told(task, model, metric) for metric in ("macro_f1", "macro_f1_weighted", "accuracy")}
        for model in (SELECTED, *task.config.models)
    ]


def _classes(task: TaskResult) -> list[dict[str, Any]]:
    """Scores by class, with the number of rows that they are of: `outlet` and `time` don't predict all coded ones."""
    if task.by_model is None:
        return []
    scored = task.by_model.loc[task.by_model["model"] == SELECTED, "coded"]
    return [
        {"name": task.class_name(c), "coded": int((scored == c).sum())}
        | {metric: _told(task, SELECTED, f"{metric}[{c}]") for metric in ("precision", "recall", "f1")}
        for c in task.config.classes
    ]


def _targets(task: TaskResult) -> list[dict[str, Any]]:
    rows = []
    for target in task.config.targets:
        found = find(task.records, model=SELECTED, metric="macro_f1", target=target)
        if found:
            scores = {
                model: _told(task, model, "macro_f1", target) for model in (SELECTED, "keyword_rules", "majority")
            }
            rows.append({"name": task.target_name(target), "n": found["n"]} | scores)
    return rows


def _pairs(task: TaskResult) -> list[dict[str, Any]]:
    """The selected model against each other one: difference, p values after Holm over all pairs, what could be seen."""
    rows = []
    for test in task.comparisons:
        if SELECTED not in (test["first"], test["second"]):
            continue
        forth = test["first"] == SELECTED
        other, sign = test["second" if forth else "first"], 1 if forth else -1
        wins, losses = (
            test[name] for name in (("only_first", "only_second") if forth else ("only_second", "only_first"))
        )
        row = {"model": MODEL_NAMES.get(other, other), "wins": wins, "losses": losses}
        row |= {"smallest": number(test["smallest"]), "mcnemar": p_value(test["mcnemar_p_holm"]).removeprefix("= ")}
        if test["p_holm"] is None:
            rows.append(row | {"difference": "–", "p": "–"})
            continue
        low, high = sorted((sign * test["low"], sign * test["high"]))
        told = f"{signed(sign * test['difference'])} [{signed(low)}, {signed(high)}]"
        rows.append(row | {"difference": told, "p": p_value(test["p_holm"]).removeprefix("= ")})
    return rows


def _shares(task: TaskResult) -> list[dict[str, Any]]:
    """Predicted shares beside those of the coded sample alone, over everything or by target."""
    predicted = task.shares["target" if task.config.targets else "all"]
    coded = task.shares.get("coded")
    rows = []
    for r in predicted.to_dict("records"):
        row: dict[str, Any] = {
            "target": task.target_name(r["key"]) if task.config.targets else "",
            "name": task.class_name(r["frame"]),
        }
        row |= {"predicted": share_with_interval(r), "n": r["n"], "coded": "–", "n_coded": 0}
        if coded is not None:
            match = coded.loc[(coded["key"] == r["key"]) & (coded["frame"] == r["frame"])]
            if len(match):
                row |= {"coded": share_with_interval(match.iloc[0]), "n_coded": int(match.iloc[0]["n"])}
        rows.append(row)
    return rows


def _chosen(task: TaskResult) -> str:
    counts = {m: task.chosen.count(m) for m in task.config.models if m in task.chosen}
    told = ", ".join(f"{m} in {n} of {len(task.chosen)} folds" for m, n in counts.items())
    return f"{told}; for new articles {task.about['model']} is kept" if told else ""


def topic_tables(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a topic model (and point of `vary`), the unigram floor once."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for r in records:
        if r["task"] == "topics" and r["metric"] != "chosen_n_topics":
            vary = "" if r["model"] == "unigram" else r["vary"]
            row = rows.setdefault((r["model"], vary), {"model": r["model"], "vary": vary})
            not_asked = r["value"] is None and r["reason"].startswith("not compared")
            row[r["metric"]] = "–" if not_asked else with_interval(r, 3 if r["metric"].startswith("npmi") else 2)
    empty = dict.fromkeys(TOPIC_METRICS, "–")
    last = sorted(rows.values(), key=lambda row: row["model"] == "unigram")  # the floor stands below the models
    return [empty | row for row in last]
