"""Which of our own source does a function depend on? Symbols, the symbols that they name, and so on to the end.

A symbol is a function, class or value at the top of a module. Its meaning is its syntax tree without docstrings and
comments, so an edited comment changes nothing, and an edited helper changes exactly what uses it. Names are followed
without regard to scope: a local name that is also a helper's counts, so a dependency is never missed, at worst one too
many is seen. Statements that only act (a loop, a call at the top) belong to everything in their module. What this can't
follow (`import *`, one module that changes another) our modules don't do; a test reads them all.
"""

import ast
import hashlib
import json
import platform
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT.name
_LOOSE = ""  # the symbol of what a module does beside defining names
_WHOLE = "*"


@dataclass(frozen=True)
class Symbol:
    """Digest of its syntax tree, the symbols `module:name` that it names, and the foreign packages."""

    digest: str
    uses: tuple[str, ...]
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What a function is made of: module → digest of the symbols of it that count, and foreign packages by name."""

    modules: Mapping[str, str]
    packages: tuple[str, ...]


Index = dict[str, dict[str, Symbol]]
State = list[tuple[str, int, int]]


def source_of(*roots: str) -> Source:
    """Everything of ours that the symbols `module:name` depend on. Raises KeyError for a symbol that isn't there."""
    index, seen = _index(), symbols_of(*roots)
    packages = {package for module, name in seen for package in index[module][name].packages}
    digests = {
        module: _hash([[name, index[module][name].digest] for at, name in sorted(seen) if at == module])
        for module in sorted({module for module, _ in seen})
    }
    return Source(digests, tuple(sorted(packages)))


def symbols_of(*roots: str) -> set[tuple[str, str]]:
    """Which symbols (module, name) do these `module:name` depend on, themselves included?"""
    index = _index()
    wanted, seen = list(roots), set[tuple[str, str]]()
    while wanted:
        module, _, name = wanted.pop().partition(":")
        for symbol in _resolve(index, module, name):
            if (module, symbol) not in seen:
                seen.add((module, symbol))
                wanted += index[module][symbol].uses
    return seen


def _resolve(index: Index, module: str, name: str) -> Iterator[str]:
    symbols = index[module]
    if name != _WHOLE and name not in symbols and f"{module}.{name}" not in index:
        if "__getattr__" not in symbols:
            raise KeyError(f"{module}:{name}")
        name = _WHOLE  # looked up when it runs: anything there may be meant
    yield from symbols if name == _WHOLE else {name, _LOOSE} & symbols.keys()


@cache
def package_digest() -> str:
    """Hash of all of our source, whatever uses it: is this the same newsangle?"""
    index = _index()
    return _hash(
        [[module, name, symbol.digest] for module in sorted(index) for name, symbol in sorted(index[module].items())]
    )


@cache
def _index() -> Index:
    """All symbols of the package, read from its files; kept beside the store's objects by the hash of their bytes."""
    from newsangle.runs.store import kept_json, store_folder

    found = kept_json(store_folder(), _index_name(), lambda: _as_json(index_modules(_contents())))
    return {
        module: {name: Symbol(digest, tuple(uses), tuple(packages)) for name, (digest, uses, packages) in rows.items()}
        for module, rows in found.items()
    }


def keep_index() -> None:
    """Keep the index in a store that was begun after it was read, so that no worker has to read all files itself."""
    from newsangle.runs.store import kept_json, store_folder

    kept_json(store_folder(), _index_name(), lambda: _as_json(_index()))


def _index_name() -> str:
    return f"source/{index_file()}"


def index_file() -> str:
    """What is the file called that keeps the index of this source? Each Python has its own syntax tree."""
    contents = [[name, hashlib.sha256(content).hexdigest()] for name, content in _contents().items()]
    return _hash([platform.python_version_tuple()[:2], contents]) + ".json"


def _contents() -> dict[str, bytes]:
    return _hashed()[1]


@cache
def _hashed() -> tuple[State, dict[str, bytes]]:
    return disk_state(), {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sorted(ROOT.rglob("*.py"))}


def disk_state() -> State:
    """Our files as they lie on the disk now: name, time and size. Cheap, and changed by any edit."""
    found = ((path, path.stat()) for path in sorted(ROOT.rglob("*.py")))
    return [(path.relative_to(ROOT).as_posix(), status.st_mtime_ns, status.st_size) for path, status in found]


def unchanged() -> bool:
    """Do our files lie there as they did when this process hashed them? If not, it may run other code than it tells."""
    return disk_state() == _hashed()[0]


def _as_json(index: Index) -> dict[str, Any]:
    return {
        module: {name: [symbol.digest, symbol.uses, symbol.packages] for name, symbol in rows.items()}
        for module, rows in index.items()
    }


def index_modules(contents: Mapping[str, bytes]) -> Index:
    """The symbols of each module; `contents`: the bytes of each file by its path within the package."""
    trees = {_module_name(path): _without_docstrings(ast.parse(content)) for path, content in contents.items()}
    return {module: _symbols(module, tree, trees.keys()) for module, tree in trees.items()}


def _module_name(path: str) -> str:
    parts = [PACKAGE, *path.removesuffix(".py").split("/")]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _symbols(module: str, tree: ast.Module, modules: Collection[str]) -> dict[str, Symbol]:
    nodes: dict[str, list[ast.AST]] = {_LOOSE: []}
    imported: dict[str, set[str]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom) or _is_for_types(statement):
            for node in ast.walk(statement):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    for name, place in _imports(node, modules):
                        imported.setdefault(name, set()).add(place)
        elif not _is_docstring(statement):
            names = list(_defines(statement))
            for name in names:
                nodes.setdefault(name, []).append(statement)
            if not names or not isinstance(statement, _PLAIN):
                nodes[_LOOSE].append(statement)
    found = {name: _symbol(module, parts, nodes, imported, modules) for name, parts in nodes.items()}
    # What a module imports can be imported from it in turn.
    for name, places in imported.items():
        found.setdefault(name, Symbol(_hash(sorted(places)), *_split(places)))
    return found


_PLAIN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def _defines(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)


def _symbol(
    module: str,
    parts: list[ast.AST],
    own: Mapping[str, Any],
    imported: Mapping[str, set[str]],
    modules: Collection[str],
) -> Symbol:
    uses: set[str] = set()
    named = set(modules) - {PACKAGE}
    bound: dict[str, list[str]] = {}  # its tree says `f`; that f is numpy's log is said by the import alone
    for node in (node for part in parts for node in _walk(part)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            uses |= {place for _, place in _imports(node, modules)}
        elif isinstance(node, ast.Name):
            if node.id in own:
                uses.add(f"{module}:{node.id}")
            if node.id in imported:
                uses |= imported[node.id]
                bound[node.id] = sorted(imported[node.id])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in named:
            uses.add(f"{node.value}:{_WHOLE}")  # imported by its name when it is wanted
    return Symbol(_hash([[ast.dump(part) for part in parts], sorted(bound.items())]), *_split(uses))


def _walk(part: ast.AST) -> Iterator[ast.AST]:
    """Every node, those of annotations that are written as text included."""
    for node in ast.walk(part):
        yield node
        written = getattr(node, "annotation", None) or getattr(node, "returns", None)
        if isinstance(written, ast.Constant) and isinstance(written.value, str):
            yield from ast.walk(ast.parse(written.value, mode="eval"))


def _split(places: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Symbols of ours, which hold a colon, and packages of others."""
    ours = sorted(place for place in places if ":" in place)
    return tuple(ours), tuple(sorted({place.split(".")[0] for place in places if ":" not in place}))


def _imports(node: ast.Import | ast.ImportFrom, modules: Collection[str]) -> Iterator[tuple[str, str]]:
    """Which names does an import bind, and what does each stand for: `numpy.log`, or `module:name` of ours?"""
    for alias in node.names:
        place = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        first = place.split(".")[0]
        name = alias.asname or (first if isinstance(node, ast.Import) else alias.name)
        if first != PACKAGE:
            yield name, place
        elif place in modules:
            yield name, f"{place}:{_WHOLE}"
        else:
            yield name, f"{node.module}:{alias.name}"  # type: ignore[union-attr]


def _is_for_types(statement: ast.stmt) -> bool:
    test = statement.test if isinstance(statement, ast.If) else None
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _is_docstring(node.body[0]):
            node.body = node.body[1:]
    return tree


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()[:32]
