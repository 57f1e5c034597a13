"""How long does the flagship take, how much memory, and what does it score? Run with an empty store and data at hand.

.venv/bin/python benchmarks/flagship.py
"""

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run once from nothing and once more, and write results/flagship.json."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NEWSANGLE_HOME": str(Path(folder) / "home")}
        command = [sys.executable, "-m", "newsangle.cli", "run", "experiments/turkish_offensive_vs_isis"]
        command += ["--runs", str(Path(folder) / "runs")]
        seconds = []
        for _ in range(2):
            began = time.monotonic()
            subprocess.run(command, check=True, cwd=ROOT, env=environment)
            seconds.append(round(time.monotonic() - began, 2))
        [manifest] = (Path(folder) / "runs").rglob("manifest.json")
        records = json.loads((manifest.parent / "metrics.json").read_text(encoding="utf-8"))
    kept = ("macro_f1", "macro_f1_minus_keyword_rules", "perplexity", "npmi", "diversity")
    result = {
        "seconds": seconds[0],
        "seconds_when_found": seconds[1],
        # Of the largest single process; two of them work side by side.
        "peak_mb_per_process": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("newsangle", "numpy", "scikit-learn", "gensim", "pandas")},
        "scores": [
            {key: r[key] for key in ("task", "model", "metric", "value", "low", "high", "interval", "n")}
            for r in records
            if r["metric"] in kept and r["target"] is None
        ],
    }
    target = Path(__file__).parent / "results" / "flagship.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
