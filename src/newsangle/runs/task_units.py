"""What does a task predict, what is known of it, and what may never be on both sides? The same for all its stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.corpus.syndication import syndication_groups
from newsangle.errors import DataError
from newsangle.labels.codes import join_codes, task_rows
from newsangle.stance.leaks import LeakReport, leak_report, refuse_shared_groups
from newsangle.stats.folds import group_folds, merge_groups
from newsangle.stats.splits import Split, outlet_split, random_split, split_of_folds, time_split

Ints = npt.NDArray[np.int64]
_COPIED_WORDS, _FEWEST_COPIED = 8, 20  # sequences of eight words, and how many a passage needs to be compared
_MOST_ARTICLES = 10
_TIME_FOLDS = 5  # more periods would leave the first ones next to nothing to learn from


@dataclass(frozen=True)
class TaskUnits:
    """The rows of a task with codes.

    `codes`: class numbers, −1 where not coded; `taught`: those of the training pool; `together`: merged group of
    syndication group, article and copied passage; `folds`: whole groups; `targets`: None for tasks without.
    """

    name: str
    rows: pd.DataFrame
    codes: Ints
    taught: Ints
    together: Ints
    folds: Ints
    targets: list[str] | None

    @property
    def coded(self) -> npt.NDArray[np.bool_]:
        """Which rows are coded?"""
        return self.codes >= 0

    def split(self, name: str, gap_days: int, seed: int) -> Split:
        """A split of all rows by name; without folds and with a reason where it isn't possible."""
        if name == "group":
            return split_of_folds(self.folds)
        if name == "random":
            return random_split(len(self.rows), n_folds=int(self.folds.max()) + 1, seed=seed)
        if name == "outlet":
            return outlet_split(self.rows["outlet"].tolist(), self.together)
        days = self.rows["date"].to_numpy(dtype="datetime64[D]")
        n_folds = min(_TIME_FOLDS, int(self.folds.max()) + 1)
        return time_split(days, self.together, gap_days=gap_days, n_folds=n_folds, counted=self.coded)

    def refuse_leaks(self, split: Split) -> None:
        """Raises DataError if a syndication group or an article is on both sides of a fold."""
        kinds = {"syndication group": self.rows["group"].tolist(), "article": self.rows["article_id"].tolist()}
        refuse_shared_groups(split, kinds, f"tasks.{self.name}")

    def leaks(self, split: Split) -> LeakReport:
        """What do the coded rows on both sides of a split share?"""
        rows = self.rows.loc[self.coded]
        pairs = zip(rows["passage_id"], rows["target"], strict=True)
        ids = [p if not isinstance(t, str) else f"{p} × {t}" for p, t in pairs]
        return leak_report(
            split.of_rows(self.coded),
            ids,
            rows["text"].tolist(),
            self.together[self.coded].astype(str).tolist(),
            rows["outlet"].tolist(),
            rows["date"].to_numpy(dtype="datetime64[D]"),
        )


def reporting_split(units: TaskUnits, task: Mapping[str, Any], seed: int) -> tuple[Split, LeakReport]:
    """The split that the task's scores are of, and what its sides share. Raises DataError where it leaks or can't be
    made."""
    split = units.split(task["split"], task["gap_days"], seed)
    if not split.folds:
        raise DataError(f"tasks.{units.name}.split = {split.name!r} is {split.reason}; use split = 'group'")
    units.refuse_leaks(split)
    return split, units.leaks(split)


def read_rows(part: Mapping[str, Any], files: Mapping[str, Path], passages: pd.DataFrame) -> pd.DataFrame:
    """The rows that a task predicts, each with its declared target. Raises DataError for a target not declared."""
    task = part["task"]
    rows = task_rows(passages, files.get("rows"), target_column=task["target_column"])
    for target in dict.fromkeys(rows["target"].tolist() if task["targets"] else []):
        if target not in task["targets"]:
            raise DataError(
                f"{files['rows']}: target {target!r} is not declared; add it to tasks.{part['name']}.targets"
            )
    return rows


def coded_units(part: Mapping[str, Any], files: Mapping[str, Path], rows: pd.DataFrame) -> TaskUnits:
    """The rows with their codes and folds. Raises DataError where the codes can't carry the folds."""
    task, classes = part["task"], part["task"]["classes"]
    rows = join_codes(
        rows, files["labels"], column=task["labels"]["column"], classes=classes, target_column=task["target_column"]
    )
    number = {name: i for i, name in enumerate(classes)}
    codes, taught = (
        np.array([number.get(c, -1) if isinstance(c, str) else -1 for c in rows[column]], dtype=np.int64)
        for column in ("coded", "taught")
    )
    together = merge_groups(rows["group"].tolist(), rows["article_id"].tolist(), _copied_passages(rows))
    _check_codes(codes, together, part["name"], task, files["labels"])
    folds = group_folds(together, rows["coded"].tolist(), n_folds=task["folds"], seed=part["seed"])
    targets = rows["target"].tolist() if task["targets"] else None
    return TaskUnits(part["name"], rows, codes, taught, together, folds, targets)


def _copied_passages(rows: pd.DataFrame) -> list[str]:
    """Which rows hold the same passage, or four fifths of it, in articles that are no copies of each other?

    Outlets reuse paragraphs of background. What stands in more than ten articles is boilerplate and ties nothing, or
    one disclaimer would make an outlet's whole year a single group; a short line ties nothing either.
    """
    passages = rows.drop_duplicates("passage_id")
    words = np.array([len(text.split()) for text in passages["text"]])
    long = passages.loc[words >= _FEWEST_COPIED + _COPIED_WORDS - 1]
    ids = long["passage_id"].tolist()
    names = syndication_groups(
        long["text"].tolist(), ids, shingle=_COPIED_WORDS, jaccard=0.8, min_shingles=_FEWEST_COPIED
    )
    known = pd.DataFrame({"name": names, "article": long["article_id"].to_numpy()}, index=ids)
    spread = known.groupby("name")["article"].nunique()
    of_passage = {p: n for p, n in zip(ids, names, strict=True) if spread[n] <= _MOST_ARTICLES}
    return [of_passage.get(p, p) for p in rows["passage_id"]]


def _check_codes(codes: Ints, together: Ints, name: str, task: Mapping[str, Any], file: Path) -> None:
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
