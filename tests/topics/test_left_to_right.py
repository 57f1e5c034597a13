"""Is the left-to-right evaluator the marginal likelihood that it claims to estimate?"""

from itertools import product
from math import lgamma

import numpy as np
import pytest
from scipy import sparse

from newsangle.topics.left_to_right import left_to_right

PHI = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])


def exact(words, phi, alpha):
    """p(words) by going through all assignments: Σ_z Π φ · Γ(Σα) / Γ(Σα + N) · Π Γ(α_k + n_k) / Γ(α_k)."""
    total = 0.0
    for z in product(range(len(phi)), repeat=len(words)):
        held = np.bincount(z, minlength=len(phi))
        log_z = lgamma(sum(alpha)) - lgamma(sum(alpha) + len(words))
        log_z += sum(lgamma(a + n) - lgamma(a) for a, n in zip(alpha, held, strict=True))
        total += np.exp(log_z) * np.prod([phi[k, w] for k, w in zip(z, words, strict=True)])
    return total


def test_one_token_is_worked_out_by_hand():
    # alpha = (1, 3): θ is (1/4, 3/4) on average; p(word 0) = 0.7/4 + 0.1 · 3/4 = 0.25. No sampling is involved.
    assert exact([0], PHI, [1.0, 3.0]) == pytest.approx(0.25)
    assert left_to_right(PHI, [[1, 0, 0]], [1.0, 3.0]).log_likelihood[0] == pytest.approx(np.log(0.25))


@pytest.mark.parametrize("n_moves", [0, 1, None])
@pytest.mark.parametrize("n_particles", [1, 3])
def test_the_likelihood_of_three_tokens_is_unbiased_for_any_number_of_particles_and_moves(n_particles, n_moves):
    alpha = [0.3, 0.5]
    truth = exact([0, 0, 2], PHI, alpha)
    found = np.exp(
        [
            left_to_right(PHI, [[2, 0, 1]], alpha, n_particles=n_particles, n_moves=n_moves, seed=s).log_likelihood[0]
            for s in range(3000)
        ]
    )
    error = found.std() / np.sqrt(len(found))
    assert error < 0.02 * truth
    assert abs(found.mean() - truth) < 3.5 * error


def test_many_particles_reach_the_exact_logarithm_on_six_tokens():
    truth = np.log(exact([0, 0, 1, 1, 2, 2], PHI, [0.1, 0.1]))
    found = left_to_right(PHI, [[2, 2, 2]], 0.1, n_particles=20_000).log_likelihood[0]
    assert found == pytest.approx(truth, abs=0.01)


def test_with_one_topic_nothing_is_left_to_chance():
    done = left_to_right([[0.5, 0.25, 0.25]], [[4, 2, 1], [0, 0, 0]], seed=5)
    assert done.log_likelihood == pytest.approx([4 * np.log(0.5) + 3 * np.log(0.25), 0.0])
    assert done.tokens.tolist() == [7, 0]


def test_an_article_depends_on_no_other_article_and_no_order(planted):
    counts = planted.counts[:6]
    done = left_to_right(planted.phi, sparse.csr_array(counts), 0.2, n_particles=3)
    turned = left_to_right(planted.phi, counts[::-1], 0.2, n_particles=3)
    assert done.log_likelihood.tolist() == turned.log_likelihood[::-1].tolist()
    assert done.log_likelihood[2] == left_to_right(planted.phi, counts[2:3], 0.2, n_particles=3).log_likelihood[0]
    other = left_to_right(planted.phi, counts, 0.2, n_particles=3, seed=1)
    assert (done.log_likelihood != other.log_likelihood).all()


def test_the_topics_that_made_the_articles_are_likelier_than_others(planted):
    worse = np.roll(planted.phi, 1, axis=1)
    of = [left_to_right(phi, planted.counts[:20], 0.2, n_particles=5).log_likelihood for phi in (planted.phi, worse)]
    assert (of[0] > of[1]).all()


def test_an_impossible_word_is_minus_infinity_and_bad_priors_are_refused():
    phi = [[0.5, 0.5, 0.0]]
    assert left_to_right(phi, [[1, 0, 1]]).log_likelihood[0] == -np.inf
    for alpha in (0.0, [0.1, 0.2], [np.nan]):
        with pytest.raises(ValueError, match="above 0"):
            left_to_right(phi, [[1, 0, 0]], alpha)
    with pytest.raises(ValueError, match="n_particles"):
        left_to_right(phi, [[1, 0, 0]], n_particles=0)
    with pytest.raises(ValueError, match="terms"):
        left_to_right(phi, [[1, 0]])
