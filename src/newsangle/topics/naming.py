"""What is this topic called, and is it the one of an earlier run? Names from distinctive words, kept across runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata

from newsangle.topics.counts import Floats, check_distributions
from newsangle.topics.match import SAME_BELOW, topic_distances

N_CANDIDATES, N_WORDS = 15, 3


@dataclass(frozen=True)
class Catalogue:
    """Topics that have names: what a later run is matched against.

    ids: one a topic, unique, such as "gaza-hamas-israeli". names: the words to show. components: topics × terms,
    vocabulary: the term of each column. distances: to the topic of the known catalogue that gave the id, NaN for a new
    one.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    components: Floats
    vocabulary: tuple[str, ...]
    distances: Floats


def name_topics(
    components: Any,
    vocabulary: Sequence[str],
    known: Catalogue | None = None,
    *,
    given: Sequence[str | None] | None = None,
    same_below: float = SAME_BELOW,
    n_words: int = N_WORDS,
) -> Catalogue:
    """What are these topics called? A known topic keeps its id and name, a new one gets both from its words.

    components: topics × terms (word distributions) in the order in which topics are shown; vocabulary: term of each
    column; `known`: an earlier answer, of another seed, number of topics or slightly other articles. Topics are matched
    one to one by the Hungarian method on Jensen–Shannon distance over the union of both vocabularies, and only pairs
    nearer than `same_below` count (farther ones cost the same as none, so a far pair never breaks a near one).
    given: a name per topic that is kept as it is, or None; for topics that seed words made and named.

    A new id is the `n_words` most distinctive of the topic's heaviest words (`distinctive_words`), joined by hyphens in
    alphabetical order, so it doesn't depend on seed, order or which of them is heaviest; one that is taken already gets
    a number. Even so only matching makes ids stable: two runs named without `known` may call one topic differently.
    Raises ValueError for rows that are no distributions, or a vocabulary that doesn't fit or repeats a term.

    >>> first = name_topics([[0.9, 0.1, 0.0], [0.0, 0.1, 0.9]], ["tank", "army", "goal"], n_words=1)
    >>> later = name_topics([[0.0, 0.2, 0.8], [0.8, 0.2, 0.0]], ["tank", "army", "goal"], first, n_words=1)
    >>> first.ids, later.ids
    (('tank', 'goal'), ('goal', 'tank'))
    """
    phi = check_distributions(components)
    terms = tuple(str(term) for term in vocabulary)
    if len(terms) != phi.shape[1] or len(set(terms)) != len(terms):
        raise ValueError(f"{len(terms)} terms, {len(set(terms))} of them different, for {phi.shape[1]} columns")
    own = [None] * len(phi) if given is None else list(given)
    fixed = [name for name in own if name is not None]
    if len(own) != len(phi) or len(set(fixed)) != len(fixed):
        raise ValueError(f"given = {own}: pass a name or None for each of {len(phi)} topics, no name twice")
    words = distinctive_words(phi, terms, n_words=min(n_words, len(terms)))
    pairs = {} if known is None else _match(phi, terms, known, own, same_below)
    taken = set(fixed) if known is None else {*fixed, *known.ids}
    ids, names = [], []
    for topic, best in enumerate(words):
        name = own[topic]
        if name is not None:
            topic_id = name
        elif known is not None and topic in pairs:
            topic_id, name = known.ids[pairs[topic][0]], known.names[pairs[topic][0]]
        else:
            topic_id, name = _free("-".join(sorted(best)), taken), ", ".join(best)
        taken.add(topic_id)
        ids.append(topic_id)
        names.append(name)
    distances = np.array([pairs[topic][1] if topic in pairs else np.nan for topic in range(len(phi))])
    return Catalogue(tuple(ids), tuple(names), phi, terms, distances)


def _match(
    phi: Floats, terms: tuple[str, ...], known: Catalogue, own: Sequence[str | None], same_below: float
) -> dict[int, tuple[int, float]]:
    """Topic → (topic of the catalogue, distance), where nearer than `same_below` and without a name of their own."""
    column_of = {term: column for column, term in enumerate(dict.fromkeys((*known.vocabulary, *terms)))}

    def spread(rows: Floats, vocabulary: tuple[str, ...]) -> Floats:
        wide = np.zeros((len(rows), len(column_of)))
        wide[:, [column_of[term] for term in vocabulary]] = rows
        return wide

    unnamed = [k for k, name in enumerate(own) if name is None]
    free = [k for k, topic_id in enumerate(known.ids) if topic_id not in own]
    if not unnamed or not free:
        return {}
    old = spread(known.components[free], known.vocabulary)
    distances = topic_distances(spread(phi[unnamed], terms), old)
    rows, columns = linear_sum_assignment(np.minimum(distances, same_below))
    return {
        unnamed[a]: (free[b], float(distances[a, b]))
        for a, b in zip(rows.tolist(), columns.tolist(), strict=True)
        if distances[a, b] < same_below
    }


def _free(wanted: str, taken: set[str]) -> str:
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted}-{number}"
    return free


def distinctive_words(
    components: Any, vocabulary: Sequence[str], n_words: int = N_WORDS, n_candidates: int = N_CANDIDATES
) -> list[list[str]]:
    """Which words tell a topic from the others? The best `n_words` of its `n_candidates` heaviest words, best first.

    Best by FREX: the harmonic mean of two ranks among the candidates, by φ_kw (frequent in the topic) and by
    φ_kw / Σ_j φ_jw (exclusive to it), each as a share of the candidates below or equal. A word that is heavy everywhere
    ("said", "government") loses to one that is nearly as heavy and the topic's own. Equal scores: the heavier word
    first, then the alphabet.
    Source: Bischof and Airoldi (2012), with ranks over the candidates instead of all terms: over all terms exclusivity
    alone decides, since every candidate is among the most frequent.
    """
    phi = check_distributions(components)
    terms = np.asarray([str(term) for term in vocabulary], dtype=object)
    if len(terms) != phi.shape[1]:
        raise ValueError(f"{len(terms)} terms for {phi.shape[1]} columns: pass the term of each column")
    if not 1 <= n_words <= len(terms):
        raise ValueError(f"n_words = {n_words}: use a number of words between 1 and {len(terms)}")
    n_candidates = min(max(n_candidates, n_words), len(terms))
    alphabetical = np.argsort(terms, kind="stable")
    phi, terms = phi[:, alphabetical], terms[alphabetical]
    over_topics = phi.sum(axis=0)
    chosen = []
    for row in phi:
        heaviest = np.argsort(-row, kind="stable")[:n_candidates]
        weight = row[heaviest]
        exclusive = weight / np.maximum(over_topics[heaviest], np.finfo(np.float64).tiny)
        by_weight, by_exclusivity = (rankdata(x, method="max") / n_candidates for x in (weight, exclusive))
        frex = 2.0 / (1.0 / by_weight + 1.0 / by_exclusivity)
        chosen.append([str(terms[i]) for i in heaviest[np.argsort(-frex, kind="stable")[:n_words]]])
    return chosen


def canonical_topic_order(components: Any, shares: Any) -> npt.NDArray[np.int64]:
    """In which order are topics shown? Largest mean share first; equal (or unknown) shares by their words.

    components: topics × terms. shares: articles × topics (rows of NaN are left out), or one number a topic. The order
    depends on what the topics are, never on where a seed happened to put them.
    """
    weights = np.asarray(components, dtype=np.float64)
    given = np.asarray(shares, dtype=np.float64)
    if given.ndim == 2:
        known = given[~np.isnan(given).any(axis=1)]
        given = known.mean(axis=0) if len(known) else np.full(given.shape[1], np.nan)
    if given.shape != (len(weights),):
        raise ValueError(f"shares of {given.shape[-1]} topics for {len(weights)} rows of components")
    size = np.where(np.isnan(given), -np.inf, given)
    content = np.lexsort(-weights[:, ::-1].T)
    return np.asarray(content[np.argsort(-size[content], kind="stable")], dtype=np.int64)
