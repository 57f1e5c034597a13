import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.readings import inner_products
from newsangle.stance.rowspace import row_space


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    train = sp.random(40, 500, density=0.1, random_state=rng, format="csr")
    train = sp.csr_matrix(sp.vstack([train, train[:5], sp.csr_matrix((2, 500))]))  # repeated rows and empty ones
    return train, sp.random(30, 500, density=0.1, random_state=rng, format="csr"), rng.integers(0, 3, size=47)


@pytest.mark.parametrize("n", [0, 1, 40, 46])
def test_inner_products_are_those_of_scipy_to_the_last_bit(rows, n):
    X = sp.csr_matrix(sp.vstack([rows[0], rows[1]]))
    np.testing.assert_array_equal(inner_products(X, n), (X @ X[:n].T).toarray())
    backwards = X[:, ::-1].tocsr()  # columns out of order: sorted first, so that both ways round are one sum
    assert not backwards.has_sorted_indices
    np.testing.assert_array_equal(
        inner_products(backwards, n), (backwards.sorted_indices() @ backwards[:n].T).toarray()
    )


def test_every_inner_product_with_a_training_row_is_kept(rows):
    train, others, _ = rows
    space = row_space((train @ train.T).toarray())
    assert space.train.shape == (47, 40)  # 40 independent rows
    np.testing.assert_allclose(space.train @ space.train.T, (train @ train.T).toarray(), atol=1e-10)
    np.testing.assert_allclose(
        space.project((others @ train.T).toarray()) @ space.train.T, (others @ train.T).toarray(), atol=1e-10
    )
    np.testing.assert_allclose(space.project((train @ train.T).toarray()), space.train, atol=1e-10)


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(class_weight="balanced", max_iter=5000, tol=1e-10),
        LinearSVC(C=0.3, class_weight="balanced", max_iter=1_000_000, tol=1e-10, random_state=0),
    ],
    ids=["logreg", "linear_svc"],
)
def test_the_model_in_the_span_of_its_rows_is_the_model_on_all_columns(rows, model):
    train, others, codes = rows
    space = row_space((train @ train.T).toarray())
    full = model.fit(train, codes).decision_function(others)
    np.testing.assert_allclose(
        model.fit(space.train, codes).decision_function(space.project((others @ train.T).toarray())), full, atol=2e-4
    )


def test_only_models_with_a_squared_penalty_are_fitted_in_the_span():
    for name, row in CLASSIFIERS.items():
        if row.in_span:
            assert set(row.reads) <= {"tfidf", "lsa", "topics"}
            assert getattr(row.make(0), "penalty", "l2") in ("l2", "deprecated"), name


def test_other_rows_of_the_same_call_change_no_byte(rows):
    train, others, _ = rows
    space = row_space((train @ train.T).toarray())
    products = (others @ train.T).toarray()
    assert space.project(products)[:3].tobytes() == space.project(products[:3]).tobytes()
