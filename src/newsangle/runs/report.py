"""What does a reader need to know? One HTML page that needs nothing else: no network, no script, no fonts."""

import base64
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from newsangle.runs.answer import answer
from newsangle.runs.choose_k import choice_report
from newsangle.runs.contrast_results import contrast_report
from newsangle.runs.experiment import Experiment
from newsangle.runs.pictures import Picture
from newsangle.runs.report_tables import task_tables, topic_tables
from newsangle.runs.results import PointResult
from newsangle.runs.shown import shown
from newsangle.runs.topic_warnings import with_unstable, worse_than_no_topics
from newsangle.runs.wording import number, percent


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
            tasks=[task_tables(task, first) for task in first.tasks.values()],
            topics=with_unstable(first.topics),
            seed_words=first.seed_words,
            topic_model=first.topic_model,
            topic_scores=topic_tables(records),
            choice=choice_report(points),
            shown=shown(points, experiment.config.vary),
            worse=worse_than_no_topics(records),
            contrasts=[contrast_report(found) for found in first.contrasts.values()],
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
