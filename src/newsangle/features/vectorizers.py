"""How often does each text use each word? scikit-learn's vectorisers: the same results in a fraction of the time.

Drop-in for the classes of the same names in `sklearn.feature_extraction.text`: the same matrix, vocabulary, errors and
warnings. Compiled: words by the default pattern, lowered or not, stop words, n-grams, and everything about which terms
stay. Any other option (a tokenizer, strip_accents, characters, files …) runs in scikit-learn itself, at its speed.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import sklearn.feature_extraction.text as sk
from sklearn.utils._param_validation import Interval, Options

from newsangle.features.counting import TermCounts, count_terms, ranks_of, terms_of

DEFAULT_PATTERN = r"(?u)\b\w\w+\b"
LEAST_CHARACTERS = 1_000_000  # below, importing numba costs more than it saves
# What a subclass may replace, so that its words aren't those counted here.
_STEPS = ("build_analyzer", "build_preprocessor", "build_tokenizer", "decode", "get_stop_words", "_word_ngrams")
_N_JOBS = {"n_jobs": [Interval(Integral, 1, None, closed="left"), Options(Integral, {-1})]}

_Base = sk.CountVectorizer if TYPE_CHECKING else object


@dataclass
class _Waiting:
    """Terms that were counted but not spelled yet, between scikit-learn's steps of one fit; `counted` is None before.

    ranks: of all terms, once they were asked for. kept: terms that are still columns, in order of the columns.
    """

    counted: TermCounts | None = None
    ranks: npt.NDArray[np.int64] | None = None
    kept: npt.NDArray[np.int64] | None = None


class _Compiled(_Base):  # type: ignore[misc, valid-type]  # scikit-learn is untyped
    """The three steps in which `CountVectorizer` spends its time, in compiled code where it is the same.

    The checks, errors and warnings around them stay scikit-learn's own. Terms become Python strings last: when it is
    known which stay, and at which place.
    """

    def fit(self, raw_documents: Iterable[Any], y: Any = None) -> Self:
        """Learn the vocabulary (and weights): as scikit-learn's."""
        with self._spelling_last():
            return super().fit(raw_documents, y)  # type: ignore[no-any-return]

    def fit_transform(self, raw_documents: Iterable[Any], y: Any = None) -> Any:
        """Learn the vocabulary (and weights) and give the matrix: as scikit-learn's."""
        with self._spelling_last():
            return super().fit_transform(raw_documents, y)

    @contextmanager
    def _spelling_last(self) -> Iterator[None]:
        before = vars(self).get("_waiting")
        self._waiting = before or _Waiting()
        try:
            yield
        finally:
            if before is None:
                del self._waiting

    def _is_covered(self) -> bool:
        shortest, longest = self.ngram_range
        return (
            isinstance(self.analyzer, str)
            and self.analyzer == "word"
            and self.tokenizer is None
            and self.preprocessor is None
            and not self.strip_accents
            and self.token_pattern == DEFAULT_PATTERN
            and self.input == "content"
            and isinstance(shortest, int)
            and isinstance(longest, int)
            and 1 <= shortest <= longest
            and all(getattr(getattr(self, s), "__func__", None) is getattr(sk.CountVectorizer, s) for s in _STEPS)
        )

    def _count_vocab(self, raw_documents: Iterable[Any], fixed_vocab: bool) -> tuple[dict[str, int], Any]:
        if not self._is_covered() or (fixed_vocab and type(self.vocabulary_) is not dict):
            return super()._count_vocab(raw_documents, fixed_vocab)  # type: ignore[no-any-return]
        self.build_analyzer()  # its errors and warnings come before the first text is looked at
        texts = list(raw_documents)
        for i, text in enumerate(texts):
            if type(text) is bytes:
                texts[i] = self.decode(text)
            elif type(text) is not str:
                return super()._count_vocab(texts, fixed_vocab)  # type: ignore[no-any-return]
        if not texts or sum(map(len, texts)) < LEAST_CHARACTERS:
            return super()._count_vocab(texts, fixed_vocab)  # type: ignore[no-any-return]
        counted = count_terms(
            texts,
            ngram_range=self.ngram_range,
            stop_words=[word for word in self.get_stop_words() or () if isinstance(word, str)],
            lowercase=bool(self.lowercase),
            vocabulary=self._columns if fixed_vocab else None,
            n_jobs=(os.cpu_count() or 1) if self.n_jobs == -1 else self.n_jobs,
        )
        if not fixed_vocab and len(counted.gram_of) == 0:
            return super()._count_vocab(texts, fixed_vocab)  # type: ignore[no-any-return]  # says so
        kind = np.int64 if counted.indptr[-1] > np.iinfo(np.int32).max else np.int32
        # scikit-learn gives matrices or arrays, by its version and its configuration.
        form = type(sk.CountVectorizer(vocabulary=["term"]).transform([""]))
        X = form(
            (counted.data, counted.indices.astype(kind, copy=False), counted.indptr.astype(kind)),
            shape=(len(texts), len(self.vocabulary_) if fixed_vocab else len(counted.gram_of)),
            dtype=self.dtype,
        )
        X.sort_indices()
        if fixed_vocab:
            return self.vocabulary_, X
        if self._can_wait():
            vars(self._waiting).update(counted=counted, ranks=None, kept=None)
            return {}, X
        terms = terms_of(counted.grams, counted.gram_of)
        return dict(zip(terms, range(len(terms)), strict=True)), X

    def _can_wait(self) -> bool:
        """Is this inside of a fit, with the two steps that follow our own?"""
        steps = ("_sort_features", "_limit_features")
        return "_waiting" in vars(self) and all(getattr(type(self), s) is getattr(_Compiled, s) for s in steps)

    def _columns(self, terms: list[str]) -> npt.NDArray[np.int32]:
        return np.fromiter(map(self.vocabulary_.get, terms, repeat(-1)), np.int32, len(terms))

    def _sort_features(self, X: Any, vocabulary: dict[str, int]) -> Any:
        waiting: _Waiting | None = vars(self).get("_waiting")
        if waiting is None or waiting.counted is None:
            return super()._sort_features(X, vocabulary)
        counted = waiting.counted
        kept = np.arange(len(counted.gram_of)) if waiting.kept is None else waiting.kept
        waiting.ranks = ranks_of(counted.grams, counted.gram_of[kept])
        X.indices = waiting.ranks.astype(X.indices.dtype).take(X.indices, mode="clip")
        if waiting.kept is not None:
            terms = terms_of(counted.grams, counted.gram_of[kept])
            vocabulary.update(zip(terms, waiting.ranks.tolist(), strict=True))
            waiting.counted = None
        return X

    def _limit_features(
        self, X: Any, vocabulary: dict[str, int], high: float | None = None, low: float | None = None,
        limit: int | None = None,
    ) -> Any:  # fmt: skip
        """As scikit-learn's, with the terms still unspelled."""
        waiting: _Waiting | None = vars(self).get("_waiting")
        if waiting is None or waiting.counted is None or high is None or low is None:
            return super()._limit_features(X, vocabulary, high, low, limit)
        in_texts = np.bincount(X.indices, minlength=X.shape[1])
        mask = (in_texts <= high) & (in_texts >= low)
        if limit is not None and mask.sum() > limit:
            total = np.asarray(X.sum(axis=0)).ravel()
            chosen = (-total[mask]).argsort()[:limit]
            mask_of_limit = np.zeros(len(in_texts), dtype=bool)
            mask_of_limit[np.flatnonzero(mask)[chosen]] = True
            mask = mask_of_limit
        columns = np.flatnonzero(mask)
        if len(columns) == 0:
            return super()._limit_features(X, vocabulary, high, low, limit)  # says so
        if waiting.ranks is None:
            waiting.kept = columns
        else:  # sorted before
            stays = mask[waiting.ranks]
            terms = terms_of(waiting.counted.grams, waiting.counted.gram_of[stays])
            vocabulary.update(zip(terms, (np.cumsum(mask) - 1)[waiting.ranks[stays]], strict=True))
            waiting.counted = None
        if len(columns) == len(mask):
            return type(X)((X.data, X.indices, X.indptr), shape=X.shape)  # what is known of its order holds no more
        return X[:, columns]


class CountVectorizer(_Compiled, sk.CountVectorizer):  # type: ignore[misc]
    """How often does each text use each word or n-gram? As scikit-learn's `CountVectorizer`, on `n_jobs` threads.

    n_jobs: threads, or −1 for one a core; never changes a byte of the result. All else: see scikit-learn.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = sk.CountVectorizer._parameter_constraints | _N_JOBS

    def __init__(
        self,
        *,
        input: str = "content",
        encoding: str = "utf-8",
        decode_error: str = "strict",
        strip_accents: Any = None,
        lowercase: bool = True,
        preprocessor: Any = None,
        tokenizer: Any = None,
        stop_words: Any = None,
        token_pattern: str | None = DEFAULT_PATTERN,
        ngram_range: tuple[int, int] = (1, 1),
        analyzer: Any = "word",
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Any = None,
        binary: bool = False,
        dtype: Any = np.int64,
        n_jobs: int = 1,
    ) -> None:
        super().__init__(
            input=input, encoding=encoding, decode_error=decode_error, strip_accents=strip_accents,
            lowercase=lowercase, preprocessor=preprocessor, tokenizer=tokenizer, stop_words=stop_words,
            token_pattern=token_pattern, ngram_range=ngram_range, analyzer=analyzer, max_df=max_df, min_df=min_df,
            max_features=max_features, vocabulary=vocabulary, binary=binary, dtype=dtype,
        )  # fmt: skip
        self.n_jobs = n_jobs


class TfidfVectorizer(_Compiled, sk.TfidfVectorizer):  # type: ignore[misc]
    """How much does each word or n-gram tell of each text? As scikit-learn's `TfidfVectorizer`, on `n_jobs` threads.

    n_jobs: threads, or −1 for one a core; never changes a byte of the result. All else: see scikit-learn.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = sk.TfidfVectorizer._parameter_constraints | _N_JOBS

    def __init__(
        self,
        *,
        input: str = "content",
        encoding: str = "utf-8",
        decode_error: str = "strict",
        strip_accents: Any = None,
        lowercase: bool = True,
        preprocessor: Any = None,
        tokenizer: Any = None,
        analyzer: Any = "word",
        stop_words: Any = None,
        token_pattern: str | None = DEFAULT_PATTERN,
        ngram_range: tuple[int, int] = (1, 1),
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Any = None,
        binary: bool = False,
        dtype: Any = np.float64,
        norm: str | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
        n_jobs: int = 1,
    ) -> None:
        super().__init__(
            input=input, encoding=encoding, decode_error=decode_error, strip_accents=strip_accents,
            lowercase=lowercase, preprocessor=preprocessor, tokenizer=tokenizer, analyzer=analyzer,
            stop_words=stop_words, token_pattern=token_pattern, ngram_range=ngram_range, max_df=max_df, min_df=min_df,
            max_features=max_features, vocabulary=vocabulary, binary=binary, dtype=dtype, norm=norm, use_idf=use_idf,
            smooth_idf=smooth_idf, sublinear_tf=sublinear_tf,
        )  # fmt: skip
        self.n_jobs = n_jobs
