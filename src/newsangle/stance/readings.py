"""What does each model read of the rows in sight and of the rows to predict? Matrices, and inner products of rows.

A reading is some parts side by side: TF-IDF of all n-gram blocks (with the target's indicator), of the words alone, LSA
coordinates of the words (of length 1), topic shares, the rules' scores. Where each target has columns of its own, every
part stands once more per target, at `OWN` of its weight, and is 0 on the rows of other targets (the feature
augmentation of Daumé 2007).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from newsangle.features.design import Design, TaskText, design_matrix
from newsangle.features.lsa import Lsa, fit_lsa
from newsangle.features.ngrams import apply_tfidf
from newsangle.stance.classifiers import Classifier, Part
from newsangle.stance.rowspace import RowSpace, row_space

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
TopicShares = Callable[[npt.NDArray[np.bool_]], Array]

OWN = 0.5**0.5  # a target's own columns beside the common ones: half of their inner product
MOST_IN_SPAN = 1500  # training rows; above, the span costs more than the columns


@dataclass(frozen=True)
class Sources:
    """What there is to read: the text, the rules' scores (rows × classes), and a function from the rows in sight to
    topic shares of all rows (rows × topics) that learned from those rows alone."""

    text: TaskText
    rule_scores: Array | None = None
    topic_shares: TopicShares | None = None
    lsa_components: int = 200


@dataclass
class View:
    """The rows of one split, as models read them: `train` rows first, then those to predict.

    Terms, document frequencies, LSA and topics are learned from the rows in sight, coded or not. `coordinates`: LSA
    coordinates of the view's rows, where they were learned before.
    """

    sources: Sources
    seen: npt.NDArray[np.bool_]
    train: Ints
    others: Ints
    coordinates: Array | None = None
    _spaces: dict[tuple[Any, ...], RowSpace] = field(default_factory=dict)
    _grams: dict[Part, tuple[Array, Array]] = field(default_factory=dict)
    _projected: dict[tuple[Any, ...], Array] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Ints:
        """All rows of the view."""
        return np.concatenate([self.train, self.others])

    @cached_property
    def design(self) -> Design:
        """TF-IDF of the view's rows."""
        return design_matrix(self.sources.text, np.flatnonzero(self.seen), self.rows)

    @cached_property
    def lsa(self) -> Lsa:
        """Directions of the words of all rows in sight."""
        words = self.sources.text.blocks[0].counts
        seen = apply_tfidf(words, np.flatnonzero(self.seen), self.design.weights[0])
        return fit_lsa(seen, self.sources.lsa_components)

    def part(self, name: Part) -> Any:
        """One part of the view's rows: sparse for n-grams, dense for the others."""
        match name:
            case "tfidf":
                return self.design.matrix
            case "words":
                return self._words()
            case "lsa":
                return self.lsa.transform(self._words()) if self.coordinates is None else self.coordinates
            case "topics":
                return self._topics()
            case _:
                return self._rules()

    def width(self, name: Part) -> int:
        """How many columns has a part?"""
        learned = name == "lsa" and self.coordinates is None
        return self.lsa.directions.shape[1] if learned else int(self.part(name).shape[1])

    def _words(self) -> sp.csr_matrix:
        return self.design.matrix[:, : self.design.n_words]

    def _rules(self) -> Array:
        if self.sources.rule_scores is None:
            raise ValueError("keyword_rules reads rule scores, but none were given")
        return self.sources.rule_scores[self.rows]

    def _topics(self) -> Array:
        if self.sources.topic_shares is None:
            raise ValueError("a model reads topic shares, but no topic_shares were given")
        return np.asarray(self.sources.topic_shares(self.seen), dtype=np.float64)[self.rows]

    def read(self, row: Classifier, start: int = 0, stop: int | None = None) -> Any:
        """The matrix that a classifier reads, rows `start` to `stop` of the view: sparse; dense for the rules."""
        if not row.reads:
            return np.zeros((len(self.rows), 1))[start:stop]
        if row.reads == ("rules",):
            return self._rules()[start:stop]
        own = self._by_target(row)
        blocks = []
        for part in row.reads:
            X = sp.csr_matrix(self.part(part))
            if own != "only":
                blocks.append(X)
            if own != "no":
                blocks += [_only(X, self._target_of == t) * (OWN if own == "too" else 1.0) for t in self._numbers]
        return sp.csr_matrix(sp.hstack(blocks))[start:stop] if len(blocks) > 1 else blocks[0][start:stop]

    def in_span(self, row: Classifier) -> tuple[Array, Callable[[slice], Array]]:
        """The training rows in an orthonormal basis of their span, and a function that puts others (counted from the
        first to predict) in it. Folds are put in it one by one: last digits depend on how many rows a product has."""
        key = (row.reads, self._by_target(row))
        if key not in self._spaces:
            self._spaces[key] = row_space(self._gram(row, 0, 0, len(self.train)))
        space = self._spaces[key]

        def put(part: slice) -> Array:
            place = (*key, part.start, part.stop)
            if place not in self._projected:  # every setting of a model asks for the same
                self._projected[place] = space.project(self._gram(row, 1, part.start, part.stop))
            return self._projected[place]

        return space.train, put

    def basis(self, row: Classifier) -> Array:
        """What turns weights in the span of the training rows into weights of these rows (`RowSpace.basis`)."""
        self.in_span(row)
        return self._spaces[row.reads, self._by_target(row)].basis

    def _gram(self, row: Classifier, which: int, start: int, stop: int) -> Array:
        grams = [self._part_gram(part)[which][start:stop] for part in row.reads]
        gram = np.sum(grams, axis=0) if len(grams) > 1 else grams[0]
        own = self._by_target(row)
        if own == "no":
            return np.asarray(gram)
        offset = which * len(self.train)
        same = self._target_of[offset + start : offset + stop, None] == self._target_of[None, : len(self.train)]
        return np.asarray(gram * (1.0 + OWN**2 * same) if own == "too" else gram * same)

    def _part_gram(self, part: Part) -> tuple[Array, Array]:
        """Inner products of training rows, and of the other rows, with the training rows."""
        if part not in self._grams:
            X = self.part(part)
            n = len(self.train)
            if sp.issparse(X):
                products = inner_products(X, n)
                self._grams[part] = products[:n], products[n:]
            else:
                one_by_one = [
                    X[:n] @ row for row in X[n:]
                ]  # the last digits must not depend on how many others there are
                self._grams[part] = X[:n] @ X[:n].T, np.array(one_by_one).reshape(len(X) - n, n)
        return self._grams[part]

    def _by_target(self, row: Classifier) -> str:
        return row.by_target if self.sources.text.targets is not None else "no"

    @cached_property
    def _target_of(self) -> Ints:
        targets = self.sources.text.targets
        if targets is None:
            raise ValueError("the task has no targets")
        return targets[self.rows]

    @property
    def _numbers(self) -> range:
        return range(self.sources.text.n_targets)


def inner_products(X: sp.csr_matrix, n: int) -> Array:
    """Inner products of the rows of X, columns sorted in each, with its first `n` rows (rows × n)."""
    from newsangle.stance.gram_kernel import by_column, products

    X = X if X.has_sorted_indices else X.sorted_indices()
    cells = X.indptr, X.indices, X.data
    return np.asarray(products(*cells, n, *by_column(*cells, n, X.shape[1])))


def _only(X: sp.csr_matrix, rows: npt.NDArray[np.bool_]) -> sp.csr_matrix:
    """X with all other rows emptied."""
    return sp.csr_matrix(sp.diags(rows.astype(np.float64)) @ X)
