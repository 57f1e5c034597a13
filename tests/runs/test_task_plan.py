"""Is a task computed in parts that know only what concerns them, and do the parts add up to the whole?"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from computed import computed
from threadpoolctl import threadpool_limits

import newsangle
from newsangle.features.design import count_task_text
from newsangle.labels.rules import rules_of
from newsangle.runs import jobs
from newsangle.runs.executors import InlineExecutor
from newsangle.runs.jobs import Job
from newsangle.runs.plan import plan
from newsangle.runs.stages import STAGES
from newsangle.runs.store import Store
from newsangle.runs.task_units import coded_units, read_rows, reporting_split
from newsangle.stance.crossfit import cross_fit
from newsangle.stance.split_fit import split_fit
from newsangle.stats.classification import accuracy

MODELS = ["majority", "keyword_rules", "complement_nb", "logreg", "lsa", "average"]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(limits=1):
        yield


def _planned(world: Path, **settings):
    given = {"tasks.frame.models": MODELS, "contrast": {}} | {k.replace("__", "."): v for k, v in settings.items()}
    return plan(newsangle.load_experiment(world, given), {})[0]


def _all_jobs(point):
    found, left = {}, list(point.jobs)
    while left:
        job = left.pop()
        if job.key not in found:
            found[job.key] = job
            left += job.needs.values()
    return found


def _new(before, after):
    """The titles of the jobs that the second plan would compute after the first."""
    known = _all_jobs(before)
    return {job.title for key, job in _all_jobs(after).items() if key not in known}


COMBINED = {"frame: shares", "frame: files of the model"}


def test_one_more_model_is_computed_alone_and_what_combines_models(world):
    before, after = _planned(world), _planned(world, tasks__frame__models=[*MODELS, "linear_svc"])
    assert _new(before, after) == COMBINED | {"frame: linear_svc", "frame: 7 models, 3 folds"}
    done = {}
    known = {"corpus": computed(before.corpus, {})}
    computed(before.tasks["frame"], known, done)
    n = len(done)
    computed(after.tasks["frame"], known, done)
    assert len(done) - n == 2  # the model and the task


def test_lsa_is_learned_once_for_all_models_that_read_it(world):
    before, after = _planned(world), _planned(world, tasks__frame__models=[*MODELS, "tfidf_lsa"])
    assert _new(before, after) == COMBINED | {"frame: tfidf_lsa", "frame: 7 models, 3 folds"}
    known = {"corpus": computed(before.corpus, {})}
    parts = [computed(job, known) for job in _all_jobs(after).values() if job.stage == "task_lsa"]
    learned = [name for part in parts for name in part]
    assert len(parts) == 4
    assert sorted(learned) == [f"lsa_0_{left}" for left in ("0", "0_1", "0_2", "1", "1_2", "2")]  # each by one part
    without = _planned(world, tasks__frame__models=["logreg"])
    assert not [job for job in _all_jobs(without).values() if "LSA" in job.title]


def test_options_of_a_model_touch_it_and_the_averages_that_it_is_in(world):
    before = _planned(world)
    changed = _new(before, _planned(world, tasks__frame__options={"lsa": {"C": 2.0}}))
    assert changed == COMBINED | {"frame: lsa", "frame: average", "frame: 6 models, 3 folds"}
    changed = _new(before, _planned(world, tasks__frame__options={"complement_nb": {"alpha": 2.0}}))
    assert changed == COMBINED | {"frame: complement_nb", "frame: 6 models, 3 folds"}


def test_options_of_the_model_that_is_checked_touch_the_checks_too(world):
    changed = _new(_planned(world), _planned(world, tasks__frame__options={"logreg": {"C": 2.0}}))
    results = {"frame: logreg", "frame: average", "frame: 6 models, 3 folds", "frame: other splits, masked keywords"}
    assert changed == COMBINED | results


def test_keyword_rules_touch_their_own_model_and_what_compares_with_them(world):
    rules = {"default": "other", "rules": [{"label": "flood", "all": ["flood"]}]}
    changed = _new(_planned(world), _planned(world, tasks__frame__rules=rules))
    own = {"frame: keyword_rules", "frame: 6 models, 3 folds", "frame: other splits, masked keywords"}
    assert changed == COMBINED | own


def test_codes_touch_no_count_of_words(world):
    before = _planned(world)
    _all_jobs(before)  # a job reads the files when its key is asked for
    table = pd.read_csv(world / "labels.csv", dtype=str)
    table.loc[0, "frame"] = "other" if table.loc[0, "frame"] == "flood" else "flood"
    table.to_csv(world / "labels.csv", index=False)
    changed = _new(before, _planned(world))
    assert "frame: n-grams" not in changed
    assert {"frame: rows and codes", "frame: logreg", "frame: LSA, part 1 of 4"} <= changed


@pytest.mark.parametrize(
    "settings",
    [
        {"tasks__frame__class_names": {"flood": "the great flood"}},
        {"tasks__frame__question": "What else?"},
        {"tasks__frame__residual": "election"},
        {"tasks__frame__labels": {"file": "labels.csv", "column": "frame", "coded_by": "Somebody else."}},
        {"tasks__frame__labels": {"file": "same.csv", "column": "frame", "coded_by": "Under another name."}},
    ],
)
def test_what_only_the_report_says_computes_nothing(world, settings):
    (world / "same.csv").write_bytes((world / "labels.csv").read_bytes())
    assert _new(_planned(world), _planned(world, **settings)) == set()


def test_another_split_of_the_scores_leaves_the_count_and_asks_each_model_anew(world):
    changed = _new(_planned(world), _planned(world, tasks__frame__split="outlet"))
    assert {f"frame: {m}, outlet split" for m in MODELS} <= changed
    assert "frame: n-grams" not in changed


def test_of_the_jobs_that_could_start_the_first_in_the_graph_does(tmp_path, monkeypatch):
    """c could start at once, b only after a; b comes first in the graph, since more may wait for it."""
    a = Job("corpus", {"name": "a"}, title="a")
    b, c = Job("corpus", {"name": "b"}, needs={"a": a}, title="b"), Job("corpus", {"name": "c"}, title="c")
    started = []
    monkeypatch.setattr(jobs, "perform", lambda root, call: None)
    follower = SimpleNamespace(started=lambda job: started.append(job.title), done=lambda job, spent: None)
    assert not jobs.run_jobs(jobs.with_needs([b, c]), Store(tmp_path), InlineExecutor(), follower, slots=1)
    assert started == ["a", "b", "c"]


def _through_the_store(job, known, store):
    """The values of a job as a run has them: computed from what was stored, and stored."""
    if job.stage in known:
        return known[job.stage]
    if not store.has(job.key):
        upstream = {name: _through_the_store(needed, known, store) for name, needed in job.needs.items()}
        store.save(job.recipe, STAGES[job.stage](job.part, job.files, upstream))
    return store.load(job.key)


@pytest.mark.parametrize("split", ["group", "outlet"])
def test_the_parts_say_what_cross_fitting_says_in_one_piece(world, tmp_path, split):
    models = [*MODELS, "linear_svc", "tfidf_lsa", "nb_svm"]
    settings = {"tasks__frame__models": models, "tasks__frame__split": split, "tasks__frame__metric": "accuracy"}
    point = _planned(world, tasks__frame__options={"logreg": {"C": 2.0}}, **settings)
    known = {"corpus": computed(point.corpus, {})}
    job = point.tasks["frame"]
    stored = _through_the_store(job, known, Store(tmp_path / "store"))

    task = point.config.tasks["frame"].model_dump(mode="json")
    part, files = {"name": "frame", "task": task, "seed": point.config.seed}, {"labels": world / "labels.csv"}
    units = coded_units(part, files, read_rows(part, files, known["corpus"]["passages"]))
    texts = units.rows["text"].tolist()
    text = count_task_text(texts, **task["text"])
    given = {
        "n_classes": 3,
        "models": models,
        "rule_scores": rules_of(task).scores(texts, task["classes"]),
        "options": {"logreg": {"C": 2.0}},
        "taught": units.taught,
        "seed": point.config.seed,
        "metric": accuracy,
    }
    weights = 1 / units.rows["pi"].to_numpy(dtype=float)
    whole = cross_fit(text, units.codes, units.folds, weights=weights, **given)
    names = np.array(task["classes"], dtype=object)
    assert stored["chosen"] == list(whole.chosen)
    assert stored["predictions"]["predicted"].tolist() == names[whole.predicted["selected"]].tolist()
    chances = stored["predictions"][[f"p_{c}" for c in task["classes"]]].to_numpy()
    np.testing.assert_array_equal(chances, np.round(whole.probability["selected"], 10))
    for m in models:
        mine = _through_the_store(job.needs[f"model_{m}"], known, Store(tmp_path / "store"))
        np.testing.assert_array_equal(mine["probability"], whole.probability[m])
        assert mine["inner"] == list(whole.inner[m])
        assert mine["options"] == list(whole.options[m])
    if whole.final.linear is not None:
        np.testing.assert_array_equal(stored["model_coef"], whole.final.linear.coef)
    told = whole.predicted
    if split == "outlet":
        by_outlet, _ = reporting_split(units, task, point.config.seed)
        told = split_fit(text, units.codes, by_outlet, units.folds, **given)
        assert any((told[m] != whole.predicted[m]).any() for m in models)
    by_model = stored["by_model"]
    for m in [*models, "selected"]:
        said = by_model.loc[by_model["model"] == m, "predicted"].tolist()
        assert said == names[told[m][units.codes >= 0]].tolist()
