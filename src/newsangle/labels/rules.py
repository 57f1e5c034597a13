"""What would a keyword rule say? The floor that every trained model has to beat.

A rule set reads a passage sentence by sentence. A rule fires in a sentence when all of its patterns match there and
none of its exclusions does; the class with the most sentences in which a rule of its fires wins, ties go to the rule
written first, and a passage where nothing fires gets the default class. Labels made by rules score themselves:
agreement with a rule is never accuracy.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.corpus.sentences import sentence_spans
from newsangle.labels.patterns import expand


@dataclass(frozen=True)
class Rule:
    """One line of a rule set: the class it speaks for, patterns that must all match, patterns that must not."""

    label: str
    all: tuple[str, ...]
    none: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleSet:
    """An ordered list of rules, named aliases usable as `{name}` in patterns, and the class where nothing fires.

    `{target}` stands for the alias named like the row's target.
    """

    rules: tuple[Rule, ...]
    default: str
    aliases: Mapping[str, str]

    def scores(
        self, texts: Sequence[str], classes: Sequence[str], targets: Sequence[str] | None = None
    ) -> npt.NDArray[np.float64]:
        """In how many sentences does any rule of each class fire? Shape (texts, classes); the default scores ½ or more.

        Ties are broken by the order of the rules through a term of at most 0.1, so argmax is the rules' verdict. Raises
        ValueError for an alias that isn't declared.
        """
        column = {label: i for i, label in enumerate(classes)}
        compiled: dict[str | None, list[tuple[int, list[re.Pattern[str]], list[re.Pattern[str]]]]] = {}
        for target in dict.fromkeys(targets if targets is not None else [None]):
            compiled[target] = [
                (
                    column[rule.label],
                    [re.compile(expand(p, self.aliases, target)) for p in rule.all],
                    [re.compile(expand(p, self.aliases, target)) for p in rule.none],
                )
                for rule in self.rules
            ]
        out = np.zeros((len(texts), len(classes)))
        for i, text in enumerate(texts):
            sentences = [text[a:b] for a, b in sentence_spans(text)]
            fired = np.zeros((len(sentences), len(classes)), dtype=np.bool_)
            first = np.zeros(len(classes))
            for rank, (k, wanted, unwanted) in enumerate(compiled[targets[i] if targets is not None else None]):
                hits = [all(p.search(s) for p in wanted) and not any(p.search(s) for p in unwanted) for s in sentences]
                fired[:, k] |= np.array(hits, dtype=np.bool_)
                if any(hits):
                    first[k] = max(first[k], 0.1 / (rank + 1))
            out[i] = fired.sum(axis=0) + first
        default = column[self.default]
        out[:, default] = np.maximum(out[:, default], 0.5)
        return out


def rules_of(task: Mapping[str, Any]) -> RuleSet | None:
    """Which rules does a task's config declare, its targets among the aliases? None where it has none."""
    if task["rules"] is None:
        return None
    return RuleSet(
        tuple(Rule(r["label"], tuple(r["all"]), tuple(r["none"])) for r in task["rules"]["rules"]),
        task["rules"]["default"],
        task["rules"]["aliases"] | task["targets"],
    )
