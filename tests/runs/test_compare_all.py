"""What differs between runs, which numbers may stand side by side, and is the page safe and whole?"""

import base64
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from newsangle.cli import app
from newsangle.errors import DataError, IntegrityError
from newsangle.runs.compare_page import page_html, write_page
from newsangle.runs.compare_text import Comparison, compare, compared_text, difference_of
from newsangle.runs.differences import Difference, grouped
from newsangle.runs.find import find_run
from newsangle.runs.folder import load_run
from newsangle.runs.side_by_side import Row, side_by_side

Make = Callable[..., Any]


def _compared(*paths: Path) -> Comparison:
    return compare([load_run(path) for path in paths])


def _row(rows: Any, metric: str) -> Row:
    [found] = [row for row in rows if row.metric == metric]
    return found


def test_topics_alone_are_compared_without_tests(write_run: Make, perplexity: Make, changed: Make) -> None:
    """The same corpus, vocabulary and held-out articles, another number of topics."""
    twenty = changed({"topics.n_topics": 20, "tasks": None})
    diversity = {"metric": "diversity", "slice": "all articles"}
    found = _compared(
        write_run("a" * 12, [perplexity(700), perplexity(0.7, **diversity)], config=changed({"tasks": None})),
        write_run("b" * 12, [perplexity(650), perplexity(0.6, **diversity)], config=twenty),
    )
    assert [(d.key, d.values) for d in found.differences] == [("topics.n_topics", (3, 20))]
    assert _row(found.rows, "perplexity").against == ""
    assert _row(found.rows, "diversity").against == "another number of topics"
    assert found.tests == ()
    text = compared_text(found)
    assert "topics.n_topics  3  20" in text
    assert re.search(r"topics +perplexity +nmf +700 \[691, 709\] +650 \[641, 659\]\n", text)
    assert "not comparable: another number of topics" in text


@pytest.mark.parametrize(
    ("settings", "inputs", "metric", "against"),
    [
        ({"seed": 4}, None, "perplexity", "other held-out articles"),
        ({"topics.held_out": 0.3}, None, "perplexity", "other held-out articles"),
        ({"topics.alpha": 0.5}, None, "perplexity", "another evaluator (topics.alpha)"),
        ({"features.min_df": 3}, None, "perplexity", "another vocabulary"),
        ({}, {"articles.csv": "b" * 64}, "perplexity", "another corpus"),
        ({"topics.articles": "selected"}, None, "npmi", "another corpus"),
        ({"seed": 4}, None, "npmi", ""),
        ({"topics.n_topics": 9}, None, "npmi", ""),
        ({"corpus.filter": {"pattern": "flood"}}, None, "perplexity", ""),  # all articles teach the topics
        ({"tasks.frame.classes": ["flood", "vote", "other"]}, None, "macro_f1", "other classes"),
        ({"tasks.frame.split": "time"}, None, "macro_f1", "another split"),
        ({"tasks.frame.labels": {"file": "l.csv", "column": "frame"}}, {"l.csv": "c"}, "macro_f1", "other codes"),
        ({"tasks.frame.rules": {"default": "other"}}, None, "macro_f1", ""),  # a rule is a model like others,
        ({"tasks.frame.rules": {"default": "other"}}, None, "agreement_with_rules", "other keyword rules"),  # or truth
        ({"tasks.frame.models": ["majority"]}, None, "macro_f1", ""),
        ({"seed": 4}, None, "macro_f1", ""),
    ],
)
def test_numbers_that_can_not_be_compared_say_why(
    write_run: Make,
    score: Make,
    perplexity: Make,
    changed: Make,
    settings: dict[str, Any],
    inputs: dict[str, str] | None,
    metric: str,
    against: str,
) -> None:
    records = [score(), score(metric="agreement_with_rules"), perplexity(700), perplexity(0.1, metric="npmi")]
    other = [r | {"split": settings.get("tasks.frame.split", r["split"])} for r in records]
    about = {} if inputs is None else {"inputs": {"articles.csv": "a" * 64} | inputs}
    rows = side_by_side(
        [
            load_run(write_run("a" * 12, records)),
            load_run(write_run("b" * 12, other, config=changed(settings), **about)),
        ]
    )
    assert _row(rows, metric).against == against


def test_other_rows_are_not_comparable_even_where_the_config_is_the_same(write_run: Make, score: Make) -> None:
    rows = side_by_side([load_run(write_run("a" * 12, [score()])), load_run(write_run("b" * 12, [score(n=80)]))])
    assert rows[0].against == "other rows"


def test_points_of_vary_stand_beside_the_run_that_has_their_value(
    write_run: Make, score: Make, perplexity: Make, changed: Make
) -> None:
    """One run compares K = 3 and 9, the other is K = 9: its number belongs beside the second; the model is no label."""
    swept = changed({"vary": {"topics.model": ["nmf", "lda"], "topics.n_topics": [3, 9]}})
    labels = {k: f"topics.model=nmf, topics.n_topics={k}" for k in (3, 9)}
    floor = [perplexity(999, model="unigram", vary=label) for label in labels.values()]
    first = [score(), *floor, *(perplexity(700 + k, vary=label) for k, label in labels.items())]
    second = [score(), perplexity(999, model="unigram"), perplexity(640)]
    rows = side_by_side(
        [
            load_run(write_run("a" * 12, first, config=swept)),
            load_run(write_run("b" * 12, second, config=changed({"topics.n_topics": 9}))),
        ]
    )
    told = {(row.model, row.point): [r and r["value"] for r in row.records] for row in rows if row.task == "topics"}
    assert told == {
        ("nmf", "topics.n_topics=3"): [703, None],
        ("nmf", "topics.n_topics=9"): [709, 640],
        ("unigram", ""): [999, 999],
    }
    assert None not in _row(rows, "macro_f1").records
    assert not any(row.against for row in rows)


def test_a_table_that_one_run_lacks_is_one_row_and_a_changed_key_stays_one() -> None:
    rows = [Difference("config", f"topics.{k}", (v, None)) for k, v in [("a", 1), ("b", 2), ("c", 3), ("d.e", 4)]]
    both = Difference("config", "tasks.frame.folds", (5, 10))
    found = grouped([*rows, both])
    assert [(d.key, d.values) for d, _ in found] == [("topics.*", ("4 keys", None)), ("tasks.frame.folds", (5, 10))]
    assert found[0][1] == tuple(rows)
    three = [Difference("config", r.key, (*r.values, i)) for i, r in enumerate(rows)]  # the third has other values
    assert len(grouped(three)) == 4


def test_runs_are_found_by_the_first_signs_of_their_id(write_run: Make, tmp_path: Path) -> None:
    path, _, lee = write_run("abc1" * 3), write_run("abd2" * 3), write_run("abc3" * 3, experiment="lee")
    runs = tmp_path / "runs"
    assert find_run("orvia/abc", runs).path == path
    assert find_run("abc3", runs).path == lee
    assert find_run(f"{runs}/lee/ab", runs).path == lee
    copy = write_run("abc3" * 3, experiment="zoe")
    with pytest.raises(DataError, match=r"name the folder, or the experiment before the ID, as lee/abc3$"):
        find_run("abc3" * 3, runs)
    assert find_run("zoe/abc3", runs).path == copy
    shutil.rmtree(copy.parent)
    assert find_run(str(lee.parent), runs).path == lee
    assert find_run("lee", runs).path == lee
    for name, told in [("abc", "beginning of 2 runs"), ("xyz", "no run under"), ("", "holds|no run")]:
        with pytest.raises(DataError, match=told):
            find_run(name, runs)


def test_the_page_needs_nothing_else_and_markup_in_names_is_text(
    write_run: Make, score: Make, changed: Make, tmp_path: Path
) -> None:
    evil = '<script>alert("1")</script>'
    config = changed({"title": evil, "tasks.frame.models": ["majority", evil], "note": f'"><img src=x>{evil}' * 9})
    found = _compared(
        write_run("a" * 12, [score(), score(target=evil, model=evil, metric="f1[flood]")], config=config),
        write_run(
            "b" * 12, [score(value=None, low=None, high=None, reason=evil), score(target=evil, metric="f1[flood]")]
        ),
    )
    write_page(found, tmp_path / "new" / "page.html")
    page = (tmp_path / "new" / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<img src=x>" not in page
    assert not re.findall(r"(?:src|href)=\"(?!#|data:)", page)
    assert "url(" not in page


def test_the_page_draws_intervals_and_sets_the_same_figure_of_each_run_in_one_row(
    write_run: Make, score: Make, perplexity: Make
) -> None:
    """Points at .7 and .9 with limits .6 to .8 and .8 to 1: from the left edge to the right one, .8 in the middle."""
    found = _compared(
        write_run(
            "a" * 12,
            [score(value=0.7, low=0.6, high=0.8), score(model="majority", value=0.1, low=0.05, high=0.2)],
            figures=["top_words", "only_a"],
        ),
        write_run(
            "b" * 12,
            [score(value=0.9, low=0.8, high=1.0), score(model="majority", value=0.65, low=0.05, high=0.7)],
        ),
    )
    page = page_html(found).decode()
    lines = re.findall(r'<line x1="([\d.]+)" x2="([\d.]+)"', page)
    assert lines == [("6.0", "120.0"), ("120.0", "234.0"), ("6.0", "63.0")]  # the floor's line is cut at the edge
    assert re.findall(r'cx="([\d.]+)"', page) == ["63.0", "177.0", "34.5"]
    assert page.count("◂") == 1  # the first run's floor lies beyond the axis of the models
    assert "−0.20" in page
    assert page.count("data:image/svg+xml;base64,") == 3
    top, alone = page.split('id="figure-')[1:]
    assert top.startswith("top_words")
    assert top.count("<img") == 2
    assert alone.count("<img") == 1
    assert "not in this run" in alone
    [svg] = set(re.findall(r"base64,([^\"]+)", page))
    assert base64.b64decode(svg).startswith(b"<svg")


def test_a_changed_figure_is_not_shown(write_run: Make) -> None:
    paths = [write_run("a" * 12), write_run("b" * 12)]
    (paths[1] / "figures" / "top_words.svg").write_bytes(b"<svg/>")
    with pytest.raises(IntegrityError):
        page_html(_compared(*paths))


def test_points_that_failed_and_another_processor_are_told(write_run: Make, score: Make) -> None:
    found = _compared(
        write_run("a" * 12, [score()], failed={"topics.n_topics=9": "too <many>"}, cpu="x86_64 One"),
        write_run("b" * 12, [score()], cpu="aarch64 Two"),
    )
    assert "A  failed: topics.n_topics=9: too <many>" in compared_text(found)
    assert "Failed: topics.n_topics=9: too &lt;many&gt;" in page_html(found).decode()
    assert [(d.kind, d.key, d.values) for d in found.differences] == [
        ("version", "processor", ("x86_64 One", "aarch64 Two"))
    ]


def test_nothing_that_differs_is_said_to_be_nothing(write_run: Make, score: Make) -> None:
    found = _compared(write_run("a" * 12, [score()]), write_run("b" * 12, [score()]))
    assert "nothing: the same config" in compared_text(found)
    assert "Nothing: the same config" in page_html(found).decode()


def test_the_command_compares_topics_alone_and_writes_the_page(
    write_run: Make, perplexity: Make, changed: Make, tmp_path: Path
) -> None:
    for identity, value in (("a" * 12, 700), ("b" * 12, 650)):
        write_run(identity, [perplexity(value)], config=changed({"tasks": None}))
    command = [sys.executable, "-m", "newsangle.cli", "compare", "aaaa", "bbbb", "--runs", str(tmp_path / "runs")]
    done = subprocess.run([*command, "--html", str(tmp_path / "c.html")], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "perplexity" in done.stdout
    assert done.stdout.rstrip().endswith("c.html")
    assert "nmf" in (tmp_path / "c.html").read_text(encoding="utf-8")


def test_more_runs_than_letters_are_refused_in_one_line(write_run: Make, score: Make) -> None:
    paths = [write_run(f"{number:012x}", [score()]) for number in range(27)]
    with pytest.raises(DataError, match="27 runs: compare at most 26 at once"):
        _compared(*paths)


@pytest.mark.parametrize("command", ["report", "verify"])
def test_report_and_verify_take_the_first_signs_of_an_id_too(
    write_run: Make, score: Make, tmp_path: Path, command: str
) -> None:
    write_run("abc1" * 3, [score()])
    done = CliRunner().invoke(app, [command, "abc", "--runs", str(tmp_path / "runs")])
    assert done.exit_code == 0, done.exception
    assert "abc1" * 3 in done.stdout


def test_every_score_of_every_run_is_in_the_terminal_or_on_the_page(
    write_run: Make, score: Make, perplexity: Make, changed: Make
) -> None:
    """Three topics, four, and a sweep of three and two: what one run alone has is told as well."""
    swept = changed({"vary": {"topics.n_topics": [3, 2]}})
    points = [perplexity(700 + k, vary=f"topics.n_topics={k}") for k in (3, 2)]
    found = _compared(
        write_run("a" * 12, [perplexity(777), score(metric="f1[flood]", value=0.123)]),
        write_run("b" * 12, [perplexity(888)], config=changed({"topics.n_topics": 4})),
        write_run("c" * 12, points, config=swept),
    )
    text, page = compared_text(found), page_html(found).decode()
    for told in ("777 [768, 786]", "888 [879, 897]", "703 [694, 712]", "702 [693, 711]"):
        assert told in text
        assert told in page
    assert "nmf, topics.n_topics=4" in text
    assert "1 more by class, target, slice and check" in text
    assert "0.123 [0.700, 0.900]" in page
    assert "not shown" not in page


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [(0.8236, 0.8444, "−0.020"), (0.8449, 0.8151, "+0.030"), (700.4, 650.6, "+49"), (100.4, 99.2, "+1")],
)
def test_a_difference_is_that_of_the_printed_numbers(
    write_run: Make, score: Make, first: float, second: float, told: str
) -> None:
    paths = [write_run(i * 12, [score(value=value, low=None, high=None)]) for i, value in (("a", first), ("b", second))]
    [row] = _compared(*paths).rows
    assert difference_of(row) == told


def _shares(limits: tuple[float, float, float], method: str = "corrected") -> dict[str, bytes]:
    rows = [
        {"task": "frame", "class": "flood", "slice": part, "key": part, "count": count, "target": None}
        | dict(zip(("estimate", "low", "high"), limits, strict=True))
        | {"method": method, "naive": 0.2, "n": 300}
        for part, count in (("all", "published"), ("all", "original"), ("outlet", "published"))
    ]
    buffer = io.BytesIO()
    pd.DataFrame(rows).to_parquet(buffer)
    return {"shares.parquet": buffer.getvalue()}


def test_shares_stand_side_by_side_with_their_limits_and_without_a_test(
    write_run: Make, score: Make, changed: Make
) -> None:
    nothing = (float("nan"),) * 3
    found = _compared(
        write_run("a" * 12, [score()], files=_shares((0.16, 0.12, 0.21))),
        write_run("b" * 12, [score()], files=_shares((0.05, 0.021, 0.08)), inputs={"articles.csv": "b" * 64}),
        write_run("c" * 12, [score()], files=_shares(nothing, "predicted, uncorrected (no codes)")),
        write_run("d" * 12, [score()], files=_shares(nothing, "no number (12 more codes)")),
        write_run("e" * 12, [score()]),
    )
    text, page = compared_text(found), page_html(found).decode()
    cells = ["16% [12, 21]", "5.0% [2.1, 8.0]", "20% predicted, uncorrected", "– (no number (12 more codes))", "–"]
    told = re.escape("  ".join(cells)).replace(r"\ \ ", " +")
    assert re.search(rf"frame +flood +{told} +other articles\n", text)
    assert "flood, original reporting" in page
    assert "flood, original" not in text
    assert "Not tested: runs mostly stand on the same articles" in text
    assert "".join(f'<td class="v">{cell}</td>' for cell in cells) in page
    assert "Not tested: runs mostly stand on the same articles" in page
    assert "Of a sweep" not in text
    swept = write_run("f" * 12, config=changed({"vary": {"seed": [1, 2]}}), files=_shares((0.1, 0.09, 0.11)))
    assert "Of a sweep: its first point" in compared_text(_compared(swept, found.runs[0].path))
