"""The stage that doubts a task: what would another split say, and does the model read more than the keywords?

One plainly fitted model, the same in all comparisons, so that every run can afford them. Everything is scored on the
codes; a score against the keyword rules is called agreement.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.corpus.sentences import sentence_spans
from newsangle.labels.rules import rules_of
from newsangle.runs.check_subject import Subject
from newsangle.runs.keyword_checks import keyword_records
from newsangle.runs.stance_checks import stance_records
from newsangle.runs.task_rows_stage import stored_units
from newsangle.stance.masked_text import with_masked
from newsangle.stance.out_of_fold import plain_model
from newsangle.stats.splits import Split

SPLITS = ("random", "group", "outlet", "time")


def task_checks_stage(
    part: Mapping[str, Any], files: Mapping[str, Path], upstream: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Records of all checks; for each split what its sides share, and how many codes its folds learn from."""
    task = part["task"]
    units = stored_units(part["name"], task, upstream["rows"])
    splits = {name: units.split(name, task["gap_days"], part["seed"]) for name in SPLITS}
    for name, split in splits.items():
        if name != "random":
            units.refuse_leaks(split)
    leaks = [
        asdict(units.leaks(split)) | {"codes_in_sight": _in_sight(split, units.coded), "reason": split.reason}
        for split in splits.values()
    ]
    rules = rules_of(task)
    text = with_masked(
        units.rows["text"].tolist(),
        rules,
        task["text"],
        targets=units.targets,
        aliases=task["targets"] or None,
        spans=sentence_spans,
    )
    model = plain_model(task["models"])
    if model is None:
        raise ValueError(f"none of {', '.join(task['models'])} is trained on text; plan no checks for it")
    subject = Subject(units, text, rules, task, model, part["seed"])
    records = optimism_records(subject, splits)
    main = splits[task["split"]]
    if rules is not None:
        records += keyword_records(subject, rules, main)
    if task["targets"]:
        records += stance_records(subject, main)
    return {"records": records, "about": {"model": model, "splits": leaks}}


def _in_sight(split: Split, coded: npt.NDArray[np.bool_]) -> list[int]:
    """Fewest and most codes that a fold learns from."""
    counts = [int((fold.train & coded).sum()) for fold in split.folds]
    return [min(counts), max(counts)] if counts else []


def optimism_records(subject: Subject, splits: Mapping[str, Split]) -> list[dict[str, Any]]:
    """`macro_f1_by_split` of each split, and its paired difference to `group` on the rows that both predict.

    A positive difference says that the split flatters the model; NaN, with the reason, where a split isn't possible.
    """
    decisions = {name: subject.decisions(subject.units.codes, split)[0] for name, split in splits.items()}
    records = []
    for name, split in splits.items():
        judge, why = subject.judge(name), split.reason or "no coded row is predicted"
        records.append(judge.score("macro_f1_by_split", subject.model, decisions[name], reason=why))
        if name != "group":
            pair = (decisions[name], decisions["group"])
            records.append(judge.difference("macro_f1_by_split_minus_group", subject.model, *pair, reason=why))
    return records
