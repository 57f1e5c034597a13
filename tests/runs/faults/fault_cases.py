"""Which commands are tried, from which old state, and what may lie on the disk between old and new?"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from injection import Command, Fault, Point, Said, Server
from raw_files import csv_bytes, html_bytes, put, text_bytes
from small_world import write_small_world
from tree_judge import Tree, differences, illegal, read_tree, without_chance


@dataclass(frozen=True)
class Case:
    """A command with its old and new state. `state`: the folder that it changes; `base`: a copy of the old state.

    `unit` and `ignore` as in `tree_judge`; `random` finds the random part of temporary names.
    `opens`: whether the opening of files fails, too; what it leaves is what a failing first write leaves.
    """

    name: str
    command: Command
    state: Path
    base: Path
    old: Tree
    new: Tree
    unit: Callable[[str], str | None]
    ignore: Callable[[str], bool]
    random: re.Pattern[str]
    opens: bool

    def reset(self) -> None:
        """Bring back the old state."""
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.copytree(self.base, self.state, symlinks=True)

    def tree(self) -> Tree:
        """The state as it is now."""
        return read_tree(self.state, self.ignore)

    def broken_by(self, mutant: str) -> "Case":
        """The same with a publisher that is broken on purpose."""
        return replace(self, command=replace(self.command, mutant=mutant))


def try_point(case: Case, server: Server, undisturbed: Server, point: Point, healed: dict[int, list[str]]) -> list[str]:
    """Let one call fail and list what is wrong afterwards.

    `server` has the fault, `undisturbed` none. `healed`: states from which the command has been run again, and what was
    wrong then; equal states are tried once.
    """
    case.reset()
    said = server.run_with_fault(case.command, point)
    found = case.tree()
    problems = illegal(found, case.old, case.new, case.unit)
    problems += wrong_words(said, server.fault)
    if said.code == 0 and result(case, found) != result(case, case.new):
        problems.append("exit code 0 without the result")
    state = hash(tuple(sorted(without_chance(found, case.random).items())))
    if state not in healed:
        again = undisturbed.run(case.command)
        healed[state] = [f"the same command ends with {again.code}: {again.err[-300:]}"] if again.code else []
        left = [told for told in differences(case.tree(), case.new) if not _unkept_index(case, told)]
        healed[state] += [f"after the same command {told}" for told in left]
    return problems + healed[state]


def _unkept_index(case: Case, told: str) -> bool:
    """Is this no more than that the index of our source isn't kept, which costs the next process a second? Where a
    process reads the source itself (`fresh_source`), it has to be."""
    return not case.command.fresh_source and told.startswith("home/source") and told.endswith(" is missing")


def result(case: Case, tree: Tree) -> Tree:
    """What the command is called for, without temporary files and what is kept for speed alone."""
    return {
        path: what for path, what in tree.items() if case.unit(path) is not None and not path.startswith("home/source")
    }


def wrong_words(said: Said, fault: Fault | None) -> list[str]:
    """Is what a command said after a fault wrong? One line and exit code 4, never a traceback or "our bug"."""
    problems = [f"stderr holds {word!r}: {said.err[-400:]}" for word in ("Traceback", "our bug") if word in said.err]
    if fault == "KILL":
        if said.code != -9:
            problems.append(f"was to be killed, ended with {said.code}")
    elif said.code not in (0, 4):
        problems.append(f"exit code {said.code}: {said.err[-400:]}")
    elif said.code and said.err.count("newsangle: ") != 1:
        problems.append(f"not one line: {said.err[-400:]}")
    return problems


def ingest_case(scratch: Path, server: Server) -> Case:
    """`newsangle ingest` of four files where a corpus of another file lies already."""
    place = scratch / "ingest"
    put(place / "raw", {"a.txt": text_bytes(0), "b.html": html_bytes(1), "c.csv": csv_bytes(), "d.jpg": b"no text"})
    put(place / "before", {"a.txt": text_bytes(2)})
    command = _in_a_folder(place, ("ingest", str(place / "raw"), "--out", "corpus.parquet"))
    server.warm(replace(command, argv=("ingest", str(place / "before"), "--out", "corpus.parquet")))

    def unit(path: str) -> str | None:
        return None if path.startswith(".corpus.ingest") else path

    return _finished("ingest", command, unit, lambda path: False, re.compile(r"\.[0-9a-f]{12}(?=\.part)"), server)


def run_case(scratch: Path, server: Server) -> Case:
    """`newsangle run` with an empty store."""
    place = scratch / "run"
    world = write_small_world(place / "world")
    command = _in_a_folder(place, ("run", str(world), "--jobs", "1"))

    return _finished("run", command, _unit_of_store, _passing, _RANDOM, server, opens=False)


def sweep_case(scratch: Path, server: Server) -> Case:
    """`newsangle run` of three points in two processes."""
    place = scratch / "sweep"
    world = write_small_world(place / "world")
    config = world / "config.toml"
    config.write_text(f"{config.read_text()}\n[vary]\n'topics.n_topics' = [2, 3, 4]\n")
    command = _in_a_folder(place, ("run", str(world), "--jobs", "2"))
    server.warm(replace(command, argv=(*command.argv[:-1], "1")))
    shutil.rmtree(place / "state")
    (place / "state").mkdir()
    return _finished("sweep", command, _unit_of_store, _passing, _RANDOM, server, learn=False)


def source_case(scratch: Path, server: Server) -> Case:
    """`newsangle run` of what has been run, where the index of our source isn't kept yet."""
    place = scratch / "source"
    world = write_small_world(place / "world")
    command = _in_a_folder(place, ("run", str(world), "--jobs", "1"))
    server.warm(command)
    shutil.rmtree(place / "state" / "home" / "source", ignore_errors=True)
    return _finished("source", replace(command, fresh_source=True), _unit_of_store, _passing, _RANDOM, server)


def gc_case(scratch: Path, server: Server) -> Case:
    """`newsangle gc` where one of two runs has been removed."""
    place = scratch / "gc"
    world = write_small_world(place / "world")
    command = _in_a_folder(place, ("run", str(world), "--jobs", "1"))
    server.warm(command)
    other = replace(command, argv=(*command.argv, "--set", "features.min_df=3"))
    server.warm(other)
    runs = sorted((place / "state" / "runs" / "world").iterdir(), key=lambda run: run.stat().st_mtime_ns)
    shutil.rmtree(runs[-1])
    return _finished("gc", replace(command, argv=("gc",)), _unit_of_store, _passing, _RANDOM, server)


_RANDOM = re.compile(r"(?<=lease-)[0-9a-f]{16}|\.[a-z0-9_]{8}(?=/|$)")


def _unit_of_store(path: str) -> str | None:
    """Objects and runs appear as a whole, and every file of roots/ and source/."""
    parts = path.split("/")
    if any(part.startswith(".") for part in parts):
        return None
    if parts[0] == "home" and len(parts) > 1:
        depth = {"objects": 4, "roots": 3, "source": 3}.get(parts[1], len(parts) + 1)
    else:
        depth = 3
    return "/".join(parts[:depth]) if len(parts) >= depth else None


def _passing(path: str) -> bool:
    """Logs know the clock; locks and leases of a process that is gone go with the next run or `gc`."""
    return path.startswith(("home/logs", "home/locks"))


def _in_a_folder(place: Path, argv: tuple[str, ...]) -> Command:
    """This command in a new folder, with a store and temporary files of its own."""
    for name in ("state", "tmp"):
        (place / name).mkdir(parents=True)
    home = place / "state" / "home"
    return Command(argv, place / "state", {"NEWSANGLE_HOME": str(home), "TMPDIR": str(place / "tmp")})


def _finished(
    name: str,
    command: Command,
    unit: Callable[[str], str | None],
    ignore: Callable[[str], bool],
    random: re.Pattern[str],
    server: Server,
    *,
    opens: bool = True,
    learn: bool = True,
) -> Case:
    """Keep the state as the old one, run the command undisturbed, keep that as the new one."""
    state = command.cwd
    base = state.with_name("base")
    shutil.copytree(state, base, symlinks=True)
    old = read_tree(state, ignore)
    if learn:
        server.warm(command)
        shutil.rmtree(state)
        shutil.copytree(base, state, symlinks=True)
    said = server.run(command)
    if said.code:
        raise RuntimeError(f"{name} ends with {said.code} undisturbed: {said.err}")
    return Case(name, command, state, base, old, read_tree(state, ignore), unit, ignore, random, opens)


CASES: dict[str, Callable[[Path, Server], Case]] = {
    "ingest": ingest_case,
    "run": run_case,
    "sweep": sweep_case,
    "source": source_case,
    "gc": gc_case,
}
