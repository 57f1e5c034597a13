"""What differs between runs, and what came of it, in a terminal: config, scores side by side, tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from newsangle.errors import DataError
from newsangle.runs.compare import DIGITS, comparison_text, paired_runs, run_names
from newsangle.runs.compare_shares import share_cell, share_label, share_note, share_rows
from newsangle.runs.differences import Difference, differences, flat, grouped, own
from newsangle.runs.folder import Run
from newsangle.runs.side_by_side import Row, side_by_side
from newsangle.runs.wording import number, with_interval
from newsangle.stance.crossfit import SELECTED

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WIDTH = 44  # of one value in the terminal; the HTML page has all of it
KINDS = {"config": "config", "input": "input files", "version": "versions", "code": "code"}


@dataclass(frozen=True)
class Comparison:
    """Several runs beside each other: `names`, what differs, scores, shares, the tests, and what wasn't tested."""

    runs: tuple[Run, ...]
    names: tuple[str, ...]
    differences: tuple[Difference, ...]
    rows: tuple[Row, ...]
    shares: tuple[Row, ...]
    tests: tuple[dict[str, Any], ...]
    untested: tuple[str, ...]


def compare(runs: Sequence[Run], *, model: str = SELECTED, seed: int = 0) -> Comparison:
    """What differs between these runs, and do their results? See `Comparison`, `compare_runs`, `side_by_side`.

    Runs without a task in common are compared, too; then there are no tests. Raises DataError for fewer than two runs,
    more than 26, one named twice, and a model that a run with codes doesn't have.
    """
    names = run_names(runs)
    if len(names) > len(LETTERS):
        raise DataError(f"{len(names)} runs: compare at most {len(LETTERS)} at once")
    between = differences([flat(run.config) for run in runs], [run.manifest for run in runs])
    tests, untested = paired_runs(runs, model=model, seed=seed)
    rows, shares = side_by_side(runs), share_rows(runs)
    return Comparison(
        tuple(runs), tuple(names), tuple(between), tuple(rows), tuple(shares), tuple(tests), tuple(untested)
    )


def failures(run: Run) -> list[str]:
    """Which points of `vary` could not be computed, and why?"""
    return [f"{label}: {reason}" for label, reason in run.manifest.get("failed", {}).items()]


def cell(row: Row, position: int) -> str:
    """A number with its limits as one run has it; a dash where it has none."""
    record = row.records[position]
    return "–" if record is None else with_interval(record, DIGITS)


def sizes(row: Row) -> str:
    """On how many rows, groups or articles: "689", or "689, 618" where the runs differ."""
    counts = dict.fromkeys(record["n"] for record in row.records if record is not None)
    return ", ".join("–" if n is None else f"{n:,}" for n in counts)


def compared_text(found: Comparison) -> str:
    """The comparison as lines of plain text: headline numbers and shares only."""
    letters = LETTERS[: len(found.runs)]
    lines = [f"{x}  {run.path}  {run.config['title']}" for x, run in zip(letters, found.runs, strict=True)]
    lines += [f"{x}  failed: {reason}" for x, run in zip(letters, found.runs, strict=True) for reason in failures(run)]
    lines += ["", "WHAT DIFFERS"]
    rows = [("", *letters)]
    for difference, _ in grouped(found.differences):
        shown = [short(difference, value) for value in difference.values]
        rows.append((difference.key, *shown))
    lines += _table(rows) if len(rows) > 1 else ["  nothing: the same config, input files, versions and code"]
    rows = [("task", "metric", "of", *letters, "")]
    rows += [
        (row.task, row.metric, row.label, *(cell(row, i) for i in range(len(letters))), _caveat(row))
        for row in found.rows
        if row.headline
    ]
    lines += ["", "SCORES [95%]"]
    lines += _table(rows) if len(rows) > 1 else ["  none"]
    more = sum(not row.headline for row in found.rows)
    lines += [f"  {more:,} more by class, target, slice and check: --html FILE writes them all"] if more else []
    if found.shares:
        rows = [("task", "share of", *letters, "")]
        rows += [
            (row.task, share_label(row), *(share_cell(row, i) for i in range(len(letters))), row.against)
            for row in found.shares
            if row.slice == "all"
        ]
        lines += ["", "SHARES OF THE COVERAGE [95%]", *_table(rows), f"  {share_note(found.runs)}"]
        lines.append("  Everything published; of original reporting alone: --html FILE")
    lines += ["", "TESTS"]
    if found.tests:
        lines.append(comparison_text(found.tests, dict(zip(found.names, letters, strict=True))))
    lines += [f"  not tested: {reason}" for reason in found.untested]
    return "\n".join(lines)


def short(difference: Difference, value: Any) -> str:
    """What a run has, shortened: hashes to twelve signs, long values to a line's worth."""
    if difference.kind in ("input", "code"):
        return "–" if value is None else str(value)[:12]
    return "–" if value is None else own(difference, value, WIDTH)


def _caveat(row: Row) -> str:
    return f"not comparable: {row.against}" if row.against else ""


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def difference_of(row: Row) -> str:
    """First minus second as they are printed, where two runs are compared and may be."""
    values = [None if record is None else record["value"] for record in row.records]
    if len(values) != 2 or row.against or None in values:
        return ""
    first, second = (round(value, 0 if abs(value) >= 100 else DIGITS) for value in values if value is not None)
    gap = first - second
    text = number(gap, 0 if max(abs(first), abs(second)) >= 100 else DIGITS)
    return f"+{text}" if gap > 0 and text.strip("0.") else text
