"""What a model says of rows that it never saw is its own affair, and steps say who is asked."""

import numpy as np
import pytest

from newsangle.errors import DataError
from newsangle.stance.blind_scores import (
    deal,
    deal_split,
    fold_steps,
    lsa_rows,
    score_folds,
    score_split,
    split_steps,
    split_views,
)
from newsangle.stance.fit import variants_of
from newsangle.stance.readings import Sources
from newsangle.stats.splits import outlet_split

TOGETHER = ("majority", "keyword_rules", "complement_nb", "linear_svc", "lsa", "tfidf_lsa")


def _arrays(scores):
    return [a.tobytes() for step in scores for a in (step.once, step.once_scale, step.twice, step.twice_scale)]


def test_folds_are_left_out_one_by_one_and_by_twos():
    """Five rows in three folds, row 4 not coded. Everything is predicted once, coded rows are known to the others."""
    dealt = deal(np.array([0, 1, 0, 1, -1]), np.array([0, 0, 1, 2, 2]), 2)
    assert dealt.views(range(3)) == [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
    assert dealt.views([2]) == [(2,), (0, 2), (1, 2)]
    assert [rows.tolist() for rows in dealt.wanted((2,))] == [[3, 4]]
    assert [rows.tolist() for rows in dealt.wanted((0, 2))] == [[0, 1], [3]]
    assert [(s.test.tolist(), s.known.tolist()) for s in fold_steps(dealt)] == [
        ([0, 1], [2, 3]),
        ([2], [0, 1, 3]),
        ([3, 4], [0, 1, 2]),
    ]


def test_what_is_only_taught_is_learned_from_and_never_known():
    dealt = deal(np.array([0, 1, 0, -1]), np.array([0, 1, 2, 2]), 2, taught=np.array([1, -1, -1, 1]))
    assert dealt.lessons.tolist() == [0, 1, 0, 1]  # a code goes before a lesson
    assert [s.known.tolist() for s in fold_steps(dealt)] == [[1, 2], [0, 2], [0, 1]]


def test_codes_in_two_folds_are_too_few():
    with pytest.raises(ValueError, match="2 of 3 folds hold codes; at least 3 must"):
        deal(np.array([0, 1, -1]), np.array([0, 1, 2]), 2)


def test_each_model_says_alone_what_it_says_beside_others(draw_task):
    task = draw_task()
    dealt, sources = deal(task.codes, task.folds, 3), Sources(task.text, task.rules)
    tried = {m: variants_of(m, {}) for m in TOGETHER}
    together = score_folds(sources, dealt, tried, 0)
    learned = {left: lsa_rows(task.text, dealt, left) for left in dealt.views(range(4))}
    for m in TOGETHER:
        alone = score_folds(sources, dealt, {m: tried[m]}, 0, lsa=learned)[m]
        assert _arrays(alone) == _arrays(together[m]), m
    other = score_folds(sources, dealt, {"lsa": tried["lsa"]}, 0, lsa={k: v[::-1] for k, v in learned.items()})["lsa"]
    assert _arrays(other) != _arrays(together["lsa"])  # what was learned before is read


def test_each_model_says_alone_of_a_split_what_it_says_beside_others(draw_task):
    task = draw_task()
    split = outlet_split([f"o{k}" for k in task.folds % 2], np.arange(len(task.codes)).astype(str))
    dealt, sources = deal_split(split, task.codes, np.arange(len(task.codes)) % 5, 3), Sources(task.text, task.rules)
    tried = {m: variants_of(m, {}) for m in TOGETHER}
    together = score_split(sources, split, dealt, tried, 0)
    learned = [{left: lsa_rows(task.text, one, left) for left in split_views(one)} for one in dealt]
    for m in TOGETHER:
        assert _arrays(score_split(sources, split, dealt, {m: tried[m]}, 0, lsa=learned)[m]) == _arrays(together[m]), m
    for step, fold in zip(split_steps(split, dealt), split.folds, strict=True):
        assert (step.test == np.flatnonzero(fold.test)).all()
        assert fold.train[step.known].all()
        assert (task.codes[step.known] >= 0).all()


def test_a_class_that_was_not_seen_has_no_score(draw_task):
    """Class 1 is coded in fold 0 alone: where fold 0 is left out, nobody has heard of it."""
    task = draw_task()
    codes = np.where((task.codes == 1) & (task.folds > 0), -1, task.codes)
    dealt = deal(codes, task.folds, 3)
    scores = score_folds(Sources(task.text), dealt, {"logreg": variants_of("logreg", {"logreg": {"C": 1.0}})}, 0)
    for k, step in enumerate(scores["logreg"]):
        assert np.isnan(step.once[0, :, 1]).all() == (k == 0)
        assert not np.isnan(step.once[0][:, [0, 2]]).any()


def test_a_fold_of_a_split_needs_codes_in_three_parts(draw_task):
    task = draw_task(n=60)
    split = outlet_split([f"o{k}" for k in task.folds % 2], np.arange(60).astype(str))
    with pytest.raises(DataError, match=r"the outlet split has only .* codes to predict .* too few to choose a model"):
        deal_split(split, task.codes, np.arange(60) % 2, 3)
