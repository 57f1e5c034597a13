"""Which files does a run consist of? Results in, bytes out; nothing here knows a clock, a path or a machine."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd
import tomli_w

from newsangle import __version__
from newsangle.figures.render import render
from newsangle.runs.choose_k import choice_records
from newsangle.runs.contrast_results import contrast_table
from newsangle.runs.digests import package_versions, run_source
from newsangle.runs.experiment import Experiment
from newsangle.runs.folder import json_bytes
from newsangle.runs.pictures import draw
from newsangle.runs.plan import PointPlan
from newsangle.runs.report import report_html
from newsangle.runs.results import PointResult, collect
from newsangle.runs.share_files import share_tables
from newsangle.runs.store import Loader
from newsangle.runs.task_stages import npz_bytes

PREDICTION_COLUMNS = [
    "task",
    "model",
    "fold",
    "passage_id",
    "article_id",
    "start",
    "end",
    "target",
    "outlet",
    "date",
    "group",
    "sha1",
    "predicted",
]
_OF_FILE = {"model": "", "domain": "_domain"}


@dataclass(frozen=True)
class Content:
    """The files of a run by name, and what its manifest tells besides their hashes."""

    files: dict[str, bytes]
    about: dict[str, Any]


class _InHand:
    """Reads a store and keeps the last few objects in hand: points share corpus and matrix. Nobody changes them."""

    def __init__(self, store: Loader, kept: int = 8) -> None:
        self.load = lru_cache(maxsize=kept)(store.load)


def assemble(
    experiment: Experiment, plans: Sequence[PointPlan], store: Loader, identity: str, failures: Mapping[str, str]
) -> Content:
    """Everything that gets published: config, metrics, predictions, topics, models, figures, report.

    `plans`: of the points that could be computed; `failures`: why each of the others could not, by its label.
    """
    read = _InHand(store)
    first = collect(plans[0], read)
    points = [first, *(collect(plan, read, first.catalogue) for plan in plans[1:])]
    records = [*_records(plans, points), *choice_records(points)]
    pictures = draw(first, points)
    files = {
        "config.toml": tomli_w.dumps(_without_none(experiment.config.model_dump(mode="json"))).encode(),
        "metrics.json": json_bytes(records),
        "predictions.parquet": _parquet(_predictions(first)),
        "predictions_by_model.parquet": _parquet(_by_model(first)),
        "comparisons.json": json_bytes({name: task.comparisons for name, task in first.tasks.items()}),
        **{name: _parquet(table) for name, table in share_tables(first).items()},
        "topics.json": json_bytes(
            [{"vary": p.label, "model": p.topic_model, "topics": p.topics} for p in points if p.topics]
        ),
    }
    if first.contrasts:
        files["contrast.parquet"] = _parquet(contrast_table(first.contrasts))
    images = {}
    for picture in pictures:
        images[picture.name] = render(picture.figure, "svg", name=picture.name)
        files[f"figures/{picture.name}.svg"] = images[picture.name]
        files[f"figures/{picture.name}.png"] = render(picture.figure, "png", name=picture.name)
    files |= _models(first, plans[0], store)
    about = {
        "experiment": experiment.name,
        "newsangle": __version__,
        "source": run_source(),
        "versions": package_versions(),
        "failed": dict(failures),
        "seeds": {"experiment": first.config.seed, "topics": first.config.fit_seeds},
    }
    files["report.html"] = report_html(experiment, points, records, pictures, images, about | {"id": identity})
    return Content(files, about)


def _records(plans: Sequence[PointPlan], points: Sequence[PointResult]) -> list[dict[str, Any]]:
    """All records, those of a job that several points share once; `vary` says which point the others belong to."""
    seen: set[str] = set()
    records = []
    for plan, point in zip(plans, points, strict=True):
        parts = [(plan.tasks[name].key, task.records) for name, task in point.tasks.items()]
        parts += [(job.key, point.tasks[name].checks["records"]) for name, job in plan.checks.items()]
        if plan.topics is not None:
            parts.append((plan.topics.key, point.topic_records))
        for key, found in parts:
            if key not in seen:
                seen.add(key)
                records += [
                    r | {"vary": plan.label if r["task"] == "topics" else _if_several(plans, plan, key)} for r in found
                ]
    return records


def _if_several(plans: Sequence[PointPlan], plan: PointPlan, key: str) -> str:
    """The point's label, unless the job is one that all points share."""
    shared = all(key in {job.key for job in (*other.tasks.values(), *other.checks.values())} for other in plans)
    return "" if shared else plan.label


def _predictions(point: PointResult) -> pd.DataFrame:
    tables = [task.predictions.assign(task=name) for name, task in point.tasks.items()]
    if not tables:
        return pd.DataFrame(columns=[*PREDICTION_COLUMNS, "coded", "pi", "stratum"])
    table = pd.concat([t.dropna(axis=1, how="all") for t in tables], ignore_index=True)
    chances = [f"p_{c}" for c in dict.fromkeys(c for task in point.tasks.values() for c in task.config.classes)]
    table = table.reindex(columns=[*PREDICTION_COLUMNS, *chances, "coded", "pi", "stratum"])
    text = ["task", "model", "passage_id", "article_id", "target", "outlet", "group", "sha1"]
    text += ["predicted", "coded", "stratum"]
    kinds = dict.fromkeys(text, "str") | dict.fromkeys([*chances, "pi"], "float64")
    return table.astype(kinds | {"fold": "Int64", "start": "int64", "end": "int64", "date": "datetime64[s]"})


def _by_model(point: PointResult) -> pd.DataFrame:
    """What each model said of each coded row of each task."""
    text = ["task", "model", "passage_id", "article_id", "target", "together", "coded", "predicted"]
    tables = [t.by_model.assign(task=name) for name, t in point.tasks.items() if t.by_model is not None]
    if not tables:
        return pd.DataFrame(columns=[*text, "start", "end"])
    table = pd.concat([t.dropna(axis=1, how="all") for t in tables], ignore_index=True)
    table = table.reindex(columns=[*text[:4], "start", "end", *text[4:]])
    return table.astype(dict.fromkeys(text, "str") | {"start": "int64", "end": "int64"})


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _models(point: PointResult, plan: PointPlan, store: Loader) -> dict[str, bytes]:
    """Fitted models as arrays (NPZ) and names (JSON): one pair a task, one for the topics shown."""
    files = {}
    for name, task in point.tasks.items():
        files[f"model/{name}.json"] = json_bytes(task.about)
        files |= {f"model/{name}{_OF_FILE[what]}.npz": data for what, data in task.files.items()}
    if plan.topics is not None:
        fit = store.load(plan.topics.needs["fit0"].key)
        matrix = store.load(plan.topics.needs["matrix"].key)
        files["model/topics.npz"] = npz_bytes({"components": fit["components"]})
        files["model/topics.json"] = json_bytes(
            {"model": point.topic_model, "terms": matrix["all_terms"], "phrases": matrix["phrases"]} | fit["about"]
        )
    return files


def _without_none(value: Any) -> Any:
    """TOML has no null: keys without a value are left out."""
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    return [_without_none(v) for v in value] if isinstance(value, list) else value
