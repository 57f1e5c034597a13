"""What is drawn is what the table says: positions, order, numbers, and nothing where nothing is known."""

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.text import Text

from newsangle.figures.style import BLUE, FLOOR, PALETTE
from newsangle.figures.weeks import spread

NAN = math.nan


def points(axes, color=None):
    """(x, y) of every marker, in the order drawn."""
    lines = [line for line in axes.lines if line.get_marker() not in ("None", "")]
    lines = [line for line in lines if color is None or line.get_color() == color]
    return [(float(x), float(y)) for line in lines for x, y in zip(*line.get_data(), strict=True) if not np.isnan(x)]


def intervals(axes):
    """(low, high, y) of every horizontal line that is part of an estimate."""
    flat = [line.get_data() for line in axes.lines if line.get_marker() in ("None", "")]
    return [(float(x[0]), float(x[1]), float(y[0])) for x, y in flat if len(x) == 2 and y[0] == y[1] and x[0] != x[1]]


def row_names(axes):
    """The words right before each row, from the top."""
    furthest = {}
    for text in axes.texts:
        y = text.get_position()[1]
        x = axes.transAxes.inverted().transform(text.get_transform().transform(text.get_position()))[0]
        if x < 0 and y > -0.5 and x <= furthest.get(y, (1, ""))[0]:
            furthest[y] = (x, text.get_text())
    return [furthest[y][1] for y in sorted(furthest)]


def test_models_are_sorted_by_score_and_drawn_at_it(tables, draw):
    axes = draw("scores_by_model").axes[0]
    # by hand: 0.77, 0.75, 0.74, 0.71, rules 0.68, majority 0.27, and last the model without a score
    assert row_names(axes) == [
        "tfidf_lsa_logistic", "tfidf_logistic", "linear_svc", "complement_nb", "keyword_rules", "majority",
        "char_ngrams",
    ]  # fmt: skip
    assert points(axes) == [(0.77, 0), (0.75, 1), (0.74, 2), (0.71, 3), (0.68, 4), (0.27, 5)]
    assert (0.72, 0.81, 0) in intervals(axes)
    assert points(axes, BLUE) == [(0.77, 0)], "only the selected model is blue"
    assert points(axes, FLOOR) == [(0.68, 4), (0.27, 5)]


def test_the_line_stands_at_the_best_floor(draw, words):
    figure = draw("scores_by_model")
    upright = [line.get_xdata()[0] for line in figure.axes[0].lines if list(line.get_ydata()) == [0, 1]]
    assert upright == [0.68]
    assert "best floor: keyword_rules" in words(figure)


def test_where_lower_is_better_the_lowest_is_on_top_and_the_best_floor_is_the_lower_one(tables, draw, words):
    table = tables["model_scores"]().assign(low=NAN, high=NAN)
    figure = draw("scores_by_model", table, metric_label="perplexity", better="lower")
    assert row_names(figure.axes[0])[0] == "majority"
    assert "best floor: majority" in words(figure)
    assert "perplexity (lower is better)" in words(figure)


def test_cells_of_the_confusion_matrix_are_counts_and_shares_of_the_coded_row(draw, words):
    """Row 1: 188 + 9 + 41 = 238 coded, 188 / 238 = 79 %, 9 / 238 = 4 %, 41 / 238 = 17 %."""
    table = pd.DataFrame([[188, 9, 41], [0, 0, 0], [0, 1, 399]], index=list("abc"), columns=list("abc"))
    figure = draw("confusion_matrix", table)
    mesh = next(item for item in figure.axes[0].collections if isinstance(item, QuadMesh))
    drawn = np.ma.filled(mesh.get_array(), NAN).reshape(3, 3)
    np.testing.assert_allclose(drawn[0], [188 / 238, 9 / 238, 41 / 238])
    assert np.isnan(drawn[1]).all(), "a class never coded has no shares"
    found = words(figure)
    assert {"188", "79%", "4%", "17%", "n = 238", ">99%", "<1%"} <= set(found)
    assert found.count("–") == 3
    assert not any("hand" in text for text in found), "codes may come from a model"


def test_topics_of_the_heatmap_are_sorted_by_mean_and_unknown_cells_are_dashes(draw, words):
    table = pd.DataFrame({"x": [0.02, 0.30, 0.0], "y": [0.04, 0.314, NAN]}, index=["low", "high", "zero"])
    figure = draw("topic_outlet_heatmap", table, n={"x": 1200})
    mesh = next(item for item in figure.axes[0].collections if isinstance(item, QuadMesh))
    np.testing.assert_array_equal(
        np.ma.filled(mesh.get_array(), NAN).reshape(3, 2), [[0.30, 0.314], [0.02, 0.04], [0.0, NAN]]
    )
    assert row_names(figure.axes[0]) == ["high", "low", "zero"]
    assert {"31", "2.0", "0", "–", "1,200"} <= set(words(figure))


def test_outlets_are_sorted_by_the_first_frame_and_drawn_at_their_shares(draw):
    table = pd.DataFrame(
        [
            ("a", "f", 0.1, 0.05, 0.2, 50), ("a", "g", 0.9, 0.8, 0.95, 50), ("b", "f", 0.4, 0.3, 0.5, 60),
            ("b", "g", 0.6, NAN, NAN, 60), ("c", "f", NAN, NAN, NAN, 3), ("c", "g", 0.0, 0.0, 0.1, 3),
        ],
        columns=["outlet", "frame", "share", "low", "high", "n"],
    )  # fmt: skip
    first, second = draw("frame_share_by_outlet", table).axes
    assert row_names(first) == ["b", "a", "c"]
    assert points(first) == [(0.4, 0), (0.1, 1)], "an unknown share is no mark at 0"
    assert points(second) == [(0.6, 0), (0.9, 1), (0.0, 2)]
    assert [high for _, high, _ in intervals(second)] == [0.95, 0.1], "no line without bounds"
    assert first.get_xlim() == second.get_xlim(), "panels that share a meaning share a scale"
    assert first.get_xlim()[0] == 0
    assert {"60", "50", "3"} <= {text.get_text() for text in first.texts}, "n of each outlet"
    assert "–" in {text.get_text() for text in first.texts}


def test_a_week_with_few_passages_is_hollow_and_a_missing_week_breaks_the_line(draw):
    weeks = pd.to_datetime(["2017-02-06", "2017-02-13", "2017-02-27"])
    table = pd.DataFrame(
        {"week": weeks, "frame": "f", "share": [0.2, 0.4, 0.3], "low": 0.1, "high": 0.5, "n": [9, 10, 200]}
    )
    axes, strip = draw("frame_share_by_week", table).axes
    line = next(line for line in axes.lines if line.get_marker() in ("None", ""))
    np.testing.assert_array_equal(line.get_ydata(), [0.2, 0.4, NAN, 0.3])  # the week of 20 Feb is not there
    marks = [line for line in axes.lines if line.get_marker() not in ("None", "")]
    hollow = [line for line in marks if line.get_markerfacecolor() == "white"]
    assert [list(line.get_ydata()) for line in hollow] == [[0.2]]
    heights = [bar.get_height() for bar in strip.patches]
    assert heights[:2] == [9, 10] and np.isnan(heights[2]) and heights[3] == 200
    assert "–" in {text.get_text() for text in strip.texts}
    assert strip.get_xticklabels()[0].get_text() == "6 Feb 2017"


def test_names_of_lines_that_end_together_keep_apart():
    # by hand: both want 0.5 with gap 0.1, so they share the shift: 0.45 and 0.55
    assert spread([0.5, 0.5, 0.9], gap=0.1, low=0, high=1) == [0.45, 0.55, 0.9]
    assert spread([0.0, 0.0], gap=0.1, low=0, high=1) == [0.0, 0.1], "never below the axis"
    placed = sorted(spread([0.98, 0.99, 1.0, 0.2], gap=0.1, low=0, high=1))
    assert placed == pytest.approx([0.2, 0.8, 0.9, 1.0])


def test_against_runs_left_and_favor_right(draw):
    table = pd.DataFrame(
        [
            ("us", "against", 0.30, 0.2, 0.4, 90), ("us", "favor", 0.10, 0.05, 0.2, 90),
            ("us", "neutral", 0.6, 0.5, 0.7, 90), ("kurds", "against", 0.05, 0.0, 0.1, 80),
            ("kurds", "favor", 0.25, 0.2, 0.3, 80),
        ],
        columns=["target", "stance", "share", "low", "high", "n"],
    )  # fmt: skip
    axes = draw("stance_by_target", table).axes[0]
    assert row_names(axes) == ["kurds", "us"], "sorted by favor minus against: 0.20, −0.20"
    bars = {(round(bar.get_y() + bar.get_height() / 2), bar.get_width()) for bar in axes.patches}
    assert bars == {(0, -0.05), (0, 0.25), (1, -0.30), (1, 0.10)}
    assert (-0.2, -0.4, 1) in intervals(axes)
    found = [text.get_text() for text in axes.texts]
    assert "60%" in found and found.count("–") == 1, "neutral is written, and a dash where it is unknown"
    assert not any("−" in label.get_text() for label in axes.get_xticklabels()), "a share against is not negative"


def test_bars_of_a_topic_are_its_weights_heaviest_first(draw):
    table = pd.DataFrame(
        [("t", "b", 0.2), ("t", "a", 0.2), ("t", "c", 0.5), ("t", "d", 0.1), ("u", "z", NAN)],
        columns=["topic", "word", "weight"],
    )
    first, second = draw("top_words", table, words=3).axes
    assert [bar.get_width() for bar in first.patches] == [0.5, 0.2, 0.2]
    assert row_names(first) == ["c", "a", "b"], "ties by the alphabet"
    assert "–" in {text.get_text() for text in second.texts}


def test_only_the_topics_that_differ_most_are_drawn_widest_first(draw, words):
    # distances by hand: calm 0.01, wide 0.30, half 0.10; lone is known in one frame only
    table = pd.DataFrame(
        {"f": [0.10, 0.05, 0.2, 0.1], "g": [0.11, 0.35, 0.1, NAN]}, index=["calm", "wide", "half", "lone"]
    )
    figure = draw("topic_frame", table, most=2)
    assert row_names(figure.axes[-1]) == ["wide", "half"]
    assert points(figure.axes[-1], PALETTE[0]) == [(0.05, 0), (0.2, 1)]
    assert points(figure.axes[-1], PALETTE[1]) == [(0.35, 0), (0.1, 1)]
    assert "2 of 4 topics." in words(figure)
    assert row_names(draw("topic_frame", table).axes[-1])[-1] == "lone"


def test_marks_that_would_cover_each_other_keep_their_share_and_leave_their_row(draw):
    table = pd.DataFrame({"f": [0.1, 0.0], "g": [0.1, 0.5]}, index=["same", "far"])
    axes = draw("topic_frame", table).axes[-1]
    (_, upper), (_, lower) = (points(axes, PALETTE[j])[1] for j in (0, 1))
    assert upper < 1 < lower
    assert {x for x, y in points(axes) if y > 0.5} == {0.1}


def test_each_metric_says_which_way_is_better_and_why_a_number_is_missing(draw, words):
    found = words(draw("topic_scores"))
    assert found.count("← lower is better") == 1
    assert found.count("higher is better →") == 2
    assert "no φ" in found
    assert any(text.startswith("lsa, perplexity: no φ: the model gives no distribution") for text in found)


def test_a_metric_nobody_gave_a_direction_has_none(tables, draw, words):
    table = tables["fit_scores"]().replace({"metric": {"npmi": "novelty"}})
    assert "direction not stated" in words(draw("topic_scores", table))
    assert "direction not stated" not in words(draw("topic_scores", table, directions={"Novelty": "higher"}))


def test_best_model_of_the_first_metric_is_on_top(tables, draw):
    higher = tables["fit_scores"]().query("metric == 'npmi'")  # 0.121, 0.113, 0.085, −0.021
    assert row_names(draw("topic_scores", higher).axes[0]) == ["nmf", "cvb0_gibbs", "lda", "lsa"]
    axes = draw("topic_scores").axes
    assert row_names(axes[0]) == ["cvb0_gibbs", "nmf", "lda", "lsa"]  # perplexity 2592, 2925, 3114, none
    assert points(axes[1]) == [(0.113, 0), (0.121, 1), (0.085, 2), (-0.021, 3)]


@pytest.mark.parametrize("name", ["frame_share_by_outlet", "frame_share_by_week", "stance_by_target"])
def test_the_note_is_printed_bold_under_the_title(draw, name):
    figure = draw(name, note="Predicted, uncorrected")
    note = next(text for text in figure.findobj(Text) if text.get_text() == "Predicted, uncorrected")
    assert note.get_fontweight() == "bold"
    assert figure.texts[0].get_position()[1] > note.get_position()[1]


def corrected_outlets() -> pd.DataFrame:
    rows = [
        ("A", "f", 0.30, 0.2, 0.4, 120, 0.35, 40, 12), ("A", "g", 0.10, 0.0, 0.2, 120, 0.15, 40, 0),
        ("B", "f", NAN, NAN, NAN, 50, 0.25, 6, 4), ("B", "g", 0.05, 0.0, 0.3, 50, 0.07, 12, 30),
    ]  # fmt: skip
    columns = ["outlet", "frame", "share", "low", "high", "n", "naive", "n_coded", "labels_needed"]
    return pd.DataFrame(rows, columns=columns)


def test_corrected_outlets_show_the_naive_share_in_grey_and_the_codes_that_are_missing(draw, words):
    figure = draw("frame_share_by_outlet", corrected_outlets(), note=None)
    first, second = figure.axes
    grey = [float(line.get_xdata()[0]) for axes in (first, second) for line in axes.lines if line.get_color() == FLOOR]
    assert grey == [0.35, 0.25, 0.15, 0.07]
    told = words(figure)
    assert told.count("4 more codes needed") == 1
    assert {"40 / 120", "6–12 / 50", "coded / n"} <= set(told)
    assert any(text.startswith("Grey: predicted, uncorrected") for text in told)


def test_corrected_weeks_show_the_naive_line_and_hold_the_scale_where_few_are_coded(draw, words):
    weeks = pd.to_datetime(["2017-02-06", "2017-02-13", "2017-02-20"])
    table = pd.DataFrame({"week": weeks, "frame": "f", "share": [0.2, NAN, 0.3], "low": [0.1, NAN, 0.0]})
    table = table.assign(high=[0.4, NAN, 0.95], n=100, naive=[0.3, 0.35, 0.2], n_coded=[60, 4, 12])
    figure = draw("frame_share_by_week", table, note=None)
    axes, strip = figure.axes
    naive = next(line for line in axes.lines if line.get_label() == "_naive")
    assert (naive.get_color(), naive.get_ydata().tolist()) == (FLOOR, [0.3, 0.35, 0.2])
    assert axes.get_ylim()[1] < 0.5  # the week of 12 codes reaches to .95 and is cut
    assert [bar.get_height() for bar in strip.patches] == [60, 4, 12]
    assert "Intervals of hollow weeks that run past the top are cut off there." in words(figure)
