"""How good and how fast is our LDA beside scikit-learn's, gensim's, tomotopy's and topica's?

One process run after another, one thread each, on the same matrices (topic_corpora.py), scored by one evaluator. Round
r fits everything with seed r; ratios compare rows of one round, so that a busy machine slows both. Measured: seconds of
the fit (wall, CPU), held-out perplexity, exact NPMI, diversity, stability over the seeds.

    pip install -e '.[bench]'
    python benchmarks/topic_models.py SCRATCH              # five rounds, over an hour; run again to go on
    python benchmarks/topic_models.py SCRATCH --collect    # results/topic_models.json, figure, README tables
    python benchmarks/topic_models.py SCRATCH --memory     # peak memory, after a few steps of each

SCRATCH, outside the repository, keeps matrices, φ and one line for each fit (rows.jsonl). Without the corpora in
../shared/data (or --data) those are left out, and the JSON says so.
"""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
SMALL = [
    ("ours", 50, 0),
    ("ours", 50, 200),
    ("sklearn", 10, 0),
    ("gensim", 10, 0),
    ("gensim_multicore", 10, 0),
    ("tomotopy", 1000, 0),
    ("topica", 1000, 0),
]
LARGE = [("ours", 30, 0), ("ours", 70, 0), ("ours", 70, 100), *SMALL[2:]]
# dataset, K, (model, iterations, refining sweeps)
FITS = [
    ("news_articles", 50, [("ours_whole", 50, 0), *SMALL]),
    ("news_articles", 200, LARGE),
    ("BBC_News", 50, SMALL),
    ("20newsgroups", 50, SMALL),
]
KEY = ("dataset", "n_topics", "model", "n_iter", "refine", "seed")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")


def engine() -> str:
    """A hash of our LDA's source: rows of another engine aren't mixed with these."""
    import newsangle

    folder = Path(newsangle.__file__).parent / "topics"
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("lda*.py")))).hexdigest()[:12]


def read_rows(scratch: Path) -> list[dict[str, Any]]:
    """What was fitted so far."""
    file = scratch / "rows.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def prepare(scratch: Path, data: Path) -> dict[str, Any]:
    """Write the matrices where they're missing. Returns what each corpus holds, or why it is left out."""
    from topic_corpora import CORPORA

    from newsangle.errors import NewsangleError
    from newsangle.topics.heldout import unigram_completion

    file = scratch / "corpora.json"
    about: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    for name, load in CORPORA.items():
        if "left_out" not in about.get(name, {"left_out": ""}):
            continue
        try:
            corpus = load(data)
        except (OSError, NewsangleError) as error:
            about[name] = {"left_out": f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}"}
            print(f"{name} is left out: {error}", flush=True)
            continue
        sparse.save_npz(scratch / f"{name}_train.npz", corpus.train)
        sparse.save_npz(scratch / f"{name}_test.npz", corpus.test)
        np.save(scratch / f"{name}_terms.npy", corpus.terms.astype(str))
        (scratch / f"{name}_documents.json").write_text(json.dumps(corpus.documents), encoding="utf-8")
        about[name] = {
            "articles": corpus.train.shape[0],
            "terms": corpus.train.shape[1],
            "tokens": int(corpus.train.sum()),
            "cells": corpus.train.nnz,
            "held_out_articles": corpus.test.shape[0],
            "unigram_perplexity": round(unigram_completion(corpus.train.sum(axis=0).A1, corpus.test).perplexity, 1),
        }
    file.write_text(json.dumps(about, indent=1), encoding="utf-8")
    return about


def fit(scratch: Path, key: dict[str, Any]) -> dict[str, Any]:
    """One row: one fit in its own process. A failure is a row with an `error`, tried again by the next run."""
    command = [sys.executable, str(Path(__file__).with_name("topic_models_fit.py")), str(scratch), key["dataset"]]
    command += [str(key[name]) for name in ("model", "n_topics", "n_iter", "refine", "seed")]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    load, began = os.getloadavg()[0], time.perf_counter()
    environment = os.environ | dict.fromkeys(THREADS, "1")
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    wall, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        return key | {"error": f"exit {done.returncode}: {done.stderr[-300:]}"}
    if key["model"] == "ours_whole":
        cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        return key | {"seconds": round(wall, 3), "cpu_seconds": round(cpu, 3), "load_before": round(load, 2)}
    return key | json.loads(done.stdout.splitlines()[-1])


def run(scratch: Path, data: Path) -> None:
    """All rounds, each row written as it comes."""
    from newsangle.topics.lda import LDA

    scratch.mkdir(parents=True, exist_ok=True)
    about, code = prepare(scratch, data), engine()
    LDA(2, n_iter=50, refine=2).fit(np.eye(4, dtype=int))  # compiles where no kernels are kept yet
    done = {tuple(row[name] for name in KEY) for row in read_rows(scratch) if "error" not in row}
    with open(scratch / "rows.jsonl", "a", encoding="utf-8") as file:
        for seed in range(ROUNDS):
            for dataset, n_topics, models in FITS:
                for model, n_iter, refine in models:
                    values = (dataset, n_topics, model, n_iter, refine, seed)
                    if values in done or "left_out" in about[dataset]:
                        continue
                    row = fit(scratch, dict(zip(KEY, values, strict=True))) | {"engine": code}
                    file.write(json.dumps(row) + "\n")
                    file.flush()
                    print({name: value for name, value in row.items() if name != "top_words"}, flush=True)


def memory(scratch: Path, data: Path) -> list[dict[str, Any]]:
    """Peak memory of each fit after a few steps: what is held doesn't grow with them."""
    scratch.mkdir(parents=True, exist_ok=True)
    about, rows = prepare(scratch, data), []
    for dataset, n_topics, models in FITS:
        for model, refine in dict.fromkeys((model, refine) for model, _, refine in models if model != "ours_whole"):
            if "left_out" in about[dataset]:
                continue
            values = (dataset, n_topics, model, 5, 3 if refine else 0, 0)
            row = fit(scratch, dict(zip(KEY, values, strict=True)))
            kept = {name: row[name] for name in ("dataset", "n_topics", "model", "peak_mb")}
            rows.append(kept | {"refined": bool(refine)})
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Read the command line; fit, or collect, or measure memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", type=Path, help="folder for matrices, φ and rows, outside the repository")
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the other corpora"
    )
    parser.add_argument("--collect", action="store_true", help="write JSON, figure and tables from the rows")
    parser.add_argument("--memory", action="store_true", help="measure memory into the JSON and the tables")
    options = parser.parse_args()
    if options.memory:
        from topic_models_report import add_memory

        add_memory(memory(options.scratch, options.data), ROOT)
    elif options.collect:
        from topic_models_report import collect

        collect(options.scratch, read_rows(options.scratch), ROOT)
    else:
        run(options.scratch, options.data)


if __name__ == "__main__":
    main()
