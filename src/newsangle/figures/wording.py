"""How does a label become words that fit? Widths in inches, percentages, dates: the same in every locale."""

import math
import unicodedata
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import pandas as pd
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from newsangle.figures.style import FONT

Weight = Literal["normal", "bold"]
SLACK = 1.02  # hinting on a screen makes words a little wider than their outlines
DASH = "–"  # what stands where there is no number
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def plain(label: object) -> str:
    r"""What is this label on one line? White space runs become one space; what no XML file may hold becomes "�".

    >>> plain("Ba$$in \n _left\x00")
    'Ba$$in _left�'
    """
    line = " ".join(str(label).split())
    return "".join("\ufffd" if unicodedata.category(letter) in {"Cc", "Cs", "Cn", "Co"} else letter for letter in line)


@lru_cache(maxsize=20_000)
def width(text: str, size: float, weight: Weight = "normal") -> float:
    """How wide is this text in inches at `size` points?"""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from", category=UserWarning)
        font = FontProperties(family=[FONT], size=size, weight=weight)
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]) / 72 * SLACK


def shorten(label: object, inches: float, size: float, weight: Weight = "normal") -> str:
    """The label, or as much of it as fits into `inches` with an ellipsis.

    >>> shorten("syrian, assad, aleppo", 0.9, 8.5)
    'syrian, assa…'
    """
    text = plain(label)
    if width(text, size, weight) <= inches:
        return text
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip(" ,;") + "…", size, weight) <= inches:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip(" ,;") + "…"


def wrap(label: object, inches: float, size: float, lines: int = 99, weight: Weight = "normal") -> list[str]:
    """The label broken into at most `lines` lines of `inches`; the last one is shortened when more is left."""
    done: list[str] = []
    rest = plain(label)
    while rest:
        if len(done) == lines - 1 or width(rest, size, weight) <= inches:
            done.append(shorten(rest, inches, size, weight))
            break
        words = rest.split(" ")
        take = 1
        while take < len(words) and width(" ".join(words[: take + 1]), size, weight) <= inches:
            take += 1
        line, rest = " ".join(words[:take]), " ".join(words[take:])
        if width(line, size, weight) > inches:  # one word longer than the line: Chinese, an address
            cut = max(1, len(shorten(line, inches, size, weight)) - 1)
            line, rest = line[:cut], f"{line[cut:]} {rest}".strip()
        done.append(line)
    return done or [""]


def widest(texts: Sequence[str], size: float, weight: Weight = "normal", most: float = math.inf) -> float:
    """How many inches do these texts need side by side in a column, at most `most`?"""
    return min(most, max((width(text, size, weight) for text in texts), default=0.0))


def percent(share: float) -> str:
    """What is printed for a share? Whole percents; what rounds to 0% or 100% without being it says so.

    >>> [percent(share) for share in (0.0, 0.004, 0.314, 0.996, 1.0, float("nan"))]
    ['0%', '<1%', '31%', '>99%', '100%', '–']
    """
    if math.isnan(share):
        return DASH
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{100 * share:.0f}%".replace("-", "−")


def percent_figures(share: float) -> str:
    """A share in percent without its sign, for cells of a large table: one decimal below ten.

    >>> [percent_figures(share) for share in (0.0, 0.0004, 0.0314, 0.0996, 0.314, float("nan"))]
    ['0', '<0.1', '3.1', '10', '31', '–']
    """
    if math.isnan(share):
        return DASH
    if share == 0:
        return "0"
    if 0 < share < 0.0005:
        return "<0.1"
    return f"{100 * share:.1f}" if abs(share) < 0.0995 else f"{100 * share:.0f}"


def significant(value: float, decimals: int | None = None) -> str:
    """What is printed for a score? Three significant figures, or `decimals` places; a true minus sign.

    >>> [significant(value) for value in (0.7412, -0.0531, 2710.4, float("nan"))]
    ['0.741', '−0.053', '2,710', '–']
    """
    if math.isnan(value):
        return DASH
    if decimals is None:
        decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 3 if abs(value) < 1 else 2
    return f"{value:,.{decimals}f}".replace("-", "−")


def counted(numbers: Sequence[float]) -> str:
    """How many passages stand behind a row of estimates? One number, or the range where they differ.

    >>> counted([1200, 1200]), counted([12, 40]), counted([])
    ('1,200', '12–40', '–')
    """
    known = sorted(number for number in numbers if not math.isnan(number))
    if not known:
        return DASH
    low, high = f"{known[0]:,.0f}", f"{known[-1]:,.0f}"
    return low if low == high else f"{low}–{high}"


def day(when: pd.Timestamp) -> str:
    """Which day is it, in words that no locale changes?

    >>> day(pd.Timestamp("2017-02-06"))
    '6 Feb 2017'
    """
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"
