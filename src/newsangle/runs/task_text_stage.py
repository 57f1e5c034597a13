"""The stage on the text of a task: n-grams counted once, for all models and whatever the codes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from newsangle.corpus.sentences import sentence_spans
from newsangle.errors import DataError
from newsangle.features.design import Block, TaskText, count_task_text
from newsangle.features.ngrams import NgramCounts
from newsangle.runs.task_units import read_rows


def task_text_stage(
    part: Mapping[str, Any], files: Mapping[str, Path], upstream: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Counts and terms of each n-gram block (`counts_<block>`, `terms_<block>`), the number of each row's target, and
    the blocks' weights (`blocks`). Raises DataError where no n-gram is left."""
    task = part["task"]
    rows = read_rows(part, files, upstream["corpus"]["passages"])
    text = count_task_text(
        rows["text"].tolist(),
        **task["text"],
        targets=rows["target"].tolist() if task["targets"] else None,
        aliases=task["targets"] or None,
        spans=sentence_spans,
    )
    if not sum(block.counts.matrix.shape[1] for block in text.blocks):
        place = f"tasks.{part['name']}.text.min_df"
        raise DataError(
            f"no word or character n-gram is in {task['text']['min_df']} of the {len(rows)} rows; lower {place}"
        )
    values: dict[str, Any] = {"blocks": [[block.name, block.weight] for block in text.blocks]}
    values |= {"n_targets": text.n_targets, "min_df": text.min_df}
    values |= {f"counts_{block.name}": block.counts.matrix for block in text.blocks}
    values |= {f"terms_{block.name}": block.counts.terms.tolist() for block in text.blocks}
    return values if text.targets is None else values | {"targets": text.targets}


def stored_text(values: Mapping[str, Any]) -> TaskText:
    """The counted text of a task, as its stage stored it."""
    blocks = [
        Block(name, NgramCounts(values[f"counts_{name}"], np.array(values[f"terms_{name}"], dtype=object)), weight)
        for name, weight in values["blocks"]
    ]
    return TaskText(tuple(blocks), values.get("targets"), values["n_targets"], values["min_df"])
