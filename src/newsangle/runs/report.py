"""What does a reader need to know? One HTML page that needs nothing else: no network, no script, no fonts."""

import base64
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from newsangle.runs.answer import answer
from newsangle.runs.experiment import Experiment
from newsangle.runs.pictures import Picture
from newsangle.runs.results import PointResult, TaskResult, hardest
from newsangle.runs.wording import find, number, percent, with_interval
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.crossfit import SELECTED

MODEL_NAMES = {
    "majority": "majority class (floor)",
    "keyword_rules": "keyword rule (floor)",
    SELECTED: "selected by inner cross-validation",
}


def report_html(
    experiment: Experiment,
    points: Sequence[PointResult],
    records: Sequence[dict[str, Any]],
    pictures: Sequence[Picture],
    images: Mapping[str, bytes],
    about: Mapping[str, Any],
) -> bytes:
    """The report of a run: question, answer, data, tables, figures, hardest errors, how to reproduce. UTF-8."""
    first = points[0]
    templates = files("newsangle.runs") / "templates"
    sources = {name: (templates / name).read_text(encoding="utf-8") for name in ("report.html.j2", "report.css")}
    environment = Environment(
        loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"percent": percent, "number": number}
    return (
        environment.get_template("report.html.j2")
        .render(
            css=sources["report.css"],
            experiment=experiment,
            config=first.config,
            card=first.card,
            answer=answer(first),
            tasks=[_task(task, first) for task in first.tasks.values()],
            topics=first.topics,
            topic_model=first.topic_model,
            topic_scores=_topic_scores(records),
            vary=experiment.config.vary,
            pictures=[_picture(p, images[p.name]) for p in pictures],
            about=about,
            outlets=_outlets(first),
        )
        .encode()
    )


def _picture(picture: Picture, svg: bytes) -> dict[str, str]:
    uri = "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
    return {"name": picture.name, "section": picture.section, "caption": picture.caption, "uri": uri}


def _task(task: TaskResult, point: PointResult) -> dict[str, Any]:
    order = [SELECTED, *task.config.models]
    scores = []
    for model in order:
        row = {"model": MODEL_NAMES.get(model, model), "floor": model in CLASSIFIERS and CLASSIFIERS[model].floor}
        for metric in ("macro_f1", "macro_f1_weighted", "accuracy"):
            found = find(task.records, model=model, metric=metric, target=None)
            row[metric] = with_interval(found) if found else "–"
        scores.append(row)
    classes = []
    for c in task.config.classes:
        row: dict[str, Any] = {"name": task.class_name(c), "coded": int((task.predictions["coded"] == c).sum())}
        for metric in ("precision", "recall", "f1"):
            found = find(task.records, model=SELECTED, metric=f"{metric}[{c}]", target=None)
            row[metric] = with_interval(found) if found else "–"
        classes.append(row)
    targets = []
    for target in task.config.targets:
        found = find(task.records, model=SELECTED, metric="macro_f1", target=target)
        if found:
            rule = find(task.records, model="keyword_rules", metric="macro_f1", target=target)
            floor = find(task.records, model="majority", metric="macro_f1", target=target)
            targets.append(
                {
                    "name": task.target_name(target),
                    "n": found["n"],
                    "selected": with_interval(found),
                    "rule": with_interval(rule) if rule else "–",
                    "majority": with_interval(floor) if floor else "–",
                }
            )
    return {
        "name": task.name,
        "config": task.config,
        "rows": len(task.predictions),
        "coded": len(task.coded),
        "groups": int(task.coded["group"].nunique()),
        "scores": scores if task.records else [],
        "classes": classes,
        "targets": targets,
        "shares": _shares(task),
        "chosen": _chosen(task),
        "errors": hardest(task, point.passages) if len(task.coded) else [],
        "wrong": int((task.coded["coded"] != task.coded["predicted"]).sum()),
        "class_names": [task.class_name(c) for c in task.config.classes],
    }


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
        row |= {"predicted": _share(r), "n": r["n"], "coded": "–", "n_coded": 0}
        if coded is not None:
            match = coded.loc[(coded["key"] == r["key"]) & (coded["frame"] == r["frame"])]
            if len(match):
                row |= {"coded": _share(match.iloc[0]), "n_coded": int(match.iloc[0]["n"])}
        rows.append(row)
    return rows


def _share(row: Any) -> str:
    if row["low"] != row["low"]:
        return percent(row["share"])
    return f"{percent(row['share'])} [{100 * row['low']:.0f}, {100 * row['high']:.0f}]"


def _chosen(task: TaskResult) -> str:
    counts = {m: task.chosen.count(m) for m in task.config.models if m in task.chosen}
    told = ", ".join(f"{m} in {n} of {len(task.chosen)} folds" for m, n in counts.items())
    return f"{told}; for new articles {task.stored['about']['model']} is kept" if told else ""


def _topic_scores(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for r in records:
        if r["task"] == "topics":
            vary = "" if r["model"] == "unigram" else r["vary"]
            row = rows.setdefault((r["model"], vary), {"model": r["model"], "vary": vary})
            row[r["metric"]] = with_interval(r, 2 if r["metric"] == "diversity" else 3)
    empty = dict.fromkeys(("perplexity", "npmi", "npmi_over_seeds", "diversity"), "–")
    return [empty | row for row in rows.values()]


def _outlets(point: PointResult) -> list[dict[str, Any]]:
    counts = point.articles.groupby("outlet", sort=True).agg(
        articles=("article_id", "size"), selected=("selected", "sum"), first=("date", "min"), last=("date", "max")
    )
    passages = point.passages["outlet"].value_counts()
    return [
        {
            "outlet": outlet,
            "articles": int(row["articles"]),
            "selected": int(row["selected"]),
            "passages": int(passages.get(outlet, 0)),
            "dates": "–" if row["first"] != row["first"] else f"{row['first']:%Y-%m-%d} to {row['last']:%Y-%m-%d}",
        }
        for outlet, row in counts.iterrows()
    ]
