"""Reasons are exact: they sum to the score of the class that the fold's own model gave, and stand on their words."""

from dataclasses import replace

import numpy as np
import pytest

from newsangle.stance.crossfit import SELECTED, cross_fit
from newsangle.stance.explain import class_words, explain_rows, share_out
from newsangle.stance.fit import Variant, fit_and_score, scores_of
from newsangle.stance.readings import Sources


@pytest.mark.parametrize("name", ["complement_nb", "logreg", "linear_svc", "average", "tfidf_lsa"])
def test_terms_and_rest_sum_to_the_score_of_a_model_that_never_saw_the_row(draw_task, name):
    task = draw_task(n=90, n_folds=3)
    fit = cross_fit(task.text, task.codes, task.folds, n_classes=3, models=[name])
    rows = np.arange(0, 90, 7)
    found = explain_rows(task.text, task.texts, task.codes, task.folds, fit, rows, seed=0, most=10_000)
    assert sorted(found) == rows.tolist()
    for row in rows:
        k = int(task.folds[row])
        members = [Variant(m, tuple(sorted(o.items()))) for m, o in fit.options[name][k].items()]
        scored = fit_and_score(Sources(task.text), task.codes, task.folds != k, [np.array([row])], members, 0)
        scores = scores_of([scored[v] for v in members], 0, 3, is_average=name == "average")[0]
        total = sum(value for _, _, value in found[row].terms) + found[row].rest
        assert scores.argmax() == fit.predicted[SELECTED][row]
        assert total == pytest.approx(scores.max() - scores.mean(), abs=1e-8)


def test_floors_have_no_reasons(draw_task):
    task = draw_task(n=90, n_folds=3)
    fit = cross_fit(task.text, task.codes, task.folds, n_classes=3, models=["keyword_rules"], rule_scores=task.rules)
    assert explain_rows(task.text, task.texts, task.codes, task.folds, fit, np.arange(90), seed=0) == {}
    assert class_words(fit.final, task.text) == {}


def test_each_n_gram_is_shared_out_over_its_places_and_their_words():
    # "flood" stands twice: 1 each. "the flood" once over two words: 0.5 each. " fl" begins both floods: 0.25 each.
    text = "The flood. A flood!"
    values = [("word", "flood", 2.0), ("word", "the flood", 1.0), ("char", " fl", 0.5), ("is", "0", 9.0)]
    assert share_out(text, values) == [(0, 3, 0.5), (4, 9, 1.75), (13, 18, 1.25)]


def test_nothing_is_lost_where_every_term_has_a_place():
    text = "voters praised the dyke, the dyke held"
    values = [("word", "the dyke", 0.4), ("char", "dyk", -0.3), ("word", "voters praised", 1.1)]
    assert sum(v for _, _, v in share_out(text, values)) == pytest.approx(1.2)


def test_offsets_hold_where_lowering_makes_a_text_longer():
    text = "İzmir flood"
    assert [text[a:b] for a, b, _ in share_out(text, [("word", "flood", 1.0)])] == ["flood"]


def test_the_words_of_a_class_are_those_that_were_planted(draw_task):
    task = draw_task(n=240, n_folds=3, coded=1.0)
    for name in ("logreg", "tfidf_lsa", "average"):
        final = cross_fit(task.text, task.codes, task.folds, n_classes=3, models=[name]).final
        words = class_words(final, task.text, most=4)
        planted = {"river", "flood", "dyke", "rain", "boats", "water"}
        assert len({term for term, _ in words[0]} & planted) >= 3
        assert all(value > 0 for found in words.values() for _, value in found)


def test_a_row_without_known_words_has_no_term(draw_task):
    task = draw_task(n=90, n_folds=3)
    task = replace(task, texts=[*task.texts[:-1], "мир"])
    fit = cross_fit(task.text, task.codes, task.folds, n_classes=3, models=["logreg"])
    found = explain_rows(task.text, task.texts, task.codes, task.folds, fit, np.array([89]), seed=0)
    assert found[89].terms == []
    assert found[89].words == []
