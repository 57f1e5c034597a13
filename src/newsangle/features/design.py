"""What do the classifiers read? Blocks of n-gram weights side by side, learned anew from the rows a fold may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from newsangle.features.ngrams import NgramCounts, TfidfWeights, apply_tfidf, count_ngrams, fit_tfidf
from newsangle.features.targets import SentenceSpans, target_views

# At 1 a linear model learns the target instead of the text: it called three of four passages on the US "against".
TARGET_INDICATOR = 0.3


@dataclass(frozen=True)
class Block:
    """One kind of n-grams of all rows: its name, counts, and weight beside the other blocks."""

    name: str
    counts: NgramCounts
    weight: float


@dataclass(frozen=True)
class TaskText:
    """The text of a task's rows, counted once: n-gram blocks and, for tasks on targets, each row's target."""

    blocks: tuple[Block, ...]
    targets: npt.NDArray[np.int64] | None
    n_targets: int
    min_df: int


@dataclass(frozen=True)
class Design:
    """What rows look like to a classifier that learned its terms from some of them.

    `matrix` (rows × columns, CSR): the blocks side by side, then one column a target; its first `n_words` columns are
    the word block. `weights`: the terms and idf learned, one a block.
    """

    matrix: sp.csr_matrix
    weights: tuple[TfidfWeights, ...]
    n_words: int


def count_task_text(
    texts: Sequence[str],
    *,
    word_ngrams: Sequence[int] = (1, 2),
    char_ngrams: Sequence[int] = (3, 5),
    min_df: int = 2,
    char_weight: float = 0.5,
    targets: Sequence[str] | None = None,
    aliases: Mapping[str, str] | None = None,
    spans: SentenceSpans | None = None,
) -> TaskText:
    """Which n-grams does each row hold? Words, characters within words, and words of the sentences on its target.

    `char_weight` 0 leaves characters out. Raises ValueError for `targets` without their `aliases` and sentence `spans`.
    """
    blocks = [Block("word", count_ngrams(texts, n=word_ngrams, min_df=min_df), 1.0)]
    if char_weight > 0:
        counts = count_ngrams(texts, analyzer="char_wb", n=char_ngrams, min_df=min_df)
        blocks.append(Block("char", counts, char_weight))
    if targets is None:
        return TaskText(tuple(blocks), None, 0, min_df)
    if aliases is None or spans is None:
        raise ValueError("targets need aliases (the names of each) and spans (where sentences begin and end)")
    views = target_views(texts, targets, aliases, spans)
    blocks.append(Block("target", count_ngrams(views, n=word_ngrams, min_df=min_df), 1.0))
    number = {name: i for i, name in enumerate(aliases)}
    return TaskText(tuple(blocks), np.array([number[t] for t in targets]), len(aliases), min_df)


def design_matrix(text: TaskText, fit_rows: npt.NDArray[np.int64], rows: npt.NDArray[np.int64] | None = None) -> Design:
    """How do `rows` (default: all) look to a model that may learn terms and idf from `fit_rows` only?"""
    wanted = np.arange(text.blocks[0].counts.matrix.shape[0]) if rows is None else rows
    n = len(wanted)
    weights = tuple(fit_tfidf(block.counts, fit_rows, min_df=text.min_df) for block in text.blocks)
    parts = [
        apply_tfidf(block.counts, wanted, learned) * block.weight
        for block, learned in zip(text.blocks, weights, strict=True)
    ]
    if text.targets is not None:
        parts.append(
            sp.csr_matrix(
                (np.full(n, TARGET_INDICATOR), (np.arange(n), text.targets[wanted])), shape=(n, text.n_targets)
            )
        )
    return Design(sp.csr_matrix(sp.hstack(parts)), weights, len(weights[0].columns))
