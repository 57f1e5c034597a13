"""Which passages would teach the classifier most? Picked, not drawn: they may be learned from and are never scored."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.errors import DataError

Floats = npt.NDArray[np.float64]
_AT_ONCE = 2_000  # rows of the product with what is coded already


def queue_codes(
    rows: pd.DataFrame,
    classes: Sequence[str],
    n: int,
    *,
    rule: Sequence[str] | None = None,
    disagreement: float = 0.5,
    diversity: float = 0.5,
) -> pd.DataFrame:
    """Which `n` rows should be coded next to learn from, best first, at most one a syndication group?

    `rows`: p_CLASS, predicted, group, passage_id, target, text, and the codes (`coded`, `taught`); `rule`: what the
    keyword rules say of each row. Rows that are coded, in whichever pool, are left out.
    A row scores 1 − (p₁ − p₂), the margin between its two likeliest classes, plus `disagreement` where the rules say
    another class than the classifier, minus `diversity` times its likeness (cosine of TF-IDF weighted words) to the
    nearest passage that is coded or queued before it (margins: Scheffer 2001; margin less redundancy, one pick at a
    time: Carbonell and Goldstein 1998). Groups that hold a queued row are passed over.

    Returns position, uncertainty, rule_disagrees, likeness, score. Ties go to the first row, so the same run gives the
    same queue. Raises DataError where fewer than n groups are left, and for a run that has no probabilities.
    """
    chances = rows[[f"p_{c}" for c in classes]].to_numpy(dtype=np.float64)
    if np.isnan(chances).any():
        raise DataError("the run has no probabilities to be unsure about, only rules; code a drawn sheet first")
    taken = (rows["coded"].notna() | rows["taught"].notna()).to_numpy()
    group = rows["group"].astype(str).to_numpy()
    free = np.flatnonzero(~taken)
    left = len(set(group[free].tolist()))
    if not 1 <= n <= left:
        raise DataError(f"{n} passages can't be queued, one a syndication group: {left} groups have one left")
    top = np.sort(chances, axis=1)[:, -2:]
    unsure = 1 - (top[:, 1] - top[:, 0])
    against = np.zeros(len(rows), dtype=np.bool_)
    if rule is not None:
        against = np.asarray(rule, dtype=object) != rows["predicted"].to_numpy(dtype=object)
    base = unsure + disagreement * against
    words = _words(rows["text"].tolist())
    likeness = _nearest(words, np.flatnonzero(taken))
    open_ = np.zeros(len(rows), dtype=np.bool_)
    open_[free] = True
    picked = []
    for _ in range(n):
        # Rounded, so that ties are ties whatever the processor's last digits are.
        score = np.where(open_, np.round(base - diversity * likeness, 9), -np.inf)
        best = int(np.argmax(score))
        picked.append((best, float(unsure[best]), bool(against[best]), float(likeness[best]), float(score[best])))
        open_[group == group[best]] = False
        likeness = np.maximum(likeness, (words @ words[[best]].T).toarray()[:, 0])
    return pd.DataFrame(picked, columns=["position", "uncertainty", "rule_disagrees", "likeness", "score"])


def _words(texts: list[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(token_pattern=r"\w+", sublinear_tf=True).fit_transform([text + " ." for text in texts])


def _nearest(words: Any, pool: npt.NDArray[np.int64]) -> Floats:
    """How like is each row to the most similar row of the pool? 0 (no word in common) … 1."""
    from scipy import sparse

    matrix = sparse.csr_array(words)
    out = np.zeros(matrix.shape[0])
    if len(pool):
        turned = sparse.csc_array(matrix[pool].T)
        for start in range(0, len(out), _AT_ONCE):
            product = matrix[start : start + _AT_ONCE] @ turned
            out[start : start + _AT_ONCE] = product.max(axis=1).toarray().ravel()
    return out
