"""Which terms does each article hold? The document-term matrix that topics are learned from."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from newsangle.features.phrases import join_phrases

# Words of two letters and more; inner hyphens and apostrophes hold, so that "al-bab" is one term and "2017" none.
WORD = re.compile(r"\b[^\W\d_]{2,}(?:[-'’][^\W\d_]+)*\b")


def tokenise(text: str) -> list[str]:
    """Which words does a text hold, in order, lowercased?

    Accents are composed first: a letter and a combining mark would end the word ("İzmir" lowercased is i, dot, zmir).

    >>> tokenise("Turkey's army shelled al-Bab in 2017.")
    ["turkey's", 'army', 'shelled', 'al-bab', 'in']
    """
    lowered = unicodedata.normalize("NFC", text).lower().replace("i\u0307", "i")
    return [word.replace("’", "'") for word in WORD.findall(lowered)]


def tokeniser(phrases: Sequence[Sequence[str]] = ()) -> Callable[[str], list[str]]:
    """`tokenise`, with phrases joined where there are some (as `learn_phrases` gives them)."""
    return partial(_tokenise_phrases, rounds=[frozenset(pairs) for pairs in phrases]) if phrases else tokenise


def _tokenise_phrases(text: str, rounds: Sequence[frozenset[str]]) -> list[str]:
    return join_phrases(tokenise(text), rounds)


def term_vectorizer(
    *,
    stop_words: Literal["english", "none"] = "english",
    min_df: int = 5,
    max_df: float = 0.5,
    phrases: Sequence[Sequence[str]] = (),
) -> CountVectorizer:
    """A vectoriser of `tokenise`d words: terms in at least `min_df` texts and at most the share `max_df` of them.

    phrases: what `learn_phrases` found; such pairs are terms then, in every text that is counted.
    """
    words = sorted(ENGLISH_STOP_WORDS) if stop_words == "english" else None
    return CountVectorizer(
        tokenizer=tokeniser(phrases),
        token_pattern=None,
        lowercase=False,
        stop_words=words,
        min_df=min_df,
        max_df=float(max_df),
    )


def document_term_matrix(
    texts: Sequence[str],
    *,
    stop_words: Literal["english", "none"] = "english",
    min_df: int = 5,
    max_df: float = 0.5,
    phrases: Sequence[Sequence[str]] = (),
) -> tuple[sp.csr_matrix, npt.NDArray[np.object_]]:
    """How often does each text use each term? (counts: texts × terms, CSR; the terms, sorted)

    Raises ValueError where no term is left: `min_df` too high or `max_df` too low for these texts.
    """
    if min_df > len(texts):
        raise ValueError(f"min_df = {min_df} is above the number of texts, {len(texts)}; lower features.min_df")
    vectorizer = term_vectorizer(stop_words=stop_words, min_df=min_df, max_df=max_df, phrases=phrases)
    try:
        matrix = sp.csr_matrix(vectorizer.fit_transform(texts), dtype=np.int64)
    except ValueError:
        raise ValueError(
            f"no term is in at least {min_df} and at most {max_df:.0%} of {len(texts)} texts; lower features.min_df"
        ) from None
    return matrix, vectorizer.get_feature_names_out()
