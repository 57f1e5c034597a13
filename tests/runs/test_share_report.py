import math
from dataclasses import replace

import pandas as pd

from newsangle.coverage.share_table import CONTRAST_COLUMNS, SHARE_COLUMNS, TREND_COLUMNS, TaskShares
from newsangle.runs.answer import answer
from newsangle.runs.config import LabelsConfig, TaskConfig
from newsangle.runs.pictures import BUILDERS
from newsangle.runs.results import PointResult, TaskResult
from newsangle.runs.share_report import contrast_rows, estimate_rows, trend_rows, week_grids
from newsangle.runs.wording import estimate_with_interval

NO = math.nan
CONFIG = TaskConfig(
    question="?",
    classes=["flood", "other"],
    residual="other",
    models=["majority", "logreg"],
    labels=LabelsConfig(file="labels.csv", column="frame", coded_by="the authors of the test"),
)


def share(where, key, outlet, week, count, *numbers):
    return ("frame", "flood", where, key, outlet, week, count, None, *numbers)


ROWS = [
    share("all", "all", None, None, "published", 0.12, 0.08, 0.17, "corrected predictions (λ = 0.50)", 90, 0, 0.2, 400),
    share("all", "all", None, None, "original", 0.02, 0.01, 0.04, "corrected predictions (λ = 0.50)", 90, 0, 0.2, 300),
    share("outlet", "Post", "Post", None, "published", 0.2, 0.1, 0.3, "coded sample alone", 60, 50, 0.1, 200),
    share("outlet", "Herald", "Herald", None, "published", 0.05, 0.01, 0.1, "coded sample alone", 30, 0, 0.1, 200),
    share("outlet_week", "Post, 2031-02-03", "Post", "2031-02-03", "published", 0.3, 0.1, 0.6, "x", 12, 99, 0.1, 30),
    share("outlet_week", "Herald, 2031-02-10", "Herald", "2031-02-10", "published", NO, NO, NO, "x", 3, 7, 0.1, 20),
]


def result(p_holm=0.01, pi=0.5, slope=0.01):
    predictions = pd.DataFrame(
        {"coded": ["flood"] * 40, "pi": pi, "group": [str(i) for i in range(40)], "predicted": "flood", "target": None}
    )
    contrasts = pd.DataFrame(
        [("frame", "flood", None, "Herald", "Post", -0.15, -0.25, -0.04, 0.01, p_holm)], columns=CONTRAST_COLUMNS
    )
    trends = pd.DataFrame(
        [("frame", "flood", None, None, slope, -0.002, 0.022, 0.2, 0.2, "no number (too few coded)", 90)],
        columns=TREND_COLUMNS,
    )
    table = pd.DataFrame(ROWS, columns=SHARE_COLUMNS)
    naive = pd.DataFrame(
        {"key": "all", "frame": ["flood", "other"], "share": [0.2, 0.8], "low": 0.1, "high": 0.9, "n": 9}
    )
    shares = {"all": naive}
    estimates = TaskShares(table, contrasts, trends)
    told = {"comparisons": [], "by_model": None, "about": {}, "files": {}, "leaks": {}, "checks": {}}
    return TaskResult("frame", CONFIG, predictions, [], [], shares, estimates, **told)


def point(task):
    empty = pd.DataFrame()
    return PointResult("", None, {}, empty, empty, [], None, [], None, {}, [], None, None, None, {"frame": task}, {})  # type: ignore[arg-type]


def test_the_table_sets_published_original_and_naive_side_by_side():
    [row] = estimate_rows(result())
    assert (row["published"], row["original"], row["naive"]) == ("12% [8, 17]", "2.0% [1.0, 4.0]", "20%")
    assert (row["n"], row["n_coded"], row["labels_needed"]) == (400, 90, "0")


def test_a_blank_cell_of_outlet_and_week_says_how_many_codes_are_missing():
    [grid] = week_grids(result())
    assert grid["weeks"] == ["2031-02-03", "2031-02-10"]
    herald, post = grid["rows"]
    assert herald["cells"] == [None, {"n": 20, "coded": 3, "share": None, "missing": 7}]
    assert post["cells"] == [{"n": 30, "coded": 12, "share": "30% [10, 60]", "missing": 0}, None]


def test_contrasts_and_trends_are_told_in_percentage_points():
    told = contrast_rows(result())
    assert (told["pairs"], told["sure"]) == (1, 1)
    assert told["rows"][0]["pair"] == "Herald − Post"
    assert told["rows"][0]["difference"] == "−15.0 [−25.0, −4.0]"
    assert trend_rows(result())[0]["slope"] == "+1.0 [−0.2, +2.2]"
    assert trend_rows(result(slope=NO))[0]["slope"] == "– (no number (too few coded))"


def test_the_answer_gives_limits_and_says_whether_outlets_differ():
    told = " ".join(answer(point(result())))
    assert "12% [8, 17] are about flood (corrected by 40 coded passages" in told
    assert "predictions alone say 20%" in told
    assert "beyond chance, Post has more of it than Herald" in told
    assert "no two outlets differ beyond chance" in " ".join(answer(point(result(p_holm=0.2))))
    few = result()
    few = replace(few, estimates=replace(few.estimates, contrasts=few.estimates.contrasts.head(0)))
    told = " ".join(answer(point(few)))
    assert "no two outlets have the 30 codes that it takes to compare them" in told
    assert "beyond chance" not in told


def test_codes_without_pi_leave_the_shares_predicted_and_uncorrected():
    task = result(pi=NO)
    assert not task.corrected
    told = " ".join(answer(point(task)))
    assert "20% are about flood (predicted, uncorrected)" in told
    assert "[8, 17]" not in told


def test_the_main_figure_draws_the_corrected_shares_of_outlets():
    [picture] = BUILDERS["frame_share_by_outlet"](point(result()), [])
    assert picture.name == "frame_share_by_outlet"
    assert "corrected by 40 coded passages" in picture.caption
    assert "uncorrected" in picture.caption.split("Grey:")[1]


def test_small_shares_have_a_decimal_and_no_number_is_a_dash():
    assert estimate_with_interval({"estimate": 0.0251, "low": 0.0151, "high": 0.0389}) == "2.5% [1.5, 3.9]"
    assert estimate_with_interval({"estimate": 0.0251, "low": 0.0, "high": 0.14}) == "3% [0, 14]"
    assert estimate_with_interval({"estimate": NO, "low": NO, "high": NO}) == "–"
