"""Where does each count go? The loops of `LDA`, over one range of rows at a time.

Layout: every matrix of topics is flat float32, one row of `n` floats per term or article, n = topics padded with zeros
to a multiple of `LANES`. Ranges of rows are the unit of parallel work: a kernel writes only rows of its range (and one
row of `totals`), so any number of threads gives the same bytes.

Rows and scratch begin at multiples of 64 bytes (`aligned`): a vector that straddles two cache lines costs twice.

Names: `terms` = N_wk + η_wk, `articles` = (N_dk + α_k) / N_k, so that the weight of topic k in a cell is their product.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.compiled import kernels
from newsangle.topics import lda_lanes, splitmix
from newsangle.topics.lda_lanes import LANES, add_scaled, dot, draw, exclude

compiled = kernels(__file__, lda_lanes.__file__, splitmix.__file__)
_mix = compiled(splitmix.splitmix)

SCRATCH_ROWS = 5

LEAST = np.float32(1e-3)  # share of the EM step that over-relaxation leaves at least
_ONE = np.float32(1)


def aligned(size: int) -> npt.NDArray[np.float32]:
    """`size` zeros, float32, the first at a multiple of 64 bytes (numpy promises 16)."""
    room = np.zeros(size + LANES, np.float32)
    first = -room.ctypes.data % 64 // 4
    return room[first : first + size]


@compiled
def expect(
    starts: Any, columns: Any, counts: Any, row: int, here: Any, row_own: Any, others: Any, other_own: Any,
    collapsed: bool, total: Any, share: Any, n: int,
) -> None:  # fmt: skip
    """total_k += Σ_cells count · p_k / Σ p, p_k = here_k · others_k; `collapsed` takes the token's own share out first.

    Plain: p_k / Σ p is the E step, and here_k leaves the sum: two passes of fused multiply-adds a cell, total is
    multiplied by `here` at the end. Collapsed: CVB0 (Asuncion et al. 2009), with the share that is taken out computed
    from the present counts instead of kept from the last sweep (which would need cells × topics of memory).
    """
    if collapsed:
        for cell in range(starts[row], starts[row + 1]):
            at = np.int64(columns[cell]) * n
            z = dot(here, np.int64(0), others, at, n)
            z = exclude(here, row_own, others, at, other_own, z, share, n)
            add_scaled(counts[cell] / z, share, np.int64(0), total, n)
    else:
        for k in range(n):
            share[k] = np.float32(0)
        for cell in range(starts[row], starts[row + 1]):
            at = np.int64(columns[cell]) * n
            add_scaled(counts[cell] / dot(here, np.int64(0), others, at, n), others, at, share, n)
        for k in range(n):
            total[k] += share[k] * here[k]


@compiled
def update_terms(
    starts: Any, columns: Any, counts: Any, terms: Any, articles: Any, prior: Any, prior_of: Any, inverse: Any,
    relax: Any, collapsed: bool, partial: Any, first_block: bool, last_block: bool, first: int, last: int,
    totals: Any, scratch: Any, n: int,
) -> None:  # fmt: skip
    """N_wk of terms first … last − 1 moves `relax` steps towards its expectation; totals_k = Σ_w (N_wk + η_wk).

    starts, columns, counts: one block of articles, by term. partial: what earlier blocks gave (unused for one block).
    """
    here, share, total = scratch[:n], scratch[n : 2 * n], scratch[2 * n : 3 * n]
    own, ones = scratch[3 * n : 4 * n], scratch[4 * n : 5 * n]
    for k in range(n):
        totals[k] = 0.0
        ones[k] = _ONE
    for term in range(first, last):
        at = term * n
        p = np.int64(prior_of[term]) * n
        for k in range(n):
            here[k] = terms[at + k]
            own[k] = here[k] * inverse[k]
            total[k] = np.float32(0) if first_block else partial[at + k]
        expect(starts, columns, counts, term, here, own, articles, ones, collapsed, total, share, n)
        if not last_block:
            for k in range(n):
                partial[at + k] = total[k]
            continue
        for k in range(n):
            before = here[k] - prior[p + k]
            moved = max(before + relax * (total[k] - before), LEAST * total[k]) + prior[p + k]
            terms[at + k] = moved
            totals[k] += np.float64(moved)


@compiled
def update_articles(
    starts: Any, columns: Any, counts: Any, terms: Any, held: Any, articles: Any, alpha: Any, inverse: Any,
    relax: Any, collapsed: bool, first: int, last: int, scratch: Any, n: int,
) -> None:  # fmt: skip
    """N_dk (`held`) of articles first … last − 1 moves `relax` steps towards its expectation; then `articles`."""
    here, share, total = scratch[:n], scratch[n : 2 * n], scratch[2 * n : 3 * n]
    for article in range(first, last):
        at = article * n
        for k in range(n):
            here[k] = (held[at + k] + alpha[k]) * inverse[k]
            total[k] = np.float32(0)
        expect(starts, columns, counts, article, here, here, terms, inverse, collapsed, total, share, n)
        for k in range(n):
            moved = max(held[at + k] + relax * (total[k] - held[at + k]), LEAST * total[k])
            held[at + k] = moved
            articles[at + k] = (moved + alpha[k]) * inverse[k]


@compiled
def fold_in(
    starts: Any, columns: Any, counts: Any, terms: Any, alpha: Any, n_iter: int, relax: Any, first: int, last: int,
    theta: Any, scratch: Any, n: int,
) -> None:  # fmt: skip
    """θ of articles first … last − 1 under fixed topics (`terms` = φ): n_iter EM steps from α, over-relaxed but for the
    last one; rows not normalised."""
    here, share, total = scratch[:n], scratch[n : 2 * n], scratch[2 * n : 3 * n]
    for article in range(first, last):
        for k in range(n):
            here[k] = _ONE if alpha[k] > 0 else np.float32(0)
        for step in range(n_iter):
            for k in range(n):
                total[k] = alpha[k]
            expect(starts, columns, counts, article, here, here, terms, here, False, total, share, n)
            ahead = relax if 0 < step < n_iter - 1 else _ONE
            for k in range(n):
                here[k] = max(here[k] + ahead * (total[k] - here[k]), LEAST * total[k])
        for k in range(n):
            theta[article * n + k] = here[k]


@compiled
def digamma(x: float) -> float:
    """ψ(x) for x > 0: recurrence up to 6, then the asymptotic series (error below 1e-11)."""
    result = 0.0
    while x < 6.0:
        result -= 1.0 / x
        x += 1.0
    f = 1.0 / (x * x)
    return float(result + np.log(x) - 0.5 / x - f * (1 / 12 - f * (1 / 120 - f * (1 / 252 - f * (1 / 240 - f / 132)))))


@compiled
def alpha_terms(held: Any, alpha: Any, n_topics: int, n: int, first: int, last: int, sums: Any) -> None:
    """sums_k = Σ_d ψ(N_dk + α_k) − ψ(α_k), sums_K = Σ_d ψ(N_d + Σα) − ψ(Σα): Minka's (2000) fixed point for α."""
    base = np.zeros(n_topics)
    whole = 0.0
    for k in range(n_topics):
        base[k] = digamma(alpha[k])
        whole += alpha[k]
        sums[k] = 0.0
    sums[n_topics] = 0.0
    whole_base = digamma(whole)
    for article in range(first, last):
        length = 0.0
        for k in range(n_topics):
            count = np.float64(held[article * n + k])
            length += count
            if count > 1e-4:  # ψ(α + x) − ψ(α) ≈ 0: most cells, and digamma is the cost here
                sums[k] += digamma(count + alpha[k]) - base[k]
        sums[n_topics] += digamma(length + whole) - whole_base


@compiled
def sample(
    starts: Any, words: Any, topics: Any, terms: Any, held: Any, alpha: Any, inverse: Any, key: Any, begin: bool,
    first: int, last: int, n_topics: int, scratch: Any, n: int,
) -> None:  # fmt: skip
    """One sweep of Gibbs sampling over the tokens of articles first … last − 1.

    N_dk is current, N_wk the last sweep's (every article sees the same table, so threads can't matter), each token's
    own count is taken out of both. Random numbers are keyed by (key, article). `begin`: draw the first topics from the
    expected counts `held` instead. `held` becomes N_dk. Source: Newman, Asuncion, Smyth and Welling (2009), AD-LDA.
    """
    golden = splitmix.GOLDEN
    n_held, weight, sums = scratch[:n], scratch[n : 2 * n], scratch[2 * n : 3 * n]
    for article in range(first, last):
        for k in range(n):
            n_held[k] = held[article * n + k]
            weight[k] = (n_held[k] + alpha[k]) * inverse[k]
        state = _mix(np.uint64(key) ^ _mix(np.uint64(article) + golden))
        for token in range(starts[article], starts[article + 1]):
            at = np.int64(words[token]) * n
            state += golden
            u = np.float32(_mix(state) >> np.uint64(40)) * np.float32(2.0**-24)
            if begin:
                topics[token] = min(draw(weight, terms, at, u, sums, n), n_topics - 1)
                continue
            old = np.int64(topics[token])
            n_held[old] -= _ONE
            weight[old] = (n_held[old] + alpha[old]) * inverse[old]
            kept = weight[old]
            weight[old] = kept * max(_ONE - _ONE / terms[at + old], LEAST)  # N_wk without this token
            new = draw(weight, terms, at, u, sums, n)
            weight[old] = kept
            if new >= n_topics:  # rounding put u past the last topic
                new = old
            n_held[new] += _ONE
            weight[new] = (n_held[new] + alpha[new]) * inverse[new]
            topics[token] = new
        for k in range(n):
            n_held[k] = np.float32(0)
        for token in range(starts[article], starts[article + 1]):
            n_held[topics[token]] += _ONE
        for k in range(n):
            held[article * n + k] = n_held[k]


@compiled
def count_terms(
    starts: Any, tokens: Any, topics: Any, terms: Any, summed: Any, prior: Any, prior_of: Any, keep: bool,
    first: int, last: int, totals: Any, n: int,
) -> None:  # fmt: skip
    """N_wk of terms first … last − 1 from the tokens' topics (tokens: positions by term); `keep` adds to `summed`.

    Counted in whole numbers: 2^24 + 1 is 2^24 in float32, where a frequent word of a large corpus would stop growing.
    """
    row = np.zeros(n, np.int64)
    for k in range(n):
        totals[k] = 0.0
    for term in range(first, last):
        for k in range(n):
            row[k] = 0
        for i in range(starts[term], starts[term + 1]):
            row[topics[tokens[i]]] += 1
        at, p = term * n, np.int64(prior_of[term]) * n
        for k in range(n):
            if keep:
                summed[at + k] += np.float64(row[k])
            terms[at + k] = np.float32(row[k]) + prior[p + k]
            totals[k] += np.float64(terms[at + k])
