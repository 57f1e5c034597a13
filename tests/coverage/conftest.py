"""Makes the simulated worlds importable from the tests beside it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import share_worlds  # noqa: F401

sys.path.pop(0)  # or `import coverage`, which numba tries, would find tests/coverage
