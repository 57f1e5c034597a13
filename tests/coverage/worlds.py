"""News that differ in nothing, or in words planted on one side: bursts within stories, copies in other outlets."""

import numpy as np
import scipy.sparse as sp
from scipy.special import ndtr


def draw_world(
    seed,
    *,
    n_stories=300,
    n_terms=400,
    split=(0.5, 0.5),
    lengths=(60, 60),
    copies=0.15,
    burst=1.2,
    planted=(),
    times=6.0,
):
    """Documents × terms, and each document's side ("s0", "s1" …) and story.

    A story draws its own word shares around the common ones (gamma weights: a word said once is said again), and with
    chance `copies` stands in one to three further documents, each on a side drawn anew. `planted`: terms that stories
    of side 0 say `times` as often; a copy carries them along.
    """
    rng = np.random.default_rng(seed)
    rate = 1 / np.arange(3, n_terms + 3) ** 1.1
    rate /= rate.sum()
    rows, sides, stories = [], [], []
    for story in range(n_stories):
        side = int(rng.choice(len(split), p=split))
        own = rate.copy()
        if side == 0:
            own[list(planted)] *= times
        share = rng.gamma(own * 40 * burst)
        length = max(8, int(lengths[side] * np.exp(0.5 * rng.standard_normal())))
        counts = rng.multinomial(length, share / share.sum())
        for copy in range(1 + (int(rng.integers(1, 4)) if rng.random() < copies else 0)):
            rows.append(counts)
            sides.append(f"s{side if copy == 0 else int(rng.integers(len(split)))}")
            stories.append(f"story {story}")
    return sp.csr_matrix(np.array(rows)), sides, stories


def analytic_p(counts, sides):
    """p of Monroe, Colaresi and Quinn's z (2008, eq. 16 and 22): every token on its own; the first side against all."""
    first = np.array(sides) == "s0"
    a, b = (np.asarray(counts[rows].sum(axis=0)).ravel().astype(float) for rows in (first, ~first))
    said = a + b > 0
    a, b = a[said], b[said]
    alpha = 500 * (a + b) / (a + b).sum()
    n_a, n_b = a.sum() + 500, b.sum() + 500
    log_odds = np.log((a + alpha) / (n_a - a - alpha)) - np.log((b + alpha) / (n_b - b - alpha))
    return 2 * ndtr(-np.abs(log_odds / np.sqrt(1 / (a + alpha) + 1 / (b + alpha))))
