"""Which bytes is a figure? The same on every run, for every hash seed, thread count, locale and time zone."""

import io
from typing import Any, Literal, get_args

from matplotlib.figure import Figure

from newsangle.figures.style import style

Format = Literal["svg", "png"]
DPI = 160

# matplotlib writes the clock into SVG and its version into both: neither says anything about the figure.
_METADATA: dict[Format, dict[str, Any]] = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}


def render(figure: Figure, format: Format, *, name: str) -> bytes:
    """Which bytes is this figure as SVG or PNG (160 dots per inch)?

    `name` salts the identifiers inside an SVG, so that two figures with different names can stand on one page.
    Letters are outlines; a character that DejaVu Sans lacks is a box (see `style`). Bytes are the same for the same
    matplotlib version; don't compare them across versions.

    Raises ValueError for another format or an empty name.
    """
    if format not in get_args(Format):
        raise ValueError(f"render: format = {format!r} is not a format; choose svg or png")
    if not name:
        raise ValueError("render: name is empty; give the figure's name, which keeps the identifiers of an SVG apart")
    file = io.BytesIO()
    with style({"svg.hashsalt": name}):
        figure.savefig(file, format=format, dpi=DPI, metadata=_METADATA[format])
    return file.getvalue()
