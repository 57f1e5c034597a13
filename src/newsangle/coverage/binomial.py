"""Between which limits does a share lie, given its variance? Exact binomial limits on an effective sample."""

import math

from scipy.special import betaincinv, stdtrit


def korn_graubard(share: float, effective: float, *, n: int, df: float, level: float = 0.95) -> tuple[float, float]:
    """Between which limits does the share lie at this level?

    Clopper–Pearson limits (1934) of a simple random sample of `effective` rows, p (1 − p) / V, times (t_{n−1} / t_df)²
    because V was itself estimated with `df` degrees of freedom (Korn and Graubard 1998); `n` rows were coded. They
    never leave [0, 1] and are long on the side where there is room. An infinite `effective` (no variance) gives the
    share itself twice; a share outside [0, 1], which a corrected estimate can be, is moved to the nearest end.

    >>> [round(limit, 4) for limit in korn_graubard(0.1, 50, n=50, df=49)]
    [0.0333, 0.2181]
    """
    p = min(max(share, 0.0), 1.0)
    if math.isinf(effective):
        return p, p
    tail = (1.0 - level) / 2.0
    size = effective * float(stdtrit(max(n - 1, 1), 1 - tail) / stdtrit(max(df, 1.0), 1 - tail)) ** 2
    low = float(betaincinv(size * p, size * (1 - p) + 1.0, tail)) if p > 0 else 0.0
    high = float(betaincinv(size * p + 1.0, size * (1 - p), 1 - tail)) if p < 1 else 1.0
    return low, high
