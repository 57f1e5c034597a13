"""LSA: the span of numpy's singular vectors, by either way; rounded so that it can be stored exactly."""

import numpy as np
import pytest
import scipy.sparse as sp

from newsangle.features import lsa
from newsangle.features.lsa import coordinates, fit_lsa


def matrix(rows, columns, seed=0, density=0.05):
    return sp.random(rows, columns, density=density, random_state=np.random.default_rng(seed), format="csr")


@pytest.mark.parametrize("shape", [(700, 900), (900, 700)])
@pytest.mark.parametrize("dense_below", [10, 10_000])
def test_inner_products_are_those_of_numpys_singular_vectors(monkeypatch, shape, dense_below):
    monkeypatch.setattr(lsa, "_DENSE_BELOW", dense_below)
    X, others = matrix(*shape), matrix(20, shape[1], seed=1)
    V = np.linalg.svd(X.toarray(), full_matrices=False)[2][:15].T
    theirs = others @ V
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    ours = fit_lsa(X, 15).transform(others)
    np.testing.assert_allclose(ours @ ours.T, theirs @ theirs.T, atol=5e-6)


def test_a_row_without_a_known_term_lies_at_zero_and_others_have_length_one():
    X = sp.csr_matrix(sp.vstack([matrix(30, 40, density=0.3), sp.csr_matrix((1, 40))]))
    length = np.linalg.norm(fit_lsa(X, 5).transform(X), axis=1)
    np.testing.assert_allclose(length[:-1], 1.0)
    assert length[-1] == 0.0


def test_directions_survive_storage_in_single_precision():
    found = fit_lsa(matrix(50, 80), 10).directions
    assert (found.astype(np.float32).astype(np.float64) == found).all()


def test_no_more_directions_than_there_are():
    one = sp.csr_matrix(np.outer([1.0, 2.0, 3.0], [1.0, 0.0, 2.0, 0.0]))
    assert fit_lsa(one, 10).directions.shape == (4, 1)
    assert fit_lsa(sp.csr_matrix((3, 4)), 10).directions.shape == (4, 0)


def test_the_same_rows_give_the_same_bytes():
    X = matrix(700, 900)
    assert fit_lsa(X, 15).directions.tobytes() == fit_lsa(X.copy(), 15).directions.tobytes()


def test_lengths_before_are_told():
    X = sp.csr_matrix(np.array([[3.0, 4.0, 9.0]]))
    found, length = coordinates(X, np.eye(3)[:, :2])
    np.testing.assert_allclose(found, [[0.6, 0.8]])
    assert length.tolist() == [5.0]
