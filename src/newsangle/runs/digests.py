"""Is this the same thing as before? Hashes of content: files, configs, our own source, package versions."""

import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from newsangle.corpus.fetch import file_sha256
from newsangle.runs.source import ROOT, source_of

# Foreign packages whose version can change a number or a byte of a run, by the name that they are imported by, each
# with those that do its work; (): it moves bytes or shows progress, and changes none.
DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "numpy": ("numpy",),
    "scipy": ("scipy", "numpy"),
    "sklearn": ("scikit-learn", "scipy", "numpy"),
    "gensim": ("gensim", "scipy", "numpy"),
    "numba": ("numba", "llvmlite", "numpy"),
    "llvmlite": ("llvmlite",),
    "pandas": ("pandas", "numpy"),
    "pyarrow": ("pyarrow",),
    "matplotlib": ("matplotlib", "pillow", "numpy"),
    "jinja2": ("jinja2",),
    "pydantic": ("pydantic",),
    "pydantic_core": ("pydantic",),
    "tomli_w": ("tomli-w",),
    "trafilatura": ("trafilatura", "lxml"),
    "lxml": ("lxml",),
    "py3langid": ("py3langid",),
    "warcio": ("warcio",),
    "distributed": (),
    "filelock": (),
    "fsspec": (),
    "loky": (),
    "platformdirs": (),
    "rich": (),
    "threadpoolctl": (),
    "typer": (),
}
# How a stage's values are kept is part of what they are.
KEPT = ("newsangle.runs.values:write_value", "newsangle.runs.values:read_value")
WHOLE_RUN = (
    *KEPT,
    "newsangle.runs.stages:STAGES",
    "newsangle.runs.plan:plan",
    "newsangle.runs.experiment:load_experiment",
    "newsangle.runs.compute:_without_failed",
    "newsangle.runs.compute:_message",
    "newsangle.runs.assemble:assemble",
    "newsangle.runs.folder:publish",
)


def digest(value: Any) -> str:
    """SHA-256 of a JSON value, the same for equal values whatever the order of their keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, allow_nan=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def run_source() -> str:
    """Hash of the source that makes a run, report and templates included: what decides whether it is up to date."""
    parts = dict(source_of(*WHOLE_RUN).modules)
    for path in sorted((ROOT / "runs" / "templates").glob("report.*")):  # the others make no run
        parts[path.relative_to(ROOT).as_posix()] = file_sha256(path)
    return digest(parts)


@cache
def stage_source(root: str) -> tuple[dict[str, str], dict[str, str]]:
    """Of the function `module:name` of a stage: digests of the modules that it depends on, versions of packages."""
    source = source_of(root, *KEPT)
    names = {name for package in source.packages for name in DISTRIBUTIONS.get(package, ())}
    return dict(source.modules), versions_of(names)


def package_versions() -> dict[str, str]:
    """Which versions of Python and of the packages that can change a run are installed?

    Looked up once in a process, since workers ask before every job.
    """
    return versions_of(_of_whole_run())


@cache
def _of_whole_run() -> frozenset[str]:
    packages = source_of(*WHOLE_RUN).packages
    return frozenset(name for package in packages for name in DISTRIBUTIONS.get(package, ()))


def versions_of(names: Iterable[str]) -> dict[str, str]:
    """The installed versions of Python (without its patch) and of these distributions; "absent" for one that isn't."""
    return {"python": ".".join(platform.python_version_tuple()[:2])} | {name: _version(name) for name in sorted(names)}


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
