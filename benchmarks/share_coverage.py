"""How often do the limits of a coverage share hold the true share? Simulated corpora, 2,000 coded samples a cell.

.venv/bin/python benchmarks/share_coverage.py
"""

import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from share_worlds import Cell, Result, faults, grid, simulate

sys.path.pop(0)  # or `import coverage` would find tests/coverage

DRAWS = 2000


def main() -> None:
    """Simulate every cell, print what fails, write results/share_coverage.json."""
    began = time.monotonic()
    rows, failed = [], []
    by_outlet = [Cell(n=700, prevalence=p) for p in (0.05, 0.2)]
    for cell, outlets in [*((c, False) for c in grid()), *((c, True) for c in by_outlet)]:
        for key, result in simulate(cell, draws=DRAWS, by_outlet=outlets).items():
            rows.append(row(cell, key, result))
            failed += faults(cell, key, result)
    told = [r for r in rows if r["numbers"] >= 100]
    summary = {
        "cells": len(told),
        "lowest_coverage": min(r["coverage"] for r in told),
        "cells_failing": failed,
        "widest_beside_coded_sample_alone": max(round(r["width"] / r["width_alone"], 3) for r in told),
        "mean_width_beside_coded_sample_alone": {
            c: round(sum(r["width"] / r["width_alone"] for r in mine) / len(mine), 3)
            for c in dict.fromkeys(r["classifier"] for r in told)
            for mine in [[r for r in told if r["classifier"] == c]]
        },
        "classify_and_count_mean_coverage": round(sum(r["naive"] for r in told) / len(told), 3),
    }
    result = {
        "draws": DRAWS,
        "seconds": round(time.monotonic() - began, 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numpy", "scipy")},
        "summary": summary,
        "cells": rows,
    }
    target = Path(__file__).parent / "results" / "share_coverage.json"
    target.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(summary, indent=1, ensure_ascii=False))


def row(cell: Cell, key: str, result: Result) -> dict[str, float | str | int | None]:
    """One cell as it stands in the file; a number that there isn't is null."""
    said = {k: getattr(cell, k) for k in cell.__dataclass_fields__} | {"slice": key, "numbers": result.numbers}
    names = ("coverage", "coverage_alone", "width", "width_alone", "used", "naive")
    numbers = {k: getattr(result, k) for k in names}
    return said | {k: None if v != v else round(v, 4) for k, v in numbers.items()}


if __name__ == "__main__":
    main()
