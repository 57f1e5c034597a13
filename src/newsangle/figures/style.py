"""How does every figure look? One rc dictionary, one palette, one sequential scale.

The style holds inside `style()` only: matplotlib's global settings and a reader's own matplotlibrc stay out of the
figures, and the figures stay out of them.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec

import matplotlib
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

FONT = "DejaVu Sans"  # ships with matplotlib: the same glyphs on every machine

INK = "#222222"
QUIET = "#5A5A5A"  # secondary text: contrast 6.9 on white
FLOOR = "#8C8C8C"  # marks that are there for comparison only
SOFT = "#5B9BC8"  # bars that fill much of a page
RULE = "#E6E6E6"
WARN = "#A34700"  # a caveat that must be seen: contrast 6.3 on white

# Okabe and Ito (2008), safe for colour-blind readers. Their order starts with orange and sky blue, too pale for a line
# or a word on white paper; here the strong ones come first, and yellow, which white paper swallows, is left out.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "D", "^", "v", "P", "X")  # colour never carries a class alone
BLUE, VERMILLION = PALETTE[0], PALETTE[1]

# One hue, equal steps of lightness in Oklab (Ottosson 2020) from near white to navy.
_BLUES = ("#F6F9FD", "#CFE4F9", "#AACDF3", "#86B7E9", "#65A0DC", "#488ACB", "#2D74B5", "#1B5E9A", "#054980")
SEQUENTIAL = LinearSegmentedColormap.from_list("newsangle_blues", _BLUES)

SIZES = {"title": 11.5, "note": 9.0, "subtitle": 8.5, "panel": 9.0, "label": 8.5, "small": 7.5}

STYLE: dict[str, Any] = {
    "font.family": [FONT],
    "font.size": SIZES["label"],
    "text.color": INK,
    "text.parse_math": False,  # "$5 to $6" is money, not mathematics
    "text.usetex": False,
    "figure.facecolor": "white",
    "figure.dpi": 160,
    "savefig.facecolor": "white",
    "savefig.dpi": 160,
    "axes.facecolor": "white",
    "axes.edgecolor": "#B5B5B5",
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "axes.labelcolor": QUIET,
    "axes.labelsize": SIZES["label"],
    "axes.unicode_minus": True,
    "axes.formatter.use_locale": False,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": "#B5B5B5",
    "xtick.labelcolor": QUIET,
    "xtick.labelsize": SIZES["small"],
    "ytick.color": "#B5B5B5",
    "ytick.labelcolor": QUIET,
    "ytick.labelsize": SIZES["small"],
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "xtick.major.pad": 4.0,
    "hatch.linewidth": 0.5,
    "hatch.color": "#C4C4C4",
    "svg.fonttype": "path",  # letters as outlines: no viewer can put another font in their place
    "svg.image_inline": True,
    "path.simplify": False,
}

# What belongs to the program around us (its backend, its time zone), not to the look of a figure.
_NOT_OURS = ("backend", "interactive", "toolbar", "timezone", "webagg", "tk.", "date.epoch", "docstring", "keymap")

P = ParamSpec("P")


@contextmanager
def style(extra: dict[str, Any] | None = None) -> Iterator[None]:
    """What do matplotlib's settings look like inside a figure? matplotlib's own defaults, then `STYLE`, then `extra`.

    A character that the bundled font lacks (Chinese, say) is drawn as a box: falling back on a font of the machine
    would make the bytes depend on the machine. matplotlib warns at each such character; only that warning is silenced.
    """
    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith(_NOT_OURS)}
    settings: Any = {**defaults, **STYLE, **(extra or {})}
    with warnings.catch_warnings(), matplotlib.rc_context(settings):
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from", category=UserWarning)
        yield


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make a drawing function draw in the house style, whatever the settings around it."""

    @wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with style():
            return draw(*args, **kwargs)

    return inside


def colour_of(position: int) -> str:
    """Which colour has the class at this position? The palette, over again after seven."""
    return PALETTE[position % len(PALETTE)]


def marker_of(position: int) -> str:
    """Which marker has the class at this position? It shifts by one each time the colours start again."""
    return MARKERS[(position + position // len(PALETTE)) % len(MARKERS)]


def darker(colour: str, by: float = 0.3) -> tuple[float, float, float]:
    """The same hue for letters, which need more contrast than marks: mixed with `by` of black."""
    red, green, blue = to_rgb(colour)
    return red * (1 - by), green * (1 - by), blue * (1 - by)


def luminance(colour: Any) -> float:
    """How light is a colour? Relative luminance in [0, 1] (WCAG 2.1).

    >>> round(luminance("#777777"), 3)
    0.184
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ink_on(background: Any) -> str:
    """Which letters are readable on this background? Dark or white, whichever has the higher contrast.

    >>> ink_on("#F6F9FD"), ink_on("#08487F")
    ('#222222', '#FFFFFF')
    """
    light = luminance(background)
    on_dark = 1.05 / (light + 0.05)
    on_light = (light + 0.05) / (luminance(INK) + 0.05)
    return "#FFFFFF" if on_dark > on_light else INK
