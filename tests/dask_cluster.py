"""A real Dask scheduler and its workers on loopback, each a process of its own, stopped by its number."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
WORK = Path(__file__).parent / "on_workers"  # what tests let workers do


class Cluster:
    """A scheduler at `address`; `folder` keeps what its processes print."""

    def __init__(self, folder: Path, path: Sequence[Path], environment: Mapping[str, str]) -> None:
        self.folder = folder
        settings = {"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONWARNINGS": "default"}
        self._environment = os.environ | settings | environment
        self._processes: list[subprocess.Popen[bytes]] = []
        folder.mkdir(parents=True)
        told = folder / "scheduler.json"
        options = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told), "--idle-timeout", "10 minutes")
        self.scheduler = self._start("scheduler", *options)
        self.address = json.loads(_when(told, self.scheduler))["address"]

    def add_worker(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start one more worker; it comes when it is ready, see `wait`."""
        number = len(self._processes)
        place = str(self.folder / f"worker-{number}")
        common = ("--nthreads", "1", "--local-directory", place, "--death-timeout", "60", "--memory-limit", "0")
        return self._start("worker", self.address, *common, *options, **environment)

    def _start(self, what: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *options]
        with (self.folder / f"{what}-{len(self._processes)}.log").open("wb") as log:
            started = subprocess.Popen(
                command, env=self._environment | environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._processes.append(started)
        return started

    def wait(self, workers: int) -> None:
        """Until so many workers are there."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)

    def stop(self) -> None:
        """Workers first, then the scheduler."""
        for process in reversed(self._processes):
            process.terminate()
        for process in reversed(self._processes):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _when(path: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(1200):
        with contextlib.suppress(OSError, ValueError):
            text = path.read_text()
            json.loads(text)
            return text
        assert process.poll() is None, "the scheduler ended"
        time.sleep(0.1)
    raise TimeoutError(path)


@contextlib.contextmanager
def dask_cluster(
    folder: Path,
    workers: int = 2,
    *,
    path: Sequence[Path] = (SOURCE, WORK),
    options: Sequence[str] = (),
    **environment: str,
) -> Iterator[Cluster]:
    """A scheduler with so many workers, whose Python finds modules in `path`."""
    cluster = Cluster(folder, path, environment)
    try:
        for _ in range(workers):
            cluster.add_worker(*options)
        if workers:
            cluster.wait(workers)
        yield cluster
    finally:
        cluster.stop()
