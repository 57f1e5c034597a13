"""What is left of a passage when the words of the keyword rules are taken out?"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from newsangle.labels.patterns import expand
from newsangle.labels.rules import RuleSet

MASK = "▒"
_TARGET = re.compile(r"\{target\}")


def mask_rules(text: str, rules: RuleSet, *, targets: Sequence[str] = (), token: str = MASK) -> str:
    """The text with every match of the rules' patterns and aliases replaced by a neutral token.

    A match takes the whole of the words it touches with it, up to the next blank: of "flooded" a rule on *flood* would
    otherwise leave "ed", of "(ISIS)" the brackets, and a classifier would learn the class from the crumbs. Patterns of
    `all` and of `none` count, alone and not sentence by sentence. `{target}` stands for each of `targets` (default:
    every alias).

    The token too tells where a rule word stood. A classifier that shall not know the rules must not read it: give it
    `token=" "`.

    >>> from newsangle.labels.rules import Rule
    >>> rules = RuleSet((Rule("war", ("{city}", "shell")),), "other", {"city": "Raqqa|Mosul"})
    >>> mask_rules("Raqqa's market (not Mosul) was shelled.", rules)
    '▒ market (not ▒ was ▒'
    """
    out, end = [], 0
    for start, stop in _masked_spans(text, rules, targets):
        out += [text[end:start], token]
        end = stop
    return "".join([*out, text[end:]])


def share_masked(text: str, rules: RuleSet, *, targets: Sequence[str] = ()) -> float:
    """What share of the text's words (runs without a blank) does `mask_rules` replace? NaN for a text without words."""
    words = len(text.split())
    hidden = sum(len(text[a:b].split()) for a, b in _masked_spans(text, rules, targets))
    return hidden / words if words else float("nan")


def vocabularies(
    texts: Sequence[str], rules: RuleSet, classes: Sequence[str], targets: Sequence[str] | None = None
) -> npt.NDArray[np.bool_]:
    """Which classes' words does each text hold? Shape (texts, classes): all patterns of some rule of the class match,
    anywhere in the text and whatever its exclusions say.

    Where two classes' words stand in one text keywords cannot tell which is meant. `targets`: each row's, for
    `{target}`.
    """
    column = {label: i for i, label in enumerate(classes)}
    out = np.zeros((len(texts), len(classes)), dtype=np.bool_)
    for i, text in enumerate(texts):
        target = targets[i] if targets is not None else None
        for rule in rules.rules:
            if all(re.search(expand(pattern, rules.aliases, target), text) for pattern in rule.all):
                out[i, column[rule.label]] = True
    return out


def _expressions(rules: RuleSet, targets: Sequence[str]) -> Iterator[str]:
    yield from rules.aliases.values()
    for rule in rules.rules:
        for pattern in (*rule.all, *rule.none):
            for target in (targets or sorted(rules.aliases)) if _TARGET.search(pattern) else (None,):
                yield expand(pattern, rules.aliases, target)


def _masked_spans(text: str, rules: RuleSet, targets: Sequence[str]) -> list[tuple[int, int]]:
    """Stretches to replace, in order and not touching; a match of nothing masks nothing."""
    found = []
    for expression in dict.fromkeys(_expressions(rules, targets)):
        for match in re.finditer(expression, text):
            start, end = match.span()
            while start < end and text[start].isspace():
                start += 1
            while end > start and text[end - 1].isspace():
                end -= 1
            if start < end:
                while start and not text[start - 1].isspace():
                    start -= 1
                while end < len(text) and not text[end].isspace():
                    end += 1
                found.append((start, end))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
