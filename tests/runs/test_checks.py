"""Do the checks find what was planted: keyword-only classes, paraphrases, copies across a random split, leaks?"""

import hashlib

import numpy as np
import pandas as pd
import pytest
from computed import computed
from threadpoolctl import threadpool_limits

import newsangle
from newsangle.errors import ConfigError, DataError
from newsangle.runs import task_units
from newsangle.runs.check_records import Judge
from newsangle.runs.config import TaskConfig
from newsangle.runs.jobs import Job
from newsangle.runs.keyword_checks import taught_by_rules
from newsangle.runs.progress import Progress
from newsangle.runs.stance_checks import swap_records, target_pairs, voice_records
from newsangle.runs.task_plan import plan_task

QUIET = Progress(quiet=True)
COMMON = [f"word{i}" for i in range(40)]
WIDE = [f"term{i}" for i in range(400)]
HINTS = ["barricade", "sirens", "columns", "frontline", "convoy", "outpost"]
RULES = {
    "default": "other",
    "aliases": {"key": r"\bkeyword\b"},
    "rules": [{"label": "war", "all": ["{key}"]}, {"label": "vote", "all": [r"\bballot\b"]}],
}
CONFIG = {
    "question": "?",
    "classes": ["war", "vote", "other"],
    "labels": {"file": "labels.csv", "column": "frame", "coded_by": "a test"},
    "models": ["logreg"],
    "rules": RULES,
    "folds": 4,
    "text": {"word_ngrams": (1, 1), "char_weight": 0.0},
}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(limits=1):
        yield


def _stage(stage, tmp_path, texts, codes, *, articles=None, config=None, more=None):
    """Run a stage on passages given as texts, coded all of them; a row a passage, or more with targets."""
    articles = [f"a{i:04d}" for i in range(len(texts))] if articles is None else articles
    number = dict.fromkeys(articles, 0)
    rows = []
    for i, (text, article) in enumerate(zip(texts, articles, strict=True)):
        start = number[article]
        number[article] += len(text) + 1
        rows.append(
            (f"{article}:{start}-{start + len(text)}", article, start, start + len(text), text, "t", f"o{i % 3}")
        )
    names = ["passage_id", "article_id", "start", "end", "text", "title", "outlet"]
    passages = pd.DataFrame(rows, columns=names)
    passages["date"] = (np.datetime64("2031-03-01") + np.arange(len(texts)) % 50).astype("datetime64[s]")
    passages["group"] = passages["article_id"]
    labels = passages[["article_id", "start", "end"]].assign(frame=codes)
    labels["sha1"] = [hashlib.sha1(t.encode()).hexdigest()[:12] for t in texts]
    labels.to_csv(tmp_path / "labels.csv", index=False)
    task = TaskConfig.model_validate(CONFIG | (config or {}))
    corpus = Job("corpus", {})
    jobs = plan_task("frame", task, {"labels": tmp_path / "labels.csv"}, corpus, 1)
    values = {"corpus": {"passages": passages}}
    return computed({"task": jobs.task, "task_checks": jobs.checks}[stage], values)


def _values(found, **fields):
    records = pd.DataFrame(found["records"])
    for name, value in fields.items():
        records = records[records[name] == value]
    assert len(records) == 1, records
    return records.iloc[0]


def _texts(rng, truth, tell):
    """Ten common words, and what `tell` adds for the row's class."""
    return [" ".join([*rng.choice(COMMON, size=10), *tell(rng, int(k))]) for k in truth]


def _keyword(rng, k):
    return [["keyword"], ["ballot"], []][k]


def test_a_class_that_is_its_keyword_alone_relies_on_it_wholly(tmp_path):
    rng = np.random.default_rng(4)
    truth = rng.choice(3, size=240, p=[0.12, 0.12, 0.76])
    codes = np.array(["war", "vote", "other"])[truth]
    found = _stage("task_checks", tmp_path, _texts(rng, truth, _keyword), codes)
    for c in ("war", "vote"):
        full = _values(found, metric=f"f1_keyword_check[{c}]", model="trained_on_codes")["value"]
        reliance = _values(found, metric=f"keyword_reliance[{c}]")
        as_trained = _values(found, metric=f"keyword_reliance_as_trained[{c}]")["value"]
        assert full > 0.95
        assert reliance["value"] > 0.75 * full  # what is left is guessing a class of 12 %
        assert reliance["low"] > 0.5
        assert as_trained > 0.9 * full
    # Where the rule word stood must not be told by what is put in its place.
    masked = _values(found, metric="macro_f1_keyword_check", model="trained_on_codes_masked", slice="all")["value"]
    assert masked < 0.45


def test_paraphrases_rely_on_no_keyword(tmp_path):
    """The class is told by words that no rule names; the rule's word stands beside them by chance."""
    rng = np.random.default_rng(5)

    def tell(rng, k):
        chance = ["keyword"] if rng.random() < 0.2 else []
        return [*chance, *([] if k == 2 else rng.choice(HINTS[3 * k : 3 * k + 3], size=2))]

    truth = rng.choice(3, size=240, p=[0.3, 0.3, 0.4])
    codes = np.array(["war", "vote", "other"])[truth]
    found = _stage("task_checks", tmp_path, _texts(rng, truth, tell), codes)
    reliance = _values(found, metric="keyword_reliance", slice="all")
    assert abs(reliance["value"]) < 0.03
    assert reliance["low"] <= 0 <= reliance["high"]
    by_rule = _values(found, metric="macro_f1_keyword_check", model="keyword_rules", slice="all")["value"]
    trained_on_rules = _values(found, metric="macro_f1_keyword_check", model="trained_on_rules", slice="all")["value"]
    agreement = _values(found, metric="agreement_with_rules", model="trained_on_rules")["value"]
    on_codes = _values(found, metric="macro_f1_keyword_check", model="trained_on_codes", slice="all")["value"]
    assert on_codes > 0.95 > 0.5 > max(by_rule, trained_on_rules)
    assert agreement > 0.6 > 0.5 > trained_on_rules  # agreeing with the rule is not being right


def test_the_slice_of_both_vocabularies_is_those_passages_alone(tmp_path):
    rng = np.random.default_rng(6)

    def tell(rng, k):
        return [*HINTS[3 * k : 3 * k + 3], "keyword", "ballot"] if k < 2 and rng.random() < 0.5 else _keyword(rng, k)

    truth = rng.choice(3, size=200)
    texts = _texts(rng, truth, tell)
    found = _stage("task_checks", tmp_path, texts, np.array(["war", "vote", "other"])[truth])
    both = [("keyword" in t and "ballot" in t) for t in texts]
    record = _values(found, metric="macro_f1_keyword_check", model="keyword_rules", slice="both vocabularies")
    assert record["n"] == sum(both)
    assert record["value"] < 0.5  # ties go to the rule written first
    assert (
        _values(found, metric="macro_f1_keyword_check", model="trained_on_codes", slice="both vocabularies")["value"]
        > 0.9
    )


def test_rules_teach_by_all_verdicts_or_by_so_many_drawn_at_random():
    verdicts = np.arange(100) % 3
    assert taught_by_rules(verdicts, 1, most=100) is verdicts
    some = taught_by_rules(verdicts, 1, most=30)
    assert (some >= 0).sum() == 30
    assert (some == verdicts)[some >= 0].all()
    assert not np.array_equal(some, taught_by_rules(verdicts, 2, most=30))


def _copied(rng, n_stories=60, copies=4):
    """Each story is printed four times with two words changed; its class can't be read from its words."""
    texts, codes, articles = [], [], []
    for story in range(n_stories):
        words, code = rng.choice(WIDE, size=8), ["war", "vote", "other"][story % 3]
        for _ in range(copies):
            own = words.copy()
            own[rng.integers(8, size=2)] = rng.choice(WIDE, size=2)
            texts.append(" ".join(own))
            codes.append(code)
            articles.append(f"s{story:03d}")
    return texts, codes, articles


def test_a_random_split_is_optimistic_where_stories_are_copied(tmp_path):
    texts, codes, articles = _copied(np.random.default_rng(7))
    found = _stage("task_checks", tmp_path, texts, codes, articles=articles)
    optimism = _values(found, metric="macro_f1_by_split_minus_group", split="random")
    assert optimism["low"] > 0.3
    assert _values(found, metric="macro_f1_by_split", split="group")["value"] < 0.45
    sides = {s["split"]: s for s in found["about"]["splits"]}
    assert sides["random"]["shared_groups"] > 50
    assert sides["group"]["shared_groups"] == 0
    # The outlets alternate within each story, so an outlet left out leaves no row of its stories to learn from.
    assert np.isnan(_values(found, metric="macro_f1_by_split", split="outlet")["value"])


def test_copied_passages_of_articles_that_are_no_copies_stay_in_one_fold():
    rng = np.random.default_rng(8)
    shared = " ".join(rng.choice(COMMON, size=40))
    footer = " ".join(rng.choice(COMMON, size=40))
    texts = [shared, shared + " and more", "short line", "short line", *[footer] * 12]
    ids = [f"p{i}" for i in range(len(texts))]
    rows = pd.DataFrame({"passage_id": ids, "article_id": [f"a{i}" for i in range(len(texts))], "text": texts})
    names = task_units._copied_passages(rows)
    assert names[0] == names[1]
    assert len(set(names)) == len(names) - 1  # neither a short line nor boilerplate ties anything


def test_a_leak_stops_the_task_and_its_checks_before_anything_is_trained(tmp_path, monkeypatch):
    texts, codes, articles = _copied(np.random.default_rng(9), n_stories=12)
    torn = lambda groups, labels, n_folds, seed: np.arange(len(labels)) % n_folds  # noqa: E731
    monkeypatch.setattr(task_units, "group_folds", torn)
    for stage in ("task", "task_checks"):
        with pytest.raises(
            DataError, match=r"tasks\.frame: the group split leaks: .* 's000' and 11 more is both"
        ) as caught:
            _stage(stage, tmp_path, texts, codes, articles=articles)
        assert "\n" not in str(caught.value)


# --- stance: cases worked out by hand ------------------------------------------------------------------------------

F, A, N = 0, 1, 2


def _judge(codes, groups):
    return Judge("stance", "group", np.array(codes), np.array(groups), ("favor", "against", "none"), 1)


def test_the_swap_test_by_hand():
    """Passage p has three targets (pairs 01, 02, 12), q and r two (34, 56). Decisions change in 01, 12 and 34: 3 of 5.
    Row 2 isn't coded: coded pairs are 01, 34 and 56. The codes differ in 01 only, where the decision changes: due, 1 of
    1; in 34 and 56 they are equal, and it changes in 34: not due, 1 of 2."""
    first, second = target_pairs(list("pppqqrr"))
    judge, decisions = _judge([F, A, -1, N, N, F, F], list("ggghhii")), np.array([F, A, F, N, A, F, F])
    found = {(r["metric"], r["slice"]): r for r in swap_records(judge, "m", decisions, first, second)}
    coded = "pairs of targets, both coded"
    told = {
        ("swap_changed", "pairs of targets"): (3 / 5, 5),
        ("swap_changed", coded): (2 / 3, 3),
        ("swap_should_change", coded): (1 / 3, 3),
        ("swap_changed_when_due", coded): (1.0, 1),
        ("swap_changed_when_not_due", coded): (1 / 2, 2),
    }
    assert {key: (r["value"], r["n"]) for key, r in found.items()} == {
        key: (pytest.approx(value), n) for key, (value, n) in told.items()
    }


def test_a_model_blind_to_the_target_never_changes():
    first, second = target_pairs(["p", "p", "q", "q"])
    records = swap_records(_judge([F, A, N, N], list("ggqq")), "m", np.array([F, F, N, N]), first, second)
    assert {r["value"] for r in records if r["model"] == "m"} == {0.0}


def test_without_pairs_the_swap_test_says_why_it_has_no_number():
    first, second = target_pairs(["p", "q"])
    records = swap_records(_judge([F, A], list("gh")), "m", np.array([F, A]), first, second)
    assert {r["value"] for r in records} == {None}
    assert records[0]["reason"] == "no passage has rows for two targets"


def test_right_by_voice_by_hand():
    """Author: 1 of 2 right; quoted: 1 of 1; the row without a code and the one not decided count nowhere."""
    judge = _judge([F, A, F, -1, N], list("abcde"))
    voices = ["author", "author", "quoted", "quoted", "-"]
    records = voice_records(judge, "m", np.array([F, N, F, F, -1]), voices)
    assert [(r["slice"], r["value"], r["n"]) for r in records] == [("voice author", 0.5, 2), ("voice quoted", 1.0, 1)]


def test_a_planted_stance_is_told_by_the_target_and_found_by_voice(tmp_path):
    """Two people a passage, one lies and one helps: blind to the target nobody can say who. A lie is quoted."""
    rng = np.random.default_rng(2)
    aliases = {"anna": r"\bAnna\b", "bob": r"\bBob\b"}
    passages, labels = [], []
    for i in range(60):
        liar, helper = ("Anna", "Bob") if rng.random() < 0.5 else ("Bob", "Anna")
        sentences = [f"{liar} lied about {' '.join(rng.choice(COMMON, 3))}.", f"{helper} helped {rng.choice(COMMON)}."]
        text = " ".join(sentences[k] for k in rng.permutation(2))
        article, digest = f"a{i:02d}", hashlib.sha1(text.encode()).hexdigest()[:12]
        passages.append((f"{article}:0-{len(text)}", article, 0, len(text), text, "t", f"o{i % 3}", article))
        for target in ("anna", "bob"):
            code = "against" if target.capitalize() == liar else "favor"
            labels.append((article, 0, len(text), digest, target, code, "quoted" if code == "against" else "author"))
    names = ["passage_id", "article_id", "start", "end", "text", "title", "outlet", "group"]
    corpus = pd.DataFrame(passages, columns=names)
    corpus["date"] = (np.datetime64("2031-03-01") + np.arange(60)).astype("datetime64[s]")
    columns = ["article_id", "start", "end", "sha1", "target", "stance", "voice"]
    pd.DataFrame(labels, columns=columns).to_csv(tmp_path / "labels.csv", index=False)
    told = {"file": "labels.csv", "column": "stance", "coded_by": "a test", "voice_column": "voice"}
    changes = {"classes": ["favor", "against"], "labels": told, "rows": {"file": "labels.csv"}, "rules": None}
    config = CONFIG | changes | {"target_column": "target", "targets": aliases}
    files = dict.fromkeys(("labels", "rows"), tmp_path / "labels.csv")
    jobs = plan_task("stance", TaskConfig.model_validate(config), files, Job("corpus", {}), 1)
    found = computed(jobs.checks, {"corpus": {"passages": corpus}})
    values = {(r["metric"], r["model"], r["slice"]): r["value"] for r in found["records"]}
    assert values["macro_f1_target_check", "logreg", "all"] > 0.95
    assert values["macro_f1_target_check", "logreg, target-blind", "all"] < 0.6
    assert values["macro_f1_target_check", "logreg, target alone", "all"] < 0.6
    assert values["swap_should_change", "codes", "pairs of targets, both coded"] == 1.0
    assert values["swap_changed_when_due", "logreg", "pairs of targets, both coded"] > 0.95
    assert values["right_by_voice", "logreg", "voice quoted"] > 0.95
    assert not [key for key in values if "keyword" in key[0]]  # without rules there is nothing to rely on


# --- config and whole runs -----------------------------------------------------------------------------------------


def test_a_random_split_is_refused_for_the_scores_with_the_reason(world):
    with pytest.raises(
        ConfigError, match=r"random split puts copies of one story on both sides.*choose group, outlet or time"
    ):
        newsangle.run_experiment(world, {"tasks.frame.split": "random"}, progress=QUIET)


def test_a_split_that_is_not_possible_is_refused_in_one_line(tmp_path):
    texts, codes, articles = _copied(np.random.default_rng(3), n_stories=12)
    with pytest.raises(DataError, match=r"tasks\.frame\.split = 'time' is not possible: too few days to keep 90"):
        _stage("task", tmp_path, texts, codes, articles=articles, config={"split": "time", "gap_days": 90})


def test_scores_of_a_run_by_outlet_are_of_the_outlet_split_and_checks_can_be_switched_off(world, tmp_path):
    settings = {"tasks.frame.split": "outlet", "tasks.frame.checks": False, "topics.seeds": 1}
    run = newsangle.run_experiment(world, settings, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    records = run.metrics.query("task == 'frame'")
    # Probabilities are published, and judged, as the folds of whole groups gave them.
    of_chances = records["metric"].isin(["brier", "ece", "ece_if_calibrated"])
    assert set(records.loc[~of_chances, "split"]) == {"outlet"}
    assert set(records.loc[of_chances, "split"]) == {"group"}
    assert not records["metric"].str.contains("keyword_reliance|by_split").any()
    page = run.report.read_text(encoding="utf-8")
    assert "models that read none of its articles" in page
    assert "What would another split say?" not in page
    assert "is on both sides of the outlet split" in page


def test_scores_by_period_count_the_rows_that_are_predicted(world, tmp_path):
    settings = {"tasks.frame.split": "time", "tasks.frame.checks": False}
    run = newsangle.run_experiment(
        world, settings | {"tasks.frame.gap_days": 2}, runs=tmp_path / "runs", progress=QUIET, jobs=1
    )
    records = run.metrics.query("task == 'frame' and model == 'selected'").set_index("metric")
    coded = run.predictions["coded"].notna().sum()
    scored = run.predictions_by_model.query("model == 'selected'")
    assert records.loc["macro_f1", "n"] == len(scored) < coded
    assert records.loc["brier", "n"] == coded
    page = run.report.read_text(encoding="utf-8")
    assert "On frame of later weeks, the best classifier" in page
    by_class = page.split("By class, model selected")[1].split("</table>")[0]
    for name, n in scored["coded"].value_counts().items():
        assert f'<td>{name}</td><td class="n">{n}</td>' in by_class


def test_the_training_pool_is_in_no_score_share_comparison_or_check(world, tmp_path):
    labels = pd.read_csv(world / "labels.csv", dtype=str)
    picked = labels.index % 3 == 0
    labels = labels.assign(pool=np.where(picked, "training", ""), pi=labels["pi"].where(~picked, ""))
    labels.to_csv(world / "labels.csv", index=False)
    run = newsangle.run_experiment(world, {"topics.seeds": 1}, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    drawn = int((~picked).sum())
    names = labels["article_id"] + ":" + labels["start"] + "-" + labels["end"]
    coded = run.predictions.dropna(subset=["coded"])
    assert sorted(coded["passage_id"]) == sorted(names[~picked])
    assert set(run.predictions_by_model["passage_id"]) == set(names[~picked])
    assert {t["n"] for t in run.comparisons["frame"]} == {drawn}
    records = run.metrics.query("task == 'frame' and slice == 'all'").set_index("metric")["n"]
    assert set(records.drop(["macro_f1_by_split", "macro_f1_by_split_minus_group"])) == {drawn}
    assert set(records["macro_f1_by_split"]) <= set(range(drawn + 1))  # periods leave some out
    whole = run.shares.query("slice == 'all' and `count` == 'published'")
    assert set(whole["n_coded"]) == {drawn}
    assert set(whole["n"]) == {len(run.predictions)}
    assert f"of {drawn} coded rows share a sequence" in run.report.read_text(encoding="utf-8")


def test_the_report_of_a_run_says_what_the_checks_found(finished):
    page = (finished / "report.html").read_text(encoding="utf-8")
    for told in (
        "What would another split say?",
        "Does it read more than the keywords?",
        "keyword_reliance is",
        "outlet",
    ):
        assert told in page
    assert "whose voice speaks" not in page
    records = newsangle.load_run(finished).metrics
    assert {"macro_f1_by_split", "keyword_reliance", "agreement_with_rules"} <= set(records["metric"])
    assert set(records.query("metric == 'macro_f1_by_split'")["split"]) == {"random", "group", "outlet", "time"}
