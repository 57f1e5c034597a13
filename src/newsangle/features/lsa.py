"""Which words go together? Directions of the TF-IDF matrix learned from passages that nobody has to code."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import svds

Array = npt.NDArray[np.float64]
_DENSE_BELOW = 600  # rows or columns; below, the full decomposition is as fast


@dataclass(frozen=True)
class Lsa:
    """Latent semantic analysis (Deerwester et al. 1990): `directions` (terms × k), for rows of TF-IDF.

    The directions are scaled by one number, so that the rows that taught them have a mean squared length of 1: like
    TF-IDF rows, and still linear in every word.
    """

    directions: Array

    def transform(self, X: sp.csr_matrix) -> Array:
        """Where do these rows lie? Shape (rows, k)."""
        return np.asarray(X @ self.directions)


def fit_lsa(X: sp.csr_matrix, n_components: int) -> Lsa:
    """Which `n_components` directions hold most of the rows of X (TF-IDF, rows × terms)?

    Truncated singular value decomposition; fewer directions where X has a lower rank. The signs of directions are not
    fixed: what uses them must not depend on signs (a model with a squared penalty doesn't). The same rows give the
    same bytes on one BLAS thread; the solver (ARPACK, to machine precision) starts from fixed numbers.
    """
    most = min(X.shape)
    if most == 0 or X.nnz == 0:
        return Lsa(np.zeros((X.shape[1], 0)))
    if most <= max(_DENSE_BELOW, n_components + 1):
        squares, directions = _by_gram(X)
    else:
        start = np.random.default_rng(0).standard_normal(most)
        _, values, found = svds(X, k=n_components, v0=start, return_singular_vectors="vh", rng=0)
        squares, directions = values**2, found.T
    order = np.argsort(-squares, kind="stable")[:n_components]
    kept = order[squares[order] > squares.max() * 1e-10]
    length = np.sqrt(squares[kept].sum() / X.shape[0])
    return Lsa(np.ascontiguousarray(directions[:, kept]) / length)


def _by_gram(X: sp.csr_matrix) -> tuple[Array, Array]:
    """All squared singular values of X and its right singular vectors (terms × values), by its smaller Gram matrix."""
    if X.shape[1] <= X.shape[0]:
        squares, directions = np.linalg.eigh((X.T @ X).toarray())
        return squares, directions
    squares, rows = np.linalg.eigh((X @ X.T).toarray())
    kept = squares > squares[-1] * 1e-10
    return squares[kept], np.asarray(X.T @ rows[:, kept]) / np.sqrt(squares[kept])
