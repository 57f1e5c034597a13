"""Tables at the edges: empty, single, huge, unknown throughout, with labels nobody expects."""

import math

import numpy as np
import pandas as pd
import pytest

from newsangle.figures.render import render
from newsangle.figures.style import SEQUENTIAL, ink_on, luminance
from newsangle.figures.table import FIGURES
from newsangle.figures.wording import shorten, width, wrap

NAN = math.nan
ODD = ["Ba$$in", "$5 to $6", "_private", "a^b_c"]
WIDE = ("confusion_matrix", "topic_outlet_heatmap", "topic_frame")
VALUES = ["value", "share", "weight", "low", "high", "z"]


@pytest.mark.parametrize("name", FIGURES)
def test_an_empty_table_is_named(draw, name):
    with pytest.raises(ValueError, match=f"^{name}: the table is empty"):
        draw(name, pd.DataFrame())


@pytest.mark.parametrize("name", FIGURES)
def test_one_row_is_a_figure(examples, draw, name):
    table = examples[name][0]
    assert render(draw(name, table.iloc[:1, :1] if name in WIDE else table.iloc[:1]), "svg", name=name)


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "confusion_matrix"])
def test_a_table_of_unknown_values_is_dashes_and_no_marks(examples, draw, words, name):
    table = examples[name][0].copy()
    if name in WIDE:
        table = table * NAN
    else:
        table[[column for column in VALUES if column in table]] = NAN
    figure = draw(name, table)
    marks = [line for axes in figure.axes for line in axes.lines if line.get_marker() not in ("None", "")]
    keys = 3 if name == "topic_frame" else 0  # the marks beside the names of the frames
    assert sum(int(np.isfinite(np.asarray(line.get_data(), float)).all(axis=0).sum()) for line in marks) == keys
    assert "–" in words(figure)
    assert render(figure, "svg", name=name)


@pytest.mark.parametrize("name", [name for name in WIDE if name != "confusion_matrix"])
def test_dollars_and_underscores_survive_as_labels_of_a_matrix(draw, words, name):
    table = pd.DataFrame(np.full((4, 4), 0.2), index=ODD, columns=ODD)
    found = words(draw(name, table))
    assert all(found.count(label) == 2 for label in ODD)


def test_dollars_and_underscores_survive_as_outlets_frames_models_and_words(tables, draw, words):
    for figure in (
        draw("frame_share_by_outlet", tables["outlet_frames"](ODD, ODD)),
        draw("frame_share_by_week", tables["week_frames"](5, ODD)),
        draw("scores_by_model", tables["model_scores"]().iloc[:4].assign(model=ODD)),
        draw("top_words", pd.DataFrame({"topic": "_t$", "word": ODD, "weight": 0.1})),
    ):
        assert set(ODD) <= set(words(figure))
        render(figure, "png", name="odd")


def test_no_text_of_any_figure_is_read_as_mathematics(draw):
    for name in FIGURES:
        figure = draw(name)  # tick labels are numbers and dates
        written = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
        assert not any(text.get_parse_math() for text in written), name


@pytest.mark.parametrize(
    ("name", "maker", "arguments"),
    [
        ("frame_share_by_outlet", "outlet_frames", [[f"Outlet {i}" for i in range(40)]]),
        ("frame_share_by_week", "week_frames", [120]),
        ("topic_outlet_heatmap", "outlet_topics", [50, [f"Outlet number {i}" for i in range(15)]]),
        ("top_words", "topic_words", [50]),
        ("topic_frame", "frame_topics", [12, [f"frame {i}" for i in range(12)]]),
    ],
)
def test_large_tables_are_figures(tables, draw, name, maker, arguments):
    assert render(draw(name, tables[maker](*arguments)), "svg", name=name)


@pytest.mark.parametrize("name", FIGURES)
def test_no_words_leave_the_page_and_none_lie_on_others(examples, draw, name):
    """A box around every text: all inside the figure, and no two overlap by more than a hair."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    from newsangle.figures.style import style

    with style():
        figure = draw(name)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
        texts = [text for text in texts if text.axes is None or text.axes.axison or text in text.axes.texts]
        boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts if not text.get_rotation()]
    for words, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0, words
        assert box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height, words
    for i, (one, a) in enumerate(boxes):
        for other, b in boxes[i + 1 :]:
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            down = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across <= 2 or down <= 4, f"{one!r} lies on {other!r}"


def test_faults_of_a_table_are_named(tables, draw):
    shares = tables["outlet_frames"]()
    with pytest.raises(ValueError, match="has no column low, n; it needs outlet, frame, share, low, high, n"):
        draw("frame_share_by_outlet", shares.drop(columns=["low", "n"]))
    with pytest.raises(ValueError, match="two rows for outlet = Harbour Gazette, frame = against ISIS"):
        draw("frame_share_by_outlet", pd.concat([shares, shares.iloc[:1]]))
    with pytest.raises(ValueError, match=r"share = 34 in row 2; give shares between 0 and 1"):
        draw("frame_share_by_outlet", shares.assign(share=[0.3, 0.3, 34, *[0.3] * (len(shares) - 3)]))
    with pytest.raises(ValueError, match="column low is infinite in row 0"):
        draw("frame_share_by_outlet", shares.assign(low=-math.inf))
    with pytest.raises(ValueError, match="outlet is missing in row 1"):
        draw("frame_share_by_outlet", shares.assign(outlet=["a", None, *["c"] * (len(shares) - 2)]))
    with pytest.raises(ValueError, match="column share holds something that is no number"):
        draw("frame_share_by_outlet", shares.assign(share="much"))


def test_a_week_that_does_not_begin_on_monday_is_refused(tables, draw):
    table = tables["week_frames"](3)
    with pytest.raises(ValueError, match="2016-12-06 00:00:00 is not the start of a Monday"):
        draw("frame_share_by_week", table.assign(week=table["week"] + pd.Timedelta(days=1)))


def test_a_stance_outside_the_three_is_refused(tables, draw):
    table = tables["target_stances"]().replace({"stance": {"neutral": "none"}})
    with pytest.raises(ValueError, match="stance = none is not a stance; choose against, neutral or favor"):
        draw("stance_by_target", table)


def test_a_count_that_is_none_is_refused(draw):
    with pytest.raises(ValueError, match=r"0\.5 for coded a, predicted b is not a count"):
        draw("confusion_matrix", pd.DataFrame([[1, 0.5], [2, 3]], index=["a", "b"], columns=["a", "b"]))


def test_a_matrix_with_a_name_twice_is_refused(draw):
    with pytest.raises(ValueError, match="two columns are called a"):
        draw("topic_outlet_heatmap", pd.DataFrame([[0.1, 0.2]], index=["t"], columns=["a", "a"]))


@pytest.mark.parametrize("label", ["short", "a label of very many words " * 9, "x" * 300, "新华社" * 80])
def test_a_shortened_label_fits_and_a_wrapped_one_loses_nothing(label):
    assert width(shorten(label, 1.5, 8.5), 8.5) <= 1.5
    lines = wrap(label, 1.5, 8.5)
    assert all(width(line, 8.5) <= 1.5 for line in lines)
    assert "".join(lines).replace(" ", "") == label.replace(" ", "")
    assert len(wrap(label, 1.5, 8.5, lines=2)) <= 2


def test_the_colour_scale_darkens_evenly_and_its_letters_keep_contrast():
    """Cube root of luminance is close to perceived lightness: steps within a third of their mean, all downward."""
    colours = [SEQUENTIAL(i / 16)[:3] for i in range(17)]
    steps = np.diff([luminance(colour) ** (1 / 3) for colour in colours])
    assert (steps < 0).all()
    assert np.abs(steps / steps.mean() - 1).max() < 0.34
    for colour in colours:
        light, ink = luminance(colour), luminance(ink_on(colour))
        assert (max(light, ink) + 0.05) / (min(light, ink) + 0.05) > 4
