"""Which run is meant? A folder, `EXPERIMENT/ID`, or the first signs of an ID."""

from collections.abc import Sequence
from pathlib import Path

from newsangle.errors import DataError
from newsangle.runs.folder import Run, finished_runs, load_run


def find_run(name: str, runs: Path) -> Run:
    """The run in this folder, or the one under `runs` that is called so. Raises DataError for none and for several."""
    if Path(name).exists():
        return load_run(name)
    if (runs / name).is_dir():
        return load_run(runs / name)
    experiment, _, start = name.rstrip("/").rpartition("/")
    found = [
        p
        for p in finished_runs(runs)
        if start and p.name.startswith(start) and experiment in ("", p.parent.name, p.parent.as_posix())
    ]
    if len(found) == 1:
        return load_run(found[0])
    if found:
        raise DataError(f"{name}: is the beginning of {len(found)} runs ({', '.join(map(str, found))}); {_more(found)}")
    raise DataError(f"{name}: no such folder, and no run under {runs} is called so; newsangle list runs shows them")


def _more(found: Sequence[Path]) -> str:
    """What tells these runs apart? An ID doesn't say of which experiment, so that copies of one share it."""
    alike = [path for path in found if path.name == found[0].name]
    if len(alike) > 1:
        return f"name the folder, or the experiment before the ID, as {found[0].parent.name}/{found[0].name[:4]}"
    return "write more of it"
