"""How is a value kept in a file? Tables as Parquet, arrays as NPY, sparse matrices as NPZ, all else as JSON."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp


def write_value(path: Path, value: Any) -> None:
    """Write a value as `path` with the ending of its kind; nothing is pickled."""
    if isinstance(value, pd.DataFrame):
        value.to_parquet(path.with_suffix(".parquet"), index=False)
    elif sp.issparse(value):
        sp.save_npz(path.with_suffix(".npz"), sp.csr_matrix(value), compressed=False)
    elif isinstance(value, np.ndarray):
        np.save(path.with_suffix(".npy"), value, allow_pickle=False)
    else:
        path.with_suffix(".json").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def read_value(path: Path) -> Any:
    """The value that `write_value` wrote in this file."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".npz":
        return sp.csr_matrix(sp.load_npz(path))
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False)
    return json.loads(path.read_text(encoding="utf-8"))
