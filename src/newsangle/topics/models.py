"""Which topic models are there, and which words stand for a topic?

A model is a scikit-learn estimator made by `TOPIC_MODELS[name](n_topics=K, seed=s, **options)`; the other arguments of
its signature are its options, and each has a default. `fit` and `transform` read articles × terms counts. After `fit`,
`components_` holds topics × terms; `has_word_distributions` says whether its rows are word distributions (else no
perplexity, no shares). A new model is one class and one row here; tests/topics/test_protocol.py examines every row.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from newsangle.topics.counts import heaviest
from newsangle.topics.gensim_models import GensimLdaTopics, GensimLsiTopics, GensimNmfTopics
from newsangle.topics.lda import LDA
from newsangle.topics.sklearn_models import NmfTopics, SklearnLdaTopics

TOPIC_MODELS: dict[str, Callable[..., Any]] = {
    "lda": LDA,
    "nmf": NmfTopics,
    "sklearn_lda": SklearnLdaTopics,
    "gensim_lda": GensimLdaTopics,
    "gensim_nmf": GensimNmfTopics,
    "gensim_lsi": GensimLsiTopics,
}


def top_words(components: Any, vocabulary: Sequence[str], n: int = 10) -> list[list[str]]:
    """Which n words weigh most in each topic? Heaviest first, equal weights alphabetically.

    components: topics × terms; signed loadings (LSI) count by absolute value. vocabulary: the term of each column.
    Raises ValueError when the vocabulary doesn't fit the columns, or n is not between 1 and the number of terms.

    >>> top_words([[0.2, 0.2, 0.6]], ["tank", "army", "goal"], n=2)
    [['goal', 'army']]
    """
    weights = np.abs(np.asarray(components, dtype=np.float64))
    words = np.asarray([str(word) for word in vocabulary], dtype=object)
    if weights.ndim != 2 or weights.shape[1] != len(words):
        raise ValueError(
            f"components have shape {weights.shape}, the vocabulary {len(words)} words: expected one column each"
        )
    if not 1 <= n <= len(words):
        raise ValueError(f"n = {n}: use a number of words between 1 and {len(words)}")
    alphabetical = np.argsort(words, kind="stable")
    by_weight = alphabetical[heaviest(weights[:, alphabetical], n)]
    return [list(row) for row in words[by_weight]]
