"""Are the published files the same bytes whatever the machine is busy with, set to, and wherever jobs are computed?"""

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from covering import Row, covering_rows
from dask_cluster import SOURCE, Cluster, dask_cluster

AXES = {
    "executor": ("inline", "loky 2", "loky 3", "dask"),
    "hash seed": ("0", "1", "4242", "random"),
    "threads": ("1", "2", "3"),
    "time zone": ("UTC", "Asia/Kathmandu", "America/St_Johns"),
    "locale": ("C.UTF-8", "ASCII", "tr_TR.UTF-8", "de_DE.ISO-8859-1"),
    "order": ("as written", "reversed"),
    "umask": ("022", "077", "002"),
    "folder": ("above", "root", "inside"),
}
ROWS = covering_rows(AXES, at_least=40)
FIGURES = ["frame_share_by_outlet", "top_words", "contrast_words"]  # drawing all would take longer than computing
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def test_every_pair_of_values_is_among_at_least_forty_combinations() -> None:
    assert len(ROWS) >= 40
    assert len({tuple(row.items()) for row in ROWS}) == len(ROWS)
    for (one, values), (other, others) in itertools.combinations(AXES.items(), 2):
        seen = {(row[one], row[other]) for row in ROWS}
        assert seen == set(itertools.product(values, others)), (one, other)


def test_the_first_difference_is_named_by_file_and_byte() -> None:
    assert first_difference({"a": b"same", "b": b"one two"}, {"a": b"same", "b": b"one tvo"}) == "b: byte 5"
    assert first_difference({"a": b"12"}, {"a": b"123"}) == "a: byte 2"
    assert first_difference({"a": b"", "b": b""}, {"a": b""}) == "b: in one of them only"
    assert first_difference({"a": b"x"}, {"a": b"x"}) is None


def first_difference(one: dict[str, bytes], other: dict[str, bytes]) -> str | None:
    """Where do two folders differ first, in order of their files' names?"""
    for name in sorted(one.keys() | other.keys()):
        if name not in one or name not in other:
            return f"{name}: in one of them only"
        if one[name] != other[name]:
            pairs = zip(one[name], other[name], strict=False)
            same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
            return f"{name}: byte {same}"
    return None


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two Dask workers that live through all runs, each with settings of its own."""
    with dask_cluster(tmp_path_factory.mktemp("cluster") / "dask", 0) as cluster:
        for number, row in enumerate((ROWS[1], ROWS[-1])):
            cluster.add_worker(**_environment(row | {"threads": str(1 + 2 * number)}))
        cluster.wait(2)
        yield cluster


@pytest.mark.slow
def test_no_byte_of_a_run_depends_on_where_and_how_it_is_computed(
    tmp_path: Path, make_world: Callable[..., Path], workers: Cluster
) -> None:
    original = make_world(tmp_path / "original", n_articles=24)
    config = (original / "config.toml").read_text(encoding="utf-8")
    small = config.replace("n_topics = 3", "n_topics = 2").replace('"majority", ', "")
    assert len(small) < len(config)
    small = f"figures = {json.dumps(FIGURES)}\n{small}"
    (original / "config.toml").write_text(small, encoding="utf-8")

    def published(number: int) -> dict[str, bytes]:
        base = tmp_path / f"run {number}"
        if number:  # what is kept of the source saves each process from reading all files
            shutil.copytree(tmp_path / "run 0" / "home" / "source", base / "home" / "source")
        return _run(ROWS[number], original, base, workers.address)

    runs = [published(0)]
    with ThreadPoolExecutor(2) as pool:
        runs += pool.map(published, range(1, len(ROWS)))
    assert len(runs[0]) > 20
    found = [(row, first_difference(runs[0], run)) for row, run in zip(ROWS, runs, strict=True)]
    differing = [f"{where} with {row}, compared with {ROWS[0]}" for row, where in found if where]
    assert not differing, "\n".join(differing)


def _environment(row: Row) -> dict[str, str]:
    settings = {"PYTHONHASHSEED": row["hash seed"], "TZ": row["time zone"], **dict.fromkeys(THREADS, row["threads"])}
    if row["locale"] == "ASCII":  # Python without its own remedies
        return settings | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    return settings | {"LC_ALL": row["locale"]}


def _run(row: Row, original: Path, base: Path, scheduler: str) -> dict[str, bytes]:
    """One run in a store without results, from fresh files; what it has published."""
    world = base / "orvia"
    world.mkdir(parents=True)
    names = sorted((path.name for path in original.iterdir()), reverse=row["order"] == "reversed")
    for name in names:
        shutil.copyfile(original / name, world / name)
    kind, _, jobs = row["executor"].partition(" ")
    where = ("--scheduler", scheduler) if kind == "dask" else ("--jobs", jobs or "1")
    folder = {"above": base, "root": Path("/"), "inside": world}[row["folder"]]
    named = {"above": "orvia", "root": str(world), "inside": "."}[row["folder"]]
    environment = os.environ | {"NEWSANGLE_HOME": str(base / "home"), "PYTHONPATH": str(SOURCE)} | _environment(row)
    done = subprocess.run(
        [sys.executable, "-m", "newsangle.cli", "run", named, "--runs", str(base / "runs"), *where],
        env=environment,
        cwd=folder,
        umask=int(row["umask"], 8),
        capture_output=True,
        timeout=600,
    )
    assert done.returncode == 0, f"{row}: {done.stderr.decode(errors='replace')}"
    place = base / "runs" / "orvia"
    return {p.relative_to(place).as_posix(): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file()}
