"""How are 64 bits scrambled? splitmix64, for arrays as it stands and for kernels that compile it."""

from typing import Any

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # what a splitmix64 generator moves on by


def splitmix(x: Any) -> Any:
    """splitmix64's output function (Steele, Lea and Flood 2014) of a uint64 or an array of them."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
