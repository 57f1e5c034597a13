"""Do two files say the same, up to the last digits? For runs made on different machines or versions."""

import io
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

TOLERANCE = 1e-6


def numbers_differ(name: str, one: bytes, two: bytes) -> str | None:
    """Where do two files of one name differ first? None where numbers agree to 1e-6 and all else exactly.

    Numbers: |a − b| ≤ 1e-6 · max(1, |a|, |b|); whole numbers, words, labels and splits must be the same. JSON, Parquet
    and NPZ are read; any other file is compared by its bytes.
    """
    if name.endswith(".json"):
        return _values_differ(json.loads(one), json.loads(two), "")
    if name.endswith(".parquet"):
        first, second = pd.read_parquet(io.BytesIO(one)), pd.read_parquet(io.BytesIO(two))
        if list(first) != list(second) or len(first) != len(second):
            return f"{len(first)} rows of {list(first)}, now {len(second)} rows of {list(second)}"
        return _first(_arrays_differ(first[c].to_numpy(), second[c].to_numpy(), str(c)) for c in first)
    if name.endswith(".npz"):
        with (
            np.load(io.BytesIO(one), allow_pickle=False) as left,
            np.load(io.BytesIO(two), allow_pickle=False) as right,
        ):
            if sorted(left) != sorted(right):
                return f"arrays {sorted(left)}, now {sorted(right)}"
            return _first(_arrays_differ(left[key], right[key], key) for key in sorted(left))
    return None if one == two else "other bytes"


def _first(found: Any) -> str | None:
    return next((difference for difference in found if difference is not None), None)


def _arrays_differ(one: Any, two: Any, name: str) -> str | None:
    if one.shape != two.shape:
        return f"{name}: shape {one.shape}, now {two.shape}"
    if one.dtype.kind == two.dtype.kind == "f":
        with np.errstate(invalid="ignore"):  # infinite less infinite
            close = np.abs(one - two) <= TOLERANCE * np.maximum(1, np.maximum(np.abs(one), np.abs(two)))
        close &= np.isfinite(one) & np.isfinite(two)
        bad = ~(close | (one == two) | (np.isnan(one) & np.isnan(two)))
    elif one.dtype != object and two.dtype != object:
        bad = ~((one == two) | (pd.isna(one) & pd.isna(two)))
    else:
        return _first(
            _values_differ(_plain(a), _plain(b), f"{name}[{i}]")
            for i, (a, b) in enumerate(zip(one.flat, two.flat, strict=True))
        )
    if not bad.any():
        return None
    at = tuple(int(i) for i in np.argwhere(bad)[0])
    return f"{name}{list(at)}: {one[at]!s}, now {two[at]!s}"


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return None if pd.isna(value) else value


def _values_differ(one: Any, two: Any, place: str) -> str | None:
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        if one.keys() != two.keys():
            return f"{place or 'keys'}: {sorted(one)}, now {sorted(two)}"
        return _first(_values_differ(one[key], two[key], f"{place}.{key}" if place else str(key)) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        if len(one) != len(two):
            return f"{place}: {len(one)} entries, now {len(two)}"
        return _first(_values_differ(a, b, f"{place}[{i}]") for i, (a, b) in enumerate(zip(one, two, strict=True)))
    if isinstance(one, float) and isinstance(two, float):
        close = math.isfinite(one) and math.isfinite(two)
        same = one == two or (close and abs(one - two) <= TOLERANCE * max(1.0, abs(one), abs(two)))
        return None if same else f"{place}: {one}, now {two}"
    return None if one == two and type(one) is type(two) else f"{place}: {one!r}, now {two!r}"
