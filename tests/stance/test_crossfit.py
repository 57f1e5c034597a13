"""Whatever a fold's rows say, and however they are coded, their predictions come from the other folds alone."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from newsangle.corpus.sentences import sentence_spans
from newsangle.features.design import count_task_text, design_matrix
from newsangle.stance import crossfit
from newsangle.stance.classifiers import CLASSIFIERS, class_scores
from newsangle.stance.crossfit import SELECTED, cross_fit
from newsangle.stats.classification import f1, group_confusions, macro_f1

MODELS = ("majority", "keyword_rules", "complement_nb", "logreg", "linear_svc", "nb_svm", "lsa", "average", "tfidf_lsa")
TRAINED = MODELS[2:]


def fitted(task, models=MODELS, weights=None, n_classes=3, **changes):
    return cross_fit(
        task.text,
        task.codes,
        task.folds,
        n_classes=n_classes,
        models=models,
        rule_scores=task.rules,
        weights=weights,
        **changes,
    )


def bytes_of(fit, rows):
    """Everything that the fit says of these rows."""
    return {m: (fit.predicted[m][rows].tobytes(), fit.probability[m][rows].tobytes()) for m in fit.predicted}


@pytest.fixture(scope="module")
def base(draw_task):
    task = draw_task()
    weights = np.random.default_rng(3).uniform(1, 5, size=len(task.codes))
    return task, weights, fitted(task, weights=weights)


@pytest.mark.parametrize("k", range(4))
def test_a_folds_own_codes_do_not_touch_its_predictions_or_its_choice(base, k):
    task, weights, before = base
    rng = np.random.default_rng(k)
    here = task.folds == k
    codes, others = task.codes.copy(), weights.copy()
    codes[here] = rng.integers(-1, 3, size=here.sum())  # other codes, and other rows coded
    others[here] = rng.uniform(1, 100, size=here.sum())
    after = fitted(replace(task, codes=codes), weights=others)
    assert bytes_of(after, here) == bytes_of(before, here)
    assert after.chosen[k] == before.chosen[k]
    assert all(after.inner[m][k] == before.inner[m][k] for m in MODELS)
    assert all(after.options[m][k] == before.options[m][k] for m in MODELS)
    assert bytes_of(after, ~here) != bytes_of(before, ~here)  # the others learn from fold k, so they must move


@pytest.mark.parametrize("k", range(4))
def test_a_folds_own_words_do_not_touch_the_model_that_predicts_it(base, k):
    # All rows of fold k but the first get other texts: words known and unknown, nothing at all, another script.
    task, weights, before = base
    here = np.flatnonzero(task.folds == k)
    kept, changed = here[0], here[1:]
    texts, strange = list(task.texts), ["zeppelin river aardvark", "", "мир мир vote", "concert " * 50]
    for i, row in enumerate(changed):
        texts[row] = strange[i % 4]
    after = fitted(replace(task, texts=texts), weights=weights)
    assert bytes_of(after, [kept]) == bytes_of(before, [kept])
    assert after.chosen[k] == before.chosen[k]
    assert all(after.inner[m][k] == before.inner[m][k] for m in MODELS)
    assert all(after.options[m][k] == before.options[m][k] for m in MODELS)


def test_coded_and_uncoded_rows_of_a_fold_are_predicted_by_the_same_model(base):
    # Each row stands twice in its fold, once coded and once not: both must get the same prediction.
    task, _, _ = base
    n = len(task.codes)
    twice = replace(
        task,
        texts=task.texts * 2,
        codes=np.concatenate([task.codes, np.full(n, -1)]),
        folds=np.tile(task.folds, 2),
        rules=np.tile(task.rules, (2, 1)),
    )
    fit = fitted(twice)
    for m in (*MODELS, SELECTED):
        np.testing.assert_array_equal(fit.predicted[m][:n], fit.predicted[m][n:])
        np.testing.assert_allclose(fit.probability[m][:n], fit.probability[m][n:], rtol=0, atol=1e-12)


def test_the_inner_scores_are_those_of_models_that_miss_two_folds(draw_task):
    # By hand, with scikit-learn on the full columns: for fold k and each other fold j, a model without j and k
    # predicts j; macro-F1 over all these is what the choice for k is made on.
    task = draw_task(n=90, n_folds=3, seed=5)
    fit = fitted(task, models=("logreg", "complement_nb"), options={"logreg": {"C": 1.0}})
    known = task.codes >= 0
    for k in range(3):
        predicted = np.full(90, -1)
        for j in {0, 1, 2} - {k}:
            seen, wanted = ~np.isin(task.folds, [j, k]), (task.folds == j) & known
            X = design_matrix(task.text, np.flatnonzero(seen)).matrix
            model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000, tol=1e-8)
            predicted[wanted] = model.fit(X[seen & known], task.codes[seen & known]).predict(X[wanted])
        rows = known & (task.folds != k)
        table = group_confusions(task.codes[rows], predicted[rows], ["g"] * rows.sum(), 3).sum(axis=0)
        assert fit.inner["logreg"][k] == pytest.approx(float(macro_f1(table)), abs=1e-12)


def test_the_reported_predictions_are_those_of_a_model_on_all_other_folds(draw_task):
    task = draw_task(n=90, n_folds=3, seed=6)
    fit = fitted(task, models=("logreg",), options={"logreg": {"C": 1.0}})
    known = task.codes >= 0
    for k in range(3):
        seen = task.folds != k
        X = design_matrix(task.text, np.flatnonzero(seen)).matrix
        model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000, tol=1e-8)
        model.fit(X[seen & known], task.codes[seen & known])
        np.testing.assert_array_equal(fit.predicted["logreg"][~seen], model.predict(X[~seen]))


def test_the_model_with_the_best_inner_score_is_chosen_and_its_predictions_are_selected(base):
    _, _, fit = base
    task = base[0]
    for k, name in enumerate(fit.chosen):
        assert name in TRAINED
        assert fit.inner[name][k] == max(fit.inner[m][k] for m in TRAINED)
        here = task.folds == k
        np.testing.assert_array_equal(fit.predicted[SELECTED][here], fit.predicted[name][here])
        np.testing.assert_array_equal(fit.probability[SELECTED][here], fit.probability[name][here])


def test_a_floor_is_not_chosen_however_good_unless_nothing_else_is_listed(base):
    task = base[0]
    perfect = replace(task, rules=np.eye(3)[task.truth])
    fit = fitted(perfect, models=("majority", "keyword_rules", "complement_nb"))
    assert fit.inner["keyword_rules"] == (1.0,) * 4
    assert set(fit.chosen) == {"complement_nb"}
    assert fit.final.name == "complement_nb"
    floors = fitted(perfect, models=("majority", "keyword_rules"))
    assert set(floors.chosen) == {"keyword_rules"}
    assert floors.final.name == "keyword_rules"
    np.testing.assert_array_equal(floors.predicted[SELECTED], task.truth)


def test_a_tie_goes_to_the_model_listed_first(base, monkeypatch):
    task = base[0]
    monkeypatch.setitem(crossfit.CLASSIFIERS, "twin", crossfit.CLASSIFIERS["complement_nb"])
    assert set(fitted(task, models=("twin", "complement_nb")).chosen) == {"twin"}
    assert set(fitted(task, models=("complement_nb", "twin")).chosen) == {"complement_nb"}


def test_the_order_of_rows_changes_no_prediction(base):
    task, weights, before = base
    order = np.random.default_rng(8).permutation(len(task.codes))
    turned = replace(
        task,
        texts=[task.texts[i] for i in order],
        codes=task.codes[order],
        folds=task.folds[order],
        rules=task.rules[order],
    )
    after = fitted(turned, weights=weights[order])
    assert after.chosen == before.chosen
    for m in (*MODELS, SELECTED):
        np.testing.assert_array_equal(after.predicted[m], before.predicted[m][order])
        np.testing.assert_allclose(after.probability[m], before.probability[m][order], rtol=0, atol=1e-4)


def test_the_same_call_gives_the_same_bytes(base):
    task, weights, before = base
    every = np.arange(len(task.codes))
    assert bytes_of(fitted(task, weights=weights), every) == bytes_of(before, every)


def test_every_row_gets_probabilities_that_sum_to_one_and_models_that_learn_beat_the_floor(base):
    task, _, fit = base
    coded = task.codes >= 0
    right = {m: (fit.predicted[m] == task.truth)[~coded].mean() for m in fit.predicted}
    for m in fit.predicted:
        assert np.isfinite(fit.probability[m]).all()
        np.testing.assert_allclose(fit.probability[m].sum(axis=1), 1.0, atol=1e-12)
        assert set(np.unique(fit.predicted[m])) <= {0, 1, 2}
    assert all(right[m] > right["majority"] + 0.15 for m in (*TRAINED, SELECTED))


def test_design_weights_move_probabilities_to_the_frame_and_no_predicted_class(base):
    # Rows of class 0 stand for four times as many: its mean probability must rise, no predicted class may change.
    task, _, _ = base
    weights = np.where(task.codes == 0, 4.0, 1.0)
    plain, weighted = fitted(task, models=("logreg",)), fitted(task, models=("logreg",), weights=weights)
    np.testing.assert_array_equal(plain.predicted["logreg"], weighted.predicted["logreg"])
    assert weighted.probability["logreg"][:, 0].mean() > plain.probability["logreg"][:, 0].mean() + 0.05


def test_the_final_model_has_learned_from_every_code_and_every_row(base):
    task, _, _ = base
    final = fitted(task, models=("logreg",), options={"logreg": {"C": 1.0}}).final
    coded = np.flatnonzero(task.codes >= 0)
    design = design_matrix(task.text, np.arange(len(task.codes)), coded)
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000, tol=1e-9)
    model.fit(design.matrix, task.codes[coded])
    np.testing.assert_allclose(final.linear.coef, model.coef_, rtol=0, atol=1e-4)
    assert [len(w.idf) for w in final.design.weights] == [len(w.idf) for w in design.weights]


def test_a_class_absent_from_some_training_folds_is_no_obstacle(draw_task):
    # Class 1 has codes in fold 0 alone: without fold 0 nothing can be learned of it, and it is never predicted there.
    task = draw_task(seed=9)
    codes = np.where((task.codes == 1) & (task.folds != 0), -1, task.codes)
    fit = fitted(replace(task, codes=codes))
    here = task.folds == 0
    assert (codes[here] == 1).any()
    for m in ("majority", *TRAINED):
        assert not (fit.predicted[m][here] == 1).any()
        assert (fit.probability[m][here, 1] == 0).all()
        assert np.isfinite(fit.probability[m]).all()


def test_where_one_class_alone_is_in_sight_the_models_say_that_class(draw_task):
    # All codes of class 0 lie in folds 0 and 1: the inner model without both sees class 2 only.
    task = draw_task(seed=10)
    codes = np.where((task.codes == 1) | ((task.codes == 0) & (task.folds > 1)), -1, task.codes)
    fit = fitted(replace(task, codes=codes))
    assert np.isfinite(fit.probability[SELECTED]).all()
    one = fitted(replace(task, codes=np.where(codes == 2, 2, -1)), models=TRAINED)
    assert (one.predicted[SELECTED] == 2).all()
    assert (one.probability[SELECTED] == [0.0, 0.0, 1.0]).all()


def test_folds_without_a_code_are_predicted_and_too_few_with_codes_refused(draw_task):
    task = draw_task(n=200, n_folds=5, seed=11)
    fit = fitted(replace(task, codes=np.where(task.folds < 2, -1, task.codes)))
    assert (fit.predicted[SELECTED] == task.truth)[task.folds < 2].mean() > 0.6
    with pytest.raises(ValueError, match="2 of 5 folds hold codes; at least 3 must"):
        fitted(replace(task, codes=np.where(task.folds < 3, -1, task.codes)))


def test_rules_without_scores_are_an_error(base):
    task = base[0]
    with pytest.raises(ValueError, match="keyword_rules reads rule scores, but none were given"):
        cross_fit(task.text, task.codes, task.folds, n_classes=3, models=["keyword_rules"])


def test_options_reach_their_model(base):
    task = base[0]
    weak = fitted(task, models=("logreg",), options={"logreg": {"C": 1e-6, "balanced": False}})
    assert (weak.predicted["logreg"] == 2).all()  # nothing learned but the most frequent class
    with pytest.raises(TypeError, match="nonsense"):
        fitted(task, models=("logreg",), options={"logreg": {"nonsense": 1}})


def test_a_task_on_targets_tells_the_rows_of_one_passage_apart():
    # Every passage praises one of two and blames the other: only the view of the target can tell the rows apart.
    rng = np.random.default_rng(2)
    first = rng.integers(0, 2, size=60)
    names = ("Oss", "Lind")
    passages = [f"Voters praised {names[f]} at length. Others blamed {names[1 - f]} for it." for f in first]
    texts = [p for p in passages for _ in names]
    targets = ["oss", "lind"] * 60
    codes = np.array([[0, 1] if f == 0 else [1, 0] for f in first]).ravel()
    text = count_task_text(texts, targets=targets, aliases={"oss": "Oss", "lind": "Lind"}, spans=sentence_spans)
    fit = cross_fit(text, codes, np.repeat(np.arange(60) % 4, 2), n_classes=2, models=["logreg", "linear_svc"])
    for m in ("logreg", "linear_svc"):
        assert (fit.predicted[m] == codes).mean() == 1.0


def test_the_training_pool_teaches_the_other_folds_and_is_scored_by_nobody(base):
    task, weights, before = base
    taught = np.full(len(task.codes), -1)
    free = np.flatnonzero((task.codes < 0) & (task.folds == 0))
    taught[free] = task.truth[free]
    after = fitted(task, weights=weights, taught=taught)
    # Fold 0 learns nothing from its own pool; the others do.
    here = task.folds == 0
    assert all((after.predicted[m][here] == before.predicted[m][here]).all() for m in TRAINED)
    assert any((after.probability[m][~here] != before.probability[m][~here]).any() for m in TRAINED)
    # Pool rows change no score where they teach nothing wrong-headed: a pool of nonsense can't be rewarded either,
    # for the inner choice reads coded rows only.
    nonsense = np.where(taught >= 0, (taught + 1) % 3, -1)
    worse = fitted(task, weights=weights, taught=nonsense)
    assert np.mean([worse.inner["logreg"][k] for k in range(1, 4)]) < np.mean(
        [after.inner["logreg"][k] for k in range(1, 4)]
    )
    # A code stands above a lesson, and no lessons are no change.
    same = fitted(task, weights=weights, taught=np.where(task.codes >= 0, (task.codes + 1) % 3, -1))
    assert bytes_of(same, slice(None)) == bytes_of(before, slice(None))
    assert len(after.final.design.matrix.indptr) - 1 == (task.codes >= 0).sum() + len(free)


def test_options_are_chosen_inside_each_fold_and_those_given_stay(base):
    task, _, fit = base
    for k, used in enumerate(fit.options["logreg"]):
        tried = [
            fitted(task, models=("logreg",), options={"logreg": {"C": C}}).inner["logreg"][k] for C in (0.3, 1.0, 3.0)
        ]
        assert fit.inner["logreg"][k] == pytest.approx(max(tried), abs=1e-12)
        assert used["logreg"]["C"] == (0.3, 1.0, 3.0)[int(np.argmax(np.round(tried, 12)))]
    given = fitted(task, models=("logreg",), options={"logreg": {"C": 7.0}})
    assert [used["logreg"] for used in given.options["logreg"]] == [{"C": 7.0}] * 4


def test_the_choice_is_by_the_metric_asked_for(base):
    # By the F1 of class 1 alone, another model may be best; the values are those of that metric.
    task, _, _ = base
    fit = fitted(task, models=TRAINED, metric=lambda confusion: f1(confusion)[..., 1])
    for k, name in enumerate(fit.chosen):
        assert fit.inner[name][k] == max(fit.inner[m][k] for m in TRAINED)
    usual = fitted(task, models=TRAINED)
    assert fit.inner["logreg"] != usual.inner["logreg"]


def test_an_average_counts_its_members_alike_whatever_the_size_of_their_scores(draw_task):
    # By hand for one fold: scores of both members, centred, each over its spread on the training rows.
    task = draw_task(n=90, n_folds=3, seed=5)
    options = {"complement_nb": {"alpha": 0.3}, "linear_svc": {"C": 0.3}}
    fit = fitted(task, models=("nb_svm",), options=options)
    known = task.codes >= 0
    seen = task.folds != 0
    X = design_matrix(task.text, np.flatnonzero(seen))
    total = 0
    for name, columns in (("complement_nb", X.n_words), ("linear_svc", X.matrix.shape[1])):
        part = X.matrix[:, :columns]
        model = CLASSIFIERS[name].make(0, **options[name]).fit(part[seen & known], task.codes[seen & known])
        scores = class_scores(model, part, 3)
        scores = scores - scores.mean(axis=1, keepdims=True)
        total = total + scores / scores[seen & known].std()
    np.testing.assert_array_equal(fit.predicted["nb_svm"][~seen], total[~seen].argmax(axis=1))


def test_topic_shares_are_asked_for_anew_for_every_set_of_rows_in_sight(draw_task, monkeypatch):
    # A model that reads topics alone, on shares that tell the class of the rows in sight and nothing of the others.
    task = draw_task(n=90, n_folds=3, seed=5)
    row = replace(CLASSIFIERS["logreg"], reads=("topics",))
    monkeypatch.setitem(CLASSIFIERS, "by_topics", row)
    asked = []

    def shares(seen):
        asked.append(seen.copy())
        return np.eye(3)[task.truth] * seen[:, None]

    fit = fitted(task, models=("by_topics",), topic_shares=shares)
    left_out = {tuple(sorted(set(task.folds[~seen].tolist()))) for seen in asked}
    assert left_out == {(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2)}
    assert len(set(fit.predicted["by_topics"][task.folds == 0].tolist())) == 1  # nothing told them apart
    told = fitted(task, models=("by_topics",), topic_shares=lambda seen: np.eye(3)[task.truth])
    assert (told.predicted["by_topics"] == task.truth).all()
    with pytest.raises(ValueError, match="no topic_shares were given"):
        fitted(task, models=("by_topics",))


def test_words_weigh_by_target_where_a_model_may(draw_task):
    # "sank" is praise on Oss and blame on Lind: only weights by target can tell, a common weight cannot.
    rng = np.random.default_rng(4)
    good, targets = rng.integers(0, 2, size=160), ["oss", "lind"] * 80
    texts = [f"{'Oss' if t == 'oss' else 'Lind'} {'sank' if (g == 1) == (t == 'oss') else 'rose'} on day {i % 7}."
             for i, (g, t) in enumerate(zip(good, targets, strict=True))]  # fmt: skip
    text = count_task_text(texts, targets=targets, aliases={"oss": "Oss", "lind": "Lind"}, spans=sentence_spans,
                           word_ngrams=(1, 1), char_weight=0)  # fmt: skip
    models = ["logreg", "per_target", "target_words", "per_target_average", "lsa", "tfidf_lsa"]
    fit = cross_fit(text, good, np.arange(160) // 2 % 4, n_classes=2, models=models)
    right = {m: (fit.predicted[m] == good).mean() for m in models}
    assert right.pop("logreg") < 0.75
    assert min(right.values()) > 0.95, right
