"""Which task, which text and which one model are put to the test?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.features.design import TaskText
from newsangle.labels.rules import RuleSet
from newsangle.runs.check_records import Judge
from newsangle.runs.task_units import TaskUnits
from newsangle.stance.out_of_fold import decided, out_of_fold
from newsangle.stats.splits import Split

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Subject:
    """A task's units, their text (full passages, then, with rules, masked ones) and one plainly fitted model."""

    units: TaskUnits
    text: TaskText
    rules: RuleSet | None
    task: Mapping[str, Any]
    model: str
    seed: int

    def judge(self, split: str) -> Judge:
        """Whose judgement counts: the codes."""
        units = self.units
        return Judge(units.name, split, units.codes, units.together.astype(str), tuple(self.task["classes"]), self.seed)

    def decisions(
        self,
        labels: Ints,
        split: Split,
        *,
        text: TaskText | None = None,
        learn: Ints | None = None,
        reads: Sequence[Ints] | None = None,
        wanted: npt.NDArray[np.bool_] | None = None,
    ) -> list[Ints]:
        """Out-of-fold classes by the model; by default of the coded rows, learned and read from the full text."""
        scores = out_of_fold(
            text or self.text,
            labels,
            split,
            model=self.model,
            n_classes=len(self.task["classes"]),
            wanted=self.units.coded if wanted is None else wanted,
            learn=learn,
            reads=reads,
            options=self.task["options"].get(self.model),
            seed=self.seed,
        )
        return [decided(s) for s in scores]
