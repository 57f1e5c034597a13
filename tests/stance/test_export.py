"""The stored arrays are the model: applied by hand, with numpy and the words alone, they give its scores."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from newsangle.corpus.sentences import sentence_spans
from newsangle.features.design import count_task_text, design_matrix
from newsangle.features.targets import target_views
from newsangle.stance.classifiers import CLASSIFIERS, class_scores
from newsangle.stance.crossfit import cross_fit
from newsangle.stance.export import model_arrays
from newsangle.stance.readings import Sources, View

ANALYZERS = {
    "word": CountVectorizer(ngram_range=(1, 2)).build_analyzer(),
    "target": CountVectorizer(ngram_range=(1, 2)).build_analyzer(),
    "char": CountVectorizer(analyzer="char_wb", ngram_range=(3, 3)).build_analyzer(),
}
ALIASES = {"oss": "Oss", "lind": "Lind"}


def by_hand(arrays, terms, texts, views=None, target_numbers=None):
    """Columns and scores of new texts from the stored arrays, one text and one term at a time."""
    rows = []
    for i, text in enumerate(texts):
        row = []
        for weight, (block, names) in zip(arrays["block_weights"], terms.items(), strict=True):
            found = Counter(ANALYZERS[block](views[i] if block == "target" else text))
            values = [
                (1 + math.log(found[t])) * idf if found[t] else 0.0
                for t, idf in zip(names, arrays[f"idf_{block}"], strict=True)
            ]
            length = math.sqrt(sum(v * v for v in values)) or 1.0
            row += [weight * v / length for v in values]
        if target_numbers is not None:
            row += [float(arrays["target_indicator"][0]) * (t == target_numbers[i]) for t in range(len(ALIASES))]
        rows.append(row)
    X = np.array(rows)
    if "coef" in arrays:
        raw = X @ arrays["coef"].T + arrays["intercept"]
        if "coef_by_target" in arrays:
            raw += np.array([arrays["coef_by_target"][t] @ x for t, x in zip(target_numbers, X, strict=True)])
        if "lsa_coef" in arrays:
            Z = X[:, : len(arrays["lsa_directions"])] @ arrays["lsa_directions"].astype(float)
            Z = Z / (np.linalg.norm(Z, axis=1, keepdims=True) + 1e-300)
            raw += Z @ arrays["lsa_coef"].T
            if "lsa_coef_by_target" in arrays:
                raw += np.array([arrays["lsa_coef_by_target"][t] @ z for t, z in zip(target_numbers, Z, strict=True)])
        return raw - np.log(np.exp(raw).sum(axis=1, keepdims=True)) if "log_normalised" in arrays else raw
    return np.tile(arrays["log_share"], (len(texts), 1))


PLAIN = [n for n, row in CLASSIFIERS.items() if row.reads != ("rules",) and not row.needs_targets]
TARGETED = [n for n, row in CLASSIFIERS.items() if not row.floor and n not in ("complement_nb", "linear_svc", "nb_svm")]


def in_memory(name, text, codes, n_classes, options=None):
    """Scores of all rows by estimators fitted anew on what each reads, with no word of linear models."""
    coded = np.flatnonzero(codes >= 0)
    view = View(Sources(text), np.ones(len(codes), dtype=bool), coded, np.arange(len(codes)))
    scores = []
    for member in CLASSIFIERS[name].members or (name,):
        row = CLASSIFIERS[member]
        X = view.read(row)
        estimator = row.make(0, **(options or {}).get(member, {}))
        if "tol" in estimator.get_params():
            estimator.set_params(tol=1e-9, max_iter=1_000_000)
        weight = None
        if row.by_target == "only":  # each target's classes count alike, by hand
            estimator.set_params(class_weight=None)
            pairs = list(zip(text.targets[coded], codes[coded], strict=True))
            rows_of, classes_of = Counter(t for t, _ in pairs), Counter(t for t, _ in set(pairs))
            weight = [rows_of[t] / classes_of[t] / Counter(pairs)[t, c] for t, c in pairs]
        fitted = {} if weight is None else {"sample_weight": np.array(weight)}
        estimator.fit(X[: len(coded)], codes[coded], **fitted)
        scores.append((class_scores(estimator, X, n_classes), len(coded)))
    if not CLASSIFIERS[name].members:
        return scores[0][0][len(coded) :]
    scaled = [(z - z.mean(axis=1, keepdims=True)) for z, _ in scores]
    return np.mean([z / z[: len(coded)].std() for z in scaled], axis=0)[len(coded) :]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", PLAIN)
def test_the_arrays_applied_by_hand_give_the_estimators_scores_and_probabilities(draw_task, name, n_classes):
    task = draw_task(n=90, n_folds=3, n_classes=n_classes)
    text = replace(task.text, min_df=3)  # some of the terms counted are not learned
    final = cross_fit(text, task.codes, task.folds, n_classes=n_classes, models=[name]).final
    arrays, terms = model_arrays(final, text)
    assert len(terms["word"]) < len(text.blocks[0].counts.terms)
    ours = by_hand(arrays, terms, task.texts)
    # Two solvers stop at different last digits: what is stored is compared to 1e-9 with what was fitted below.
    np.testing.assert_allclose(ours, in_memory(name, text, task.codes, n_classes, final.options), rtol=0, atol=2e-4)
    if final.linear is not None:
        X = design_matrix(text, np.arange(90)).matrix
        np.testing.assert_allclose(ours, final.linear.scores(X), rtol=0, atol=1e-9)
    logits = ours / arrays["calibration_scale"] @ arrays["calibration_slope"] + arrays["calibration_intercept"]
    odds = np.exp(logits)
    np.testing.assert_allclose(
        odds / odds.sum(axis=1, keepdims=True), final.calibration.probabilities(ours), rtol=0, atol=1e-9
    )
    assert arrays["classes"].tolist() == list(range(n_classes))


@pytest.fixture(scope="module")
def targeted():
    """Rows of passages that praise one of two and blame the other, each with each target."""
    texts = [
        f"{a} {verb} {b} on day {i}. Rain fell."
        for i in range(12)
        for a, b in (("Oss", "Lind"), ("Lind", "Oss"))
        for verb in ("praised", "blamed")
    ]
    targets = ["oss" if i % 2 else "lind" for i in range(len(texts))]
    codes = np.array([int("praised" in t) + (i % 5 == 0) for i, t in enumerate(texts)])
    text = count_task_text(texts, char_ngrams=(3, 3), targets=targets, aliases=ALIASES, spans=sentence_spans)
    return texts, targets, codes, text


@pytest.mark.parametrize("name", TARGETED)
def test_a_model_on_targets_is_stored_with_its_masked_block_and_its_target_columns(targeted, name):
    texts, targets, codes, text = targeted
    final = cross_fit(text, codes, np.arange(len(texts)) // 4 % 3, n_classes=3, models=[name]).final
    arrays, terms = model_arrays(final, text)
    assert list(terms) == ["word", "char", "target"]
    numbers = [list(ALIASES).index(t) for t in targets]
    ours = by_hand(arrays, terms, texts, target_views(texts, targets, ALIASES, sentence_spans), numbers)
    np.testing.assert_allclose(ours, in_memory(name, text, codes, 3, final.options), rtol=0, atol=2e-4)
    X = design_matrix(text, np.arange(len(texts))).matrix
    np.testing.assert_allclose(ours, final.linear.scores(X, np.array(numbers)), rtol=0, atol=1e-9)


def test_arrays_and_terms_are_plain_numbers_and_words_without_an_object(draw_task):
    task = draw_task(n=90, n_folds=3)
    final = cross_fit(task.text, task.codes, task.folds, n_classes=3, models=["logreg"], rule_scores=task.rules).final
    arrays, terms = model_arrays(final, task.text)
    assert all(a.dtype.kind in "fi" for a in arrays.values())
    assert all(type(term) is str for names in terms.values() for term in names)
    rules = cross_fit(
        task.text, task.codes, task.folds, n_classes=3, models=["keyword_rules"], rule_scores=task.rules
    ).final
    assert not {"coef", "log_share"} & set(model_arrays(rules, task.text)[0])
