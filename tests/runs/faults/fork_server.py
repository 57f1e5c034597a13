"""How are thousands of commands run without three seconds of imports each? One process imports; children are forked.

A request is a line of JSON on a socket, the answer another. A child runs the real command line. What stages and figures
compute is looked up by what goes in: they don't touch the disk, so the disk sees the calls of a whole run in a tenth of
a second. Under strace's fault injection, which fails the `when`-th call of every kind in every process, a child makes
`when - n` idle calls first, and so its n-th call of that kind is the one that fails.
"""

import contextlib
import ctypes
import functools
import gc
import hashlib
import importlib
import json
import os
import pickle
import pkgutil
import signal
import socket
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import loky.backend.context
import threadpoolctl

# ruff: noqa: PTH101, PTH102, PTH104, PTH106, PTH108, PTH211

# Calls that change nothing: what is asked for is not there.
IDLE: dict[str, Callable[[], Any]] = {
    "openat": lambda: os.open("", os.O_RDONLY),
    "write": lambda: os.write(-1, b""),
    "fsync": lambda: os.fsync(1 << 20),
    "mkdir": lambda: os.mkdir(""),
    "rename": lambda: os.rename("", ""),
    "unlink": lambda: os.unlink(""),
    "unlinkat": lambda: os.unlink("", dir_fd=-1),
    "rmdir": lambda: os.rmdir(""),
    "chmod": lambda: os.chmod("", 0),
    "fchmod": lambda: os.fchmod(1 << 20, 0),
    "ftruncate": lambda: os.ftruncate(1 << 20, 0),
    "link": lambda: os.link("", ""),
    "symlink": lambda: os.symlink("", ""),
    "utimensat": lambda: os.utime("", (0, 0)),
}
_NOBODY = 65534
_PR_SET_PTRACER, _ANY = 0x59616D61, ctypes.c_ulong(-1)

known: dict[bytes, Any] = {}


def serve(line: socket.socket) -> None:
    """Answer requests until the other side hangs up."""
    _import_everything()
    _remember()
    _count_anew()
    for request in line.makefile("r", encoding="utf-8"):
        order = json.loads(request)
        answer = {"warm": _warm, "run": _run_in_a_child}[order.pop("order")](order, line)
        if "warm" in answer:
            _count_anew()
        line.sendall((json.dumps(answer) + "\n").encode())


def _count_anew() -> None:
    """Go on in a child: strace counts the calls of each process, and those of imports would soon reach the limit."""
    gc.collect()
    gc.freeze()
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _import_everything() -> None:
    import newsangle

    for module in pkgutil.walk_packages(newsangle.__path__, "newsangle."):
        importlib.import_module(module.name)


def _remember() -> None:
    """Let the stages, the assembling of a run and the readers of stored files look up what they have made before."""
    from newsangle.runs import compute, source, values
    from newsangle.runs.stages import STAGES

    def remembering(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def look_up(*given: Any) -> Any:
            return _once((function.__qualname__, _contents(given)), lambda: function(*given))

        return look_up

    for name, stage in list(STAGES.items()):
        STAGES[name] = remembering(stage)
    values.read_value = remembering(values.read_value)
    source.index_modules = remembering(source.index_modules)
    assemble = compute.assemble

    def assembled(experiment: Any, points: Any, kept: Any, identity: str, failures: Any) -> Any:
        for point in points:  # what is read from the store is read here, too
            for job in point.jobs:
                kept.load(job.key)
        return _once(("assemble", identity), lambda: assemble(experiment, points, kept, identity, failures))

    compute.assemble = assembled


def _contents(value: Any) -> Any:
    """The same with the content of files in place of their paths."""
    if isinstance(value, Path):
        return value.suffix, value.read_bytes()
    if isinstance(value, tuple):
        return tuple(_contents(item) for item in value)
    if isinstance(value, dict):
        return {name: _contents(item) for name, item in value.items()}
    return value


def _once(what: Any, make: Callable[[], Any]) -> Any:
    key = hashlib.sha256(pickle.dumps(what)).digest()
    if key not in known:
        known[key] = make()
    return known[key]


def _warm(order: dict[str, Any], _line: socket.socket) -> dict[str, Any]:
    """Run a command here, so that children find loaded and computed what it needs."""
    memory = Path(order["memory"])
    if memory.exists():  # what another server has computed
        known.update(pickle.loads(memory.read_bytes()))
    before = len(known)
    environment, folder = dict(os.environ), Path.cwd()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    handles = [(number, os.dup(number)) for number in (1, 2)]
    try:
        _speak_to(Path(order["said"]))
        code = _command(order)
        sys.stdout.flush()
    finally:
        for number, handle in handles:
            os.dup2(handle, number)
            os.close(handle)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
    if len(known) > before:
        memory.write_bytes(pickle.dumps(known))
    return {"code": code, "warm": True}


def _run_in_a_child(order: dict[str, Any], line: socket.socket) -> dict[str, Any]:
    """The command in a child; in several at once, if `copies` says so. `kill_after`: seconds until all are killed."""
    gate, opener = os.pipe()
    pids = []
    for copy in range(order.get("copies", 1)):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.close(opener)
                line.close()
                argv = order.get("other") if copy else None  # what the second one is called with, if it differs
                code = _child(order | {"argv": argv or order["argv"]}, gate, copy)
            finally:
                os._exit(code)
        pids.append(pid)
    os.close(gate)
    tracer = None
    if order.get("strace"):
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-p", str(pids[0]), *order["strace"]])
        _wait_for_tracer(pids[0], tracer)
    os.close(opener)
    if "kill_after" in order:
        time.sleep(order["kill_after"])
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # it has ended, or hasn't got its group yet
                os.killpg(pid, signal.SIGKILL)
            os.kill(pid, signal.SIGKILL)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    if tracer is not None:
        tracer.wait()
    return {"pid": pids[0], "code": codes[0], "codes": codes}


def _wait_for_tracer(pid: int, tracer: "subprocess.Popen[bytes]") -> None:
    status = Path(f"/proc/{pid}/status")
    while "\nTracerPid:\t0\n" in status.read_text():
        if tracer.poll() is not None:
            os.kill(pid, signal.SIGKILL)
            raise RuntimeError("strace can't attach to a process here")
        time.sleep(0.001)


def _child(order: dict[str, Any], gate: int, copy: int) -> int:
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)  # strace may attach though it isn't the parent
    gc.disable()  # it would copy the server's pages
    os.environ.update(order["env"])
    for name in order.get("unset", []):
        os.environ.pop(name, None)
    os.chdir(order["cwd"])
    if "kill_after" in order:
        os.setsid()
    os.read(gate, 1)  # ends when the tracer is there
    _speak_to(Path(order["said"] + (f"-{copy}" if copy else "")))
    if order.get("nobody"):
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    for _ in range(order.get("idle", 0)):
        with contextlib.suppress(OSError):
            IDLE[order["call"]]()
    # Nothing is computed here: no need to look through all loaded libraries for their threads.
    threadpoolctl.threadpool_limits = lambda limits: contextlib.nullcontext()
    # Workers of this process are forked, too.
    warnings.filterwarnings("ignore", "`fork` start method")
    loky.backend.context.set_start_method("fork", force=True)
    code = _command(order)
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    return code


def _speak_to(said: Path) -> None:
    for suffix, number in ((".out", 1), (".err", 2)):
        handle = os.open(said.with_suffix(suffix), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)


def _command(order: dict[str, Any]) -> int:
    """The command line in this process; its exit code."""
    from newsangle.cli import main
    from newsangle.runs import digests, source

    if order.get("fresh_source"):  # the index of the source lies in the store, too
        digests.run_source.cache_clear()
        source._index.cache_clear()
    if order.get("mutant"):
        import broken_publishers

        broken_publishers.MUTANTS[order["mutant"]]()
    sys.argv = ["newsangle", *order["argv"]]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 (as the interpreter does)
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
