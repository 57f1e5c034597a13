"""Does a plainly fitted model see nothing of what it predicts, and read what it is told to read?"""

import numpy as np
import pytest

from newsangle.corpus.sentences import sentence_spans
from newsangle.features.design import count_task_text
from newsangle.labels.rules import Rule, RuleSet
from newsangle.stance.crossfit import cross_fit
from newsangle.stance.masked_text import only_target, with_masked, without_target
from newsangle.stance.out_of_fold import decided, out_of_fold, plain_model
from newsangle.stance.split_fit import split_fit
from newsangle.stats.classification import accuracy
from newsangle.stats.splits import Fold, Split, outlet_split, split_of_folds

OPTIONS = {"word_ngrams": (1, 1), "char_ngrams": (3, 3), "min_df": 1}


@pytest.mark.parametrize("model", ["logreg", "linear_svc", "complement_nb"])
def test_it_decides_as_the_cross_fit_does(draw_task, model):
    """Two implementations of one thing: the group split, the same model."""
    task = draw_task()
    every = np.ones(len(task.codes), dtype=bool)
    [scores] = out_of_fold(task.text, task.codes, split_of_folds(task.folds), model=model, n_classes=3, wanted=every)
    own = {"logreg": {"C": 1.0}, "linear_svc": {"C": 0.3}, "complement_nb": {"alpha": 0.3}}  # nothing to choose
    fit = cross_fit(task.text, task.codes, task.folds, n_classes=3, models=[model], options=own)
    assert (decided(scores) == fit.predicted[model]).all()


def test_a_label_of_the_fold_never_reaches_its_predictions(draw_task):
    task = draw_task()
    split, every = split_of_folds(task.folds), np.ones(len(task.codes), dtype=bool)
    settings = {"model": "logreg", "n_classes": 3, "wanted": every}
    changed = np.where(task.folds == 1, (task.codes + 1) % 3, task.codes)
    [before], [after] = (out_of_fold(task.text, c, split, **settings) for c in (task.codes, changed))
    assert np.array_equal(before[task.folds == 1], after[task.folds == 1])
    assert not np.allclose(before[task.folds != 1], after[task.folds != 1])


def test_what_is_not_wanted_tested_or_learnable_is_not_decided(draw_task):
    task = draw_task()
    n = len(task.codes)
    left_out = task.folds == 0
    split = Split("time", (Fold("a", ~left_out, left_out), Fold("b", task.codes < 0, ~left_out)))
    wanted = np.arange(n) % 2 == 0
    [scores] = out_of_fold(task.text, task.codes, split, model="logreg", n_classes=3, wanted=wanted)
    assert ((decided(scores) >= 0) == (left_out & wanted)).all()


def test_where_all_labels_in_sight_are_one_class_it_says_that_class(draw_task):
    task = draw_task()
    labels = np.where(task.folds == 0, 2, 1)
    every = np.ones(len(labels), dtype=bool)
    [scores] = out_of_fold(
        task.text, labels, split_of_folds(task.folds * 0 + (task.folds == 0)), model="logreg", n_classes=3, wanted=every
    )
    assert (decided(scores) == np.where(task.folds == 0, 1, 2)).all()


def test_masked_text_can_be_read_by_the_model_that_full_text_taught():
    texts = ["flood alpha", "flood beta", "vote alpha", "vote beta"] * 5
    rules = RuleSet((Rule("flood", ("flood",)), Rule("vote", ("vote",))), "flood", {})
    text = with_masked(texts, rules, OPTIONS)
    n, labels = len(texts), np.array([0, 0, 1, 1] * 5)
    split, every = split_of_folds(np.repeat(np.arange(5), 4)), np.ones(len(texts), dtype=bool)
    reads = [np.arange(n), n + np.arange(n)]
    full, masked = out_of_fold(text, labels, split, model="logreg", n_classes=2, wanted=every, reads=reads)
    assert (decided(full) == labels).all()
    of_kind = masked.reshape(5, 4, 2)  # nothing is left to tell "flood alpha" from "vote alpha"
    assert np.allclose(of_kind[:, :2], of_kind[:, 2:])
    alone = count_task_text(texts, **OPTIONS)
    [same] = out_of_fold(alone, labels, split, model="logreg", n_classes=2, wanted=every)
    assert np.allclose(same, full)


def test_the_names_of_targets_and_rule_words_leave_the_masked_views_of_a_target():
    aliases = {"anna": "Anna", "bob": "Bob"}
    rules = RuleSet((Rule("against", ("{target}", "lied")),), "none", aliases)
    texts, targets = ["Anna lied to Bob. Bob slept."] * 2, ["anna", "bob"]
    text = with_masked(texts, rules, OPTIONS, targets=targets, aliases=aliases, spans=sentence_spans)
    block = text.blocks[-1]
    assert block.name == "target"
    held = [sorted(block.counts.terms[row.indices]) for row in block.counts.matrix]
    assert held[0] == ["lied", "to", "xotherx", "xtargetx"]
    assert held[1] == ["lied", "slept", "to", "xotherx", "xtargetx"]
    assert held[2:] == [["to"], ["slept", "to"]]
    words = text.blocks[0].counts
    assert sorted(words.terms[words.matrix[2].indices]) == ["slept", "to"]
    assert text.targets.tolist() == [0, 1, 0, 1]
    assert only_target(text).blocks[0].counts.matrix.shape == (4, 0)
    blind = without_target(text)
    assert [b.name for b in blind.blocks] == ["word", "char"]
    assert blind.targets is None


def test_a_model_that_knows_only_the_target_says_its_commonest_class():
    texts, targets = ["Anna sang", "Bob lied", "Anna lied", "Bob sang"] * 6, ["anna", "bob", "anna", "bob"] * 6
    aliases = {"anna": "Anna", "bob": "Bob"}
    text = only_target(with_masked(texts, None, OPTIONS, targets=targets, aliases=aliases, spans=sentence_spans))
    labels = np.array([0, 1, 0, 1, 0, 1, 1, 0] * 3)  # Anna 0 in three of four rows, Bob 1
    split, every = split_of_folds(np.arange(24) // 8), np.ones(24, dtype=bool)
    [scores] = out_of_fold(text, labels, split, model="logreg", n_classes=2, wanted=every)
    assert decided(scores).tolist() == [0, 1] * 12


def test_the_model_of_the_checks_is_logreg_or_the_first_that_reads_text():
    assert plain_model(["majority", "linear_svc", "logreg"]) == "logreg"
    assert plain_model(["keyword_rules", "complement_nb", "linear_svc"]) == "complement_nb"
    assert plain_model(["majority", "keyword_rules"]) is None


def test_every_model_and_the_choice_is_scored_on_an_outlet_that_taught_nothing(draw_task):
    task = draw_task()
    outlets = [f"o{k}" for k in task.folds % 2]
    groups = np.arange(len(task.codes)).astype(str)
    split = outlet_split(outlets, groups)
    settings = {"n_classes": 3, "models": ["majority", "keyword_rules", "logreg"], "rule_scores": task.rules}
    settings["options"] = {"logreg": {"C": 1.0}}
    parts = np.arange(len(task.codes)) % 3
    told = split_fit(task.text, task.codes, split, parts, **settings)
    assert set(told) == {"majority", "keyword_rules", "logreg", "selected"}
    assert (told["keyword_rules"] == task.rules.argmax(axis=1)).all()
    every = np.ones(len(task.codes), dtype=bool)
    [plain] = out_of_fold(task.text, task.codes, split, model="logreg", n_classes=3, wanted=every)
    assert (told["logreg"] == decided(plain)).all()
    assert (told["selected"] == told["logreg"]).all()


def test_the_choice_within_a_split_is_by_the_metric_asked_for(draw_task):
    task, asked = draw_task(), []

    def listening(confusion):
        asked.append(confusion.sum())
        return accuracy(confusion)

    split = outlet_split([f"o{k}" for k in task.folds % 2], np.arange(len(task.codes)).astype(str))
    parts = np.arange(len(task.codes)) % 3
    split_fit(task.text, task.codes, split, parts, n_classes=3, models=["complement_nb"], metric=listening)
    coded = [int((task.codes[fold.train] >= 0).sum()) for fold in split.folds]
    # Three settings are tried in each fold; then the best is asked about once more, to be compared with other models.
    assert asked == [n for n in coded for _ in range(4)]
