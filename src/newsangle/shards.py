"""How do threads share work without changing a byte? Fixed ranges of rows; who works on which doesn't matter."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

N_SHARDS = 16  # fixed, so that sums over them are added in one order whatever the threads

Run = Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]]


def shard_bounds(cells: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where does each of the ranges of rows begin and the last one end, with about equally many cells in each?

    cells: running number of cells before each row (indptr). N_SHARDS + 1 row numbers; a range may be empty.
    """
    bounds = np.searchsorted(cells, np.linspace(0, cells[-1], N_SHARDS + 1)).astype(np.int64)
    bounds[0], bounds[-1] = 0, len(cells) - 1
    return bounds


@contextmanager
def threads(n_jobs: int) -> Iterator[Run]:
    """run(work, items) → results in the order of the items, in up to n_jobs threads; one is the calling thread."""
    if n_jobs <= 1:
        yield lambda work, items: [work(item) for item in items]
        return
    with ThreadPoolExecutor(n_jobs) as pool:
        yield lambda work, items: list(pool.map(work, items))
