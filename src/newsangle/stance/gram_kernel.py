"""The loops of `inner_products`: sparse rows with sparse rows, each sum in the order of the columns."""

from typing import Any

import numpy as np

from newsangle.compiled import kernels

compiled = kernels(__file__)


@compiled
def by_column(indptr: Any, indices: Any, data: Any, n: int, n_columns: int) -> Any:
    """The first `n` rows column by column: where each column starts, its rows in order, their values."""
    starts = np.zeros(n_columns + 1, dtype=np.int64)
    for cell in range(indptr[n]):
        starts[indices[cell] + 1] += 1
    for column in range(n_columns):
        starts[column + 1] += starts[column]
    free = starts[:-1].copy()
    rows, values = np.empty(starts[-1], dtype=np.int64), np.empty(starts[-1])
    for row in range(n):
        for cell in range(indptr[row], indptr[row + 1]):
            place = free[indices[cell]]
            rows[place], values[place] = row, data[cell]
            free[indices[cell]] += 1
    return starts, rows, values


@compiled
def products(indptr: Any, indices: Any, data: Any, n: int, starts: Any, rows: Any, values: Any) -> Any:
    """Inner products of every row with each of the first `n`; those of two of these are computed once."""
    n_rows = len(indptr) - 1
    out = np.zeros((n_rows, n))
    for row in range(n_rows):
        for cell in range(indptr[row], indptr[row + 1]):
            value = data[cell]
            for place in range(starts[indices[cell]], starts[indices[cell] + 1]):
                if rows[place] > row:
                    break
                out[row, rows[place]] += value * values[place]
    for row in range(n):
        for other in range(row):
            out[other, row] = out[row, other]
    return out
