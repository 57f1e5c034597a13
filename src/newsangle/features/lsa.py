"""Which words go together? Directions of the TF-IDF matrix learned from passages that nobody has to code."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import LinearOperator, eigsh

Array = npt.NDArray[np.float64]
_DENSE_BELOW = 600  # rows or columns; below, the full decomposition is as fast


@dataclass(frozen=True)
class Lsa:
    """Latent semantic analysis (Deerwester et al. 1990): `directions` (terms × k), for rows of TF-IDF.

    They are rounded to single precision, so that they can be stored exactly in half the room.
    """

    directions: Array

    def transform(self, X: sp.csr_matrix) -> Array:
        """Where do these rows lie? Shape (rows, k), each of length 1; a row without a known term is 0."""
        return coordinates(X, self.directions)[0]


def fit_lsa(X: sp.csr_matrix, n_components: int) -> Lsa:
    """Which `n_components` directions hold most of the rows of X (TF-IDF, rows × terms)?

    Truncated singular value decomposition; fewer directions where X has a lower rank. The signs of directions are not
    fixed: what uses them must not depend on signs (a model with a squared penalty doesn't). The same rows give the
    same bytes on one BLAS thread: the solver (ARPACK, relative tolerance 1e-6) starts from fixed numbers.
    """
    most = min(X.shape)
    if most == 0 or X.nnz == 0:
        return Lsa(np.zeros((X.shape[1], 0)))
    if most <= max(_DENSE_BELOW, n_components + 1):
        squares, directions = _by_gram(X)
    else:
        squares, directions = _by_lanczos(X, n_components)
    order = np.argsort(-squares, kind="stable")[:n_components]
    kept = order[squares[order] > squares.max() * 1e-10]
    return Lsa(np.ascontiguousarray(directions[:, kept], dtype=np.float32).astype(np.float64))


def coordinates(X: sp.csr_matrix, directions: Array) -> tuple[Array, Array]:
    """The rows of X in these directions, each brought to length 1, and the lengths before (1 where a row is 0)."""
    found = np.asarray(X @ directions)
    length = np.sqrt((found**2).sum(axis=1))
    length[length < 1e-9] = 1.0
    return found / length[:, None], length


def _by_lanczos(X: sp.csr_matrix, k: int) -> tuple[Array, Array]:
    """The `k` largest squared singular values of X and their right singular vectors (terms × k)."""
    Xt = X.T.tocsr()
    tall = X.shape[0] > X.shape[1]
    first, then = (X, Xt) if tall else (Xt, X)
    n = min(X.shape)
    gram = LinearOperator((n, n), matvec=lambda v: then @ (first @ v), dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(n)
    squares, found = eigsh(gram, k=k, v0=start, tol=1e-6, rng=0)
    return squares, found if tall else np.asarray(Xt @ found) / np.sqrt(np.maximum(squares, 1e-300))


def _by_gram(X: sp.csr_matrix) -> tuple[Array, Array]:
    """All squared singular values of X and its right singular vectors (terms × values), by its smaller Gram matrix."""
    if X.shape[1] <= X.shape[0]:
        squares, directions = np.linalg.eigh((X.T @ X).toarray())
        return squares, directions
    squares, rows = np.linalg.eigh((X @ X.T).toarray())
    kept = squares > squares[-1] * 1e-10
    return squares[kept], np.asarray(X.T @ rows[:, kept]) / np.sqrt(squares[kept])
