"""Has this been computed before? Intermediate results by the hash of everything that they were made from.

An object is a folder `objects/AB/KEY/` of safe formats (Parquet, NPZ, JSON) and a `manifest.json` with the SHA-256 of
each. It is verified whenever it is read; a damaged one is set aside in `damaged/` and made again.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from newsangle.corpus.fetch import file_sha256
from newsangle.errors import machine_errors
from newsangle.runs.files import published_folder

Values = Mapping[str, Any]
MANIFEST = "manifest.json"


def store_folder() -> Path:
    """Where are intermediate results kept? `.newsangle` in the current folder, NEWSANGLE_HOME elsewhere."""
    return Path(os.environ.get("NEWSANGLE_HOME") or ".newsangle")


class Store:
    """A folder of intermediate results; `warn` is told, in one line, of each damaged object."""

    def __init__(self, root: Path, warn: Callable[[str], None] | None = None) -> None:
        self.root = root
        self._warn = warn

    def folder(self, key: str) -> Path:
        """Where is the object with this key, if it is there?"""
        return self.root / "objects" / key[:2] / key

    def has(self, key: str) -> bool:
        """Is there an unharmed object with this key? A damaged one is set aside, as if it weren't there."""
        folder = self.folder(key)
        if not folder.is_dir():
            return False
        fault = _fault(folder)
        if fault is None:
            return True
        if self._warn is not None:
            self._warn(f"{fault}; set aside and computed again")
        with machine_errors(folder):
            aside = self.root / "damaged" / key
            aside.parent.mkdir(parents=True, exist_ok=True)
            number = 0
            while aside.exists():
                number += 1
                aside = aside.with_name(f"{key}.{number}")
            folder.rename(aside)
        return False

    def load(self, key: str) -> dict[str, Any]:
        """The values stored under this key. Raises KeyError where there are none, or none unharmed."""
        if not self.has(key):
            raise KeyError(key)
        return {path.stem: _read(path) for path in sorted(self.folder(key).iterdir()) if path.name != MANIFEST}

    def save(self, key: str, values: Values) -> None:
        """Keep values under this key: tables, arrays, sparse matrices, and anything that is JSON."""
        with published_folder(self.folder(key)) as folder:
            for name, value in sorted(values.items()):
                _write(folder / name, value)
            files = {path.name: file_sha256(path) for path in sorted(folder.iterdir())}
            (folder / MANIFEST).write_text(json.dumps(files, indent=1, sort_keys=True), encoding="utf-8")


def _fault(folder: Path) -> str | None:
    try:
        files: dict[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        present = {path.name for path in folder.iterdir()} - {MANIFEST}
        if present != set(files):
            return f"{folder}: its files are not those of its manifest"
        wrong = next((name for name, known in sorted(files.items()) if file_sha256(folder / name) != known), None)
    except (OSError, ValueError, AttributeError) as error:
        return f"{folder}: can't be verified ({type(error).__name__})"
    return f"{folder / wrong}: its hash is not that of its manifest" if wrong else None


def _write(path: Path, value: Any) -> None:
    if isinstance(value, pd.DataFrame):
        value.to_parquet(path.with_suffix(".parquet"), index=False)
    elif sp.issparse(value):
        sp.save_npz(path.with_suffix(".npz"), sp.csr_matrix(value), compressed=False)
    elif isinstance(value, np.ndarray):
        np.save(path.with_suffix(".npy"), value, allow_pickle=False)
    else:
        path.with_suffix(".json").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _read(path: Path) -> Any:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".npz":
        return sp.csr_matrix(sp.load_npz(path))
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False)
    return json.loads(path.read_text(encoding="utf-8"))
