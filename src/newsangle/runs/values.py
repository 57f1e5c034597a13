"""How is a value kept in a file? Tables as Parquet, arrays as NPY, sparse matrices as NPZ, all else as JSON."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp


def write_value(path: Path, value: Any) -> None:
    """Write a value as `path` with the ending of its kind; nothing is pickled."""
    ending, content = _content(value)
    path.with_suffix(ending).write_bytes(content)


def _content(value: Any) -> tuple[str, bytes]:
    # In memory first: np.save into a file doesn't notice that the disk is full and leaves half an array.
    buffer = io.BytesIO()
    if isinstance(value, pd.DataFrame):
        value.to_parquet(buffer, index=False)
        return ".parquet", buffer.getvalue()
    if sp.issparse(value):
        sp.save_npz(buffer, sp.csr_matrix(value), compressed=False)
        return ".npz", buffer.getvalue()
    if isinstance(value, np.ndarray):
        np.save(buffer, value, allow_pickle=False)
        return ".npy", buffer.getvalue()
    return ".json", json.dumps(value, ensure_ascii=False).encode()


def read_value(path: Path) -> Any:
    """The value that `write_value` wrote in this file."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".npz":
        return sp.csr_matrix(sp.load_npz(path))
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False)
    return json.loads(path.read_text(encoding="utf-8"))
