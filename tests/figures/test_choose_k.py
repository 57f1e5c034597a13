"""Does the figure on the number of topics show what its table says?"""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.lines import Line2D

from newsangle.figures.choose_k import choose_k

RING = 12.0


def rings(figure):
    """(panel, x, y) of every ring."""
    return [
        (at, float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for at, axes in enumerate(figure.axes)
        for line in axes.findobj(Line2D)
        if line.get_markersize() == RING and line.get_marker() == "o"
    ]


def test_the_ring_stands_on_the_chosen_number_in_every_panel_with_its_value(tables, draw, words):
    table = tables["topic_numbers"](chosen=20)
    figure = draw("choose_k", table)
    values = table.loc[table["chosen"], "value"].tolist()
    assert rings(figure) == [(at, 1.0, pytest.approx(value)) for at, value in enumerate(values)]
    assert "Chosen: 20 topics." in words(figure)
    assert "3,050" in words(figure)  # 2600 + 9000 / 20


def test_dots_lines_and_whiskers_are_the_numbers_of_the_table(tables, draw):
    table = tables["topic_numbers"]()
    [dots] = [line for line in draw("choose_k", table).axes[1].findobj(Line2D) if line.get_markersize() == 5.5]
    npmi = table[table["metric"] == "NPMI"]
    assert dots.get_ydata().tolist() == npmi["value"].tolist()
    whiskers = draw("choose_k", table).axes[1].collections[0].get_segments()
    assert [(float(w[0][1]), float(w[1][1])) for w in whiskers] == list(zip(npmi["low"], npmi["high"], strict=True))


def test_the_order_of_the_rows_moves_nothing(tables, draw):
    table = tables["topic_numbers"]()
    turned = table.iloc[[row for start in range(0, 16, 4) for row in range(start + 3, start - 1, -1)]]
    turned = turned.sort_values("n_topics", kind="stable")
    metrics = table["metric"].unique().tolist()
    turned = turned.iloc[np.argsort([metrics.index(m) for m in turned["metric"]], kind="stable")[::-1]]
    assert rings(draw("choose_k", turned.iloc[::-1])) == rings(draw("choose_k", table))


@pytest.mark.parametrize("tried", [(40,), (20, 40), (10, 20, 40), (5, 10, 20, 30, 40, 60, 100, 1000)])
def test_any_number_of_candidates_is_drawn_and_every_label_fits(tables, draw, tried, words):
    figure = draw("choose_k", tables["topic_numbers"](tried, chosen=40))
    figure.draw_without_rendering()
    labels = [text for text in figure.axes[0].get_xticklabels() if text.get_text()]
    boxes = [text.get_window_extent() for text in labels]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
    assert {text.get_text() for text in labels} <= {str(k) for k in tried}
    wide, high = figure.get_size_inches() * figure.dpi
    for text in figure.texts:
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= wide and box.y0 >= 0 and box.y1 <= high, text.get_text()


def test_two_models_have_two_colours_and_each_its_ring(tables, draw, words):
    table = tables["topic_numbers"](series=("lda", "nmf"), chosen=20)
    table.loc[(table["series"] == "nmf"), "chosen"] = table["n_topics"] == 80
    figure = draw("choose_k", table)
    assert "Chosen: 20 topics (lda), 80 topics (nmf)." in words(figure)
    assert len(rings(figure)) == 8
    assert {"lda", "nmf"} <= set(words(figure))


def test_a_metric_without_values_is_a_dash_and_a_gap_is_no_zero(tables, draw, words):
    table = tables["topic_numbers"]()
    table.loc[table["metric"] == "stability", ["value", "low", "high"]] = np.nan
    table.loc[(table["metric"] == "NPMI") & (table["n_topics"] == 20), ["value", "low", "high"]] = np.nan
    figure = draw("choose_k", table)
    assert words(figure).count("–") == 1
    assert len(rings(figure)) == 3
    assert figure.axes[1].get_ylim()[0] > 0.1


def test_nothing_chosen_is_drawn_without_a_ring(tables, draw, words):
    figure = draw("choose_k", tables["topic_numbers"](chosen=-1))
    assert not rings(figure)
    assert not any("hosen" in text for text in words(figure))


def test_two_rows_for_one_number_are_refused(tables):
    table = tables["topic_numbers"]()
    with pytest.raises(ValueError, match="n_topics"):
        choose_k(table.iloc[[0, 0]])


def test_the_floor_is_a_line_where_the_scale_holds_it_and_else_told(tables, draw, words):
    def dashed(figure):
        return [float(line.get_ydata()[0]) for a in figure.axes for line in a.lines if line.get_linestyle() == "--"]

    table = tables["topic_numbers"]()
    inside = draw("choose_k", table, floor=("held-out perplexity", 3000.0))
    assert dashed(inside) == [3000.0]
    assert any("Dashed: no topics at all (unigram): held-out perplexity 3,000." in text for text in words(inside))
    outside = draw("choose_k", table, floor=("held-out perplexity", 203.0))
    assert not dashed(outside)
    assert any("off the scale: held-out perplexity 203." in text for text in words(outside))
    assert inside.axes[0].get_ylim() == outside.axes[0].get_ylim() == draw("choose_k", table).axes[0].get_ylim()
