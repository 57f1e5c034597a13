"""Between which limits does a share lie, given its variance? Exact binomial limits on an effective sample."""

import math

from scipy.special import betaincinv, stdtrit


def korn_graubard(
    share: float, variance: float, *, n: int, df: float, level: float = 0.95, n_when_certain: float | None = None
) -> tuple[float, float]:
    """Between which limits does the share lie at this level?

    Clopper–Pearson limits (1934) of a simple random sample that would have the same variance: n_eff = p (1 − p) / V,
    times (t_{n−1} / t_df)² because V itself was estimated with `df` degrees of freedom (Korn and Graubard 1998). The
    limits never leave [0, 1] and are long on the side where there is room. `n` rows were coded; a share of 0 or 1 tells
    nothing of its variance, and `n_when_certain` (default n) stands for n_eff there. A variance of 0 gives the share
    itself twice; a share outside [0, 1], which a corrected estimate can be, is moved to the nearest end.

    >>> [round(limit, 4) for limit in korn_graubard(0.1, 0.1 * 0.9 / 50, n=50, df=49)]
    [0.0333, 0.2181]
    """
    p = min(max(share, 0.0), 1.0)
    if variance <= 0:
        return p, p
    tail = (1.0 - level) / 2.0
    certain = p in (0.0, 1.0)
    effective = float(n if n_when_certain is None else n_when_certain) if certain else p * (1.0 - p) / variance
    if math.isinf(effective):
        return p, p
    effective *= float(stdtrit(max(n - 1, 1), 1 - tail) / stdtrit(max(df, 1.0), 1 - tail)) ** 2
    hits = effective * p
    misses = effective - hits
    low = float(betaincinv(hits, misses + 1.0, tail)) if p > 0 else 0.0
    high = float(betaincinv(hits + 1.0, misses, 1 - tail)) if p < 1 else 1.0
    return low, high
