"""Every row of CLASSIFIERS keeps the protocol: a new row is examined at once."""

import inspect
import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from newsangle.stance.classifiers import CLASSIFIERS, MajorityClassifier, class_scores
from newsangle.stance.readings import Sources, View

SINGLE = sorted(name for name, row in CLASSIFIERS.items() if not row.members)
every_classifier = pytest.mark.parametrize("name", SINGLE)


@pytest.fixture(scope="module")
def toy(draw_task):
    """A task whose words tell the classes apart, as each kind of input would show it."""
    task = draw_task(n=240, seed=4, coded=1.0)
    train, unseen = np.arange(120), np.arange(120, 240)
    sources = Sources(task.text, task.rules, lambda seen: np.eye(3)[task.truth])
    return task, View(sources, np.arange(240) < 120, train, unseen), train, unseen


def reads(name, toy, rows):
    view = toy[1]
    return view.read(CLASSIFIERS[name])[rows]


def fitted(name, toy, seed=0):
    task, _, train, _ = toy
    return CLASSIFIERS[name].make(seed).fit(reads(name, toy, train), task.codes[train])


@every_classifier
def test_options_are_keywords_with_defaults_and_the_seed_comes_first(name):
    first, *others = inspect.signature(CLASSIFIERS[name].make).parameters.values()
    assert first.name == "seed"
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY and p.default is not p.empty for p in others)


@every_classifier
def test_a_classifier_is_a_scikit_learn_estimator_that_can_be_cloned_unfitted(name, toy):
    estimator = fitted(name, toy)
    assert is_classifier(estimator)
    twin = clone(estimator)
    assert twin.get_params() == estimator.get_params()
    with pytest.raises(NotFittedError):
        class_scores(twin, reads(name, toy, toy[3]), 3)


@every_classifier
def test_a_fitted_classifier_survives_pickling(name, toy):
    estimator, X = fitted(name, toy), reads(name, toy, toy[3])
    again = pickle.loads(pickle.dumps(estimator))
    assert class_scores(again, X, 3).tobytes() == class_scores(estimator, X, 3).tobytes()


@every_classifier
def test_the_same_seed_gives_the_same_bytes_and_the_global_one_is_not_read(name, toy):
    X = reads(name, toy, toy[3])
    np.random.seed(1)  # noqa: NPY002
    first = class_scores(fitted(name, toy, seed=7), X, 3).tobytes()
    np.random.seed(2)  # noqa: NPY002
    assert class_scores(fitted(name, toy, seed=7), X, 3).tobytes() == first


@every_classifier
def test_the_largest_score_is_what_the_estimator_predicts(name, toy):
    estimator, X = fitted(name, toy), reads(name, toy, toy[3])
    scores = class_scores(estimator, X, 3)
    assert scores.shape == (120, 3)
    assert np.isfinite(scores).all()
    np.testing.assert_array_equal(scores.argmax(axis=1), estimator.predict(X))


@every_classifier
def test_what_can_be_told_apart_is_learned_and_floors_are_called_floors(name, toy):
    task, _, _, unseen = toy
    right = (fitted(name, toy).predict(reads(name, toy, unseen)) == task.truth[unseen]).mean()
    assert CLASSIFIERS[name].floor == (name in ("majority", "keyword_rules"))
    if CLASSIFIERS[name].floor:
        assert right > 0.3
    else:
        assert right > 0.8


@pytest.mark.parametrize("name", [n for n in SINGLE if CLASSIFIERS[n].reads != ("rules",)])
def test_a_class_absent_in_training_keeps_its_column_and_is_never_chosen(name, toy):
    task, _, train, unseen = toy
    for absent in (0, 1, 2):
        seen = train[task.codes[train] != absent]
        estimator = CLASSIFIERS[name].make(0).fit(reads(name, toy, seen), task.codes[seen])
        scores = class_scores(estimator, reads(name, toy, unseen), 3)
        assert scores.shape == (120, 3)
        assert (scores[:, absent] < np.delete(scores, absent, axis=1).min(axis=1)).all()
        np.testing.assert_array_equal(scores.argmax(axis=1), estimator.predict(reads(name, toy, unseen)))


def test_two_classes_score_as_mirror_images():
    # One column of words: class 1 has it, class 0 hasn't. scikit-learn gives one score, positive for the second.
    X = sp.csr_matrix([[0.0], [0.0], [1.0], [1.0]])
    model = LogisticRegression().fit(X, [0, 0, 1, 1])
    scores = class_scores(model, X, 2)
    np.testing.assert_array_equal(scores[:, 0], -scores[:, 1])
    assert scores.argmax(axis=1).tolist() == [0, 0, 1, 1]


def test_the_majority_says_the_most_frequent_class_with_its_share():
    # Codes 2, 2, 2, 0: shares 1/4 of class 0 and 3/4 of class 2; class 1 isn't there, one below the lowest.
    model = MajorityClassifier().fit(np.zeros((4, 1)), np.array([2, 2, 2, 0]))
    scores = class_scores(model, np.zeros((2, 1)), 3)
    np.testing.assert_allclose(scores, [[np.log(0.25), np.log(0.25) - 1, np.log(0.75)]] * 2)
    assert model.predict(np.zeros((2, 1))).tolist() == [2, 2]
    only = MajorityClassifier().fit(np.zeros((2, 1)), np.array([1, 1]))
    assert class_scores(only, np.zeros((1, 1)), 3).tolist() == [[-1.0, 0.0, -1.0]]


def test_classes_are_weighed_alike_unless_told_otherwise():
    # One flood in ten, words that say nothing: balanced, the odds of the classes are even; unbalanced, one in nine.
    X, y = sp.csr_matrix(np.ones((100, 1))), np.array([1] * 10 + [0] * 90)
    for balanced, odds in ((True, 1.0), (False, 1 / 9)):
        score = CLASSIFIERS["logreg"].make(0, balanced=balanced).fit(X, y).decision_function(X)[0]
        assert np.exp(score) == pytest.approx(odds, rel=1e-3)
    assert CLASSIFIERS["linear_svc"].make(0).class_weight == "balanced"
    assert CLASSIFIERS["linear_svc"].make(0, balanced=False).class_weight is None
