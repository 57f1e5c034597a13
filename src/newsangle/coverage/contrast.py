"""Which words separate outlets, periods or frames? Log-odds with a prior, tested over whole stories.

The text-book z (Monroe, Colaresi and Quinn 2008, eq. 22) counts each token as one piece of evidence. Words come in
bursts: an article that says "dyke" once says it again, and a story's copies say it in several outlets. So that z is far
too large, and on news that differ in nothing it finds hundreds of words. Here syndication groups are the evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from newsangle.coverage.sides import Sides, draw_groups, take_sides
from newsangle.stats.multiple import benjamini_hochberg
from newsangle.stats.tails import draw_lots, randomisation_z, student_z, two_sided_p

Floats = npt.NDArray[np.float64]
PRIOR_PART = 0.1  # default size of the prior, as a part of the mean side's tokens
_TERMS_AT_ONCE = 400


@dataclass(frozen=True)
class Contrast:
    """What separates the sides.

    `table`: one row a term (or topic) and pair of sides, see the function that made it; `side` first in the order
    given, then the largest z. `sides`: all that were compared. `groups_of`: syndication groups with a document on each.
    `left_out`: sides without rows of their own = reason. `n_tests`: how many rows the q values were made for. `method`:
    how z was found, in words.
    """

    table: pd.DataFrame
    sides: tuple[str, ...]
    groups_of: tuple[int, ...]
    left_out: dict[str, str]
    n_tests: int
    method: str


def contrast(
    counts: sp.csr_matrix,
    terms: Sequence[str],
    sides: Sequence[str | None],
    groups: Sequence[str],
    *,
    outlets: Sequence[str | None] | None = None,
    compare: Sequence[str] | None = None,
    min_groups: int = 5,
    min_side_groups: int = 10,
    prior: float | None = None,
    n_draws: int = 1000,
    seed: int = 0,
) -> Contrast:
    """Which words does each side use more than the other, or than all others, and is that more than chance?

    `counts` (documents × terms): how often; all its terms count as text, so drop nothing that people read but stop
    words. `sides`: outlet, week or class of each document, None for none. `groups`: its syndication group. `outlets`:
    for the column n_outlets. `compare`: the sides wanted; two are compared with each other (one row a term, positive
    for the first), more each with all others. Terms in fewer than `min_groups` groups aren't tested; sides with fewer
    than `min_side_groups` groups get no rows. `prior`: pseudo-tokens of the Dirichlet prior, which has the word shares
    of the compared sides together (default: a tenth of a mean side's tokens).

    Columns of `.table`: term; side, against; log_odds (natural logarithm, 0: no difference, positive: more on `side`)
    with low and high (95 %); z, p, q; count, count_against (tokens); document_frequency, document_frequency_against;
    n_groups (of both sides together), n_outlets (of all compared documents; <NA> without `outlets`).

    z is the smaller of two, so that each guards the other: log_odds over its bootstrap error (groups drawn, `n_draws`
    times) with t tails, which knows how long and bursty each side's articles are, but sees no error at all in a side
    that never says the word; and the lot that puts whole groups on a side (`newsangle.stats.tails`), right for few
    groups. p is two-sided, q is Benjamini and Hochberg's over all rows of the table: among the rows with q ≤ 0.05 at
    most 5 % are expected to be false. low and high are log_odds ± 1.96 log_odds / z (± 1.96 errors where z is
    small): they exclude 0 exactly where p < 0.05, and are no joint limits.

    Simulated where nothing differs, any word was found in 0–3 % of corpora (tests/coverage/test_contrast.py); but in
    25–32 % where one side has 16–32 stories thirteen times as long as the others': don't compare reports with tickers.
    log_odds of rare words depends on the prior: rank by z. Don't compare z between corpora of different size, and don't
    read as a finding that a class separates by the words of the rules, or of the classifier, that made it.
    The same bytes for any order of documents and number of threads. Raises ValueError for inputs of unequal length,
    sides that can't be compared (see `take_sides`), no term in `min_groups` groups, or texts of a single word.
    """
    matrix = sp.csr_matrix(counts, dtype=np.float64)
    if matrix.shape != (len(sides), len(terms)):
        raise ValueError(f"counts are {matrix.shape[0]} × {matrix.shape[1]}: give {len(sides)} sides × terms")
    if prior is not None and not prior > 0:
        raise ValueError(f"prior = {prior:g}: give a number of pseudo-tokens above 0")
    setup = take_sides(sides, groups, compare, min_side_groups)
    matrix = matrix[setup.rows]
    lengths = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
    size = _summed(lengths, setup.group, setup.n_groups)
    whole = sp.csc_matrix(setup.total(matrix))
    kept = np.flatnonzero(np.diff(whole.indptr) >= min_groups)
    if not len(kept):
        raise ValueError(f"no term is in {min_groups} syndication groups of the compared sides; lower min_groups")
    matrix = matrix[:, kept]
    whole = sp.csr_matrix(whole[:, kept])
    pseudo = PRIOR_PART * size.sum() / len(setup.names) if prior is None else float(prior)
    drawn = draw_groups(setup.n_groups, n_draws, seed)
    drawn_size = size @ drawn  # whole numbers: exact in any order of addition
    members = np.bincount(setup.group, minlength=setup.n_groups)
    if _one_word(whole, size):
        raise ValueError("the compared texts hold one word only; there is nothing that it could be more frequent than")
    used_by = (matrix > 0).astype(np.int64)
    outlet_count = _n_outlets(used_by, outlets, setup)
    names = np.asarray(terms, dtype=object)[kept]
    frequency = np.asarray(used_by.sum(axis=0)).ravel()
    total = np.asarray(whole.sum(axis=0)).ravel()
    parts = []
    for side, against in setup.pairs:
        ours = setup.total(matrix, side)
        own = setup.side == side
        ours_size = _summed(lengths[own], setup.group[own], setup.n_groups)
        estimate = _estimate(ours, total, ours_size, size, pseudo)
        error, df = _bootstrap(ours, whole, ours_size, size, pseudo, drawn, drawn_size, setup, side)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = student_z(np.where(np.abs(estimate) < 1e-12, 0.0, estimate / error), df)
        lot = _lot(ours, whole, ours_size, size, members)
        z = np.copysign(np.minimum(np.abs(z), np.abs(lot)), estimate)
        half = 1.959964 * np.maximum(error, np.abs(estimate) / np.maximum(np.abs(z), 1.0))
        count = np.asarray(ours.sum(axis=0)).ravel()
        here = np.asarray(used_by[own].sum(axis=0)).ravel()
        part = pd.DataFrame(
            {
                "term": names,
                "side": setup.names[side],
                "against": setup.opponent(against),
                "log_odds": estimate,
                "low": estimate - half,
                "high": estimate + half,
                "z": z,
                "p": two_sided_p(z),
                "q": np.nan,
                "count": count.astype(np.int64),
                "count_against": (total - count).astype(np.int64),
                "document_frequency": here,
                "document_frequency_against": frequency - here,
                "n_groups": np.diff(sp.csc_matrix(whole).indptr).astype(np.int64),
                "n_outlets": outlet_count,
            }
        )
        parts.append(part.sort_values(["z", "term"], ascending=[False, True], kind="stable"))
    table = pd.concat(parts, ignore_index=True)
    table["q"] = benjamini_hochberg(table["p"].to_numpy())
    method = (
        f"the smaller of: log-odds over its error, bootstrap over {setup.n_groups} syndication groups, {n_draws} draws,"
        " t tails; randomisation of groups over sides, saddlepoint"
    )
    return Contrast(table, setup.names, setup.groups_of, setup.left_out, len(table), method)


def _one_word(whole: sp.csr_matrix, size: Floats) -> bool:
    """Is all the text one and the same word? Its odds would be infinite."""
    return bool(np.asarray(whole.sum(axis=0)).max() >= size.sum())


def _summed(values: Floats, group: npt.NDArray[np.int64], n_groups: int) -> Floats:
    return np.bincount(group, weights=values, minlength=n_groups).astype(np.float64)


def _n_outlets(used: sp.csr_matrix, outlets: Sequence[str | None] | None, setup: Sides) -> Any:
    """In how many outlets does each term occur?"""
    if outlets is None:
        return pd.array([pd.NA] * used.shape[1], dtype="Int64")
    code, _ = pd.factorize(np.asarray([o if isinstance(o, str) else None for o in outlets], dtype=object)[setup.rows])
    named = np.flatnonzero(code >= 0)
    member = sp.csr_matrix((np.ones(len(named)), (code[named], named)), shape=(int(code.max()) + 1, len(code)))
    return pd.array(np.diff(sp.csc_matrix(member @ used).indptr), dtype="Int64")


def _log_odds(count: Floats, size: Floats | float, alpha: Floats, pseudo: float) -> Floats:
    """Log odds of a word under its posterior mean: log (y + α) / (n + α₀ − y − α)."""
    have = count + alpha
    return np.asarray(np.log(have / (size + pseudo - have)))


def _estimate(ours: sp.csr_matrix, total: Floats, ours_size: Floats, size: Floats, pseudo: float) -> Floats:
    """Log-odds ratio of each term, with the prior of the user's size."""
    n, n_all = float(ours_size.sum()), float(size.sum())
    y, alpha = np.asarray(ours.sum(axis=0)).ravel(), pseudo * total / n_all
    return _log_odds(y, n, alpha, pseudo) - _log_odds(total - y, n_all - n, alpha, pseudo)


def _bootstrap(
    ours: sp.csr_matrix,
    whole: sp.csr_matrix,
    ours_size: Floats,
    size: Floats,
    pseudo: float,
    drawn: Floats,
    drawn_size: Floats,
    setup: Sides,
    side: int,
) -> tuple[Floats, Floats]:
    """The bootstrap standard error of each term's log-odds ratio, and its degrees of freedom: as many as groups, in
    effect, have the word (not those of the side that hardly says it, or 80 against 2 would tell nothing).
    """
    by_term, all_by_term = sp.csr_matrix(ours.T), sp.csr_matrix(whole.T)
    ours_drawn = ours_size @ drawn
    theirs_drawn = drawn_size - ours_drawn
    n_all = float(size.sum())
    n_groups = setup.groups_of[side]
    n_others = len(np.unique(setup.group[setup.side != side]))
    error, df = (np.empty(by_term.shape[0]) for _ in range(2))
    for first in range(0, by_term.shape[0], _TERMS_AT_ONCE):
        cut = slice(first, first + _TERMS_AT_ONCE)
        mine, both = by_term[cut], all_by_term[cut]
        theirs = sp.csr_matrix(both - mine)
        alpha = pseudo * np.asarray(both.sum(axis=1)).ravel() / n_all
        near = _log_odds(mine @ drawn, ours_drawn, alpha[:, None], pseudo)
        far = _log_odds(theirs @ drawn, theirs_drawn, alpha[:, None], pseudo)
        small = min(n_groups, n_others)
        error[cut] = np.sqrt((near - far).var(axis=1, ddof=1) * small / (small - 1))
        df[cut] = np.maximum(_effective(both) - 1, 1.0)
    return error, df


def _effective(by_term: sp.csr_matrix) -> Floats:
    """As how many groups of equal counts do the groups with each term count? (Σ y)² / Σ y², 0 for none."""
    total, squares = (np.asarray(m.sum(axis=1)).ravel() for m in (by_term, by_term.multiply(by_term)))
    return np.asarray(np.where(squares > 0, total**2 / np.maximum(squares, 1.0), 0.0))


def _lot(
    ours: sp.csr_matrix, whole: sp.csr_matrix, ours_size: Floats, size: Floats, members: npt.NDArray[np.int64]
) -> Floats:
    """z of each term if each group had fallen on the side by lot, with the side's part of the text as chance."""
    cells = sp.csc_matrix(whole)
    cells.sort_indices()
    total, starts = np.asarray(cells.sum(axis=0)).ravel(), cells.indptr.astype(np.int64)
    n = float(size.sum())
    rate = total / n
    which = np.repeat(np.arange(len(total)), np.diff(starts))
    length = size[cells.indices]
    inside = np.bincount(which, weights=length, minlength=len(total))
    parts = np.divide(ours_size, size, out=np.zeros(len(size)), where=size > 0)
    lots = draw_lots(parts, size, members)
    spread = size**2 * lots.spread[lots.kind]
    held = np.bincount(which, weights=spread[cells.indices], minlength=len(total))
    observed = np.asarray(ours.sum(axis=0)).ravel() - rate * float(ours_size.sum())
    return randomisation_z(
        cells.data - rate[which] * length,
        lots.kind[cells.indices],
        starts,
        observed,
        lots,
        rest_sum=-rate * (n - inside),
        rest_variance=rate**2 * np.maximum(float(spread.sum()) - held, 0.0),
        step=1.0,
    )
