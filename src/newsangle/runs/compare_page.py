"""What differs between runs, and what came of it, on one HTML page that needs nothing else: figures side by side."""

import base64
from collections.abc import Callable, Sequence
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from newsangle.errors import machine_errors
from newsangle.runs.compare import DIGITS, test_cells
from newsangle.runs.compare_shares import share_cell, share_label, share_note
from newsangle.runs.compare_text import KINDS, LETTERS, Comparison, cell, difference_of, failures, sizes
from newsangle.runs.differences import Difference, grouped, told
from newsangle.runs.side_by_side import LOWER_IS_BETTER, Row
from newsangle.runs.wording import number

# The palette of the figures: strong on white paper, safe for colour-blind readers.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8a5a00", "#56B4E9", "#000000")
BARE = ("majority", "unigram")
DRAWN, STEP, EDGE = 240, 11, 6  # width of a drawing, height of a run in it, margin, in pixels


def write_page(found: Comparison, path: Path) -> None:
    """Write the page. Raises MachineError where the disk refuses, IntegrityError for a changed figure."""
    page = page_html(found)
    with machine_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page)


def page_html(found: Comparison) -> bytes:
    """The comparison as one page of HTML: differences, scores with their intervals drawn, tests, figures. UTF-8."""
    templates = files("newsangle.runs") / "templates"
    sources = {n: (templates / n).read_text(encoding="utf-8") for n in ("compare.html.j2", "report.css", "compare.css")}
    environment = Environment(
        loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    letters = LETTERS[: len(found.runs)]
    return (
        environment.get_template("compare.html.j2")
        .render(
            css=sources["report.css"] + sources["compare.css"],
            runs=[_run(x, run) for x, run in zip(letters, found.runs, strict=True)],
            letters=letters,
            colours={x: _colour(i) for i, x in enumerate(letters)},
            kinds=_differences(found),
            tasks=_tasks(found),
            shares=_shares(found),
            no_test=share_note(found.runs),
            tests=[test_cells(test) for test in found.tests],
            names=dict(zip(found.names, letters, strict=True)),
            untested=found.untested,
            figures=_figures(found),
        )
        .encode()
    )


def _colour(position: int) -> str:
    return COLOURS[position % len(COLOURS)]


def _run(letter: str, run: Any) -> dict[str, Any]:
    about = {"letter": letter, "title": run.config["title"], "question": run.config["question"]}
    return about | {
        "name": f"{run.manifest['experiment']} / {run.manifest['id']}",
        "path": str(run.path),
        "failures": failures(run),
    }


def _differences(found: Comparison) -> list[dict[str, Any]]:
    rows = [
        {"kind": KINDS[d.kind], "key": d.key, "cells": [_marked(d, v) for v in d.values]}
        | {"inside": [{"key": m.key, "cells": [_marked(m, v) for v in m.values]} for m in members]}
        for d, members in grouped(found.differences)
    ]
    return [{"name": name, "rows": list(part)} for name, part in groupby(rows, key=lambda row: row["kind"])]


def _marked(difference: Difference, value: Any) -> list[tuple[str, bool]]:
    """A value in pieces, each with whether it is this run's own; nothing where all of a value is."""
    if value is None:
        return [("–", False)]
    if difference.kind in ("input", "code"):
        return [(str(value)[:12], False)]
    others = [v for v in difference.values if v is not None]
    if isinstance(value, list) and value and all(isinstance(v, list) for v in others):
        last = len(value) - 1
        pieces = [(told(v) + ("" if i == last else ", "), not all(v in o for o in others)) for i, v in enumerate(value)]
        return pieces if any(not mine for _, mine in pieces) else [(told(value), False)]
    texts = [told(v) for v in others]
    text = told(value)
    if min(map(len, texts)) < 30 or len(texts) < 2:
        return [(text, False)]
    start = _alike(texts)
    end = min(_alike([t[::-1] for t in texts]), min(map(len, texts)) - start)
    if start + end < len(text) / 4:
        return [(text, False)]
    last = len(text) - end
    return [(text[:start], False), (text[start:last], True), (text[last:], False)]


def _alike(texts: Sequence[str]) -> int:
    """How many signs at the beginning are the same in all?"""
    shortest = min(map(len, texts))
    return next((i for i in range(shortest) if len({t[i] for t in texts}) > 1), shortest)


def _tasks(found: Comparison) -> list[dict[str, Any]]:
    tasks = []
    for task, part in groupby(found.rows, key=lambda row: row.task):
        rows = list(part)
        metrics = [
            _metric(metric, list(group))
            for metric, group in groupby([r for r in rows if r.headline], key=lambda r: r.metric)
        ]
        rest = [_plain(row) for row in rows if not row.headline]
        against = list(dict.fromkeys(row.against for row in rows if row.against))
        tasks.append({"name": task, "metrics": metrics, "rest": rest, "against": against})
    return tasks


def _shares(found: Comparison) -> list[dict[str, Any]]:
    runs = range(len(found.runs))
    return [
        {"task": row.task, "label": share_label(row), "cells": [share_cell(row, i) for i in runs]}
        | {"n": sizes(row), "against": row.against}
        for row in found.shares
    ]


def _metric(metric: str, rows: Sequence[Row]) -> dict[str, Any]:
    """The rows of one metric on one axis, from the lowest limit to the highest of those that can be compared."""
    apart = [row for row in rows if not row.against]
    models = [row for row in apart if row.model not in BARE] or apart  # a far floor would squeeze all others
    drawn = [r for row in models for r in row.records if r is not None and r["value"] is not None]
    ends = [r[name] for r in drawn for name in ("value", "low", "high") if r[name] is not None]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    room = (high - low) or abs(high) or 1.0
    if low == high:
        low, high = low - room / 2, high + room / 2

    def x(value: float) -> float:
        value = min(max(value, low), high)
        return round(EDGE + (DRAWN - 2 * EDGE) * (value - low) / (high - low), 1)

    made = [_plain(row) | {"marks": [] if row.against else _marks(row, x, low, high)} for row in rows]
    axis = {"low": number(low, DIGITS), "high": number(high, DIGITS)} if ends else None
    better = "lower is better" if metric in LOWER_IS_BETTER else "higher is better"
    return {"name": metric, "better": better, "rows": made, "axis": axis}


def _plain(row: Row) -> dict[str, Any]:
    values = [cell(row, i) for i in range(len(row.records))]
    named = {"metric": row.metric, "label": row.label, "cells": values, "n": sizes(row), "against": row.against}
    return named | {"difference": difference_of(row), "height": STEP * len(row.records) + 3}


def _marks(row: Row, x: Callable[[float], float], low: float, high: float) -> list[dict[str, Any]]:
    """Where each run's point and line are; `off`: the point lies beyond that end of the axis."""
    marks = []
    for i, record in enumerate(row.records):
        if record is not None and record["value"] is not None:
            value = record["value"]
            first, last = (value if record[k] is None else record[k] for k in ("low", "high"))
            off = "left" if value < low else "right" if value > high else ""
            mark = {"y": STEP * i + 7, "x": x(value), "from": x(first), "to": x(last), "off": off}
            marks.append(mark | {"letter": LETTERS[i], "told": cell(row, i)})
    return marks


def _figures(found: Comparison) -> list[dict[str, Any]]:
    names = dict.fromkeys(name for run in found.runs for name in run.figures)
    rows = []
    for name in names:
        pictures = [_uri(run.read(f"figures/{name}.svg")) if name in run.figures else "" for run in found.runs]
        rows.append({"name": name, "title": name.replace("_", " "), "pictures": pictures})
    return sorted(rows, key=lambda row: (sum(not p for p in row["pictures"]), row["name"]))


def _uri(svg: bytes) -> str:
    """As an image of its own: the identifiers inside the same figure of two runs would be mistaken for each other."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
