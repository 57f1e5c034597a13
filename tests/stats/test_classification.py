import numpy as np
import pytest
from sklearn import metrics as sk

from newsangle.stats.classification import (
    CLASS_METRICS,
    METRICS,
    accuracy,
    f1,
    group_confusions,
    macro_f1,
    precision,
    recall,
)

# Ten passages: of 4 coded "war" 3 are found and 1 is called "trade"; of 4 "trade" 2 are found, 2 called "war"; of 2
# "sport" both are called "trade".
CONFUSION = np.array([[3.0, 1, 0], [2, 2, 0], [0, 2, 0]])


def test_the_metrics_of_ten_passages_are_those_worked_out_by_hand():
    # precision: war 3 / (3+2), trade 2 / (1+2+2), sport is never predicted. recall: 3/4, 2/4, 0/2.
    assert precision(CONFUSION)[:2].tolist() == [0.6, 0.4]
    assert np.isnan(precision(CONFUSION)[2])
    assert recall(CONFUSION).tolist() == [0.75, 0.5, 0.0]
    # f1 = 2·hits / (coded + predicted): 6/9, 4/9, 0/2: a class that is coded but never predicted counts as 0.
    assert f1(CONFUSION) == pytest.approx([6 / 9, 4 / 9, 0.0])
    assert accuracy(CONFUSION) == 0.5
    assert macro_f1(CONFUSION) == pytest.approx(10 / 27)


def test_rows_are_codes_and_columns_are_predictions():
    # Three units coded 0 and predicted 1.
    table = group_confusions(np.array([0, 0, 0]), np.array([1, 1, 1]), ["g"] * 3, 2)
    assert table.tolist() == [[[0.0, 3.0], [0.0, 0.0]]]


def test_a_class_neither_coded_nor_predicted_is_left_out_of_the_mean():
    # Two classes are perfect, a third isn't there: macro-F1 is 1, not 2/3.
    confusion = np.diag([4.0, 2.0, 0.0])
    assert np.isnan(f1(confusion)[2])
    assert macro_f1(confusion) == 1.0


def test_nothing_coded_has_no_metric_rather_than_zero():
    empty = np.zeros((3, 3))
    for metric in (*METRICS.values(), *CLASS_METRICS.values()):
        assert np.isnan(metric(empty)).all()


def random_case(seed, *, weighted):
    rng = np.random.default_rng(seed)
    coded = rng.integers(0, 4, size=120)
    predicted = np.where(rng.random(120) < 0.6, coded, rng.integers(0, 4, size=120))
    groups = [f"g{i}" for i in rng.integers(0, 30, size=120)]
    return coded, predicted, groups, 1 / rng.uniform(0.1, 1, size=120) if weighted else None


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_every_metric_agrees_with_scikit_learn(seed, weighted):
    coded, predicted, groups, weights = random_case(seed, weighted=weighted)
    confusion = group_confusions(coded, predicted, groups, 4, weights).sum(axis=0)
    np.testing.assert_allclose(confusion, sk.confusion_matrix(coded, predicted, sample_weight=weights))
    options = {"average": None, "sample_weight": weights}
    np.testing.assert_allclose(precision(confusion), sk.precision_score(coded, predicted, **options))
    np.testing.assert_allclose(recall(confusion), sk.recall_score(coded, predicted, **options))
    np.testing.assert_allclose(f1(confusion), sk.f1_score(coded, predicted, **options))
    assert macro_f1(confusion) == pytest.approx(
        sk.f1_score(coded, predicted, average="macro", sample_weight=weights), abs=1e-12
    )
    assert accuracy(confusion) == pytest.approx(sk.accuracy_score(coded, predicted, sample_weight=weights), abs=1e-12)


def test_a_lost_class_is_left_out_as_scikit_learn_does():
    # Class 2 of 4 occurs nowhere; class 3 is predicted once and never coded (F1 0, it counts).
    coded, predicted = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 3])
    confusion = group_confusions(coded, predicted, ["g"] * 5, 4).sum(axis=0)
    assert macro_f1(confusion) == pytest.approx(sk.f1_score(coded, predicted, average="macro"), abs=1e-12)


@pytest.mark.parametrize("name", [*METRICS, *CLASS_METRICS])
def test_a_whole_bootstrap_in_one_call_is_the_same_as_draw_by_draw(name):
    metric = (METRICS | CLASS_METRICS)[name]
    draws = np.random.default_rng(2).integers(0, 3, size=(50, 2, 3, 3)).astype(float)
    draws[0] = 0.0
    together = metric(draws)
    assert together.shape[:2] == (50, 2)
    for i in range(50):
        for j in range(2):
            np.testing.assert_array_equal(together[i, j], metric(draws[i, j]))


def test_groups_come_in_the_order_of_their_names_and_add_up():
    coded, predicted = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0])
    table = group_confusions(coded, predicted, ["b", "a", "b", "c"], 2, np.array([1.0, 2.0, 4.0, 8.0]))
    assert table.tolist() == [[[0, 0], [0, 2.0]], [[1.0, 0], [4.0, 0]], [[8.0, 0], [0, 0]]]
    shuffled = [3, 1, 0, 2]
    again = group_confusions(
        coded[shuffled],
        predicted[shuffled],
        [["b", "a", "b", "c"][i] for i in shuffled],
        2,
        2.0 ** np.array([3, 1, 0, 2]),
    )
    np.testing.assert_array_equal(table, again)
    assert group_confusions(np.array([], dtype=int), np.array([], dtype=int), [], 2).shape == (0, 2, 2)


@pytest.mark.parametrize(("coded", "predicted", "name"), [([-1, 0], [0, 0], "coded"), ([0, 0], [0, 2], "predicted")])
def test_uncoded_rows_and_unknown_classes_are_not_counted_as_some_other_class(coded, predicted, name):
    with pytest.raises(ValueError, match=f"{name} holds .*classes are 0 … 1"):
        group_confusions(np.array(coded), np.array(predicted), ["g", "h"], 2)
