"""Is one classifier better than another, beyond chance? Paired tests on the same coded rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, norm

from newsangle.stats.bootstrap import bootstrap_values, check_level
from newsangle.stats.classification import group_confusions, macro_f1
from newsangle.stats.multiple import holm

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

POWER = 0.8  # with which the smallest difference would have been seen
DRAWS = 10_000  # Holm multiplies p by the number of pairs: 1/5,000 is the smallest p that so many draws can give


@dataclass(frozen=True)
class PairedTest:
    """How do two classifiers differ on the same rows?

    difference: metric of the first minus that of the second, positive where the first is better; low, high: its limits
    from a bootstrap over groups. p: two-sided, from the same draws; p_holm: adjusted for all pairs that were compared.
    smallest: the true difference that such a test would have found with 80 % power at the level used, before Holm; NaN
    where no draw shows a difference, as nothing is known of its spread.
    only_first, only_second: rows that only one of them has right; mcnemar_p, mcnemar_p_holm: exact McNemar test on
    these, which takes rows for independent and so errs towards small p where passages of a story lie together.
    n, n_groups: rows and independent groups. NaN where there are fewer than two groups.
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    smallest: float
    only_first: int
    only_second: int
    mcnemar_p: float
    mcnemar_p_holm: float
    n: int
    n_groups: int


def paired_tests(
    coded: Ints,
    predicted: Mapping[str, Ints],
    groups: Sequence[str],
    n_classes: int,
    *,
    metric: Callable[[Array], Array] = macro_f1,
    n_draws: int = DRAWS,
    seed: int = 0,
    level: float = 0.95,
) -> list[PairedTest]:
    """Which of these classifiers differ beyond chance? Every pair, in the order given.

    coded: class numbers of the rows (all coded); predicted: class numbers by the classifier's name; groups: which rows
    belong together (a story and its copies). `metric`: from confusion matrices (…, C, C) to numbers, higher is better.
    The classifiers are taken as given: the interval covers other stories, not other training sets (Dror et al. 2018).
    Sources: paired bootstrap over groups, Efron and Tibshirani (1993), §16; exact McNemar (1947); Holm (1979).
    Raises ValueError for a level outside (0, 1) and for rows of different number.
    """
    check_level(level)
    for name, classes in predicted.items():
        if not len(classes) == len(coded) == len(groups):
            told = f"{len(coded)} codes, {len(classes)} predictions of {name}, {len(groups)} groups"
            raise ValueError(f"{told}: give one of each a row")
    tables = {name: group_confusions(coded, p, groups, n_classes) for name, p in predicted.items()}
    right = {name: np.asarray(p) == coded for name, p in predicted.items()}
    n_groups = len(next(iter(tables.values()))) if tables else 0
    values = {
        name: bootstrap_values(
            table.reshape(n_groups, -1),
            lambda sums: metric(sums.reshape(-1, n_classes, n_classes)),
            n_draws=n_draws,
            seed=seed,
        )
        for name, table in tables.items()
        if n_groups > 1
    }
    whole = {name: float(metric(table.sum(axis=0))) for name, table in tables.items() if n_groups}
    pairs = list(combinations(predicted, 2))
    judged = [_judged(values[a] - values[b] if values else np.empty(0), level) for a, b in pairs]
    only = [(int((right[a] & ~right[b]).sum()), int((right[b] & ~right[a]).sum())) for a, b in pairs]
    mcnemar = [exact_mcnemar(*counts) for counts in only]
    p_holm, mcnemar_holm = holm([p for _, _, p, _ in judged]), holm(mcnemar)
    return [
        PairedTest(
            first=a,
            second=b,
            difference=whole[a] - whole[b] if whole else float("nan"),
            low=judged[i][0],
            high=judged[i][1],
            p=judged[i][2],
            p_holm=float(p_holm[i]),
            smallest=judged[i][3],
            only_first=only[i][0],
            only_second=only[i][1],
            mcnemar_p=mcnemar[i],
            mcnemar_p_holm=float(mcnemar_holm[i]),
            n=len(coded),
            n_groups=n_groups,
        )
        for i, (a, b) in enumerate(pairs)
    ]


def _judged(draws: Array, level: float) -> tuple[float, float, float, float]:
    """Limits, p and the smallest difference that would have been seen, from paired draws; undefined ones left out."""
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return (float("nan"),) * 4
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    beyond = 1 + min(int((draws <= 0).sum()), int((draws >= 0).sum()))  # one more: never a p of 0
    p = min(1.0, 2 * beyond / (len(draws) + 1))
    spread = float(draws.std(ddof=1)) if draws.any() else float("nan")
    return float(low), float(high), p, float(norm.ppf((1 + level) / 2) + norm.ppf(POWER)) * spread


def exact_mcnemar(only_first: int, only_second: int) -> float:
    """Could as many rows be right by one classifier alone, if both were equally good? Two-sided exact p (McNemar 1947).

    Rows that both have right or wrong say nothing. Rows are taken for independent. 1 where there are none.

    >>> exact_mcnemar(1, 5)  # (C(6,0) + C(6,1)) · 2 / 2⁶
    0.21875
    """
    n = only_first + only_second
    return min(1.0, float(2 * binom.cdf(min(only_first, only_second), n, 0.5))) if n else 1.0
