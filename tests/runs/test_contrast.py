"""Contrasts in runs: faults of the config, the default, the table, the report, what can't be compared."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomli_w

from newsangle import load_run, run_experiment
from newsangle.errors import ConfigError, DataError
from newsangle.runs.assemble import _without_none
from newsangle.runs.config import ContrastConfig
from newsangle.runs.contrast_plan import contrasts_of
from newsangle.runs.contrast_results import COLUMNS, both_sides
from newsangle.runs.contrast_stage import contrast_words_stage
from newsangle.runs.experiment import load_experiment
from newsangle.runs.progress import Progress

QUIET = Progress(quiet=True)


def _with(world: Path, text: str) -> Path:
    path = world / "config.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return world


def _line(world: Path, start: str) -> int:
    lines = (world / "config.toml").read_text(encoding="utf-8").split("\n")
    return max(i for i, line in enumerate(lines, start=1) if line.startswith(start))


FAULTS = [
    ('by = "outlets"', "by", "choose from outlet, week, month, period, frame"),
    ('by = "frame"\ngroups = ["flood", "flod"]', "groups", "'flod' is none of flood, election, other"),
    ('by = "frame"\ngroups = ["flood", "flood"]', "groups", "'flood' is named twice"),
    ('by = "frame"\ngroups = ["flood"]', "groups", "at least 2 items"),
    ('by = "frame"\ntarget = "turkey"', "target", "not on targets; leave it out"),
    ('by = "frame"\narticles = "all"', "articles", "compared on its passages"),
    ('by = "outlet"\ncodes = "coded"', "codes", "only where by names a task"),
    ('by = "week"\ngroups = ["2031-01-07", "2031-01-13"]', "groups", "'2031-01-07' is no week; write a Monday"),
    ('by = "month"\ngroups = ["2031-01", "2031-13"]', "groups", "'2031-13' is no month"),
    ('by = "outlet"\nperiods = { a = ["2031-01-01", "2031-01-09"] }', "periods", 'only with by = "period"'),
    ('by = "period"', "periods", "needs two of them"),
    ('by = "outlet"\nmin_df = 3', "min_df", "keys there: articles, by, codes"),
    ('by = "outlet"\nmin_groups = 1', "min_groups", "greater than or equal to 2"),
]


@pytest.mark.parametrize(("text", "key", "told"), FAULTS)
def test_a_fault_is_told_with_file_line_and_key(world: Path, text: str, key: str, told: str) -> None:
    _with(world, f"\n[contrast.mine]\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        load_experiment(world)
    [fault] = str(caught.value).split("\n")
    assert fault.startswith(f"contrast.mine.{key}")
    assert told in fault
    starts = f"{key} =" if f"{key} =" in text else "[contrast.mine]"
    assert f"config.toml:{_line(world, starts)})" in fault


@pytest.mark.parametrize("by", ["outlet", "frame"])
def test_the_config_of_a_run_which_says_every_default_can_be_read_again(world: Path, by: str) -> None:
    """`verify --rerun` begins with it."""
    _with(world, f'\n[contrast.mine]\nby = "{by}"\n')
    first = load_experiment(world)
    (world / "config.toml").write_text(
        tomli_w.dumps(_without_none(first.config.model_dump(mode="json"))), encoding="utf-8"
    )
    assert load_experiment(world).config == first.config


def test_all_faults_of_all_contrasts_are_shown_together(world: Path) -> None:
    _with(
        world,
        """
[contrast.a]
by = "outlets"

[contrast.b]
by = "period"
periods.early = ["2031-01-01", "2031-02-01"]
periods.late = ["2031-02-01", "2031-01-30"]
periods.never = ["2031-02-30", "2031-03-01"]
""",
    )
    with pytest.raises(ConfigError) as caught:
        load_experiment(world)
    faults = str(caught.value).split("\n")
    places = ["contrast.a.by", "contrast.b.periods.late", "contrast.b.periods.never", "contrast.b.periods.late"]
    assert sorted(fault.split(" ")[0].rstrip(":") for fault in faults) == sorted(places)
    assert any("the first day, 2031-02-01, is after the last" in fault for fault in faults)
    assert any("overlaps 'early'" in fault for fault in faults)


def test_an_experiment_that_asks_for_nothing_compares_outlets_and_each_task_s_classes(world: Path) -> None:
    found = contrasts_of(load_experiment(world).config)
    assert found == {
        "outlets": ContrastConfig(by="outlet"),
        "frame": ContrastConfig(by="frame", groups=["flood", "election"]),
    }
    assert contrasts_of(load_experiment(world, {"contrast": {}}).config) == {}


def test_the_run_has_every_word_with_its_q_and_the_words_of_the_frames_come_first(finished: Path) -> None:
    run = load_run(finished)
    table = run.contrast
    assert list(table.columns) == list(COLUMNS)
    assert set(table["contrast"]) == {"outlets", "frame"}
    assert set(table["kind"]) == {"word", "topic"}
    words = table.loc[(table["contrast"] == "frame") & (table["kind"] == "word")]
    assert set(words["side"]) == {"flood"}
    found = words.loc[words["q"] <= 0.05]
    assert {"water", "flooded", "dyke"} <= set(found.loc[found["log_odds"] > 0, "term"])
    assert {"election", "candidate", "ballot"} <= set(found.loc[found["log_odds"] < 0, "term"])
    outlets = table.loc[(table["contrast"] == "outlets") & (table["kind"] == "word")]
    assert set(outlets["against"]) == {"all others"}
    assert (outlets["q"] > 0.05).all()  # the three outlets draw from the same sentences
    assert outlets["n_outlets"].max() == 3


def test_words_that_the_rules_match_are_marked_whole(finished: Path) -> None:
    table = load_run(finished).contrast
    words = table.loc[(table["contrast"] == "frame") & (table["kind"] == "word")].set_index("term")["in_rules"]
    # "flood\\w*" and "dyke"; "ballot", "election", and "vot" inside of "voters" and "vote".
    assert set(words[words].index) == {"ballot", "dyke", "election", "flood", "flooded", "vote", "voters"}


def test_the_report_says_how_to_read_it_and_marks_rule_words(finished: Path) -> None:
    page = (finished / "report.html").read_text(encoding="utf-8")
    assert "z counts whole stories" in page
    assert "at most 5% are expected to be there by chance" in page
    assert re.search(r"\w+\* \(\d+\)", page)
    assert "words that the classifier goes by separate by construction" in page
    assert "none beyond chance" in page
    figures = set(load_run(finished).figures)
    assert "contrast_frame_words" in figures
    assert "contrast_outlets_words" not in figures  # there is nothing to draw


def test_an_experiment_without_contrasts_has_neither_table_nor_section(world: Path, tmp_path: Path) -> None:
    run = run_experiment(world, {"contrast": {}}, runs=tmp_path / "runs", jobs=1, progress=QUIET)
    assert "contrast.parquet" not in run.manifest["files"]
    assert "What separates them" not in run.report.read_text(encoding="utf-8")
    with pytest.raises(DataError, match=r"contrast\.parquet"):
        _ = run.contrast


def _stage(by: str, *, asked: bool, **changes):
    """The stage on twelve articles of two outlets, without the rest of a run."""
    dates = pd.to_datetime([f"2031-01-{6 + i}" for i in range(11)] + [None])
    articles = pd.DataFrame(
        {
            "article_id": [f"{i}" for i in range(12)],
            "outlet": ["Post", "Herald"] * 6,
            "date": dates,
            "group": [f"g{i}" for i in range(12)],
            "text": [f"The dyke {'broke' if i % 2 else 'held'} again today." for i in range(12)],
            "selected": [True] * 11 + [False],
        }
    )
    part = ContrastConfig(by=by, min_groups=2, min_side_groups=3, draws=100).model_dump(mode="json") | changes
    part |= {"name": "mine", "asked": asked, "seed": 0, "stop_words": "english"}
    return contrast_words_stage(part, {}, {"corpus": {"articles": articles, "passages": pd.DataFrame()}})


def test_what_was_asked_for_and_cannot_be_compared_stops_the_run() -> None:
    with pytest.raises(DataError, match=r"contrast\.mine: too few stories to compare .*only 5 syndication groups"):
        _stage("outlet", asked=True, min_side_groups=7)


def test_what_nobody_asked_for_is_left_out_with_its_reason() -> None:
    assert "too few stories" in _stage("outlet", asked=False, min_side_groups=7)["about"]["reason"]


def test_weeks_months_and_periods_take_their_articles_and_undated_ones_lie_on_no_side() -> None:
    assert _stage("week", asked=True)["about"]["documents"] == {"2031-01-06": 7, "2031-01-13": 4}
    assert _stage("week", asked=True, articles="all")["about"]["documents"] == {"2031-01-06": 7, "2031-01-13": 4}
    periods = {"first": ["2031-01-06", "2031-01-09"], "then": ["2031-01-11", "2031-01-16"]}
    assert _stage("period", asked=True, periods=periods)["about"]["documents"] == {"first": 4, "then": 6}
    with pytest.raises(DataError, match=r"documents lie on one side only, 2031-01; two are needed"):
        _stage("month", asked=True)


def test_excluded_words_are_gone_and_the_others_stay() -> None:
    assert set(_stage("outlet", asked=True)["table"]["term"]) == {"broke", "held", "dyke", "today"}
    assert set(_stage("outlet", asked=True, exclude=["broke"])["table"]["term"]) == {"held", "dyke", "today"}


def test_two_sides_seen_from_the_other_are_the_same_turned_round() -> None:
    table = _stage("outlet", asked=True)["table"]
    both = both_sides(table, "log_odds")
    mine, other = both.iloc[: len(table)], both.iloc[len(table) :].reset_index(drop=True)
    assert (other["log_odds"] == -mine["log_odds"]).all()
    assert (other["low"] == -mine["high"]).all()
    assert (other["count"] == mine["count_against"]).all()
    assert set(other["side"]) == set(mine["against"])
    assert (np.sign(mine["z"]) == np.sign(mine["log_odds"])).all()


def test_the_table_reads_back_as_it_was_written(finished: Path) -> None:
    again = pd.read_parquet(io.BytesIO((finished / "contrast.parquet").read_bytes()))
    assert again["n_groups"].dtype == "Int64"
    assert again.loc[again["kind"] == "topic", "log_odds"].isna().all()
