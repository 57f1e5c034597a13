"""What happens when the n-th call that changes the disk fails? strace fails it in a child of the fork server."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fork_server import IDLE

Fault = Literal["KILL", "ENOSPC", "EIO"]
_INJECT: dict[Fault, str] = {"KILL": "signal=KILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
# Which call of its kind fails. Imports alone open over three thousand files.
_WHEN = {"openat": 5000}
_WHEN_ELSE = 400
# All that can change a file or folder. What isn't in IDLE must not occur, or the sweep would leave it out.
_CHANGING = (
    *IDLE,
    *("pwrite64", "writev", "pwritev", "pwritev2", "truncate", "fallocate", "fdatasync", "sync_file_range"),
    *("renameat", "renameat2", "linkat", "symlinkat", "mkdirat", "creat", "mknod", "mknodat", "fchmodat", "chown"),
    *("fchown", "lchown", "fchownat", "sendfile", "copy_file_range", "splice", "setxattr", "open", "openat2", "utime"),
)
_LINE = re.compile(r"^(\d+) +([a-z0-9_]+)\((.*)$")
_HANDLE = re.compile(r"^\w+\((?:\d+|AT_FDCWD)<([^>]*)>")
_NAMED = re.compile(r'^\w+\((?:[^"<]*<[^>]*>, )?"([^"]*)"(?!\.\.\.)')
_NAMES = re.compile(r'"([^"]*)"(?!\.\.\.)')
_CREATES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")


def faults_can_be_injected() -> bool:
    """Is strace here, and may it trace?"""
    if not sys.platform.startswith("linux") or shutil.which("strace") is None:
        return False
    tried = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, check=False)
    return tried.returncode == 0


@dataclass(frozen=True)
class Said:
    """How a command ended: its exit code (negative: the signal) and what it wrote."""

    code: int
    out: str
    err: str
    pid: int
    codes: list[int]


@dataclass(frozen=True)
class Command:
    """A command of newsangle: its arguments, where it is called, and its environment.

    `mutant`: how its publisher is broken on purpose. `fresh_source`: it reads the source of newsangle itself.
    """

    argv: Sequence[str]
    cwd: Path
    env: dict[str, str]
    mutant: str | None = None
    fresh_source: bool = False


@dataclass(frozen=True)
class Point:
    """The n-th call of one kind that a command makes, and what strace says of it."""

    call: str
    n: int
    told: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.call} {self.n} ({self.told})"


class Server:
    """A fork server; with a fault, under strace. `learned`: for its user to note which cases it knows."""

    def __init__(self, scratch: Path, memory: Path, fault: Fault | None = None) -> None:
        self.fault = fault
        self.learned: set[str] = set()
        self._memory, self._said = memory, scratch / f"said-{fault}"
        here, there = socket.socketpair()
        command = [sys.executable, str(Path(__file__).with_name("fork_server.py")), str(there.fileno())]
        if fault is not None:
            rules = [f"inject={call}:{_INJECT[fault]}:when={_WHEN.get(call, _WHEN_ELSE)}" for call in IDLE]
            options = [f"trace={','.join(IDLE)}", *rules]
            tracer = ["strace", "-f", "-qq", "-o", os.devnull]
            if fault != "KILL":  # a filter lets all other calls run at full speed, but then strace delivers no signal
                tracer.append("--seccomp-bpf")
            command[:0] = [*tracer, *(word for option in options for word in ("-e", option))]
        self._process = subprocess.Popen(command, pass_fds=[there.fileno()])
        there.close()
        self._socket = here
        self._answers = here.makefile("r", encoding="utf-8")

    def close(self) -> None:
        """Let the server end."""
        self._answers.close()
        self._socket.close()
        self._process.wait(timeout=60)

    def _ask(self, order: str, command: Command, **more: Any) -> dict[str, Any]:
        asked = {"order": order, "argv": [*command.argv], "cwd": str(command.cwd), "env": command.env}
        asked |= {"mutant": command.mutant, "fresh_source": command.fresh_source, "said": str(self._said), **more}
        self._socket.sendall((json.dumps(asked) + "\n").encode())
        answer = self._answers.readline()
        if not answer:
            raise RuntimeError(f"the fork server has ended (exit code {self._process.wait()})")
        return dict(json.loads(answer))

    def warm(self, command: Command) -> None:
        """Let the server learn what this command computes."""
        answer = self._ask("warm", command, memory=str(self._memory))
        if answer["code"] != 0:
            raise RuntimeError(f"{command.argv}: {self._said.with_suffix('.err').read_text()}")

    def run(self, command: Command, **more: Any) -> Said:
        """Run a command in a child (`more`: see the fork server)."""
        answer = self._ask("run", command, **more)
        out, err = (self._said.with_suffix(s).read_text("utf-8", "replace") for s in (".out", ".err"))
        return Said(answer["code"], out, err, answer["pid"], answer["codes"])

    def run_with_fault(self, command: Command, point: Point) -> Said:
        """Run a command whose call `point` fails by this server's fault."""
        return self.run(command, call=point.call, idle=_WHEN.get(point.call, _WHEN_ELSE) - point.n)

    def trace(self, command: Command) -> tuple[Said, list[str]]:
        """Run a command and list what it does to the disk, call by call: lines as strace writes them, without pid."""
        log = self._said.with_suffix(".trace")
        said = self.run(command, strace=["-y", "-s", "0", "-o", str(log), "-e", f"trace=?{',?'.join(_CHANGING)}"])
        lines = []
        for line in log.read_text("utf-8", "replace").splitlines():
            found = _LINE.match(line)
            if found is None:
                continue
            if int(found[1]) != said.pid:
                raise RuntimeError(f"a thread or process beside the first touches the disk: {line}")
            lines.append(f"{found[2]}({found[3]}")
        return said, lines


def points(lines: Sequence[str], scratch: Path) -> list[Point]:
    """Which of these calls change something below this folder? All others still count."""
    count: Counter[str] = Counter()
    found = []
    for line in lines:
        call = line.partition("(")[0]
        count[call] += 1
        path = path_of(line)
        if path.startswith("/") and scratch not in Path(path).parents:
            continue
        if call == "openat" and (not _CREATES.search(line) or path.startswith(f"{scratch}/said-")):
            continue
        if call not in IDLE:
            raise RuntimeError(f"no idle call is known for {call}: {line}")
        found.append(Point(call, count[call], line.replace(str(scratch), "")))
    return found


def counts(lines: Sequence[str]) -> dict[str, int]:
    """How many calls of each kind are there? Raises RuntimeError where faults could not reach the last one."""
    found = Counter(line.partition("(")[0] for line in lines)
    for call, n in found.items():
        if n >= _WHEN.get(call, _WHEN_ELSE):
            raise RuntimeError(f"{n} calls of {call}: raise the number of the call that fails")
    return dict(found)


def path_of(line: str) -> str:
    """Which file or folder does this call change? The first one it names; relative to the caller's folder, if it is."""
    handle, named = _HANDLE.match(line), _NAMED.search(line)
    folder = handle[1].removesuffix("(deleted)") if handle else ""
    return str(Path(folder, named[1])) if named else folder


def unsynced(lines: Sequence[str], cwd: Path) -> list[str]:
    """What of that which was renamed into its place was not yet on the disk, by the calls of a whole run?

    A file's bytes and a folder's names are kept by an fsync after their last change; a rename by an fsync of the folder
    that it leads into. Only what is renamed counts: nothing else is published.
    """
    dirty: dict[Path, str] = {}  # file or folder → the change that isn't kept yet
    told, renamed = [], {}
    for line in lines:
        call, path = line.partition("(")[0], cwd / path_of(line)
        if " = -1 " in line:
            continue
        if call in ("write", "ftruncate"):
            dirty[path] = line
        elif (call == "openat" and "O_CREAT" in line) or call == "mkdir":
            made = cwd / path_of(line)
            dirty[made.parent] = line
        elif call == "fsync":
            dirty.pop(path, None)
            renamed.pop(path, None)
        elif call == "rename":
            new = cwd / _NAMES.findall(line)[1]
            if new.suffix == ".chunk":  # proved by its digest whenever it is read, made again where it is cut
                continue
            told += [f"{at} is renamed before it is kept" for at in dirty if at == path or path in at.parents]
            dirty = {at: what for at, what in dirty.items() if at != path and path not in at.parents}
            renamed[new.parent] = new
    return told + [f"the rename to {new} is never kept" for new in renamed.values()]
