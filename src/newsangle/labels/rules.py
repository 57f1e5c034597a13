"""What would a keyword rule say? The floor that every trained model has to beat.

A rule set reads a passage sentence by sentence. A rule fires in a sentence when all of its patterns match there and
none of its exclusions does; the class with the most firing sentences wins, ties go to the rule written first, and a
passage where nothing fires gets the default class. Labels made by rules score themselves: agreement with a rule is
never accuracy.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
        """In how many sentences does each class's rule fire? Shape (texts, classes); the default class scores ½.

        Ties are broken by the order of the rules through a term of at most 0.1, so argmax is the rule's verdict.
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
            spans = sentence_spans(text)
            for rank, (k, wanted, unwanted) in enumerate(compiled[targets[i] if targets is not None else None]):
                hits = sum(
                    all(p.search(text, a, b) for p in wanted) and not any(p.search(text, a, b) for p in unwanted)
                    for a, b in spans
                )
                out[i, k] += hits + (0.1 / (rank + 1) if hits else 0.0)
        out[:, column[self.default]] += 0.5
        return out
