"""Is a run still what it was, and would it come out the same today? Hashes first; on request everything again."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from newsangle.errors import DataError, IntegrityError, MachineError, NewsangleError
from newsangle.runs.digests import package_versions, run_source
from newsangle.runs.experiment import CONFIG_NAME, Experiment, load_experiment
from newsangle.runs.folder import MANIFEST, Run, load_run, verify
from newsangle.runs.identity import cpu_type, input_hashes
from newsangle.runs.run_log import result_name, told_titles
from newsangle.runs.same_numbers import numbers_differ
from newsangle.runs.store import Store, fault_of, store_folder

_PICTURES = (".html", ".svg", ".png")  # drawn from numbers that are compared
_HASH_SEED, _THREADS = "4242", "3"


@dataclass(frozen=True)
class Verified:
    """`files`: how many of the run were read and are whole; of the `objects` that it was made from, `stored` are in
    the store and whole. `rerun`: what was compared with a second computation, in a line; None where none was asked for.
    """

    files: int
    objects: int
    stored: int
    rerun: str | None = None


def verify_run(path: str | Path, *, rerun: bool = False, experiment: str | Path | None = None) -> Verified:
    """Is every byte of a run, and of the stored results that it was made from, as it was written?

    A damaged stored result is set aside, and told; the next time it counts as not stored.

    `rerun`: compute everything again in a clean place, on another number of threads and with another hash seed, and
    compare every byte. On another type of CPU, with other package versions or another newsangle, numbers are compared
    to 1e-6 and words, labels and splits exactly. `experiment`: the folder that the config's files are relative to
    (default: experiments/NAME). Raises IntegrityError for what has changed, naming the file and the first difference;
    DataError where the experiment's files aren't those of the run.
    """
    run = load_run(path)
    manifest = verify(run.path)
    objects, store = list(manifest.get("objects", [])), Store(store_folder())
    present = [key for key in objects if os.path.lexists(store.folder(key))]
    faulty = {key: fault for key in present if (fault := fault_of(store.root, key)) is not None}
    if faulty:
        raise IntegrityError(_set_aside(store, faulty, run.path))
    told = _compare_rerun(run, Path(experiment or Path("experiments") / manifest["experiment"])) if rerun else None
    return Verified(len(manifest["files"]), len(objects), len(present), told)


def verified_text(path: Path, found: Verified) -> str:
    """What was verified, as lines of plain text."""
    lines = [
        f"{path}: {found.files} files, every byte as it was written",
        f"{found.stored} of {found.objects} intermediate results are stored, all whole",
    ]
    return "\n".join(lines + ([found.rerun] if found.rerun else []))


def _set_aside(store: Store, faulty: Mapping[str, str], run: Path) -> str:
    """Set damaged objects aside, where the disk lets us: what is wrong with which, and what that means, in lines."""
    titles, lines = told_titles(store.root / "logs"), []
    for key, fault in faulty.items():
        named = result_name(key, store, titles) or "a result that can't say of what stage"
        try:
            store.drop_damaged(key)
            done = f"set aside in {store.root / 'damaged'}"
        except MachineError as error:
            done = f"it can't be set aside: {error}"
        lines.append(f"{named}: {fault}; {done}")
    whole = f"{run}: its own files are whole, and it needs no stored result any more"
    return "\n".join(
        [*lines, f"{whole}; a run that needs what was set aside makes it anew; verify again checks the rest"]
    )


def _compare_rerun(run: Run, folder: Path) -> str:
    changed = _other_machine(run.manifest)
    with tempfile.TemporaryDirectory(prefix="newsangle-") as name:
        place = Path(name)
        config = place / str(run.manifest["experiment"]) / CONFIG_NAME
        config.parent.mkdir()
        config.write_bytes(run.read("config.toml"))
        experiment = replace(load_experiment(config.parent), folder=folder)
        _check_inputs(run, experiment)
        again = _again(config.parent, folder.resolve(), place)
        first, second = run.manifest["files"], again.manifest["files"]
        if first.keys() != second.keys():
            other = ", ".join(sorted(first.keys() ^ second.keys()))
            told = f" with {changed}" if changed else ""
            raise IntegrityError(f"{run.path}: run again{told} it holds other files: {other}")
        faults = []
        for file in first:
            if changed and file.endswith(_PICTURES):
                continue
            one, two = run.read(file), again.read(file)
            difference = numbers_differ(file, one, two) if changed else _first_difference(one, two)
            if difference is not None:
                faults.append(f"{run.path / file}: run again it differs: {difference}")
        if not changed and run.manifest != again.manifest:
            differing = [k for k in run.manifest if run.manifest[k] != again.manifest.get(k)]
            faults.append(f"{run.path / MANIFEST}: run again it differs: {', '.join(differing)}")
    if faults:
        raise IntegrityError("\n".join(faults))
    if changed:
        return (
            f"run again with {changed}: all numbers within 1e-6, words, labels and splits the same; bytes, figures and "
            "report were not compared"
        )
    return f"run again on {_THREADS} threads with another hash seed: every byte the same"


def _other_machine(manifest: Mapping[str, Any]) -> str:
    """What differs between where the run was made and here, so that its bytes may differ; "" for nothing."""
    found = []
    cpu = manifest.get("cpu", "not told")  # older runs don't say
    if cpu != cpu_type():
        found.append(f"another CPU ({cpu} → {cpu_type()})")
    before, now = manifest["versions"], package_versions()
    other = [
        f"{name} {before.get(name, 'absent')} → {now.get(name, 'absent')}"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]
    if other:
        found.append("other versions (" + ", ".join(other) + ")")
    if manifest["source"] != run_source():
        found.append("another source of newsangle")
    return " and ".join(found)


def _check_inputs(run: Run, experiment: Experiment) -> None:
    if not experiment.folder.is_dir():
        raise DataError(f"{run.path}: its experiment isn't in {experiment.folder}; name its folder with --experiment")
    stated, found = run.manifest["inputs"], input_hashes(experiment)
    for name in sorted({*stated, *found}):
        if stated.get(name) != found.get(name):
            raise DataError(
                f"{experiment.folder / name}: is not the file that {run.path} was made from; name the folder that "
                "holds it with --experiment"
            )


def _again(config: Path, folder: Path, place: Path) -> Run:
    """The run computed by another process that shares nothing with the first but data and installation."""
    environment = os.environ | {"NEWSANGLE_HOME": str(place / "store"), "PYTHONHASHSEED": _HASH_SEED}
    environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), _THREADS)
    # -P: a file of the current folder that is called as a module of Python's is not taken for it
    command = [sys.executable, "-P", "-m", "newsangle.runs.verify", str(config), str(folder), str(place / "runs")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise MachineError(
            f"{config.name}: could not be run again: {(done.stderr.strip() or 'no reason given')[-500:]}"
        )
    return load_run(place / "runs" / config.name)


def _main(config: str, folder: str, runs: str) -> None:
    from newsangle.runs.flow import run_loaded
    from newsangle.runs.progress import Progress

    try:
        experiment = replace(load_experiment(config), folder=Path(folder))
        run_loaded(experiment, runs=runs, jobs=1, progress=Progress(quiet=True))
    except NewsangleError as error:
        sys.exit(str(error))


def _first_difference(one: bytes, two: bytes) -> str | None:
    if one == two:
        return None
    at = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    return f"first at byte {at} of {len(one)}"


if __name__ == "__main__":
    _main(*sys.argv[1:])
