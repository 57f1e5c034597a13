"""The stage on one classification task: rows, codes, folds, cross-fitted predictions, scores, and the stored model."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.corpus.passages import passage_hash
from newsangle.corpus.sentences import sentence_spans
from newsangle.errors import DataError
from newsangle.features.design import TaskText, count_task_text
from newsangle.labels.codes import row_strata
from newsangle.labels.rules import rules_of
from newsangle.runs.task_scores import compare_models, predictions_by_model, score_probabilities, score_task
from newsangle.runs.task_units import coded_units, read_rows, reporting_split
from newsangle.stance.crossfit import SELECTED, CrossFit, cross_fit
from newsangle.stance.domain import domain_arrays, learn_domain
from newsangle.stance.explain import class_words, explain_rows
from newsangle.stance.export import model_arrays
from newsangle.stance.split_fit import split_fit
from newsangle.stats.classification import METRICS

Part = Mapping[str, Any]
Files = Mapping[str, Path]
Upstream = Mapping[str, dict[str, Any]]
Ints = npt.NDArray[np.int64]


def task_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """Predictions of every row by every model, records of what they are worth, and the model for new articles."""
    passages, task, classes = upstream["corpus"]["passages"], part["task"], part["task"]["classes"]
    rows = read_rows(part, files, passages)
    rules = rules_of(task)
    targets = rows["target"].tolist() if task["targets"] else None
    rule_scores = rules.scores(rows["text"].tolist(), classes, targets) if rules else None
    if task["labels"] is None:
        return _uncoded(rows, task, rule_scores)
    units = coded_units(part, files, rows)
    rows, codes, taught, folds = units.rows, units.codes, units.taught, units.folds
    split, leaks = reporting_split(units, task, part["seed"])
    listed = files.get("rows", files.get("frame"))
    strata = row_strata(rows, listed, target_column=task["target_column"]) if listed else None
    text = count_task_text(
        rows["text"].tolist(),
        **task["text"],
        targets=targets,
        aliases=task["targets"] or None,
        spans=sentence_spans,
    )
    if not sum(block.counts.matrix.shape[1] for block in text.blocks):
        place = f"tasks.{part['name']}.text.min_df"
        raise DataError(
            f"no word or character n-gram is in {task['text']['min_df']} of the {len(rows)} rows; lower {place}"
        )
    fit = cross_fit(
        text,
        codes,
        folds,
        n_classes=len(classes),
        models=task["models"],
        rule_scores=rule_scores,
        options=task["options"],
        weights=None if rows.loc[codes >= 0, "pi"].isna().any() else 1 / rows["pi"].to_numpy(dtype=np.float64),
        taught=taught,
        seed=part["seed"],
        metric=METRICS[task["metric"]],
    )
    told, scored = fit, codes
    if split.name != "group":  # predictions of all rows stay those of the group folds; the scores are of the split
        blind = split_fit(
            text,
            codes,
            split,
            folds,
            n_classes=len(classes),
            models=task["models"],
            rule_scores=rule_scores,
            options=task["options"],
            taught=taught,
            seed=part["seed"],
            metric=METRICS[task["metric"]],
        )
        told, scored = replace(fit, predicted=blind), np.where(split.tested(len(codes)), codes, -1)
    rows = rows.assign(fold=folds, together=units.together.astype(str))
    arrays, about = _stored_model(fit, text, task)
    domain = learn_domain(rows["text"].tolist(), (codes >= 0) | (taught >= 0), folds)
    arrays |= {f"domain_{name}": array for name, array in domain_arrays(domain).items()}
    about |= {"domain_terms": list(domain.terms)}

    wrong = np.flatnonzero((codes >= 0) & (fit.predicted[SELECTED] != codes))
    lessons = np.where(codes >= 0, codes, taught)
    why = explain_rows(text, rows["text"].tolist(), lessons, folds, fit, wrong, seed=part["seed"])
    return {
        "predictions": _predictions(rows, fit, classes).assign(stratum=None if strata is None else strata.to_numpy()),
        "records": [
            *score_task(part["name"], rows, scored, told, classes, split.name, part["seed"]),
            *score_probabilities(part["name"], rows, codes, fit, part["seed"]),
        ],
        "leaks": asdict(leaks),
        "by_model": predictions_by_model(rows, scored, told, classes),
        "comparisons": compare_models(rows, scored, told, len(classes), part["seed"]),
        "chosen": list(fit.chosen),
        "about": about,
        "reasons": {str(row): {"terms": r.terms, "words": r.words, "rest": r.rest} for row, r in why.items()},
        "class_words": {classes[c]: found for c, found in class_words(fit.final, text).items()},
    } | arrays


def _predictions(rows: pd.DataFrame, fit: CrossFit, classes: list[str]) -> pd.DataFrame:
    named = np.array(classes, dtype=object)
    table = rows[["fold", "passage_id", "article_id", "start", "end", "target", "outlet", "date", "group"]].copy()
    table.insert(0, "model", [fit.chosen[k] for k in rows["fold"]])
    table["predicted"] = named[fit.predicted[SELECTED]]
    table["sha1"] = [passage_hash(text) for text in rows["text"]]
    for i, c in enumerate(classes):
        table[f"p_{c}"] = np.round(fit.probability[SELECTED][:, i], 10)
    return table.assign(coded=rows["coded"], pi=rows["pi"])


def _uncoded(
    rows: pd.DataFrame, task: Mapping[str, Any], rule_scores: npt.NDArray[np.float64] | None
) -> dict[str, Any]:
    """A task without codes: what the rules say, and nothing about how right they are."""
    classes = task["classes"]
    if rule_scores is None:
        raise DataError("a task without codes needs keyword rules")
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
