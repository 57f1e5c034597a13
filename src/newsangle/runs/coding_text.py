"""What do planning, agreement and doubtful codes come to? Lines of plain text for a terminal."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from newsangle.labels.coders import Coders
from newsangle.labels.plan import ALL, Plan
from newsangle.labels.sheet import row_names
from newsangle.runs.coding import Coding
from newsangle.stats.agreement import Alpha, Level, class_alpha, krippendorff_alpha

_SNIPPET = 160


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines with aligned columns; the first row is the header."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [lines[0], "  ".join("-" * w for w in widths), *lines[1:]]


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.1f}"


def _count(number: float) -> str:
    return "–" if np.isnan(number) else f"{number:,.0f}"


def plan_lines(coding: Coding, plan: Plan) -> list[str]:
    """How precise are the shares now and after coding, and how many more codes does each cell need?"""
    head = ["outlet", "class", "share", "coded", "± now", f"± with {len(plan.drawn):,} more", "more needed"]
    body = [
        [
            str(row["key"]) if row["key"] != ALL else "all outlets",
            str(row["class"]),
            _percent(row["share"]),
            str(row["coded"]),
            _percent(row["half_width_now"]),
            _percent(row["half_width_planned"]),
            _count(row["more"]),
        ]
        for row in plan.cells.to_dict("records")
    ]
    n_old = int(coding.rows["coded"].notna().sum())
    lines = [f"{coding.name}: {len(coding.rows):,} rows, {n_old:,} with a drawn code; shares and half-widths in %", ""]
    lines += [*columns([head, *body]), ""]
    if coding.rows[f"p_{coding.classes[0]}"].isna().all():
        lines.append("There is no model yet: every class was taken to be as uncertain as it can be.")
    else:
        lines.append("Shares are what the model expects; half-widths (95 %) are of the coded sample alone.")
    if n_old and not plan.mixed:
        lines.append("Old codes speak for themselves alone (pi 1); the new ones for all rows without a drawn code.")
    elif n_old:
        lines.append("Old and new codes are one sample: pi of both is that of the two draws together.")
    lines.append("Strata: outlet × period × predicted class; Neyman's rule, none under half of the mean rate.")
    return lines


def sheet_lines(path: Path, n: int, column: str, classes: Sequence[str]) -> list[str]:
    """What is to be done with a sheet that was written?"""
    told = ", ".join(classes)
    return [f"{path}: {n:,} rows to code; write {told} into column {column}, then make it the task's labels.file"]


def _alpha(found: Alpha) -> list[str]:
    if np.isnan(found.alpha):
        return ["–", found.method, _percent(found.percent), str(found.n_units)]
    limits = f"[{found.low:.3f}, {found.high:.3f}]" if not np.isnan(found.low) else found.method
    return [f"{found.alpha:.3f}", limits, _percent(found.percent), str(found.n_units)]


def agreement_lines(coders: Coders, groups: Sequence[str], level: Level, target_column: str | None) -> list[str]:
    """Alpha over all and by class, then each passage that coders disagree about: its name and codes, never its text."""
    whole = krippendorff_alpha(coders.codes, len(coders.classes), groups, level=level)
    rows = [["class", "alpha", "95% interval", "agree %", "units"], [f"all ({level})", *_alpha(whole)]]
    for i, name in enumerate(coders.classes):
        rows.append([name, *_alpha(class_alpha(coders.codes, len(coders.classes), i, groups))])
    gaps = int((coders.codes < 0).sum())
    told = f"{len(coders.units):,} passages, coders {', '.join(coders.names)}" + (
        f"; {gaps} cells empty" if gaps else ""
    )
    lines = [told, "", *columns(rows), ""]
    at_odds = disagreements(coders)
    if not len(at_odds):
        return [*lines, "no disagreement"]
    named = [*coders.classes, ""]
    names = row_names(coders.units, target_column)
    table = [["row", "passage", *coders.names]]
    table += [
        [str(coders.units["row"].iloc[i]), names[i], *(named[k] for k in coders.codes[i])] for i in at_odds.tolist()
    ]
    return [*lines, f"{len(at_odds)} passages with different codes", "", *columns(table)]


def disagreements(coders: Coders) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Which units have two different codes? Positions."""
    highest = coders.codes.max(axis=1)
    lowest = np.where(coders.codes < 0, highest[:, None], coders.codes).min(axis=1)
    return np.flatnonzero(highest != lowest)


def merged(coders: Coders, column: str) -> pd.DataFrame:
    """The first file with `column` filled where all who coded agree; empty, to be decided, where they don't.

    Where the coders have columns of their own beside `column`, what is decided there already stays.
    """
    highest = coders.codes.max(axis=1)
    one = highest >= 0
    one[disagreements(coders)] = False
    agreed = [coders.classes[k] if ok else "" for k, ok in zip(highest, one, strict=True)]
    table = coders.units.copy()
    if column in table.columns and column not in coders.names and set(coders.names) <= set(table.columns):
        return table.assign(**{column: table[column].where(table[column] != "", agreed)})
    return table.assign(**{column: agreed})


def suspect_lines(table: pd.DataFrame, texts: Sequence[str] | None) -> list[str]:
    """The doubtful codes as a table, surest first; `texts` only for the reader's own screen."""
    head = ["passage", "coded", "model says", "p(coded)", "p(says)"]
    body = [
        [row["name"], row["coded"], row["suggested"], f"{row['p_coded']:.2f}", f"{row['p_suggested']:.2f}"]
        for row in table.to_dict("records")
    ]
    lines = columns([head, *body])
    if texts is None:
        return lines
    return [*lines[:2], *(part for line, text in zip(lines[2:], texts, strict=True) for part in (line, snippet(text)))]


def snippet(text: str) -> str:
    """The beginning of a passage on one indented line."""
    flat = " ".join(text.split())
    return f"    {flat[:_SNIPPET]}{'…' if len(flat) > _SNIPPET else ''}"
