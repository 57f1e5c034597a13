"""Numbers of topics compared, names shared between points and runs, samples of the articles."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import newsangle
from newsangle.runs.choose_k import choice_report
from newsangle.runs.progress import Progress
from newsangle.runs.shown import shown
from newsangle.runs.topic_names import catalogue_of
from newsangle.topics.naming import name_topics

QUIET = Progress(quiet=True)
AXIS = '"topics.n_topics"'


@pytest.fixture(scope="module")
def varied(make_world: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> newsangle.Run:
    base = tmp_path_factory.mktemp("varied")
    config = make_world(base / "orvia") / "config.toml"
    text = config.read_text(encoding="utf-8").replace('model = "nmf"', 'model = "lda"\nbootstrap = 2', 1)
    config.write_text(text.replace("seed = 3", f"seed = 3\nvary = {{ {AXIS} = [2, 3, 4] }}", 1), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSANGLE_HOME", str(base / "home"))
        return newsangle.run_experiment(config.parent, runs=base / "runs", progress=QUIET, jobs=1)


def test_numbers_of_topics_are_compared_and_one_is_chosen(varied: newsangle.Run) -> None:
    metrics = varied.metrics[varied.metrics["task"] == "topics"]
    chosen = metrics[metrics["metric"] == "chosen_n_topics"]
    assert chosen["value"].isin([2, 3, 4]).all()
    assert len(chosen) == 1
    for metric in (
        "perplexity_over_seeds",
        "exclusivity",
        "inverted_rbo",
        "stability",
        "stability_over_articles",
        "ami",
    ):
        found = metrics[metrics["metric"] == metric]
        assert len(found) == 3, metric
        assert found["value"].notna().all(), metric
    assert (varied.path / "figures" / "choose_k.png").exists()


def test_the_report_says_which_point_it_shows_and_how_to_show_the_chosen_one(varied: newsangle.Run) -> None:
    page = varied.report.read_text(encoding="utf-8")
    chosen = int(varied.metrics.query("metric == 'chosen_n_topics'")["value"].iloc[0])
    assert "Of 3 points compared, topics.n_topics=2 is shown in detail" in page
    if chosen == 2:
        assert "(its number of topics is the chosen one)" in page
        assert "not shown in detail" not in page
    else:
        assert f"run the experiment again with <code>--set topics.n_topics={chosen}</code>." in page


def _point(n_topics: int, loss: float, label: str) -> Any:
    return SimpleNamespace(
        label=label, config=SimpleNamespace(topics=SimpleNamespace(n_topics=n_topics)), topic_records=[],
        held_losses=np.array([[loss, loss], [loss, loss]]), held_tokens=np.array([1.0, 1.0]),
    )  # fmt: skip


def test_above_the_best_is_per_cent_of_perplexity_not_of_its_logarithm() -> None:
    points = [_point(k, np.log(p), f"topics.n_topics={k}") for k, p in ((2, 369.0), (3, 290.0))]
    assert [row["excess"] for row in choice_report(points)] == ["+27.2 [27.2, 27.2]", "–"]  # log difference: 24.1
    points[0].held_losses = np.log(369.0) + np.array([[-0.1, 0.1]])  # one standard error: √(2 (0.01 + 0.01)) / 2 = 0.1
    assert choice_report(points)[0]["excess"] == "+27.2 [15.1, 40.6]"  # × e^±0.1


def test_what_was_chosen_but_is_not_shown_is_named_with_its_options() -> None:
    vary = {"topics.model": ["lda", "nmf"], "topics.n_topics": [6, 12]}
    loss = {("lda", 6): 6.0, ("lda", 12): 6.5, ("nmf", 6): 6.6, ("nmf", 12): 6.1}
    points = [_point(k, x, f"topics.model={model}, topics.n_topics={k}") for (model, k), x in loss.items()]
    found = shown(points, vary)
    assert found is not None
    assert (found["n"], found["chosen"]) == (4, True)
    options = "--set topics.model=nmf --set topics.n_topics=12"
    assert found["others"] == [{"label": "topics.model=nmf, topics.n_topics=12", "set": options}]
    assert shown(points[:1], {}) is None


def test_points_call_the_same_topic_by_the_same_name(varied: newsangle.Run) -> None:
    first, *others = varied.topics
    for point in others:
        for topic in point["topics"]:
            near = topic["distance_to_known"] is not None and topic["distance_to_known"] < 0.5
            assert (topic["id"] in {known["id"] for known in first["topics"]}) == near


def test_a_later_run_knows_the_topics_of_an_earlier_one(varied: newsangle.Run) -> None:
    known = catalogue_of(varied)
    shuffled = name_topics(known.components[::-1], known.vocabulary, known)
    assert shuffled.ids == known.ids[::-1]
    assert np.allclose(shuffled.distances, 0, atol=1e-6)


def test_phrases_become_terms_of_topics_and_of_passages(make_world: Callable[[Path], Path], tmp_path: Path) -> None:
    changes = {"features.phrases": True, "features.max_df": 1.0}
    run = newsangle.run_experiment(
        make_world(tmp_path / "orvia"), changes, runs=tmp_path / "runs", progress=QUIET, jobs=1
    )
    terms = json.loads(run.read("model/topics.json"))["terms"]
    assert any("_" in term for term in terms)
    perplexity = run.metrics.query("metric == 'perplexity'").set_index("model")["value"]
    assert perplexity["nmf"] < perplexity["unigram"]
    npmi = run.metrics.query("metric == 'npmi'")["value"]
    assert npmi.notna().all()
    assert (npmi > -1).all()  # the reference holds the phrases too: a word that it doesn't hold counts −1
