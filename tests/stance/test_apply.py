"""A stored model says of new texts what the fitted one says, and its reasons sum to its scores."""

from dataclasses import replace

import numpy as np
import pytest

from newsangle.corpus.sentences import sentence_spans
from newsangle.features.design import count_task_text, design_matrix
from newsangle.stance.apply import apply_model
from newsangle.stance.classifiers import CLASSIFIERS, all_classes
from newsangle.stance.crossfit import cross_fit
from newsangle.stance.export import model_arrays

ALIASES = {"oss": "Oss", "lind": "Lind"}
TEXT = {"word_ngrams": [1, 2], "char_ngrams": [3, 3]}
RULES = {
    "default": "none",
    "aliases": {"water": "river|dyke"},
    "rules": [{"label": "flood", "all": ["{water}"], "none": []}],
}


def stored(final, text, classes, targets=None, rules=None):
    arrays, terms = model_arrays(final, text)
    return arrays, {"classes": classes, "text": TEXT, "targets": targets or {}, "rules": rules, "terms": terms}


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    "name", [n for n, row in CLASSIFIERS.items() if row.reads != ("rules",) and not row.needs_targets]
)
def test_a_stored_model_repeats_the_fitted_one_on_texts_it_has_seen_and_on_new_ones(draw_task, name, n_classes):
    task = draw_task(n=90, n_folds=3, n_classes=n_classes)
    new = [*draw_task(n=20, n_folds=3, seed=3).texts, "", "мир"]
    text = replace(task.text, min_df=2)
    final = cross_fit(text, task.codes, task.folds, n_classes=n_classes, models=[name]).final
    arrays, about = stored(final, text, ["flood", "vote", "other"][:n_classes])
    ours = apply_model(arrays, about, [*task.texts, *new])
    assert ours.scores.shape == (112, n_classes)
    np.testing.assert_array_equal(ours.predicted, ours.scores.argmax(axis=1))
    np.testing.assert_allclose(ours.probabilities, final.calibration.probabilities(ours.scores), atol=1e-12)
    if final.linear is None:
        return
    fitted = final.linear.scores(design_matrix(text, np.arange(90)).matrix)
    np.testing.assert_allclose(ours.scores[:90], all_classes(fitted, arrays["classes"], n_classes), rtol=0, atol=1e-9)
    # The reasons of a row and its offset sum to the score of its class less the mean over classes.
    total = np.asarray(ours.contributions.sum(axis=1)).ravel() + ours.offset
    centred = ours.scores - ours.scores.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(total, centred.max(axis=1), rtol=0, atol=1e-9)
    assert ours.contributions.shape[1] == len(ours.terms)
    assert ours.contributions[-2:].nnz == 0  # nothing known in them


@pytest.mark.parametrize("name", ["logreg", "tfidf_lsa", "per_target", "target_words", "per_target_average"])
def test_on_targets_the_same_text_is_read_with_each_target(name):
    first = np.random.default_rng(2).integers(0, 2, size=40)
    names = ("Oss", "Lind")
    passages = [f"Voters praised {names[f]} at length. Others blamed {names[1 - f]} for it." for f in first]
    texts, targets = [p for p in passages for _ in names], ["oss", "lind"] * 40
    codes = np.array([[0, 1] if f == 0 else [1, 0] for f in first]).ravel()
    text = count_task_text(texts, char_ngrams=(3, 3), targets=targets, aliases=ALIASES, spans=sentence_spans)
    final = cross_fit(text, codes, np.repeat(np.arange(40) % 4, 2), n_classes=2, models=[name]).final
    arrays, about = stored(final, text, ["praised", "blamed"], ALIASES)
    ours = apply_model(arrays, about, texts, targets, spans=sentence_spans)
    numbers = np.array([list(ALIASES).index(t) for t in targets])
    X = design_matrix(text, np.arange(80)).matrix
    np.testing.assert_allclose(ours.scores, final.linear.scores(X, numbers), rtol=0, atol=1e-9)
    np.testing.assert_array_equal(ours.predicted, codes)
    total = np.asarray(ours.contributions.sum(axis=1)).ravel() + ours.offset
    np.testing.assert_allclose(total, (ours.scores - ours.scores.mean(axis=1, keepdims=True)).max(axis=1), atol=1e-9)
    with pytest.raises(ValueError, match="give one a text, of oss, lind"):
        apply_model(arrays, about, texts[:1])
    with pytest.raises(ValueError, match="target 'ems' is none of oss, lind"):
        apply_model(arrays, about, texts[:1], ["ems"], spans=sentence_spans)


def test_keyword_rules_are_applied_from_their_words_and_have_no_probabilities_where_nothing_was_coded():
    about = {"classes": ["flood", "none"], "text": TEXT, "targets": {}, "rules": RULES}
    ours = apply_model({}, about, ["The river rose.", "Nothing happened."])
    assert ours.predicted.tolist() == [0, 1]
    assert np.isnan(ours.probabilities).all()


def test_the_word_that_decides_has_the_largest_contribution(draw_task):
    task = draw_task(n=150, n_folds=3, coded=1.0)
    final = cross_fit(task.text, task.codes, task.folds, n_classes=3, models=["average"]).final
    ours = apply_model(*stored(final, task.text, ["flood", "vote", "other"]), ["on monday the ballot"])
    assert ours.predicted[0] == 1
    row = ours.contributions[0].toarray().ravel()
    words = [i for i, (block, term) in enumerate(ours.terms) if block == "word" and " " not in term]
    assert ours.terms[max(words, key=lambda i: row[i])] == ("word", "ballot")
