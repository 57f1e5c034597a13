"""How likely is one article under topics? The loop of `left_to_right`, one article at a time."""

from typing import Any

import numpy as np

from newsangle.compiled import kernels
from newsangle.topics import splitmix

compiled = kernels(__file__, splitmix.__file__)

_GAMMA, _mix = splitmix.GOLDEN, compiled(splitmix.splitmix)
_UNIT = 2.0**-53


@compiled
def uniform(state: Any) -> float:
    """The next number in [0, 1) of SplitMix64 (Steele, Lea and Flood 2014); state: one uint64, moved on."""
    state[0] += _GAMMA
    return np.float64(_mix(state[0]) >> np.uint64(11)) * _UNIT


@compiled
def pick(weights: Any, total: float, n: int, state: Any) -> int:
    """One index, drawn with these weights; total: their sum."""
    goal = uniform(state) * total
    for k in range(n):
        goal -= weights[k]
        if goal < 0.0:
            return k
    return n - 1  # rounding put the goal past the last


@compiled
def article_log_likelihood(
    words: Any, by_term: Any, alpha: Any, n_particles: int, n_moves: int, state: Any, topics: Any, held: Any,
    weights: Any, chances: Any, parents: Any, topics_before: Any, held_before: Any,
) -> float:  # fmt: skip
    """log of an estimate of p(words); words: term of each token in order, by_term: terms × topics.

    topics: particles × tokens and held: particles × topics (how many tokens each topic holds), both overwritten;
    topics_before, held_before: the same shapes, scratch. n_moves < 0: all earlier tokens are drawn anew at each step.
    """
    n_topics = len(alpha)
    total_alpha = 0.0
    for k in range(n_topics):
        total_alpha += alpha[k]
    held[:] = 0.0
    log_likelihood = 0.0
    for n in range(len(words)):
        word = words[n]
        sum_chances = 0.0
        for r in range(n_particles):
            moves = n if n_moves < 0 else min(n, n_moves)
            for move in range(moves):
                at = move if n_moves < 0 or n <= n_moves else int(uniform(state) * n)
                held[r, topics[r, at]] -= 1.0
                total = 0.0
                for k in range(n_topics):
                    weights[k] = by_term[words[at], k] * (held[r, k] + alpha[k])
                    total += weights[k]
                topics[r, at] = pick(weights, total, n_topics, state)
                held[r, topics[r, at]] += 1.0
            chance = 0.0
            for k in range(n_topics):
                chance += by_term[word, k] * (held[r, k] + alpha[k])
            chances[r] = chance / (n + total_alpha)
            sum_chances += chances[r]
        log_likelihood += np.log(sum_chances / n_particles)
        # Particles that expected the word go on, in proportion: systematic draws, one uniform number for all.
        step = sum_chances / n_particles
        goal = uniform(state) * step
        parent, reached = 0, chances[0]
        for r in range(n_particles):
            while reached < goal and parent < n_particles - 1:
                parent += 1
                reached += chances[parent]
            parents[r] = parent
            goal += step
        topics_before[:, :n] = topics[:, :n]
        held_before[:] = held
        for r in range(n_particles):
            if parents[r] != r:
                topics[r, :n] = topics_before[parents[r], :n]
                held[r] = held_before[parents[r]]
            total = 0.0
            for k in range(n_topics):
                weights[k] = by_term[word, k] * (held[r, k] + alpha[k])
                total += weights[k]
            topics[r, n] = pick(weights, total, n_topics, state)
            held[r, topics[r, n]] += 1.0
    return log_likelihood
