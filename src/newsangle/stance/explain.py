"""Why this passage, and which words speak for which class? Exact sums of a model's own weights."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from newsangle.features.design import Design, TaskText
from newsangle.features.lsa import coordinates
from newsangle.features.ngrams import TOKEN_PATTERN
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.crossfit import SELECTED, CrossFit, FinalModel
from newsangle.stance.fit import Variant, fit_linear
from newsangle.stance.linear import LinearModel, decisive
from newsangle.stance.readings import Sources, TopicShares, View

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_WORD = re.compile(TOKEN_PATTERN)


@dataclass(frozen=True)
class Reasons:
    """What made a model decide for a class on a row.

    `terms`: block, term and contribution of the weightiest; `words`: start, end and summed contribution of each word of
    the text, n-grams shared out evenly over their places; `rest`: what the text has no say in (intercept, target).
    Contributions are to the score of the class less the mean over classes: above 0 speaks for it.
    """

    terms: list[tuple[str, str, float]]
    words: list[tuple[int, int, float]]
    rest: float


def explain_rows(
    text: TaskText,
    texts: Sequence[str],
    codes: Ints,
    folds: Ints,
    fit: CrossFit,
    rows: Ints,
    *,
    seed: int,
    topic_shares: TopicShares | None = None,
    most: int = 12,
) -> dict[int, Reasons]:
    """Why did the model selected for a row's fold, which never saw the row, decide as it did? By row number.

    Rows whose model weighs no words (the majority, the keyword rule) have no reasons.
    """
    out: dict[int, Reasons] = {}
    sources = Sources(text, None, topic_shares)
    for k, name in enumerate(fit.chosen):
        here = rows[folds[rows] == k]
        train = np.flatnonzero((folds != k) & (codes >= 0))
        members = [Variant(m, tuple(sorted(options.items()))) for m, options in fit.options[name][k].items()]
        if not len(here) or len(np.unique(codes[train])) < 2 or CLASSIFIERS[name].floor:
            continue
        view = View(sources, folds != k, train, here)
        _, linear = fit_linear(view, codes[train], members, seed, is_average=bool(CLASSIFIERS[name].members))
        if linear is None:
            continue
        wanted = np.searchsorted(np.unique(codes[train]), fit.predicted[SELECTED][here])
        targets = None if text.targets is None else text.targets[here]
        topics = None if linear.topics is None else view.part("topics")[len(train) :]
        parts, offset = linear.contributions(view.design.matrix[len(train) :], wanted, targets, topics)
        names = column_names(text, view.design)
        for i, row in enumerate(here):
            part = parts[[i]].tocoo()
            values = [(*names[j], float(v)) for j, v in zip(part.col, part.data, strict=True)]
            ranked = sorted(values, key=lambda v: (-v[2], v[:2]))
            rest = float(offset[i]) + sum(v for block, _, v in values if block == "is")
            out[int(row)] = Reasons(ranked[:most], share_out(texts[row], values), rest)
    return out


def column_names(text: TaskText, design: Design) -> list[tuple[str, str]]:
    """Block and term of each column of the design; ("is", number) for the target's indicator."""
    names = [
        (block.name, str(term))
        for block, learned in zip(text.blocks, design.weights, strict=True)
        for term in block.counts.terms[learned.columns]
    ]
    return names + [("is", str(t)) for t in range(text.n_targets)]


def share_out(text: str, values: Sequence[tuple[str, str, float]]) -> list[tuple[int, int, float]]:
    """How much does each word of a text add? (start, end, contribution) of every word that adds something.

    Each n-gram's contribution is divided evenly over the places where it stands, and there over its words. What has no
    place in the text (the masks of targets, say) is left out.
    """
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow when lowered, and offsets would lie
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    spans = [match.span() for match in _WORD.finditer(lowered)]
    words = [lowered[a:b] for a, b in spans]
    total = np.zeros(len(words))
    # Characters are counted in whatever stands between blanks, as the vectoriser does.
    chunks = [(m.start(), f" {m.group()} ") for m in re.finditer(r"\S+", lowered)]
    for block, term, value in values:
        places: list[list[int]] = []
        if block == "char":
            for start, chunk in chunks:
                at = chunk.find(term)
                while at >= 0:
                    first, last = start + at - 1, start + at - 1 + len(term)
                    places.append([i for i, (a, b) in enumerate(spans) if a < last and b > first])
                    at = chunk.find(term, at + 1)
        elif block != "is":
            tokens = term.split(" ")
            n = len(tokens)
            places = [list(range(i, i + n)) for i in range(len(words) - n + 1) if words[i : i + n] == tokens]
        for place in places:
            for i in place:
                total[i] += value / len(places) / len(place)
    return [(a, b, float(t)) for (a, b), t in zip(spans, total, strict=True) if t]


def class_words(final: FinalModel, text: TaskText, *, most: int = 15) -> dict[int, list[tuple[str, float]]]:
    """Which words and pairs of words speak most for each class? Class number → (term, mean contribution over rows).

    By the model for new articles: weight less the mean over classes, times the term's mean value over the coded rows,
    so that a word that moves many passages stands before one that moves a single passage a lot. Empty for floors.
    """
    if final.linear is None:
        return {}
    names = column_names(text, final.design)
    mean = _mean_contributions(final.linear, final.design.matrix)
    shown = np.array([block in ("word", "target") for block, _ in names])
    out = {}
    for c, row in zip(final.estimator.classes_, mean, strict=True):
        order = np.argsort(-np.where(shown, row, -np.inf), kind="stable")[:most]
        out[int(c)] = [(_told(*names[j]), float(row[j])) for j in order if row[j] > 0]
    return out


def _mean_contributions(model: LinearModel, X: sp.csr_matrix) -> Array:
    """What does each column add on average over the rows to each class, over the mean of classes and of targets?"""
    least = decisive(model)
    coef = least.coef if least.by_target is None else least.coef + least.by_target.mean(axis=0)
    out = coef * np.asarray(X.mean(axis=0)).ravel()
    if model.directions is not None and least.lsa is not None:
        n_words = len(model.directions)
        words = X[:, :n_words]
        length = coordinates(words, model.directions)[1]
        scaled = np.asarray(words.multiply(1 / length[:, None]).mean(axis=0)).ravel()
        latent = least.lsa if least.lsa_by_target is None else least.lsa + least.lsa_by_target.mean(axis=0)
        out[:, :n_words] += (latent @ model.directions.T) * scaled
    return np.asarray(out)


def _told(block: str, term: str) -> str:
    if block != "target":
        return term
    told = term.replace("xtargetx", "TARGET").replace("xotherx", "OTHER")
    return f"{told} (sentence on the target)"
