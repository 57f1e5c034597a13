"""What befalls a store while nobody looks: a flipped bit in each file, links that lead outside."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from fault_cases import Case
from injection import Server
from tree_judge import differences, read_tree


def finished_state(case: Case, server: Server) -> Path:
    """The new state of this case, kept in a folder beside it, for attacks to begin from."""
    kept = case.state.with_name("finished")
    if not kept.exists():
        case.reset()
        assert server.run(case.command).code == 0
        shutil.copytree(case.state, kept, symlinks=True)
    return kept


def bring_back(case: Case, kept: Path, *, runs: bool = True) -> None:
    """The finished state again; without `runs` only the store, so that its objects are asked for."""
    shutil.rmtree(case.state, ignore_errors=True)
    shutil.copytree(kept, case.state, symlinks=True)
    if not runs:
        shutil.rmtree(case.state / "runs")


def flip_bits(case: Case, server: Server, every: int = 1) -> Iterator[str]:
    """Flip a bit of every file of every object and see that it is found and not used; yields what is wrong."""
    kept = finished_state(case, server)
    files = sorted(path.relative_to(kept) for path in (kept / "home" / "objects").rglob("*") if path.is_file())
    assert len(files) > 30
    for number, name in enumerate(files[::every]):
        bring_back(case, kept, runs=False)
        _flip(case.state / name, number)
        said = server.run(case.command)
        key = name.parts[3]
        if said.code or f"{key}" not in said.err or "set aside and computed again" not in said.err:
            yield f"{name}: not found ({said.code}: {said.err[-200:]})"
        found = {path: what for path, what in case.tree().items() if not path.startswith("home/damaged")}
        yield from (f"{name} is flipped: {told}" for told in differences(found, case.new))


def _flip(path: Path, number: int) -> None:
    content = bytearray(path.read_bytes())
    at = (len(content) * (1 + number % 5)) // 6  # somewhere else in each
    content[at] ^= 1 << number % 8
    path.write_bytes(content)


def flipped_run_files(case: Case, server: Server) -> Iterator[tuple[Path, Path]]:
    """Flip a bit of every file of the run, one after the other; yields the run and the file."""
    kept = finished_state(case, server)
    [run] = (kept / "runs" / "world").iterdir()
    for number, path in enumerate(sorted(p for p in run.rglob("*") if p.is_file())):
        bring_back(case, kept)
        victim = case.state / path.relative_to(kept)
        _flip(victim, number)
        yield case.state / run.relative_to(kept), victim


PLACES = (
    *("home/objects", "SHELF", "OBJECT", "OBJECT/manifest.json", "OBJECT/FILE"),
    *("home/locks", "LOCK", "home/logs", "home/roots", "home/source", "home/damaged"),
)


def plant_link(case: Case, server: Server, place: str, *, copied: bool) -> tuple[Path, dict[str, tuple[str, bytes]]]:
    """Put a symbolic link in this place of the store of a finished state; the folder outside, and what is in it.

    `copied`: the link leads to a whole copy of what was there, else to a folder or file that has nothing to do with it.
    """
    kept = finished_state(case, server)
    bring_back(case, kept, runs=False)
    shelf = sorted((case.state / "home" / "objects").iterdir())[0]
    victim = sorted(shelf.iterdir())[0]
    file = sorted(path for path in victim.iterdir() if path.name != "manifest.json")[0]
    lock = case.state / "home" / "locks" / f"{victim.name}.lock"
    places = {"SHELF": shelf, "OBJECT": victim, "LOCK": lock}
    places |= {"OBJECT/manifest.json": victim / "manifest.json", "OBJECT/FILE": file}
    path = places.get(place, case.state / place)
    outside = case.state.with_name("outside")
    shutil.rmtree(outside, ignore_errors=True)
    outside.mkdir()
    target = outside / path.name
    folder = path.is_dir() or place.startswith("home/")
    if copied and path.exists():
        (shutil.copytree if folder else shutil.copy)(path, target)
    elif folder:
        target.mkdir()
        (target / "letter.txt").write_text("mine")
    else:
        target.write_text("mine")
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(target)
    return outside, read_tree(outside)
