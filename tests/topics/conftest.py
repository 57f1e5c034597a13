"""Articles whose topics are known, because they were drawn from them."""

from dataclasses import dataclass

import numpy as np
import pytest


@dataclass(frozen=True)
class Planted:
    phi: np.ndarray  # 5 topics × terms
    counts: np.ndarray  # articles × terms


def draw_planted(n_articles: int, n_terms: int = 200, n_tokens: int = 120, seed: int = 7) -> Planted:
    """Five topics, each with nine tenths of its words from its own fifth of the vocabulary."""
    rng = np.random.default_rng(seed)
    phi = np.full((5, n_terms), 0.1 / n_terms)
    for topic, own in enumerate(np.array_split(np.arange(n_terms), 5)):
        phi[topic, own] += 0.9 * rng.dirichlet(np.full(len(own), 0.5))
    theta = rng.dirichlet(np.full(5, 0.2), size=n_articles)
    counts = np.stack([rng.multinomial(n_tokens, mixture) for mixture in theta @ phi])
    return Planted(phi, counts)


@pytest.fixture(scope="session")
def planted() -> Planted:
    return draw_planted(300)


@pytest.fixture(scope="session")
def wide() -> Planted:
    """Large enough that BLAS would share the work between threads."""
    return draw_planted(500, n_terms=3000)
