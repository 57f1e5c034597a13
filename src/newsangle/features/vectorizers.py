"""How often does each text use each word? scikit-learn's vectorisers: the same results in a fraction of the time.

Drop-in for the classes of the same names in `sklearn.feature_extraction.text`: the same matrix, vocabulary, errors and
warnings. Compiled: words by the default pattern, lowered or not, stop words, n-grams, and everything about which terms
stay. Any other option (a tokenizer, strip_accents, characters, files …) runs in scikit-learn itself, at its speed.
"""

import os
from collections.abc import Iterable
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
import sklearn.feature_extraction.text as sk
from sklearn.utils._param_validation import Interval, Options

from newsangle.features.counting import count_terms, term_ranks

DEFAULT_PATTERN = r"(?u)\b\w\w+\b"
# Below, importing numba costs more than it saves.
LEAST_CHARACTERS, LEAST_TERMS = 1_000_000, 5_000
# What a subclass may replace, so that its words aren't those counted here.
_STEPS = ("build_analyzer", "build_preprocessor", "build_tokenizer", "decode", "get_stop_words", "_word_ngrams")
_N_JOBS = {"n_jobs": [Interval(Integral, 1, None, closed="left"), Options(Integral, {-1})]}

_Base = sk.CountVectorizer if TYPE_CHECKING else object


class _Compiled(_Base):  # type: ignore[misc, valid-type]  # scikit-learn is untyped
    """The three steps in which `CountVectorizer` spends its time, in compiled code where it is the same.

    The checks, errors and warnings around them stay scikit-learn's own.
    """

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
        if not fixed_vocab and not counted.terms:
            return super()._count_vocab(texts, fixed_vocab)  # type: ignore[no-any-return]  # says so
        numbers = range(len(counted.terms))
        vocabulary = self.vocabulary_ if fixed_vocab else dict(zip(counted.terms, numbers, strict=True))
        kind = np.int64 if counted.indptr[-1] > np.iinfo(np.int32).max else np.int32
        # scikit-learn gives matrices or arrays, by its version and its configuration.
        form = type(sk.CountVectorizer(vocabulary=["term"]).transform([""]))
        X = form(
            (counted.data, counted.indices.astype(kind, copy=False), counted.indptr.astype(kind)),
            shape=(len(texts), len(vocabulary)),
            dtype=self.dtype,
        )
        X.sort_indices()
        return vocabulary, X

    def _columns(self, terms: list[str]) -> npt.NDArray[np.int32]:
        get = self.vocabulary_.get
        return np.asarray([get(term, -1) for term in terms], dtype=np.int32)

    def _sort_features(self, X: Any, vocabulary: dict[str, int]) -> Any:
        if not self._is_covered() or len(vocabulary) < LEAST_TERMS:
            return super()._sort_features(X, vocabulary)
        terms = list(vocabulary)
        ranks = term_ranks(terms)
        new_of_old = np.empty(len(terms), dtype=X.indices.dtype)
        new_of_old[np.fromiter(vocabulary.values(), np.int64, len(terms))] = ranks
        vocabulary.update(zip(terms, ranks.tolist(), strict=True))
        X.indices = new_of_old.take(X.indices, mode="clip")
        return X

    def _limit_features(
        self, X: Any, vocabulary: dict[str, int], high: float | None = None, low: float | None = None,
        limit: int | None = None,
    ) -> Any:  # fmt: skip
        """As scikit-learn's, with the loop over the vocabulary in numpy."""
        if high is None or low is None or len(vocabulary) < LEAST_TERMS:
            return super()._limit_features(X, vocabulary, high, low, limit)
        in_texts = np.bincount(X.indices, minlength=X.shape[1])
        mask = (in_texts <= high) & (in_texts >= low)
        if limit is not None and mask.sum() > limit:
            total = np.asarray(X.sum(axis=0)).ravel()
            chosen = (-total[mask]).argsort()[:limit]
            mask_of_limit = np.zeros(len(in_texts), dtype=bool)
            mask_of_limit[np.flatnonzero(mask)[chosen]] = True
            mask = mask_of_limit
        kept = np.flatnonzero(mask)
        if len(kept) == 0:
            return super()._limit_features(X, vocabulary, high, low, limit)  # says so
        terms = list(vocabulary)
        old = np.fromiter(vocabulary.values(), np.int64, len(terms))
        new = (np.cumsum(mask) - 1)[old]
        if len(kept) == len(mask):
            vocabulary.update(zip(terms, new, strict=True))
            return type(X)((X.data, X.indices, X.indptr), shape=X.shape)  # what is known of its order holds no more
        stays = mask[old]
        vocabulary.clear()
        vocabulary.update(zip(np.array(terms, dtype=object)[stays].tolist(), new[stays], strict=True))
        return X[:, kept]


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
