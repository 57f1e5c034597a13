"""How many topics? The fewest that predict held-out articles as well as the best number does, within its error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from newsangle.topics.counts import Floats


@dataclass(frozen=True)
class OneStandardError:
    """The chosen and the best number of topics, and how far each candidate is from the best.

    excess: per candidate (in `n_topics`, ascending), held-out loss per token above the best's, in nats: perplexity
    is higher by exp(excess) − 1. error: the standard error of that difference, 0 for the best itself.
    """

    chosen: int
    best: int
    n_topics: tuple[int, ...]
    excess: Floats
    error: Floats


def one_standard_error(losses: Mapping[int, Any], tokens: Any) -> OneStandardError:
    """How many topics? The smallest K whose held-out loss is within one standard error of the best K's.

    losses: K → seeds × groups, −log-likelihood of each held-out syndication group (sums over its tokens; one row a
    seed). tokens: scored tokens of each group, the same for all K. The loss of K is Σ losses / Σ tokens, averaged over
    seeds; perplexity is its exponential.

    The rule is that of Breiman, Friedman, Olshen and Stone (1984, §3.4.3; Hastie, Tibshirani and Friedman 2009, §7.10).
    The standard error is that of the difference to the best, not of the best alone: all K predict the same words, and
    what makes articles hard for all of them says nothing on K. Its square adds the variance over groups (of the ratio,
    differences averaged over seeds) and over seeds (that of each K's mean and of the best's; one seed: unknown, 0).
    With few groups or seeds the error is itself uncertain: the rule chooses, it doesn't test.
    Raises ValueError for no K, or losses that don't fit the tokens.
    """
    of_group = np.asarray(tokens, dtype=np.float64).ravel()
    if not losses or not of_group.sum() > 0:
        raise ValueError(f"{len(losses)} numbers of topics, {of_group.sum():g} scored tokens: use at least one of each")
    n_topics = tuple(sorted(losses))
    tables = [np.atleast_2d(np.asarray(losses[k], dtype=np.float64)) for k in n_topics]
    for k, table in zip(n_topics, tables, strict=True):
        if table.shape[1] != len(of_group) or not np.isfinite(table).all():
            raise ValueError(f"K = {k}: losses of shape {table.shape} for {len(of_group)} groups, finite numbers")
    total = of_group.sum()
    means = np.array([table.sum(axis=1).mean() / total for table in tables])
    best = int(means.argmin())  # the first of equals, the smallest
    excess, error = means - means[best], np.zeros(len(means))
    n_groups = len(of_group)
    for i, table in enumerate(tables):
        if i == best:
            continue
        difference = table.mean(axis=0) - tables[best].mean(axis=0)
        residual = difference - excess[i] * of_group
        over_groups = n_groups / max(1, n_groups - 1) * (residual**2).sum() / total**2
        error[i] = np.sqrt(over_groups + _over_seeds(table, total) + _over_seeds(tables[best], total))
    chosen = int(np.flatnonzero(excess <= error)[0])
    return OneStandardError(n_topics[chosen], n_topics[best], n_topics, excess, error)


def _over_seeds(table: Floats, total: float) -> float:
    """Variance of the mean over seeds; 0 where one seed shows none."""
    by_seed = table.sum(axis=1) / total
    return float(by_seed.var(ddof=1) / len(by_seed)) if len(by_seed) > 1 else 0.0
