"""Configs: what is sound is read, what isn't is refused with file, line and key, all faults at once."""

from pathlib import Path

import pytest

from newsangle.errors import ConfigError
from newsangle.runs.experiment import find_line, load_experiment
from newsangle.runs.jobs import with_needs
from newsangle.runs.plan import PointPlan, plan
from newsangle.runs.titles import wanted_jobs


def _edit(world: Path, *pairs: tuple[str, str]) -> Path:
    text = (world / "config.toml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    (world / "config.toml").write_text(text, encoding="utf-8")
    return world


def _fault(world: Path, *settings: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_experiment(world, settings)
    return str(caught.value)


def test_all_faults_are_shown_together_each_with_its_line(world: Path) -> None:
    _edit(world, ("n_topics = 3", 'n_topics = "3"'), ("seeds = 2", "sedes = 2"), ("folds = 3", "folds = 1"))
    lines = (world / "config.toml").read_text(encoding="utf-8").split("\n")
    faults = _fault(world).split("\n")
    assert len(faults) == 3
    for key, start in (("topics.n_topics", "n_topics"), ("topics.sedes", "sedes"), ("tasks.frame.folds", "folds")):
        number = next(i for i, line in enumerate(lines, start=1) if line.startswith(start))
        [fault] = [f for f in faults if f.startswith(key)]
        assert fault.endswith(f"config.toml:{number})")


def test_an_unknown_key_names_the_nearest_known_one(world: Path) -> None:
    _edit(world, ("seeds = 2", "seedz = 2"))
    assert "topics.seedz is not a key of the config; did you mean seeds?" in _fault(world)


def test_an_unknown_key_names_the_same_key_of_another_table_first(world: Path) -> None:
    assert "did you mean topics.seeds or seed? (--set seeds)" in _fault(world, "seeds=2")
    assert "did you mean features.min_df or tasks.NAME.text.min_df?" in _fault(world, "min_df=2")


def test_a_fault_of_what_was_set_names_the_setting_not_the_file(world: Path) -> None:
    assert _fault(world, 'vary={"features.min_df"=[1,-1]}').endswith("or equal to 1 (--set vary)")
    assert _fault(world, 'vary={"features.min_df"=[]}').endswith("should have at least 1 item, not 0 (--set vary)")
    assert _fault(world, "topics={n_topics=-1}").endswith("or equal to 1 (--set topics)")
    told = _fault(world, "tasks.frame.rules.default=storm", "topics.n_topics=4")
    assert told.endswith(", with --set tasks.frame.rules.default)")  # it may be the file's classes that are wrong
    _edit(world, ("seed = 3", 'seed = 3\nvary = { "features.min_df" = [1, -1] }'))
    assert _fault(world).endswith(f"(vary in {world / 'config.toml'})")


def test_a_wrong_choice_lists_what_would_do(world: Path) -> None:
    message = _fault(world, "topics.model=ndm")
    assert 'topics.model = "ndm" is not a choice; choose from lda, nmf, sklearn_lda' in message
    assert "--set topics.model" in message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('path = "articles.csv"', 'path = "articles.csv"\nsource = "lee"', "give either source"),
        ("min_words = 25", "min_words = 99", "min_words = 99 is above max_words = 80"),
        ('label = "election"', 'label = "vote"', "'vote', which is not one of flood, election, other"),
        ('all = ["{water}"]', 'all = ["{rain}"]', "{rain} is no declared alias; declared are water"),
        ('all = ["{water}"]', 'all = ["(flood"]', "'(flood' is not a regular expression"),
        ('residual = "other"', 'residual = "rest"', "residual = 'rest' is not one of the classes"),
        ('title = "Flood', 'titel = "Flood', "title is missing"),
        ("folds = 3", "folds = true", "tasks.frame.folds = True"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(world: Path, old: str, new: str, told: str) -> None:
    message = _fault(_edit(world, (old, new)))
    assert told in message
    assert "config.toml" in message


def test_broken_toml_tells_the_line(world: Path) -> None:
    message = _fault(_edit(world, ("seed = 3", "seed = = 3")))
    assert "not TOML" in message
    assert "line 3" in message


def test_settings_are_typed_as_in_toml_and_text_needs_no_quotes(world: Path) -> None:
    config = load_experiment(
        world, ["topics.n_topics=5", "features.max_df=0.7", "title=Water", "corpus.encoding=cp1252"]
    )
    assert (config.config.topics.n_topics, config.config.features.max_df) == (5, 0.7)
    assert (config.config.title, config.config.corpus.encoding) == ("Water", "cp1252")
    assert load_experiment(world, {"topics.n_topics": 5}).config.topics.n_topics == 5


def test_vary_makes_the_grid_and_set_pins_an_axis(world: Path) -> None:
    _edit(
        world, ("seed = 3", 'seed = 3\nvary = { "topics.model" = ["nmf", "gensim_lda"], "topics.n_topics" = [2, 3] }')
    )
    labels = [label for label, _ in load_experiment(world).points]
    assert labels == [f"topics.model={m}, topics.n_topics={k}" for m in ("nmf", "gensim_lda") for k in (2, 3)]
    pinned = load_experiment(world, ["topics.n_topics=4"]).points
    assert [(label, p.topics.n_topics) for label, p in pinned] == [
        ("topics.model=nmf", 4),
        ("topics.model=gensim_lda", 4),
    ]


def test_seeds_of_fits_are_an_axis_that_shares_split_and_matrix(world: Path) -> None:
    _edit(world, ("seed = 3", 'seed = 3\nvary = { "topics.first_seed" = [7, 8] }'))
    points = plan(load_experiment(world, {"topics.seeds": 2}), {})
    assert [point.config.fit_seeds for point in points] == [[7, 8], [8, 9]]
    one, other = (keys_by_stage(point) for point in points)
    for stage in ("corpus", "matrix", "word_numbers"):
        assert one[stage] == other[stage], stage
    assert len(one["topics"] & other["topics"]) == 2  # seed 8, on all and on training articles
    assert one["topic_scores"].isdisjoint(other["topic_scores"])
    assert load_experiment(world, {"topics.seeds": 2, "topics.first_seed": 5}).config.fit_seeds == [5, 6]


def keys_by_stage(point: PointPlan) -> dict[str, set[str]]:
    jobs = with_needs(point.jobs).values()
    return {stage: {job.key for job in jobs if job.stage == stage} for stage in {job.stage for job in jobs}}


def test_without_a_seed_of_their_own_fits_count_on_from_that_of_the_experiment(world: Path) -> None:
    assert load_experiment(world, {"topics.seeds": 3}).config.fit_seeds == [3, 4, 5]


def test_every_point_of_vary_is_checked_before_anything_runs(world: Path) -> None:
    _edit(world, ("seed = 3", 'seed = 3\nvary = { "topics.model" = ["nmf", "ndm"] }'))
    assert "ndm" in _fault(world)


def test_lines_are_found_in_tables_arrays_and_dotted_keys() -> None:
    raw = "a.b = 1\n[t]\nx = '''\nfake = 1\n'''\ny = 2\n[[t.r]]\nk = 1\n[[t.r]]\nk = 2\n"
    assert find_line(raw, ("a", "b")) == 1
    assert find_line(raw, ("t", "y")) == 6
    assert find_line(raw, ("t", "fake")) == 2  # only inside a string: the table is the closest place
    assert find_line(raw, ("t", "r", 1, "k")) == 10
    assert find_line(raw, ("nowhere",)) is None
    assert find_line("x = 1\n[task]\n[task.frame]\ny = 1\n[tasks.frame.rules]\n", ("tasks", "frame")) == 5
    assert find_line("[tasks.frame.rules]\n[tasks.frame]\n", ("tasks", "frame")) == 2
    assert find_line("x = 1\n", ()) is None
    assert find_line("x = 1\n[task.frame]\ny = 1\n", ("task",)) == 2


def test_a_missing_experiment_says_what_to_do(tmp_path: Path) -> None:
    assert "no such folder or file" in _fault(tmp_path / "nope")
    assert "no config.toml in it" in _fault(tmp_path)


def test_the_metric_of_the_choice_is_a_row_of_the_table(world: Path) -> None:
    assert load_experiment(world, ["tasks.frame.metric=accuracy"]).config.tasks["frame"].metric == "accuracy"
    with pytest.raises(ConfigError, match="metric"):
        load_experiment(world, ["tasks.frame.metric=f2"])


def test_each_job_of_a_sweep_says_which_point_it_is_of_where_its_title_does_not(world: Path) -> None:
    """Two matrices by min_df, two fits of each seed on each; what does not depend on min_df is told as it is."""
    axes = '"features.min_df" = [2, 3], "topics.n_topics" = [3, 4]'
    _edit(world, ("seed = 3", f"seed = 3\nvary = {{ {axes} }}"))
    experiment = load_experiment(world)
    points = plan(experiment, {})
    wanted = wanted_jobs(experiment, points)
    assert list(wanted) == list(with_needs(job for point in points for job in point.jobs))
    assert {job.key for job in wanted.values()} == set(wanted)  # a title is in no key
    titles = [job.title for job in wanted.values()]
    assert len(set(titles)) == len(titles)
    assert "corpus and passages" in titles
    assert "document-term matrices (features.min_df=3)" in titles
    assert "nmf, 4 topics, seed 3, all articles (features.min_df=2)" in titles
    assert "nmf: topics of passages (features.min_df=3, topics.n_topics=4)" in titles
    alone = load_experiment(world, {"features.min_df": 2, "topics.n_topics": 3})
    assert "nmf: topics of passages" in [job.title for job in wanted_jobs(alone, plan(alone, {})).values()]
