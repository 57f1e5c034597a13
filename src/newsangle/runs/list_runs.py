"""Which runs are there? One line a run: when, how large, its main score, and what sets it apart; without pandas."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from newsangle.errors import DataError, NewsangleError
from newsangle.runs.differences import Difference, brief, differences, flat, same
from newsangle.runs.folder import MANIFEST, Run, finished_runs, read_manifest
from newsangle.runs.wording import find, point_name, with_interval

HEADS = ("RUN", "WRITTEN", "SIZE", "MAIN SCORE [95%]", "DIFFERS IN")
WIDTH = 72  # of what differs, about
_A_RUNS = ("config.toml", "metrics.json", "report.html")  # a folder with one of these was meant to be a run


@dataclass(frozen=True)
class Entry:
    """What the list says of one run. `fault`: what is wrong with it, "" if nothing; then the rest is empty."""

    path: Path
    written: float
    size: int = 0
    score: str = ""
    fault: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)


def list_runs(folder: Path, experiment: str | None = None) -> str:
    """The runs under this folder by experiment, the newest first, damaged ones named; of one experiment if it is given.

    Of each run the manifest, config and scores are checked against their hashes, of the other files that they are there
    and as long as they were (`newsangle verify` checks every byte). Raises DataError for an experiment without runs.
    """
    found: dict[str, list[Entry]] = {}
    for path in sorted(p for p in folder.glob("*/*") if p.is_dir() and not p.name.startswith(".")):
        if experiment is None or path.parent.name == experiment:
            entry = _entry(path)
            if entry is not None:
                found.setdefault(path.parent.name, []).append(entry)
    if experiment is not None and not found:
        have = ", ".join(sorted({path.parent.name for path in finished_runs(folder)})) or "none"
        raise DataError(f"{folder / experiment}: no runs there; experiments with runs: {have}")
    return "\n\n".join(_section(folder / name, entries) for name, entries in found.items()) or "  (none)"


def _entry(path: Path) -> Entry | None:
    try:
        written = (path / MANIFEST).stat().st_mtime
    except OSError:
        if any((path / name).exists() for name in _A_RUNS):
            fault = f"{MANIFEST} is missing: delete the folder and run again"
            return Entry(path, path.stat().st_mtime, fault=fault)
        return None
    try:
        manifest = read_manifest(path)
        run = Run(path, manifest)
        records = json.loads(run.read("metrics.json"))
        config = run.config
        _complete(path, manifest)
    except (NewsangleError, ValueError, KeyError, TypeError) as error:
        return Entry(path, written, fault=str(error).removeprefix(f"{path}/"))
    size = sum(entry["bytes"] for entry in manifest["files"].values())
    score, failed = main_score(config, records), len(manifest.get("failed", {}))
    score += f", {failed} point{'' if failed == 1 else 's'} failed" if failed else ""
    return Entry(path, written, size, score, "", config, manifest)


def _complete(path: Path, manifest: dict[str, Any]) -> None:
    for name, entry in manifest["files"].items():
        file = path / name
        if not file.is_file():
            raise DataError(f"{name}: missing; delete the run's folder and run again")
        if file.stat().st_size != entry["bytes"]:
            raise DataError(f"{name}: changed since it was written; delete the run's folder and run again")


def main_score(config: dict[str, Any], records: Sequence[dict[str, Any]]) -> str:
    """The number to look at first: macro-F1 of the first task with codes, else the first topics' perplexity.

    Of a sweep, the point that the score is of is told too.
    """
    for task in config.get("tasks", {}):
        score = find(records, task=task, model="selected", metric="macro_f1", target=None)
        if score is not None:
            return f"{task} macro_f1{_point(score)} {with_interval(score)}"
    score = find(records, task="topics", metric="perplexity")
    return f"{score['model']} perplexity{_point(score)} {with_interval(score)}" if score is not None else "–"


def _point(score: dict[str, Any]) -> str:
    return f" ({point_name(score['vary'])})" if score["vary"] else ""


def _section(folder: Path, entries: Sequence[Entry]) -> str:
    newest = sorted(entries, key=lambda entry: (-entry.written, entry.path.name))
    sound = [entry for entry in newest if not entry.fault]
    between = differences([flat(e.config) for e in sound], [e.manifest for e in sound])
    rows: list[tuple[str, ...]] = [HEADS]
    for entry in newest:
        when = datetime.fromtimestamp(entry.written).strftime("%Y-%m-%d %H:%M")
        if entry.fault:
            rows.append((entry.path.name, when, "", f"DAMAGED: {entry.fault}", ""))
        else:
            apart = _apart(between, sound.index(entry))
            rows.append((entry.path.name, when, _size(entry.size), entry.score, apart))
    if len(sound) < 2:
        rows = [row[:-1] for row in rows]
    widths = [max(len(row[i]) for row in rows if not row[3].startswith("DAMAGED")) for i in range(len(rows[0]))]
    widths[0] = max(len(row[0]) for row in rows)
    lines = ["  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    titles = dict.fromkeys(" ".join(str(e.config.get("title", "")).split()) for e in sound)
    return "\n".join([f"{folder.as_posix()}: {next(iter(titles))}" if titles else folder.as_posix(), *lines])


def _apart(between: Sequence[Difference], position: int) -> str:
    """What at most half of the runs have as this one has it, the rarest first, in about `WIDTH` characters."""
    parts: dict[str, tuple[int, bool]] = {}  # what it is: how many runs have it, and is it no key of the config
    tables = {d.key.partition(".")[0] for d in between if d.kind == "config" and d.values[position] is not None}
    for difference in between:
        mine = difference.values[position]
        alike = sum(same(mine, value) for value in difference.values)
        if 2 * alike > len(difference.values):
            continue
        text, table = brief(difference, mine), difference.key.partition(".")[0]
        if difference.kind == "config" and mine is None and table not in tables:
            text = f"{table} not set"  # a table that this run lacks is told once
        parts.setdefault(text, (alike, difference.kind != "config"))
    rarest = sorted(parts, key=parts.__getitem__)
    shown: list[str] = []
    for part in rarest:
        if shown and len(", ".join([*shown, part])) > WIDTH:
            return f"{', '.join(shown)} and {len(rarest) - len(shown)} more"
        shown.append(part)
    return ", ".join(shown)


def _size(n: int) -> str:
    return f"{n / 1e6:.1f} MB" if n >= 1e5 else f"{n / 1e3:.0f} kB"
