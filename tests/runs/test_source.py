"""The source that a stage depends on: all that it calls is in it, and an edit of a comment is none."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import newsangle
from newsangle.runs import jobs, source
from newsangle.runs.digests import DISTRIBUTIONS, KEPT, WHOLE_RUN
from newsangle.runs.progress import Progress
from newsangle.runs.source import Source, index_modules, source_of, symbols_of
from newsangle.runs.stages import STAGES

BASE = {
    "a.py": b"""
from newsangle import b
from newsangle.c import LIMIT, helper as helps
import numpy as np

def stage(x):
    return b.double(x) + other(x)

def other(x):
    return np.log(helps(x))

def unrelated(x):
    return x - 1
""",
    "b.py": b"""
def double(x):
    "Twice as much."
    return 2 * x  # a comment
""",
    "c.py": b"""
import pandas
from newsangle.d import deep
TABLE = {}
for name in "ab":
    TABLE[name] = 1
LIMIT = 3
def helper(x): return min(x, TABLE["a"]) + deep()
def lonely(x): return pandas.isna(x)
""",
    "d.py": b"def deep(): return 5\nclass Never: pass\n",
    "e.py": b"def far(): return 1\n",
}


def _of(monkeypatch: pytest.MonkeyPatch, contents: dict[str, bytes], root: str = "newsangle.a:stage") -> Source:
    monkeypatch.setattr(source, "_index", lambda: index_modules(contents))
    return source_of(root)


def _edited(name: str, before: bytes, after: bytes) -> dict[str, bytes]:
    assert before in BASE[name]
    return BASE | {name: BASE[name].replace(before, after)}


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("b.py", b"# a comment", b"# another"),
        ("b.py", b"Twice as much.", b"Doubled."),
        ("b.py", b"return 2 * x", b"return  2*x"),
        ("a.py", b"return x - 1", b"return x - 2"),
        ("c.py", b"pandas.isna(x)", b"pandas.notna(x)"),
        ("d.py", b"class Never: pass", b"class Never: value = 1"),
        ("e.py", b"return 1", b"return 2"),
    ],
)
def test_comments_docstrings_and_what_a_stage_does_not_use_change_nothing(
    monkeypatch: pytest.MonkeyPatch, name: str, before: bytes, after: bytes
) -> None:
    assert _of(monkeypatch, BASE) == _of(monkeypatch, _edited(name, before, after))


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.py", b"+ other(x)", b"- other(x)"),
        ("a.py", b"np.log(helps(x))", b"np.exp(helps(x))"),
        ("b.py", b"2 * x", b"3 * x"),
        ("c.py", b"+ deep()", b"- deep()"),
        ("c.py", b'"ab"', b'"abc"'),  # what a module does at its top
        ("d.py", b"return 5", b"return 6"),
    ],
)
def test_an_edit_of_a_helper_however_far_away_is_seen(
    monkeypatch: pytest.MonkeyPatch, name: str, before: bytes, after: bytes
) -> None:
    changed = _of(monkeypatch, _edited(name, before, after))
    base = _of(monkeypatch, BASE)
    module = f"newsangle.{name[0]}"
    assert changed.modules[module] != base.modules[module]
    assert {k: v for k, v in changed.modules.items() if k != module} == {
        k: v for k, v in base.modules.items() if k != module
    }


def test_packages_are_those_of_the_symbols_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _of(monkeypatch, BASE).packages == ("numpy",)
    assert _of(monkeypatch, BASE, "newsangle.c:lonely").packages == ("pandas",)
    with pytest.raises(KeyError):
        _of(monkeypatch, BASE, "newsangle.a:nosuch")


@pytest.mark.slow
def test_every_function_of_ours_that_a_stage_calls_is_in_its_source(
    make_world: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof for the analysis: what really ran, seen by the interpreter, on every stage."""
    monkeypatch.setenv("NEWSANGLE_HOME", str(tmp_path / "home"))
    world = make_world(tmp_path / "orvia")
    called: dict[str, set[CodeType]] = {}
    perform = jobs.perform

    def watched(root: Path, call: jobs.Call) -> bool:
        codes = called.setdefault(str(call.recipe["stage"]), set())

        def see(frame: FrameType, event: str, argument: Any) -> None:
            if event == "call" and frame.f_code.co_filename.startswith(str(source.ROOT)):
                codes.add(frame.f_code)

        sys.setprofile(see)
        try:
            return perform(root, call)
        finally:
            sys.setprofile(None)

    monkeypatch.setattr(jobs, "perform", watched)
    quiet, places = Progress(quiet=True), {"runs": tmp_path / "runs", "jobs": 1}
    newsangle.run_experiment(world, progress=quiet, **places)
    seeded = {"topics.model": "lda", "topics.seed_words": {"water": ["flooded"]}, "topics.bootstrap": 2}
    seeded |= {"tasks.frame.models": ["lsa", "average"], "tasks.frame.split": "outlet"}
    newsangle.run_experiment(world, seeded, progress=quiet, **places)
    assert called.keys() == STAGES.keys()
    for stage, codes in called.items():
        function = STAGES[stage]
        seen = symbols_of(f"{function.__module__}:{function.__qualname__}", *KEPT)
        own = {"runs/jobs.py", "runs/store.py", "runs/digests.py", "runs/files.py", "runs/source.py", "errors.py"}
        missed = set()
        for code in codes:
            path = Path(code.co_filename).relative_to(source.ROOT).as_posix()
            top = code.co_qualname.split(".")[0]
            # What the store does, and what only says where a name lives.
            aside = path in own or code.co_qualname in ("file_sha256", "__getattr__")
            if not aside and top != "<module>" and (source._module_name(path), top) not in seen:
                missed.add(f"{path}: {code.co_qualname}")
        assert not missed, stage


def test_every_foreign_package_of_a_run_is_in_the_table() -> None:
    foreign = {p for p in source_of(*WHOLE_RUN).packages if p not in sys.stdlib_module_names}
    assert foreign <= DISTRIBUTIONS.keys()
    assert {"numpy", "sklearn", "matplotlib", "numba"} <= foreign
