"""How is a check on a model scored? F1 of decisions, their paired differences and plain shares, over whole groups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.runs.records import record
from newsangle.stats.bootstrap import bootstrap_interval
from newsangle.stats.classification import f1, group_confusions, macro_f1

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Metric = Callable[[Array], Array]
ALL = "all"


@dataclass(frozen=True)
class Judge:
    """What the decisions of a task are compared with: `codes` (−1: not coded), `groups`, `classes`; and by which
    `split` they were made."""

    task: str
    split: str
    codes: Ints
    groups: npt.NDArray[np.str_]
    classes: tuple[str, ...]
    seed: int

    def score(
        self,
        metric: str,
        model: str,
        decisions: Ints,
        *,
        rows: Bools | None = None,
        function: Metric = macro_f1,
        part: str = ALL,
        reason: str = "no coded rows here",
    ) -> dict[str, Any]:
        """One number on those of the `rows` (default: all) that are coded and decided; `reason` if there are none."""
        return self._record(metric, model, [decisions], rows, function, part, reason)

    def difference(
        self,
        metric: str,
        model: str,
        first: Ints,
        second: Ints,
        *,
        rows: Bools | None = None,
        function: Metric = macro_f1,
        part: str = ALL,
        reason: str = "no coded rows here",
    ) -> dict[str, Any]:
        """First minus second on the same rows and the same draws; rows that either didn't decide are left out."""
        return self._record(metric, model, [first, second], rows, function, part, reason)

    def share(self, metric: str, model: str, yes: Bools, rows: Ints, *, part: str, reason: str) -> dict[str, Any]:
        """How often is `yes` true? `rows`: which row's group each entry counts for; `reason` where there are none."""
        n = len(yes)
        if not n:
            return self._write(metric, model, None, None, n, part, reason)
        _, index = np.unique(self.groups[rows], return_inverse=True)
        sums = np.stack([np.bincount(index, weights=yes), np.bincount(index).astype(np.float64)], axis=1)
        return self._write(metric, model, sums, lambda s: s[:, 0] / s[:, 1], n, part, reason)

    def class_f1(self, i: int) -> Metric:
        """The F1 of class number i."""
        return lambda confusion: f1(confusion)[..., i]

    def _record(
        self,
        metric: str,
        model: str,
        decisions: Sequence[Ints],
        rows: Bools | None,
        function: Metric,
        part: str,
        reason: str,
    ) -> dict[str, Any]:
        inside = np.logical_and.reduce([self.codes >= 0, *(d >= 0 for d in decisions)])
        inside &= True if rows is None else rows
        n = int(inside.sum())
        if not n:
            return self._write(metric, model, None, None, n, part, reason)
        groups, codes = self.groups[inside].tolist(), self.codes[inside]
        tables = np.stack([group_confusions(codes, d[inside], groups, len(self.classes)) for d in decisions], axis=1)
        shape = tables.shape[1:]

        def value(sums: Array) -> Array:
            each = function(sums.reshape(-1, *shape))
            return np.asarray(each[:, 0] if len(decisions) == 1 else each[:, 0] - each[:, 1])

        flat = tables.reshape(len(tables), -1)
        return self._write(metric, model, flat, value, n, part, "the class is neither coded nor predicted here")

    def _write(
        self, metric: str, model: str, sums: Array | None, value: Metric | None, n: int, part: str, reason: str
    ) -> dict[str, Any]:
        number = low = high = how = None
        if sums is not None and value is not None:
            interval = bootstrap_interval(sums, value, seed=self.seed)
            number, low, high, how = (
                float(value(sums.sum(axis=0)[None])[0]),
                interval.low,
                interval.high,
                interval.method,
            )
            if not np.isfinite(number):
                number = low = high = None
        return record(
            task=self.task,
            model=model,
            metric=metric,
            value=number,
            low=low,
            high=high,
            interval=how,
            n=n,
            seed=self.seed,
            slice=part,
            split=self.split,
            reason=reason if number is None else None,
        )
