"""The stages that combine the models of a task: selection, scores, predictions, the stored model, and its files."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from newsangle.corpus.passages import passage_hash
from newsangle.errors import DataError
from newsangle.features.design import TaskText
from newsangle.labels.rules import rules_of
from newsangle.runs.task_model_stage import stored_fit, stored_split_fit
from newsangle.runs.task_rows_stage import stored_split, stored_units, weights_of
from newsangle.runs.task_scores import RULE, compare_models, predictions_by_model, score_probabilities, score_task
from newsangle.runs.task_text_stage import stored_text
from newsangle.stance.blind_scores import deal, deal_split, split_steps
from newsangle.stance.crossfit import SELECTED, CrossFit, combine
from newsangle.stance.explain import class_words, explain_rows
from newsangle.stance.export import model_arrays
from newsangle.stance.readings import Sources
from newsangle.stance.split_fit import combine_split

Part = Mapping[str, Any]
Files = Mapping[str, Path]
Upstream = Mapping[str, dict[str, Any]]


def task_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """Predictions of every row by every model, records of what they are worth, and the model for new articles.

    Needs the rows; with codes the text, each model (`model_<name>`) and, where the scores are not of the task's own
    folds, each model in the split (`split_<name>`).
    """
    task, classes, stored = part["task"], part["task"]["classes"], upstream["rows"]
    if task["labels"] is None:
        return _uncoded(stored["rows"], task)
    units, text = stored_units(part["name"], task, stored), stored_text(upstream["text"])
    rows, codes = units.rows, units.codes
    dealt = deal(codes, units.folds, len(classes), units.taught)
    fits = {m: stored_fit(upstream[f"model_{m}"]) for m in task["models"]}
    rule_scores = fits[RULE].scores if RULE in fits else None  # a rule learns nothing: these are its scores
    fit = combine(fits, Sources(text, rule_scores), dealt, weights=weights_of(units), seed=part["seed"])
    told, scored, split = fit, codes, stored_split(stored)
    if split.name != "group":  # predictions of all rows stay those of the group folds; the scores are of the split
        steps = split_steps(split, deal_split(split, codes, units.folds, len(classes), units.taught))
        blind = combine_split({m: stored_split_fit(upstream[f"split_{m}"]) for m in task["models"]}, steps)
        told, scored = replace(fit, predicted=blind), np.where(split.tested(len(codes)), codes, -1)
    table = rows.assign(together=units.together.astype(str))
    arrays, about = _stored_model(fit, text, task)
    wrong = np.flatnonzero((codes >= 0) & (fit.predicted[SELECTED] != codes))
    why = explain_rows(text, rows["text"].tolist(), dealt.lessons, units.folds, fit, wrong, seed=part["seed"])
    return {
        "predictions": _predictions(rows, fit, classes),
        "records": [
            *score_task(part["name"], table, scored, told, classes, split.name, part["seed"]),
            *score_probabilities(part["name"], table, codes, fit, part["seed"]),
        ],
        "by_model": predictions_by_model(table, scored, told, classes),
        "comparisons": compare_models(table, scored, told, len(classes), part["seed"]),
        "chosen": list(fit.chosen),
        "about": about | {"domain_terms": stored["domain_terms"]},
        "reasons": {str(row): {"terms": r.terms, "words": r.words, "rest": r.rest} for row, r in why.items()},
        "class_words": {classes[c]: found for c, found in class_words(fit.final, text).items()},
    } | arrays


def model_files_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """The files of a task's model as a run publishes them: bytes of the NPZ of the `model`, and of its `domain`."""
    out = {}
    for name, values in (("model", upstream["task"]), ("domain", upstream["rows"])):
        named = {k.removeprefix(f"{name}_"): v for k, v in values.items() if k.startswith(f"{name}_")}
        arrays = {k: v for k, v in named.items() if isinstance(v, np.ndarray)}
        if arrays:
            out[name] = np.frombuffer(npz_bytes(arrays), dtype=np.uint8)
    return out


def npz_bytes(arrays: Mapping[str, Any]) -> bytes:
    """Arrays as the bytes of an NPZ file, in the order of their names."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict(sorted(arrays.items())))
    return buffer.getvalue()


def _predictions(rows: pd.DataFrame, fit: CrossFit, classes: list[str]) -> pd.DataFrame:
    named = np.array(classes, dtype=object)
    table = rows[["fold", "passage_id", "article_id", "start", "end", "target", "outlet", "date", "group"]].copy()
    table.insert(0, "model", [fit.chosen[k] for k in rows["fold"]])
    table["predicted"] = named[fit.predicted[SELECTED]]
    table["sha1"] = [passage_hash(text) for text in rows["text"]]
    for i, c in enumerate(classes):
        table[f"p_{c}"] = np.round(fit.probability[SELECTED][:, i], 10)
    return table.assign(coded=rows["coded"], pi=rows["pi"], stratum=rows["stratum"])


def _uncoded(rows: pd.DataFrame, task: Mapping[str, Any]) -> dict[str, Any]:
    """A task without codes: what the rules say, and nothing about how right they are."""
    classes, rules = task["classes"], rules_of(task)
    if rules is None:
        raise DataError("a task without codes needs keyword rules")
    rule_scores = rules.scores(rows["text"].tolist(), classes, rows["target"].tolist() if task["targets"] else None)
    table = rows[["passage_id", "article_id", "start", "end", "target", "outlet", "date", "group"]].copy()
    table.insert(0, "fold", pd.Series(pd.NA, index=table.index, dtype="Int64"))
    table.insert(0, "model", "keyword_rules")
    table["predicted"] = np.array(classes, dtype=object)[rule_scores.argmax(axis=1)]
    table["sha1"] = [passage_hash(text) for text in rows["text"]]
    for c in classes:
        table[f"p_{c}"] = np.nan
    table = table.assign(coded=None, pi=np.nan, stratum=None)
    return {
        "predictions": table,
        "records": [],
        "by_model": None,
        "comparisons": [],
        "chosen": [],
        "about": {
            "model": "keyword_rules",
            "classes": classes,
            "targets": dict(task["targets"]),
            "rules": task["rules"],
        },
    }


def _stored_model(fit: CrossFit, text: TaskText, task: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    about = {"model": fit.final.name, "classes": list(task["classes"]), "text": dict(task["text"])}
    about |= {"targets": dict(task["targets"]), "rules": task["rules"]}
    arrays, terms = model_arrays(fit.final, text)
    return {f"model_{name}": array for name, array in arrays.items()}, about | {"terms": terms}
