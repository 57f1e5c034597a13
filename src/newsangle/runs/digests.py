"""Is this the same thing as before? Hashes of content: files, configs, our own source, package versions."""

import ast
import hashlib
import json
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from newsangle.corpus.fetch import file_sha256

# Packages whose version can change a number or a byte of a run.
PACKAGES = (
    *("numpy", "scipy", "scikit-learn", "gensim", "numba", "llvmlite", "pandas", "pyarrow"),
    *("matplotlib", "pillow", "jinja2", "pydantic", "tomli-w"),
)


def digest(value: Any) -> str:
    """SHA-256 of a JSON value, the same for equal values whatever the order of their keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, allow_nan=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def source_digest() -> str:
    """Hash of our own source: syntax trees without docstrings and comments, and the report's templates."""
    root = Path(__file__).resolve().parents[1]
    parts = {}
    for path in sorted(root.rglob("*.py")):
        parts[path.relative_to(root).as_posix()] = hashlib.sha256(_meaning(path).encode()).hexdigest()
    for path in sorted((root / "runs" / "templates").iterdir()):
        parts[path.relative_to(root).as_posix()] = file_sha256(path)
    return digest(parts)


def _meaning(path: Path) -> str:
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
    return ast.dump(tree)


@cache
def package_versions() -> dict[str, str]:
    """Which versions of Python and of the packages that can change a result are installed?"""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found
