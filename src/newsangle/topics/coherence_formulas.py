"""From counts of windows to the coherence of one topic: the formulas. All read counts alike, all: higher is better.

together: rows × n × n windows that hold word i and word j of the topic (on the diagonal: word i); windows: how many
there are, per row. A row is a corpus: all of it, or all but one block, or one random set of words. Returns one number
per row. P = share of windows, ε = 1e-12 (Stevens et al. 2012 tried others: a larger ε blurs the good topics).

Unseen words (P_i = 0), where the formulas have no value: a pair with an unseen word counts as the worst there is, as if
both stood in every window and never together: log ratio log ε, NPMI −1. In C_v an unseen word is a zero vector and its
cosine 0. as_gensim: the same without our definitions at the edges, P_ij = 1 in NPMI and zero vectors in C_v.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from newsangle.topics.cooccurrence import DOCUMENTS, Integers
from newsangle.topics.counts import Floats

Booleans = npt.NDArray[np.bool_]
MeasureName = Literal["npmi", "c_v", "uci", "umass"]

EPSILON = 1e-12


@dataclass(frozen=True)
class Measure:
    """One way to score a topic: its formula, the window it is defined with, the numbers that it can be at all, and
    whether the words' order matters."""

    formula: Callable[..., Floats]
    window: int
    lowest: float = -np.inf
    highest: float = np.inf
    ordered: bool = False


def npmi(together: Integers, windows: Integers, *, as_gensim: bool = False) -> Floats:
    """How strongly do the top words of a topic attract each other, in [−1, 1]? 0: as by chance.

    Mean over pairs of log((P_ij + ε) / (P_i P_j)) / −log(P_ij + ε); 1 for a pair in every window, where the formula
    says −1 (and gensim too). Source: Bouma (2009); Aletras and Stevenson (2013).
    """
    return np.asarray(_normalised(*_pairs(together), windows, as_gensim=as_gensim)[0].mean(axis=1))


def uci(together: Integers, windows: Integers, *, as_gensim: bool = False) -> Floats:
    """By what factor do the top words meet more often than by chance, as a logarithm? Unbounded; 0: as by chance.

    Mean over pairs of log((P_ij + ε) / (P_i P_j)). Source: Newman, Lau, Grieser and Baldwin (2010).
    """
    return np.asarray(_log_ratios(*_pairs(together), windows)[0].mean(axis=1))


def umass(together: Integers, windows: Integers, *, as_gensim: bool = False) -> Floats:
    """Does a document that holds a heavier word of the topic hold the lighter ones too? At most 0; words in order.

    Mean over pairs j before i of log((P_ij + ε) / P_j), P = share of documents. Source: Mimno et al. (2011), who add
    1 to the count and sum; ε and the mean as in Stevens et al. (2012) and in gensim, so that topics of different
    length compare.
    """
    shares = together / np.maximum(windows, 1)[:, None, None]
    alone = np.einsum("rii->ri", shares)
    seen = (alone[:, :, None] > 0) & (alone[:, None, :] > 0)
    ratio = (shares + EPSILON) / np.where(seen, alone[:, None, :], 1.0)
    values = np.where(seen, np.log(ratio), np.log(EPSILON))
    after, before = np.tril_indices(together.shape[1], k=-1)
    return np.asarray(values[:, after, before].mean(axis=1))


def c_v(together: Integers, windows: Integers, *, as_gensim: bool = False) -> Floats:
    """Do the top words keep the same company within the topic? Mostly in [0, 1].

    Word i is the vector of its NPMI with every word of the topic (itself too); mean cosine of each word's vector with
    the sum of all. Source: Röder, Both and Hinneburg (2015): one-set segmentation, indirect cosine, γ = 1.
    """
    alone = np.einsum("rii->ri", together)
    values, seen = _normalised(together, alone[:, :, None], alone[:, None, :], windows, as_gensim=as_gensim)
    vectors = np.where(seen, values, 0.0)
    whole = vectors.sum(axis=1)
    dots = (vectors * whole[:, None, :]).sum(axis=2)
    norms = np.sqrt((vectors**2).sum(axis=2)) * np.sqrt((whole**2).sum(axis=1))[:, None]
    undefined = np.nan if as_gensim else 0.0
    cosines = np.where(norms > 0, dots / np.where(norms > 0, norms, 1.0), undefined)
    return np.asarray(cosines.mean(axis=1))


MEASURES: dict[MeasureName, Measure] = {
    "npmi": Measure(npmi, 10, -1.0, 1.0),
    "c_v": Measure(c_v, 110),
    "uci": Measure(uci, 10),
    "umass": Measure(umass, DOCUMENTS, ordered=True),
}


def _pairs(together: Integers) -> tuple[Integers, Integers, Integers]:
    """Of each pair of words: windows that hold both, the one, the other; rows × pairs."""
    one, other = np.triu_indices(together.shape[1], k=1)
    alone = np.einsum("rii->ri", together)
    return together[:, one, other], alone[:, one], alone[:, other]


def _log_ratios(both: Integers, one: Integers, other: Integers, windows: Integers) -> tuple[Floats, Floats, Booleans]:
    """log((P_ij + ε) / (P_i P_j)), log ε for unseen words; P_ij + ε; which pairs are seen."""
    total: Any = np.maximum(windows, 1).reshape(-1, *[1] * (both.ndim - 1))
    chance = (one / total) * (other / total)
    seen = chance > 0
    observed = both / total + EPSILON
    return np.log(np.where(seen, observed / np.where(seen, chance, 1.0), EPSILON)), observed, seen


def _normalised(
    both: Integers, one: Integers, other: Integers, windows: Integers, *, as_gensim: bool
) -> tuple[Floats, Booleans]:
    """NPMI of each pair, and which pairs are seen."""
    ratios, observed, seen = _log_ratios(both, one, other, windows)
    values = np.where(seen, ratios / -np.log(observed), -1.0)
    if not as_gensim:
        values = np.where(both == np.maximum(windows, 1).reshape(-1, *[1] * (both.ndim - 1)), 1.0, values)
    return values, seen
