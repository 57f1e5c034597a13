"""Which words separate two sides? Every word as a dot, how sure against how common, the strongest written out."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from newsangle.figures.checks import check_table
from newsangle.figures.page import page, put
from newsangle.figures.rows import round_ticks
from newsangle.figures.style import BLUE, FLOOR, QUIET, RULE, SIZES, VERMILLION, darker, styled
from newsangle.figures.wording import DASH, Weight, plain, shorten, width

Floats = NDArray[np.float64]
WIDE, HIGH, SCALE = 7.1, 5.6, 0.36  # inches
DOT = 0.05  # radius that a word must keep away from, inches
RINGS = (0.07, 0.16, 0.27, 0.4, 0.55)  # how far from its dot a word may stand, inches
ANGLES = (0, 180, 35, -35, 145, -145, 70, -70, 110, -110)


@dataclass(frozen=True)
class _Box:
    left: float
    bottom: float
    right: float
    top: float

    def touches(self, other: "_Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )


@styled
def contrast_words(
    words: pd.DataFrame,
    *,
    sides: tuple[str, str],
    most: int = 22,
    level: float = 0.05,
    title: str = "Words that separate two sides",
    note: str | None = None,
    unit: str = "documents",
    marks: str | None = None,
) -> Figure:
    """Which words does each of two sides use more, how sure is that, and how common are they?

    `words`: term, z (positive: more on the first side), q, document_frequency and document_frequency_against; `marked`
    (bool) for words that need a caveat, which `marks` tells. Up: the first side, down: the second; the farther, the
    surer. To the right: in more `unit` of both sides. Coloured: q ≤ `level`; grey: not beyond chance. The `most` surest
    of each side are written where there is room. A NaN z is left out.

    Rank by height, not by place: a rare word can be as telling as a common one. Don't compare heights of two figures.
    Raises ValueError for an empty table, a column missing, or a term twice.
    """
    numbers = ["z", "q", "document_frequency", "document_frequency_against"]
    table = check_table(words, "contrast_words", key=["term"], numbers=numbers, others=["marked"])
    table = table.loc[table["z"].notna()].sort_values(["z", "term"], ascending=[False, True], ignore_index=True)
    if not len(table):
        empty = page(WIDE, 0.3, title=title, note=note)
        empty.words(0, 0.12, DASH, color=QUIET)
        empty.words(0.15, 0.12, "No word has a z.", color=QUIET)
        return empty.figure
    seen = (table["document_frequency"] + table["document_frequency_against"]).to_numpy()
    z = table["z"].to_numpy()
    sure = (table["q"] <= level).to_numpy()
    marked = table["marked"].to_numpy(dtype=bool)
    up = f"Height: z over whole stories; coloured: q ≤ {level:g} (Benjamini–Hochberg), grey: not beyond chance."
    foot = [f"{up} Right: in more {unit} (both sides together)."]
    if marked.any() and marks:
        foot.append(f"Hollow, slanted: {marks}.")
    sheet = page(SCALE + WIDE, HIGH + 0.42, title=title, note=note, foot=foot)
    axes = sheet.axes(SCALE, 0.0, WIDE, HIGH)
    _scales(axes, seen, z, unit)
    x, y = _inches(axes, seen, z)
    colours = np.where(~sure, FLOOR, np.where(z > 0, BLUE, VERMILLION))
    small = ~sure
    axes.scatter(seen[small], z[small], s=5, color="#D2D2D2", linewidths=0, zorder=1.5)
    for hollow in (False, True):
        these = sure & (marked == hollow)
        axes.scatter(
            seen[these], z[these], s=20, facecolors="white" if hollow else colours[these], edgecolors=colours[these],
            linewidths=1.1, zorder=3,
        )  # fmt: skip
    heads = [shorten(name, WIDE / 2, 10.0, "bold") for name in sides]
    where = axes.transAxes
    look: dict[str, Any] = {"transform": where, "size": 10.0, "weight": "bold", "zorder": 6}
    put(axes, 0.012, 0.985, f"↑ more in {heads[0]}", color=darker(BLUE), va="top", **look)
    put(axes, 0.012, 0.015, f"↓ more in {heads[1]}", color=darker(VERMILLION), va="bottom", **look)
    taken = [_Box(0, HIGH - 0.3, width(f"↑ more in {heads[0]}", 10.0, "bold") + 0.2, HIGH)]
    taken.append(_Box(0, 0, width(f"↓ more in {heads[1]}", 10.0, "bold") + 0.2, 0.3))
    # A dot keeps words away from itself, unless it is one of the many grey ones that words may cover.
    taken += [_Box(a - DOT, b - DOT, a + DOT, b + DOT) for a, b, s in zip(x, y, sure, strict=True) if s]
    top = [i for i in range(min(most, len(z))) if z[i] > 0]
    low = [i for i in range(len(z) - 1, max(len(z) - 1 - most, -1), -1) if z[i] < 0]
    for i in sorted({*top, *low}, key=lambda i: (not sure[i], -abs(z[i]), i)):
        _write(axes, str(table["term"].iloc[i]), x[i], y[i], taken, colours[i], sure[i], marked[i])
    return sheet.figure


def _scales(axes: Axes, seen: Floats, z: Floats, unit: str) -> None:
    for side in ("left", "right", "top", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xscale("log")
    low, high = float(max(1, seen.min())), float(max(seen.max(), 2))
    axes.set_xlim(low / 1.25, high * (high / low) ** 0.1 * 1.1)
    ticks = [k * 10**power for power in range(6) for k in (1, 2, 3, 5) if low <= k * 10**power <= high]
    axes.set_xticks(ticks, [f"{t:,}" for t in ticks])
    axes.set_xticks([], minor=True)
    where = axes.transAxes
    put(axes, 1, -0.36 / HIGH, f"{unit} with the word", transform=where, ha="right", color=QUIET, size=SIZES["small"])
    room = 0.09 * max(float(z.max() - z.min()), 1.0)
    axes.set_ylim(min(float(z.min()), -1.0) - room, max(float(z.max()), 1.0) + room)
    marks = round_ticks(*axes.get_ylim(), 8)
    axes.set_yticks(marks, [f"{m:+g}".replace("-", "−") if m else "0" for m in marks])
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.axhline(0, color="#9A9A9A", linewidth=0.8, zorder=1)


def _inches(axes: Axes, seen: Floats, z: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where does each dot stand, in inches from the lower left corner of the axes?"""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    across = (np.log(seen) - math.log(left)) / (math.log(right) - math.log(left)) * WIDE
    return across, (z - bottom) / (top - bottom) * HIGH


def _write(axes: Axes, term: str, x: float, y: float, taken: list[_Box], colour: str, sure: bool, marked: bool) -> None:
    """Write a word as near to its dot as there is room, with a line to it where it stands apart; or not at all."""
    size, weight = (SIZES["label"], "bold") if sure else (SIZES["small"], "normal")
    text = plain(term)
    wide, tall = width(text, size, _weight(weight)), size / 72 * 1.12
    own = _Box(x - DOT, y - DOT, x + DOT, y + DOT)
    others = [box for box in taken if box != own]
    for ring in RINGS:
        for angle in ANGLES:
            along, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            near_x, middle = x + ring * along, y + ring * up + (0.5 * tall * up if abs(up) > 0.5 else 0.0)
            left = near_x - wide / 2 if abs(along) < 0.4 else near_x if along > 0 else near_x - wide
            box = _Box(left, middle - tall / 2, left + wide, middle + tall / 2)
            if box.left < 0 or box.right > WIDE or box.bottom < 0 or box.top > HIGH or box.touches(own):
                continue
            if any(box.touches(other) for other in others):
                continue
            taken.append(box)
            ink = darker(colour) if sure else QUIET
            style = "italic" if marked else "normal"
            put(
                axes, left / WIDE, middle / HIGH, text, size=size, weight=_weight(weight), color=ink, zorder=5,
                transform=axes.transAxes, fontstyle=style,
            )  # fmt: skip
            if ring > 0.2:
                end = min(max(x, left), left + wide), min(max(y, box.bottom), box.top)
                axes.plot(
                    [x / WIDE, end[0] / WIDE], [y / HIGH, end[1] / HIGH], transform=axes.transAxes, color=colour,
                    linewidth=0.6, alpha=0.7, zorder=2, label="_leader",
                )  # fmt: skip
            return


def _weight(name: str) -> Weight:
    return "bold" if name == "bold" else "normal"
