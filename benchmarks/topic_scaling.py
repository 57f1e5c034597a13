"""Is our LDA's time linear in the cells of the matrix, is its memory what the formula says, does it find known topics?

    python benchmarks/topic_scaling.py [--largest 1e8]    # results/topic_scaling.json

Matrices of 10^5 to 10^8 cells: the articles of a corpus drawn from LDA (K = 50, 20,000 terms, 130 tokens an article),
and the same 10^5 cells tiled. Ten steps of K = 50 on one thread, each size in its own process. Memory: what a fit adds
at most to a process that holds the matrix, beside 4 n (V + 2 D) + 38 cells bytes, n = K rounded up to 16.
Recovery: matched cosine of φ with that of the simulation, V = 1,000, D = 2,000, 100 tokens each.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from peak_memory import forget_peak, peak_mb, resident_mb
from scipy import sparse

K, TERMS, TOKENS, STEPS = 50, 20_000, 130, 10


def drawn(n_articles: int, seed: int = 0) -> sparse.csr_matrix:
    """Articles drawn from LDA: φ ~ Dirichlet(.02), θ ~ Dirichlet(.1)."""
    rng = np.random.default_rng(seed)
    words = np.cumsum(rng.dirichlet(np.full(TERMS, 0.02), K), axis=1)
    blocks = []
    for first in range(0, n_articles, 20_000):
        n = min(20_000, n_articles - first)
        mixture = np.cumsum(rng.dirichlet(np.full(K, 0.1), n), axis=1).astype(np.float32)
        topic = (rng.random((n, TOKENS), np.float32)[:, :, None] > mixture[:, None, :]).sum(axis=2).clip(max=K - 1)
        term = np.empty((n, TOKENS), np.int32)
        for k in range(K):
            at = topic == k
            term[at] = np.searchsorted(words[k], rng.random(int(at.sum()))).clip(max=TERMS - 1)
        cells = (np.ones(n * TOKENS, np.int32), (np.repeat(np.arange(n), TOKENS), term.ravel()))
        blocks.append(sparse.csr_matrix(cells, shape=(n, TERMS)))
    return sparse.vstack(blocks, format="csr")


def measure(kind: str, cells: int) -> dict[str, Any]:
    """One fit in this process."""
    from newsangle.topics.lda import LDA

    per_article = drawn(1000).nnz / 1000
    if kind == "tiled":
        small = drawn(round(1e5 / per_article))
        X = sparse.vstack([small] * round(cells / small.nnz), format="csr")
    else:
        X = drawn(round(cells / per_article))
    LDA(2, n_iter=50).fit(np.eye(4, dtype=int))
    forget_peak()
    before = resident_mb()
    cpu = time.process_time()
    LDA(K, n_iter=STEPS).fit(X)
    cpu = time.process_time() - cpu
    n = -(-K // 16) * 16
    return {
        "kind": kind,
        "cells": X.nnz,
        "articles": X.shape[0],
        "cpu_seconds": round(cpu, 2),
        "ns_per_cell_and_step": round(1e9 * cpu / X.nnz / STEPS, 1),
        "matrix_mb": round((X.data.nbytes + X.indices.nbytes + X.indptr.nbytes) / 1e6),
        "added_mb": round(peak_mb() - before),
        "formula_mb": round((4 * n * (X.shape[1] + 2 * X.shape[0]) + 38 * X.nnz) / 1e6),
    }


def recovery() -> list[dict[str, Any]]:
    """Matched cosine, mean over the topics, for three seeds."""
    from newsangle.topics.lda import LDA
    from newsangle.topics.match import match_topics

    found = []
    for k in (10, 20, 50):
        rng = np.random.default_rng(0)
        phi, theta = rng.dirichlet(np.full(1000, 0.05), k), rng.dirichlet(np.full(k, 0.1), 2000)
        X = sparse.csr_matrix(np.vstack([rng.multinomial(100, mixture @ phi) for mixture in theta]))
        for n_iter, refine in ((50, 0), (200, 0), (200, 100)):
            cosines = []
            for seed in range(3):
                mine = LDA(k, n_iter=n_iter, refine=refine, seed=seed).fit(X).components_
                mine = mine[match_topics(phi, mine)[0]]
                lengths = np.linalg.norm(phi, axis=1) * np.linalg.norm(mine, axis=1)
                cosines.append(round(float(((phi * mine).sum(axis=1) / lengths).mean()), 4))
            found.append({"n_topics": k, "n_iter": n_iter, "refine": refine, "cosine_by_seed": cosines})
    return found


def main() -> None:
    """Every size in its own process, then recovery; write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=float, default=1e8)
    parser.add_argument("--one", nargs=2, metavar=("KIND", "CELLS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one[0], round(float(options.one[1])))))
        return
    sizes = []
    for kind in ("drawn", "tiled"):
        for cells in (1e5, 1e6, 1e7, 1e8):
            if cells <= options.largest:
                command = [sys.executable, __file__, "--one", kind, str(cells)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                sizes.append(json.loads(done.stdout) | {"load": round(os.getloadavg()[0], 2)})
                print(sizes[-1], flush=True)
    versions = {name: version(name) for name in ("numpy", "scipy", "numba")}
    result = {"n_topics": K, "steps": STEPS, "versions": versions, "sizes": sizes, "recovery": recovery()}
    target = Path(__file__).parent / "results" / "topic_scaling.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
