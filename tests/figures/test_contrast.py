import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from newsangle.figures.render import render


def boxes(figure):
    """The words inside the axes and where they stand, in pixels."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    axes = figure.axes[0]
    texts = [t for t in axes.findobj(Text) if t.get_text() and t in axes.texts]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in texts]


def test_no_word_lies_on_another_and_none_leaves_the_page(draw):
    figure = draw("contrast_words")
    found = boxes(figure)
    assert len(found) > 20
    for (a, one), (b, two) in itertools.combinations(found, 2):
        wide = min(one.x1, two.x1) - max(one.x0, two.x0)
        tall = min(one.y1, two.y1) - max(one.y0, two.y0)
        assert not (wide > 2 and tall > 3), f"{a} lies on {b}"
    width, height = figure.canvas.get_width_height()
    assert all(box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height for _, box in found)


def test_the_surest_words_of_both_sides_are_written(draw, tables, words):
    table = tables["side_words"]()
    said = words(draw("contrast_words", table))
    ranked = table.sort_values("z")["term"].tolist()
    assert {ranked[0], ranked[-1]} <= set(said)
    assert sum(word in said for word in ranked[:12] + ranked[-12:]) >= 20


def test_words_that_need_a_caveat_are_slanted_and_the_foot_says_why(draw, tables, words):
    table = tables["side_words"]().assign(marked=False)
    table.loc[table["z"].idxmax(), "marked"] = True
    figure = draw("contrast_words", table)
    slanted = [t.get_text() for t in figure.findobj(Text) if t.get_fontstyle() == "italic" and t.get_text()]
    assert slanted == [table.loc[table["z"].idxmax(), "term"]]
    assert any("Hollow, slanted: words of the rules" in line for line in words(figure))
    assert not any("Hollow" in line for line in words(draw("contrast_words", table.assign(marked=False))))


def test_panels_show_the_surest_first_and_leave_out_what_may_be_chance(draw, tables, words):
    table = tables["outlet_words"](["North Wire", "Capital Radio"])
    said = words(draw("contrast_panels", table))
    own = table.loc[(table["side"] == "North Wire") & (table["value"] > 0)]
    expected = own.loc[own["q"] <= 0.05].sort_values("z", ascending=False)["label"].tolist()
    assert [said.index(word) for word in expected] == sorted(said.index(word) for word in expected)
    weak = own.loc[own["q"] > 0.05, "label"]
    elsewhere = set(table.loc[table["side"] != "North Wire", "label"])
    assert not set(weak) & set(said) - elsewhere


def test_a_side_with_nothing_beyond_chance_is_named_in_the_foot(draw, tables, words):
    table = tables["outlet_words"](["A", "B", "C"])
    assert any("Nothing beyond chance: C." in line for line in words(draw("contrast_panels", table)))
    nowhere = draw("contrast_panels", table.assign(q=0.9))
    assert any("Nothing beyond chance (q ≤ 0.05)." in line for line in words(nowhere))
    assert render(nowhere, "png", name="a")


def test_a_word_of_no_other_outlet_has_no_number_but_says_so(draw, tables):
    table = tables["outlet_words"](["A", "B"])
    table["only"] = np.arange(len(table)) == table.loc[table["q"] <= 0.05, "z"].idxmax()
    figure = draw("contrast_panels", table)
    assert [t.get_text() for t in figure.findobj(Text)].count("only here") == 1


@pytest.mark.parametrize("name", ["contrast_words", "contrast_panels"])
def test_an_unknown_z_or_bound_is_left_out_quietly(draw, tables, name):
    table = tables["side_words" if name == "contrast_words" else "outlet_words"]()
    table.loc[:3, "z"] = np.nan
    if name == "contrast_panels":
        table.loc[5:9, ["low", "high"]] = np.nan
    assert render(draw(name, table), "svg", name="a")


def test_a_table_without_any_z_says_so(draw, tables, words):
    assert "No word has a z." in words(draw("contrast_words", tables["side_words"]().assign(z=np.nan)))
