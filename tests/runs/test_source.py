"""The source that a stage depends on: all that it calls is in it, and an edit of a comment is none."""

import ast
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


SMALL = {  # the module `a`, the other modules, and an edit: which file, what, by what
    "an alias that stands for another helper": (
        "from newsangle.b import f as x, g as y\ndef stage(): return x() - y()",
        {"b": "def f(): return 1\ndef g(): return 2"},
        ("a", "f as x, g as y", "g as x, f as y"),
    ),
    "an alias that stands for another module": (
        "from newsangle import b as x, c as y\ndef stage(): return x.f() - y.f()",
        {"b": "def f(): return 1", "c": "def f(): return 2"},
        ("a", "b as x, c as y", "c as x, b as y"),
    ),
    "an alias of another package": (
        "from numpy import log as f\ndef stage(): return f(3)",
        {},
        ("a", "log as f", "exp as f"),
    ),
    "a name that is handed on as another": (
        "from newsangle.b import x, y\ndef stage(): return x() - y()",
        {"b": "from newsangle.c import f as x, g as y", "c": "def f(): return 1\ndef g(): return 2"},
        ("b", "f as x, g as y", "g as x, f as y"),
    ),
    "an import that another one may replace": (
        "from newsangle.b import f\nwith maybe:\n    from newsangle.c import f\ndef stage(): return f()",
        {"b": "def f(): return 1", "c": "def f(): return 1"},
        ("b", "return 1", "return 2"),
    ),
    "an import for types that has the name of one": (
        "from newsangle.b import f\nif TYPE_CHECKING:\n    from newsangle.c import f\ndef stage(): return f()",
        {"b": "def f(): return 1", "c": "def f(): return 1"},
        ("b", "return 1", "return 2"),
    ),
    "a name used before the module gives it to something else": (
        "from newsangle.b import f\ng = f\ndef f(): return g()\ndef stage(): return f()",
        {"b": "def f(): return 1"},
        ("b", "return 1", "return 2"),
    ),
    "a module named by a text": (
        "from newsangle.p import f\ndef stage(): return f()",
        {
            "p/__init__": "HOMES = {'f': 'newsangle.b'}\ndef __getattr__(name): return load(HOMES[name], name)",
            "b": "def f(): return 1",
        },
        ("b", "return 1", "return 2"),
    ),
    "a decorator": (
        "from newsangle.b import twice\n@twice\ndef stage(): return 1",
        {"b": "def twice(f): return lambda: 2 * f()"},
        ("b", "2 *", "3 *"),
    ),
    "the default of an argument": (
        "from newsangle.b import N\ndef stage(x=N): return x",
        {"b": "N = 1"},
        ("b", "1", "2"),
    ),
    "a base class": (
        "from newsangle.b import Base\nclass Own(Base): pass\ndef stage(): return Own().m()",
        {"b": "class Base:\n    def m(self): return 1"},
        ("b", "return 1", "return 2"),
    ),
    "a row of a table": (
        "def f(): return 1\ndef g(): return 2\nTABLE = {'f': f, 'g': g}\ndef stage(name): return TABLE[name]()",
        {},
        ("a", "return 2", "return 3"),
    ),
    "an entry that the module adds": ("T = {}\nT['x'] = 1\ndef stage(): return T", {}, ("a", "= 1", "= 2")),
    "a list made longer": ("T = [1]\nT += [2]\ndef stage(): return T", {}, ("a", "[2]", "[3]")),
    "one of two definitions": (
        "if X:\n    def f(): return 1\nelse:\n    def f(): return 2\ndef stage(): return f()",
        {},
        ("a", "return 2", "return 3"),
    ),
    "a walrus": ("Y = (X := 3)\ndef stage(): return X", {}, ("a", "3", "4")),
    "a global that a call sets": (
        "X = 0\ndef start():\n    global X\n    X = 1\nstart()\ndef stage(): return X",
        {},
        ("a", "    X = 1", "    X = 2"),
    ),
    "the type of an annotation that is a text": (
        "from newsangle.b import C\ndef stage(x: 'C'): return x",
        {"b": "class C:\n    x: int = 1"},
        ("b", "= 1", "= 2"),
    ),
    "a submodule by its long name": (
        "import newsangle.p.b\nimport newsangle.p.c\ndef stage(): return newsangle.p.b.f()",
        {"__init__": "", "p/__init__": "", "p/b": "def f(): return 1", "p/c": ""},
        ("p/b", "return 1", "return 2"),
    ),
}


@pytest.mark.parametrize("what", SMALL)
def test_an_edit_is_seen_of(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    stage, others, (edited, before, after) = SMALL[what]
    texts = {"a": stage} | others
    assert before in texts[edited]
    changed = texts | {edited: texts[edited].replace(before, after)}
    one, two = ({f"{name}.py": text.encode() for name, text in given.items()} for given in (texts, changed))
    assert _of(monkeypatch, one) != _of(monkeypatch, two)


def test_docstrings_count_for_nothing_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        b"try:\n    import x\nexcept ImportError:\n    class x(Exception):\n        'No JSON.'\ndef stage(): return x"
    )
    base, other = ({"a.py": text.replace(b"No JSON.", told)} for told in (b"No JSON.", b"None here."))
    assert _of(monkeypatch, base) == _of(monkeypatch, other)


def test_our_modules_do_nothing_that_the_analysis_cannot_follow() -> None:
    for path, content in source._contents().items():
        tree = ast.parse(content)
        once: set[str] = set()
        own = {name for statement in tree.body for name in source._defines(statement)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert {"*"} != {alias.name for alias in node.names}, f"{path}: import *"
            assert not (isinstance(node, ast.Name) and node.id in {"globals", "eval", "exec"}), f"{path}: {node.id}"
        for statement in tree.body:
            place = f"{path}:{statement.lineno}"
            if isinstance(statement, source._PLAIN):
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement]
                names = {target.id for target in targets if isinstance(target, ast.Name)}
                names |= {statement.name} if hasattr(statement, "name") else set()
                assert not names & once, f"{place}: {names} twice; which is meant depends on the order"
                once |= names
            elif not isinstance(statement, ast.Import | ast.ImportFrom) and not source._is_docstring(statement):
                if source._is_for_types(statement) or ast.unparse(statement).startswith("if __name__ =="):
                    continue
                assert not path.endswith("__init__.py"), f"{place}: acts when a module beside it is imported"
                changed = {
                    node.value.id
                    for node in ast.walk(statement)
                    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.value, ast.Name)
                }
                assert changed <= own, f"{place}: acts on what belongs to another module"


def test_each_python_keeps_an_index_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.12 and 3.13 write other syntax trees: digests of the one, found by the other, would be other keys."""
    here = source.index_file()
    monkeypatch.setattr("platform.python_version_tuple", lambda: ("3", "99", "0"))
    assert source.index_file() != here


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
        own |= {"runs/remote_store.py", "runs/spent.py", "runs/identity.py"}
        missed = set()
        for code in codes:
            path = Path(code.co_filename).relative_to(source.ROOT).as_posix()
            top = code.co_qualname.split(".")[0]
            # What the store does, and what only says where a name lives.
            aside = path in own or code.co_qualname in ("file_sha256", "sync", "__getattr__")
            if not aside and top != "<module>" and (source._module_name(path), top) not in seen:
                missed.add(f"{path}: {code.co_qualname}")
        assert not missed, stage


def test_every_foreign_package_of_a_run_is_in_the_table() -> None:
    foreign = {p for p in source_of(*WHOLE_RUN).packages if p not in sys.stdlib_module_names}
    assert foreign <= DISTRIBUTIONS.keys()
    assert {"numpy", "sklearn", "matplotlib", "numba"} <= foreign
