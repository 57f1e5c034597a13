"""Does the interval of each measure hold the coherence of the population in 95 of 100 samples?"""

from itertools import chain

import numpy as np
import pytest

from newsangle.topics import coherence
from newsangle.topics.cooccurrence import tokenised_corpus

WORDS = [f"w{number}" for number in range(60)]
TOPICS = [WORDS[0:5], WORDS[20:25], WORDS[40:45]]
WINDOWS = {"npmi": None, "c_v": 15, "uci": None, "umass": None}
# Of 400,000 stories, np.random.default_rng(1), standard errors 0.0003, 0.0005, 0.0009, 0.0008; the three topics are
# alike, so their mean is the truth of each.
TRUTH = {"npmi": 0.1065, "c_v": 0.6634, "uci": 0.3733, "umass": -0.7771}
DRAWS = 1000


def stories(n, rng):
    """n stories of 30 words; each leans on one of three fields of twenty words, some strongly."""
    leaning = np.ones((n, 60))
    leaning[np.arange(n)[:, None], 20 * rng.integers(3, size=(n, 1)) + np.arange(20)] += 4.0
    weight = rng.gamma(leaning)
    bounds = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    drawn = (rng.random((n, 30, 1)) > bounds[:, None, :]).sum(axis=2)
    return [[WORDS[min(word, 59)] for word in row] for row in drawn.tolist()]


def sample(n, rng):
    """n stories, each printed by one to four outlets."""
    copies = rng.integers(1, 5, size=n).tolist()
    printed = [[story] * times for story, times in zip(stories(n, rng), copies, strict=True)]
    groups = [number for number, times in enumerate(copies) for _ in range(times)]
    return tokenised_corpus(list(chain.from_iterable(printed)), groups)


def covered(n_stories, draws=DRAWS):
    """Per measure: how often the interval of the mean, and that of a topic, hold the truth."""
    hits = {measure: np.zeros((draws, 1 + len(TOPICS)), dtype=bool) for measure in TRUTH}
    for draw in range(draws):
        corpus = sample(n_stories, np.random.default_rng([n_stories, draw]))
        for measure, truth in TRUTH.items():
            result = coherence(TOPICS, corpus, measure, window=WINDOWS[measure], n_random=0)
            hits[measure][draw, 0] = result.mean_low <= truth <= result.mean_high
            hits[measure][draw, 1:] = (result.low <= truth) & (truth <= result.high)
    return {measure: (float(hit[:, 0].mean()), float(hit[:, 1:].mean())) for measure, hit in hits.items()}


@pytest.mark.slow
@pytest.mark.parametrize("n_stories", [150, 300, 600])
def test_the_interval_covers_the_coherence_of_the_population_95_percent_of_the_time(n_stories):
    # Monte Carlo error of a share near 0.95 in 1,000 draws: 0.7 points, twice that is allowed above 97 %.
    for of_mean, of_topics in covered(n_stories).values():
        assert 0.93 <= of_mean <= 0.985
        assert 0.93 <= of_topics <= 0.985


def rare_stories(n, rng):
    """n stories of 60 words, 600 words of three fields by Zipf's law: pairs of rare words hardly ever meet."""
    rank = np.tile(1.0 / np.arange(1, 201), 3)
    field = np.repeat(np.arange(3), 200)
    leaning = np.where(field[None, :] == rng.integers(3, size=(n, 1)), 6.0, 1.0) * rank
    bounds = np.cumsum(leaning / leaning.sum(axis=1, keepdims=True), axis=1)
    drawn = [np.searchsorted(bounds[i], rng.random(60)) for i in range(n)]
    return [[f"w{word}" for word in row.clip(max=599).tolist()] for row in drawn]


@pytest.mark.slow
def test_where_rare_pairs_make_coherence_too_low_the_limits_still_hold_the_truth():
    population = rare_stories(6000, np.random.default_rng(0))
    topics = [[f"w{200 * k + rank}" for rank in (10, 25, 45, 70, 95, 120)] for k in range(3)]
    truth = coherence(topics, tokenised_corpus(population, range(6000)), n_random=0).mean
    held = values_held = 0
    for draw in range(60):
        rng = np.random.default_rng([9, draw])
        picked = [population[i] for i in rng.integers(6000, size=1500)]
        result = coherence(topics, tokenised_corpus(picked, range(1500)), n_random=0)
        held += result.mean_low <= truth <= result.mean_high
        margin = min(result.mean - result.mean_low, result.mean_high - result.mean)
        values_held += abs(result.mean - truth) <= margin  # what limits around the value alone would hold
    assert values_held / 60 < 0.6
    assert held / 60 >= 0.85


def test_no_limit_lies_where_the_measure_has_no_numbers():
    # The word pair meets in one of two documents: without one block the jackknife's margin passes 12 on either side.
    result = coherence([["a", "b"]], [["a", "b"], ["a", "c"]], n_random=0)
    assert (result.low.tolist(), result.high.tolist()) == ([-1.0], [1.0])
    assert (result.mean_low, result.mean_high) == (-1.0, 1.0)
    unbounded = coherence([["a", "b"]], [["a", "b"], ["a", "c"]], "uci", n_random=0)
    assert unbounded.high[0] > 1.0
