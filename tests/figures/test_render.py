"""The same figure is the same bytes, on every machine and under every setting around it."""

import hashlib
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure

from newsangle.figures.render import render
from newsangle.figures.table import FIGURES

ODD = ["Ba$$in", "$5 to $6", "_private", "新华社 日报", "الجزيرة", "a--b <i>&amp;", "\\alpha^2_3", "bell\x07"]

HASHES = """
import hashlib, json, runpy, sys
from newsangle.figures.render import render
from newsangle.figures.table import FIGURES
found = {}
for name, (table, keywords) in runpy.run_path(sys.argv[1])["EXAMPLES"].items():
    figure = FIGURES[name](table, **keywords)
    for format in ("svg", "png"):
        found[f"{name}.{format}"] = hashlib.sha256(render(figure, format, name=name)).hexdigest()
print(json.dumps(found))
"""


def test_every_figure_has_an_example_and_every_example_a_figure(examples):
    assert set(examples) == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_of_the_table_renders_to_both_formats(draw, name):
    figure = draw(name)
    assert isinstance(figure, Figure)
    assert render(figure, "png", name=name).startswith(b"\x89PNG")
    svg = ElementTree.fromstring(render(figure, "svg", name=name))
    assert svg.tag.endswith("svg")
    assert not svg.findall(".//{*}image"), "a picture inside an SVG blurs when it is enlarged"
    assert not svg.findall(".//{*}text"), "letters must be outlines: another machine has other fonts"


def test_bytes_survive_another_hash_seed_time_zone_locale_and_matplotlibrc(draw, tmp_path):
    figures = {name: draw(name) for name in FIGURES}
    here = {
        f"{name}.{format}": hashlib.sha256(render(figure, format, name=name)).hexdigest()
        for name, figure in figures.items()
        for format in ("svg", "png")
    }
    rc = tmp_path / "matplotlibrc"
    rc.write_text(
        "font.size: 20\naxes.facecolor: black\nsvg.fonttype: none\naxes.spines.left: False\nlines.linewidth: 9\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", HASHES, str(Path(__file__).with_name("conftest.py"))],
        env={**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C", "MATPLOTLIBRC": str(rc)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(there.stdout) == here


def test_rendering_twice_gives_the_same_bytes(draw):
    figure = draw("stance_by_target")
    for format in ("svg", "png"):
        assert render(figure, format, name="a") == render(figure, format, name="a")


def test_an_svg_says_neither_when_nor_with_what_it_was_made(draw):
    svg = render(draw("confusion_matrix"), "svg", name="a")
    assert b"dc:date" not in svg
    assert b"Matplotlib v" not in svg
    assert b"Software" not in render(draw("confusion_matrix"), "png", name="a")


def test_two_names_give_an_svg_different_identifiers(draw):
    """Two figures on one page whose clip paths share an identifier are cut by each other's."""
    table = draw("topic_scores")
    assert render(table, "svg", name="a") != render(table, "svg", name="b")


def test_drawing_and_rendering_leave_the_settings_of_matplotlib_alone(draw):
    before = dict(matplotlib.rcParams)
    for name in ("confusion_matrix", "frame_share_by_week", "stance_by_target"):
        render(draw(name), "svg", name=name)
    assert dict(matplotlib.rcParams) == before


def test_pyplot_never_hears_of_a_figure(draw):
    import matplotlib.pyplot

    draw("confusion_matrix")
    assert matplotlib.pyplot.get_fignums() == []


def test_letters_come_from_the_font_that_ships_with_matplotlib():
    from matplotlib.font_manager import findfont

    from newsangle.figures.style import FONT

    assert Path(findfont(FONT)).is_relative_to(matplotlib.get_data_path())


@pytest.mark.parametrize("label", ODD)
def test_no_label_breaks_a_figure_or_its_svg(tables, draw, label):
    """Dollars are no mathematics, glyphs the font lacks are boxes without a warning, markup and controls are text."""
    figure = draw("frame_share_by_outlet", tables["outlet_frames"]([label, "b"], [label, "c"]), note=label, title=label)
    ElementTree.fromstring(render(figure, "svg", name=label))
    assert render(figure, "png", name=label)


def test_an_unknown_format_and_an_empty_name_are_refused(draw):
    figure = draw("confusion_matrix")
    with pytest.raises(ValueError, match="choose svg or png"):
        render(figure, "pdf", name="a")
    with pytest.raises(ValueError, match="name is empty"):
        render(figure, "svg", name="")
