"""Which run is meant? A folder, `EXPERIMENT/ID`, or the first signs of an ID."""

from pathlib import Path

from newsangle.errors import DataError
from newsangle.runs.folder import Run, finished_runs, load_run


def find_run(name: str, runs: Path) -> Run:
    """The run in this folder, or the one under `runs` that is called so. Raises DataError for none and for several."""
    if Path(name).exists():
        return load_run(name)
    if (runs / name).is_dir():
        return load_run(runs / name)
    experiment, _, start = name.strip("/").rpartition("/")
    found = [p for p in finished_runs(runs) if start and p.name.startswith(start) and experiment in ("", p.parent.name)]
    if len(found) == 1:
        return load_run(found[0])
    if found:
        raise DataError(
            f"{name}: is the beginning of {len(found)} runs ({', '.join(map(str, found))}); write more of it"
        )
    raise DataError(f"{name}: no such folder, and no run under {runs} is called so; newsangle list runs shows them")
