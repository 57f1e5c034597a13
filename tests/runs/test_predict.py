"""What the stored models say of other passages, and that a run's own passages keep their cross-fitted prediction."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import newsangle
from newsangle.corpus.passages import passage_hash
from newsangle.errors import DataError
from newsangle.runs.predict import _keep_own, predict_passages

FLOOD = (
    "The river flooded the lower town and rescue boats went out. Engineers pumped water out of the flooded hospital."
)
VOTE = "Voters queued for hours and the election board counted every ballot. The opposition candidate praised the vote."


@pytest.fixture(scope="module")
def run(finished: Path) -> newsangle.Run:
    return newsangle.load_run(finished)


def test_new_texts_get_class_probabilities_words_and_topics(run: newsangle.Run) -> None:
    found = run.predict([FLOOD, VOTE])
    assert found["predicted"].tolist() == ["flood", "election"]
    assert found["source"].tolist() == ["model", "model"]
    chances = found[["p_flood", "p_election", "p_other"]]
    assert chances.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert chances.to_numpy().argmax(axis=1).tolist() == [0, 1]
    assert any(word in found["words"][0] for word in ("flooded", "river", "water", "boats"))
    assert any(word in found["words"][1] for word in ("ballot", "election", "voters", "vote"))
    topics = found[[name for name in found.columns if name.startswith("topic_")]]
    assert topics.shape == (2, 3)
    assert topics.sum(axis=1).to_numpy() == pytest.approx(1.0)


def test_the_run_s_own_passages_keep_the_prediction_that_never_saw_their_code(run: newsangle.Run, world: Path) -> None:
    columns = {"article_id": "id", "title": "headline", "text": "body", "outlet": "paper", "date": "day"}
    passages = newsangle.load_corpus(world / "articles.csv", columns=columns, min_words=25).passages
    found = run.predict(passages).set_index("passage_id")
    own = run.predictions.set_index("passage_id").loc[found.index]
    assert (found["source"] == "cross-fitted").all()
    assert found["predicted"].tolist() == own["predicted"].tolist()
    for name in ("p_flood", "p_election", "p_other"):
        np.testing.assert_array_equal(found[name].to_numpy(), own[name].to_numpy())
    # The same passages with one word more are new: the model of all codes answers, and not always alike.
    other = run.predict(passages.assign(text=passages["text"] + " Again.")).set_index("passage_id")
    assert (other["source"] == "model").all()
    assert (other["p_flood"] != own["p_flood"]).any()


def test_a_line_that_stands_in_many_articles_keeps_the_prediction_of_its_own_article() -> None:
    # Boilerplate ties no articles, so the same words can lie in several folds, each with its own model.
    own = pd.DataFrame(
        {"task": "frame", "passage_id": ["a:0-9", "b:0-9"], "sha1": passage_hash("Read on."), "target": None}
    )
    own = own.assign(predicted=["flood", "vote"], p_flood=[0.9, 0.2], p_vote=[0.1, 0.8])
    run = SimpleNamespace(path="run", predictions=own)
    found = pd.DataFrame({"passage_id": ["b:0-9", "a:0-9", "new", "x"], "target": None, "predicted": "flood"})
    found = found.assign(source="model", p_flood=0.6, p_vote=0.4, words="read")
    _keep_own(run, "frame", found, ["Read on.", "Read on.", "Read on.", "Other."])  # type: ignore[arg-type]
    assert found["predicted"].tolist() == ["vote", "flood", "flood", "flood"]
    assert found["p_flood"].tolist() == [0.2, 0.9, 0.9, 0.6]
    assert found["source"].tolist() == ["cross-fitted"] * 3 + ["model"]
    # The words are those of the model for new articles: they can't have decided for another class than its own.
    assert found["words"].tolist() == ["", "read", "read", "read"]


def test_the_model_of_all_codes_is_the_one_in_memory(run: newsangle.Run) -> None:
    # One text alone and among others: the same numbers, so nothing is learned from the passages that come in.
    alone, among = run.predict([VOTE]), run.predict([FLOOD, VOTE, "Bread."])
    for name in ("p_flood", "unseen", "distance"):
        assert alone[name][0] == among[name][1]


def test_passages_of_another_world_are_called_strange(run: newsangle.Run) -> None:
    found = run.predict([FLOOD, "Quantum chromodynamics binds quarks; gluons carry colour between them.", "1 !"])
    assert found["strange"].tolist()[1:] == [True, True]
    assert found["unseen"][1] > 0.8
    assert np.isnan(found["unseen"][2])


def test_what_is_known_of_a_passage_is_carried_along(run: newsangle.Run) -> None:
    table = pd.DataFrame({"text": [VOTE], "article_id": ["007"], "outlet": ["Orvia Post"], "colour": ["red"]})
    found = run.predict(table)
    assert (found["article_id"][0], found["outlet"][0]) == ("007", "Orvia Post")
    assert "colour" not in found.columns
    assert "text" not in found.columns


def test_no_passages_give_an_empty_table(run: newsangle.Run) -> None:
    found = run.predict([])
    assert found.empty
    assert {"task", "predicted", "p_flood", "words"} <= set(found.columns)


@pytest.mark.parametrize(
    ("passages", "told"),
    [
        ("one text", "one text: pass a list"),
        (pd.DataFrame({"body": ["x"]}), "no column 'text'; they have body"),
        ([VOTE, None], "no text; leave such rows out"),
        (Path("articles.csv"), "pass a list of texts, or a table such as corpus.passages"),
    ],
)
def test_what_is_no_table_of_passages_is_told_in_one_line(run: newsangle.Run, passages: object, told: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        predict_passages(run, passages)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_task_on_targets_has_a_row_for_each_target_that_is_named(
    make_world: Callable[[Path], Path], tmp_path: Path
) -> None:
    world = make_world(tmp_path / "orvia")
    config = (world / "config.toml").read_text(encoding="utf-8")
    # Every passage has the target "town"; a rule needs no codes.
    labels, rules = config.index("[tasks.frame.labels]"), config.index("[tasks.frame.rules]")
    config = (config[:labels] + config[rules:]).replace('["majority", "keyword_rules", "logreg"]', '["keyword_rules"]')
    targets = (
        'target_column = "target"\ntargets = { town = "(?i:town)", board = "(?i:board)" }\nrows = { file = "rows.csv" }'
    )
    config = config.replace("folds = 3", "folds = 3\n" + targets)
    (world / "config.toml").write_text(config, encoding="utf-8")
    lines = (world / "labels.csv").read_text(encoding="utf-8").splitlines()
    rows = [",".join([*line.split(",")[:4], "town" if i else "target"]) for i, line in enumerate(lines)]
    (world / "rows.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSANGLE_HOME", str(tmp_path / "home"))
        done = newsangle.run_experiment(world, runs=tmp_path / "runs", jobs=1)
    found = done.predict(["The town board met. A flood.", "Nobody.", "The board met."])
    assert list(zip(found["passage_id"], found["target"], strict=True)) == [
        ("0", "town"),
        ("0", "board"),
        ("2", "board"),
    ]
    assert found["p_flood"].isna().all()  # a rule has no probabilities
    assert found["predicted"].tolist() == ["flood", "flood", "other"]


def test_the_command_writes_a_table_and_says_what_it_holds(finished: Path, world: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "newsangle.cli", "predict", str(finished), str(world / "articles.csv")]
    named = ["--column", "article_id=id", "--column", "text=body", "--column", "outlet=paper"]
    out = tmp_path / "found.parquet"
    done = subprocess.run([*command, "--out", str(out), *named], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    table = pd.read_parquet(out)
    assert f"{len(table)} rows" in done.stdout
    assert set(table["outlet"]) == {"Orvia Post", "Lume Herald", "Radio Tolm"}
    for arguments in (["--out", str(tmp_path / "found.xlsx")], ["--out", str(out), "--column", "text"]):
        wrong = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=120, env=os.environ)
        assert wrong.returncode not in (0, 1)
        assert len(wrong.stderr.splitlines()) == 1
