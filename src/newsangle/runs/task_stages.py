"""The stage on one classification task: rows, codes, folds, cross-fitted predictions, scores, and the stored model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.corpus.sentences import sentence_spans
from newsangle.errors import DataError
from newsangle.features.design import TaskText, count_task_text
from newsangle.labels.codes import join_codes, row_strata, task_rows
from newsangle.labels.rules import Rule, RuleSet
from newsangle.runs.task_scores import score_task
from newsangle.stance.crossfit import SELECTED, CrossFit, cross_fit
from newsangle.stance.export import model_arrays
from newsangle.stats.folds import group_folds, merge_groups

Part = Mapping[str, Any]
Files = Mapping[str, Path]
Upstream = Mapping[str, dict[str, Any]]
Ints = npt.NDArray[np.int64]


def task_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """Predictions of every row by every model, records of what they are worth, and the model for new articles."""
    passages, task, classes = upstream["corpus"]["passages"], part["task"], part["task"]["classes"]
    rows = task_rows(passages, files.get("rows"), target_column=task["target_column"])
    targets = rows["target"].tolist() if task["targets"] else None
    for target in dict.fromkeys(targets or []):
        if target not in task["targets"]:
            raise DataError(
                f"{files['rows']}: target {target!r} is not declared; add it to tasks.{part['name']}.targets"
            )
    rules = _rules(task)
    rule_scores = rules.scores(rows["text"].tolist(), classes, targets) if rules else None
    if task["labels"] is None:
        return _uncoded(rows, classes, rule_scores)
    rows = join_codes(
        rows, files["labels"], column=task["labels"]["column"], classes=classes, target_column=task["target_column"]
    )
    listed = files.get("rows", files.get("frame"))
    strata = row_strata(rows, listed, target_column=task["target_column"]) if listed else None
    number = {name: i for i, name in enumerate(classes)}
    codes = np.array([number.get(c, -1) if isinstance(c, str) else -1 for c in rows["coded"]], dtype=np.int64)
    together = merge_groups(rows["group"].tolist(), rows["article_id"].tolist())
    _check_codes(rows, codes, together, part["name"], task, files["labels"])
    folds = group_folds(together, rows["coded"].tolist(), n_folds=task["folds"], seed=part["seed"])
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
        seed=part["seed"],
    )
    rows = rows.assign(fold=folds, together=together.astype(str))
    arrays, about = _stored_model(fit, text, task)
    return {
        "predictions": _predictions(rows, fit, classes).assign(stratum=None if strata is None else strata.to_numpy()),
        "records": score_task(part["name"], rows, codes, fit, classes, task["split"], part["seed"]),
        "chosen": list(fit.chosen),
        "about": about,
    } | arrays


def _rules(task: Mapping[str, Any]) -> RuleSet | None:
    if task["rules"] is None:
        return None
    return RuleSet(
        tuple(Rule(r["label"], tuple(r["all"]), tuple(r["none"])) for r in task["rules"]["rules"]),
        task["rules"]["default"],
        task["rules"]["aliases"] | task["targets"],
    )


def _check_codes(
    rows: pd.DataFrame, codes: Ints, together: Ints, name: str, task: Mapping[str, Any], file: Path
) -> None:
    """Enough codes of each class, in enough independent groups, for the folds? Raises DataError."""
    coded = np.flatnonzero(codes >= 0)
    counts = {c: int((codes == i).sum()) for i, c in enumerate(task["classes"])}
    present = [c for c, n in counts.items() if n]
    told = ", ".join(f"{c} {n}" for c, n in counts.items())
    if len(present) < 2:
        raise DataError(
            f"{file}: tasks.{name} has codes of {len(present)} class only ({told}); two are needed to learn"
        )
    for i, c in enumerate(task["classes"]):
        groups = len(set(together[coded][codes[coded] == i].tolist()))
        if min(counts[c], groups) < task["folds"]:
            raise DataError(
                f"{file}: class {c!r} of tasks.{name} has {counts[c]} coded passages in {groups} independent groups, "
                f"fewer than {task['folds']} folds; code more, merge classes, or lower tasks.{name}.folds (at least 3)"
            )


def _predictions(rows: pd.DataFrame, fit: CrossFit, classes: list[str]) -> pd.DataFrame:
    named = np.array(classes, dtype=object)
    table = rows[["fold", "passage_id", "article_id", "start", "end", "target", "outlet", "date", "group"]].copy()
    table.insert(0, "model", [fit.chosen[k] for k in rows["fold"]])
    table["predicted"] = named[fit.predicted[SELECTED]]
    for i, c in enumerate(classes):
        table[f"p_{c}"] = np.round(fit.probability[SELECTED][:, i], 10)
    return table.assign(coded=rows["coded"], pi=rows["pi"])


def _uncoded(rows: pd.DataFrame, classes: list[str], rule_scores: npt.NDArray[np.float64] | None) -> dict[str, Any]:
    """A task without codes: what the rules say, and nothing about how right they are."""
    if rule_scores is None:
        raise DataError("a task without codes needs keyword rules")
    table = rows[["passage_id", "article_id", "start", "end", "target", "outlet", "date", "group"]].copy()
    table.insert(0, "fold", pd.Series(pd.NA, index=table.index, dtype="Int64"))
    table.insert(0, "model", "keyword_rules")
    table["predicted"] = np.array(classes, dtype=object)[rule_scores.argmax(axis=1)]
    for c in classes:
        table[f"p_{c}"] = np.nan
    table = table.assign(coded=None, pi=np.nan, stratum=None)
    return {
        "predictions": table,
        "records": [],
        "chosen": [],
        "about": {"model": "keyword_rules"},
    }


def _stored_model(fit: CrossFit, text: TaskText, task: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    about = {"model": fit.final.name, "classes": list(task["classes"]), "text": dict(task["text"])}
    about |= {"targets": dict(task["targets"]), "rules": task["rules"]}
    arrays, terms = model_arrays(fit.final, text)
    return {f"model_{name}": array for name, array in arrays.items()}, about | {"terms": terms}
