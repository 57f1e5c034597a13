"""What do classifiers read without the keyword rules' words, without the target, or with nothing but the target?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from newsangle.features.design import Block, TaskText, count_task_text
from newsangle.features.ngrams import NgramCounts, count_ngrams
from newsangle.features.targets import OTHER, TARGET, SentenceSpans, target_views
from newsangle.labels.masking import mask_rules
from newsangle.labels.rules import RuleSet


def with_masked(
    texts: Sequence[str],
    rules: RuleSet | None,
    options: Mapping[str, Any],
    *,
    targets: Sequence[str] | None = None,
    aliases: Mapping[str, str] | None = None,
    spans: SentenceSpans | None = None,
) -> TaskText:
    """The n-grams of all texts, then of all of them again with the rules' words taken out: text n + i is text i masked.

    Counted together, so that a model taught by one kind can read the other. Masked words leave a blank, never a token
    that would tell that a rule word stood here. Sentences on a target are found before its names are masked. Without
    rules there are no masked texts. Raises ValueError for targets without aliases and spans.
    """
    doubled = [*texts, *([mask_rules(t, rules, token=" ") for t in texts] if rules else [])]
    text = count_task_text(doubled, **options)
    if targets is None:
        return text
    if aliases is None or spans is None:
        raise ValueError("targets need aliases (the names of each) and spans (where sentences begin and end)")
    views = target_views(texts, targets, aliases, spans)
    if rules:
        # In a view the names have become tokens already: those are what the aliases of targets match there.
        tokens = dict.fromkeys(aliases, rf"\b(?:{TARGET}|{OTHER})\b")
        viewed = replace(rules, aliases={**rules.aliases, **tokens})
        views += [mask_rules(v, viewed, token=" ") for v in views]
    settings = {"n": options["word_ngrams"]} if "word_ngrams" in options else {}
    block = Block("target", count_ngrams(views, min_df=text.min_df, **settings), 1.0)
    number = {name: i for i, name in enumerate(aliases)}
    which = np.tile(np.array([number[t] for t in targets]), 2 if rules else 1)
    return replace(text, blocks=(*text.blocks, block), targets=which, n_targets=len(aliases))


def without_target(text: TaskText) -> TaskText:
    """The same passages for a model that is blind to the target: no sentences on it, no column that names it."""
    blocks = tuple(block for block in text.blocks if block.name != "target")
    return replace(text, blocks=blocks, targets=None, n_targets=0)


def only_target(text: TaskText) -> TaskText:
    """No text at all, only which target each row is about: what a model can score by prejudice."""
    first = text.blocks[0]
    nothing = NgramCounts(first.counts.matrix[:, :0], first.counts.terms[:0])
    return replace(text, blocks=(replace(first, counts=nothing),))
