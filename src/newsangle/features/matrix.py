"""Which terms does each article hold? The document-term matrix that topics are learned from."""

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from newsangle.features.phrases import join_phrases

# Words of two letters and more; inner hyphens and apostrophes hold, so that "al-bab" is one term and "2017" none.
WORD = re.compile(r"\b[^\W\d_]{2,}(?:[-'’][^\W\d_]+)*\b")
_BLOCK = 1 << 20  # tokens that are counted at once: texts come one by one, so memory grows with the cells alone

StopWords = Literal["english", "none"]


def tokenise(text: str) -> list[str]:
    """Which words does a text hold, in order, lowercased?

    Accents are composed first: a letter and a combining mark would end the word ("İzmir" lowercased is i, dot, zmir).

    >>> tokenise("Turkey's army shelled al-Bab in 2017.")
    ["turkey's", 'army', 'shelled', 'al-bab', 'in']
    """
    lowered = unicodedata.normalize("NFC", text).lower().replace("i\u0307", "i")
    return WORD.findall(lowered.replace("’", "'"))


def tokeniser(phrases: Sequence[Sequence[str]] = ()) -> Callable[[str], list[str]]:
    """`tokenise`, with phrases joined where there are some (as `learn_phrases` gives them)."""
    return partial(_tokenise_phrases, rounds=[frozenset(pairs) for pairs in phrases]) if phrases else tokenise


def _tokenise_phrases(text: str, rounds: Sequence[frozenset[str]]) -> list[str]:
    return join_phrases(tokenise(text), rounds)


@dataclass(frozen=True)
class WordCounts:
    """How often does each text use each word, stop words and rare ones too? words: of the columns, as first met."""

    counts: sp.csr_matrix
    words: list[str]

    def terms(
        self, *, stop_words: StopWords = "english", min_df: int = 5, max_df: float = 0.5
    ) -> npt.NDArray[np.int64]:
        """Which columns are terms, in the order of their words? Those in at least `min_df` texts, at most the share
        `max_df` of them. Raises ValueError where none is."""
        n_texts = self.counts.shape[0]
        if min_df > n_texts:
            raise ValueError(f"min_df = {min_df} is above the number of texts, {n_texts}; lower features.min_df")
        in_texts = np.zeros(len(self.words), dtype=np.int64)
        for first in range(0, self.counts.nnz, _BLOCK):  # bincount copies what it counts
            in_texts += np.bincount(self.counts.indices[first : first + _BLOCK], minlength=len(self.words))
        stopped = ENGLISH_STOP_WORDS if stop_words == "english" else frozenset[str]()
        possible = np.flatnonzero((in_texts >= max(min_df, 1)) & (in_texts <= max_df * n_texts)).tolist()
        kept = sorted((column for column in possible if self.words[column] not in stopped), key=self.words.__getitem__)
        if not kept:
            raise ValueError(
                f"no term is in at least {min_df} and at most {max_df:.0%} of {n_texts} texts; lower features.min_df"
            )
        return np.array(kept, dtype=np.int64)

    def of(self, rows: npt.NDArray[np.bool_]) -> "WordCounts":
        """The counts of some of the texts."""
        return WordCounts(self.counts[rows], self.words)

    def matrix(self, columns: npt.NDArray[np.int64]) -> tuple[sp.csr_matrix, npt.NDArray[np.object_]]:
        """(counts: texts × terms, the terms) of these columns, in their order."""
        chosen = self.counts[:, columns]
        chosen.sort_indices()
        terms = np.array([self.words[column] for column in columns.tolist()], dtype=object)
        return chosen.astype(np.int64), terms


@dataclass(frozen=True)
class WordNumbers:
    """Which word stands where? words: distinct, as first met; numbers: of the words, text after text; starts: where
    each text begins in `numbers`, and where the last one ends."""

    words: list[str]
    numbers: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]


def number_words(texts: Iterable[str], *, phrases: Sequence[Sequence[str]] = ()) -> WordNumbers:
    """Which word stands where in these texts? They are read one by one and not kept."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    blocks = list(_blocks(texts, tokeniser(phrases), numbers))
    lengths = np.concatenate([np.zeros(1, np.int64), *(lengths for _, lengths in blocks)])
    found = np.concatenate([np.zeros(0, np.int32), *(tokens for tokens, _ in blocks)])
    return WordNumbers(list(numbers), found, np.cumsum(lengths))


def count_words(texts: Iterable[str], *, phrases: Sequence[Sequence[str]] = ()) -> WordCounts:
    """How often does each text use each word? The texts are read once, one by one, and not kept."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    indices, data, sizes = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
    for tokens, lengths in _blocks(texts, tokeniser(phrases), numbers):
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        block = sp.csr_matrix((np.ones(len(tokens), np.int32), tokens, starts), shape=(len(lengths), len(numbers)))
        block.sum_duplicates()
        indices.append(block.indices.astype(np.int32))
        data.append(block.data)
        sizes.append(np.diff(block.indptr).astype(np.int64))
    ends = np.cumsum(np.concatenate(sizes))
    columns = np.concatenate(indices)
    indices.clear()
    cells = np.concatenate(data)
    data.clear()
    return WordCounts(sp.csr_matrix((cells, columns, ends), shape=(len(ends) - 1, len(numbers))), list(numbers))


def _blocks(
    texts: Iterable[str], read: Callable[[str], list[str]], numbers: defaultdict[str, int]
) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
    """(word numbers, tokens of each text) of as many texts as make a block; `numbers` grows as new words are met."""
    waiting, lengths = array("i"), array("q")
    for text in texts:
        words = read(text)
        waiting.extend(map(numbers.__getitem__, words))
        lengths.append(len(words))
        if len(waiting) >= _BLOCK:
            yield np.array(waiting, np.int32), np.array(lengths, np.int64)
            waiting, lengths = array("i"), array("q")
    yield np.array(waiting, np.int32), np.array(lengths, np.int64)


def term_vectorizer(
    *,
    stop_words: StopWords = "english",
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
    texts: Iterable[str],
    *,
    stop_words: StopWords = "english",
    min_df: int = 5,
    max_df: float = 0.5,
    phrases: Sequence[Sequence[str]] = (),
) -> tuple[sp.csr_matrix, npt.NDArray[np.object_]]:
    """How often does each text use each term? (counts: texts × terms, CSR; the terms, sorted)

    The texts are read one by one and not kept: they may come from a generator. The matrix is that of `term_vectorizer`.
    Raises ValueError where no term is left: `min_df` too high or `max_df` too low for these texts.
    """
    found = count_words(texts, phrases=phrases)
    return found.matrix(found.terms(stop_words=stop_words, min_df=min_df, max_df=max_df))
