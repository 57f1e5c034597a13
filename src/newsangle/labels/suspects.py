"""Which codes may be slips? Those of rows that a model which never saw them confidently puts in another class."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def label_errors(codes: Ints, chances: Floats) -> tuple[Ints, Ints, Floats]:
    """Which coded rows look like label errors, as what class, and how sure is the model? Surest first.

    `codes`: class number of each row; `chances`: rows × classes, out-of-fold probabilities. Each class has its own
    threshold, the mean probability that its own coded rows give it; a row is suspect where the likeliest class that
    reaches its threshold is not the coded one, and likelier than it (confident learning: Northcutt, Jiang and Chuang
    2021). Returns positions, suggested classes, and p(suggested) − p(coded), by which the rows are ordered; ties in the
    order of rows. A list to read again, never a reason to change codes unread: it favours what the model believes.
    Raises ValueError for shapes that don't fit, codes out of range, and probabilities that are missing.

    >>> label_errors(np.array([0, 0, 0, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]]))[0].tolist()
    [2]
    """
    if chances.shape[0] != len(codes) or chances.ndim != 2:
        raise ValueError(f"{len(codes)} codes and probabilities of shape {chances.shape}: expected rows × classes")
    n_classes = chances.shape[1]
    if len(codes) and (codes.min() < 0 or codes.max() >= n_classes):
        raise ValueError(f"codes run from {codes.min()} to {codes.max()}; the {n_classes} classes are numbered from 0")
    if np.isnan(chances).any():
        raise ValueError("probabilities are missing; every coded row needs its own, from a model that never saw it")
    threshold = np.full(n_classes, np.inf)  # a class that nobody coded is never suggested
    for k in np.unique(codes):
        threshold[k] = chances[codes == k, k].mean()
    confident = np.where(chances >= threshold, chances, -np.inf)
    likeliest = confident.argmax(axis=1)
    every = np.arange(len(codes))
    margin = confident[every, likeliest] - chances[every, codes]  # −∞ where no class is believed
    rows = np.flatnonzero(margin > 0)
    gap = margin[rows]
    order = np.argsort(-gap, kind="stable")
    return rows[order], likeliest[rows[order]], gap[order]
