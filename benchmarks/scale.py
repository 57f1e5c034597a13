"""Are time and memory linear from 10⁴ to 10⁶ articles, and what would 10⁸ take?

    python benchmarks/scale.py                       # 10⁴, 10⁵, 10⁶; results/scale.json
    python benchmarks/scale.py --sizes 10000,100000  # these sizes
    python benchmarks/scale.py --again lda           # measure these stages anew
    python benchmarks/scale.py --report              # slopes and the plan for 10⁸ from what is measured

Articles are invented (scale_articles.py); each stage is a process of its own and leaves a file in `--scratch` that the
next one reads; nobody holds a million articles as Python's strings. A row is written as soon as it is measured, and
what is written isn't measured again: stop and start as you like. Peak memory is the process's own mark (VmHWM),
libraries included. `seconds` are wall seconds, `cpu_seconds` those of all threads and processes of the stage.

generate   the articles as JSON Lines (not ours; no part of any sum)
ingest     `newsangle.ingest`: read, cleaned, copies grouped, written; one process
copies     syndication groups alone, of the cleaned texts
load       `newsangle.load_corpus` of the corpus that ingest wrote: copies once more, passages
passages   `passages_table` alone, of articles read and passed in blocks of 10,000
vectorise  `document_term_matrix` of the cleaned texts, streamed
lda        LDA, K = 100, 50 steps, two threads
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from into_readme import into_readme
from peak_memory import forget_peak, peak_mb, resident_mb

HERE = Path(__file__).resolve().parent
RESULT = HERE / "results" / "scale.json"
SIZES = [10_000, 100_000, 1_000_000]
N_TOPICS, THREADS, BLOCK = 100, 2, 10_000
COLUMNS = ["article_id", "title", "outlet", "date", "text"]


def generate(n: int, folder: Path) -> dict[str, Any]:
    """The raw file."""
    from scale_articles import articles

    with (folder / "raw.jsonl.part").open("w", encoding="utf-8") as file:
        for article in articles(n):
            row = {"id": str(article.number), "title": article.title, "outlet": article.outlet, "date": article.date}
            file.write(json.dumps(row | {"text": article.text}) + "\n")
    (folder / "raw.jsonl.part").rename(folder / "raw.jsonl")
    return {"bytes": (folder / "raw.jsonl").stat().st_size}


def ingest(n: int, folder: Path) -> dict[str, Any]:
    """Raw file to corpus."""
    import newsangle

    columns = {"article_id": "id", "title": "title", "outlet": "outlet", "date": "date", "text": "text"}
    found = newsangle.ingest([folder / "raw.jsonl"], folder / "corpus.parquet", columns=columns, skip_bad=True)
    return {"bytes": (folder / "corpus.parquet").stat().st_size, "counts": found.counts.told()}


def blocks(folder: Path, columns: list[str]) -> Iterator[Any]:
    """The corpus in tables of at most BLOCK articles."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(folder / "corpus.parquet") as file:
        yield from file.iter_batches(BLOCK, columns=columns)


def texts(folder: Path) -> Iterator[str]:
    """The cleaned texts, one at a time."""
    for block in blocks(folder, ["text"]):
        yield from block.column("text").to_pylist()


def copies(n: int, folder: Path) -> dict[str, Any]:
    """Syndication groups, beside those that were planted."""
    from newsangle.corpus.syndication import syndication_groups

    ids = [name for block in blocks(folder, ["article_id"]) for name in block.column("article_id").to_pylist()]
    groups = syndication_groups(texts(folder), ids)
    return {"articles_read": len(ids), "groups": len(set(groups))}


def load(n: int, folder: Path) -> dict[str, Any]:
    """The corpus as an experiment reads it."""
    import newsangle

    corpus = newsangle.load_corpus(folder / "corpus.parquet")
    return {"passages": len(corpus.passages)}


def passages(n: int, folder: Path) -> dict[str, Any]:
    """Passages, block by block."""
    import pyarrow as pa

    from newsangle.corpus.passages import passages_table

    total = 0
    for block in blocks(folder, [*COLUMNS, "group"]):
        total += len(passages_table(pa.Table.from_batches([block]).to_pandas()))
    return {"passages": total}


def vectorise(n: int, folder: Path) -> dict[str, Any]:
    """The matrix, streamed from the texts."""
    import numpy as np

    from newsangle.features.matrix import document_term_matrix

    counts, terms = document_term_matrix(texts(folder))
    for name in ("data", "indices", "indptr"):
        np.save(folder / f"matrix_{name}.npy", getattr(counts, name).astype(np.int32 if name != "indptr" else np.int64))
    (folder / "terms.json").write_text(json.dumps(terms.tolist()))
    return {"terms": len(terms), "cells": int(counts.nnz), "tokens": int(counts.sum())}


def lda(n: int, folder: Path) -> dict[str, Any]:
    """The fit, and how near it comes to the topics that the articles were drawn from."""
    import numpy as np
    import scipy.sparse as sp
    from scale_articles import N_COMMON, N_TOPICAL, known_topics, word

    from newsangle.topics.lda import LDA
    from newsangle.topics.match import match_topics

    parts = [np.load(folder / f"matrix_{name}.npy") for name in ("data", "indices", "indptr")]
    terms = json.loads((folder / "terms.json").read_text())
    counts = sp.csr_matrix(tuple(parts), shape=(len(parts[2]) - 1, len(terms)))
    del parts
    LDA(2).fit(np.eye(4, dtype=int))  # compiled kernels
    wall, cpu = time.perf_counter(), time.process_time()
    model = LDA(N_TOPICS, n_jobs=THREADS).fit(counts)
    spent = {
        "fit_seconds": round(time.perf_counter() - wall, 1),
        "fit_cpu_seconds": round(time.process_time() - cpu, 1),
    }
    peak = peak_mb()
    number = {word(N_COMMON + i): i for i in range(N_TOPICAL)}
    columns = [i for i, term in enumerate(terms) if term in number]
    truth = known_topics()[:, [number[terms[i]] for i in columns]].astype(float)
    mine = model.components_[:, columns] + 1e-12
    truth, mine = (rows / rows.sum(axis=1, keepdims=True) for rows in (truth, mine))
    order, _ = match_topics(truth, mine)
    mine = mine[order]
    cosine = (truth * mine).sum(axis=1) / np.linalg.norm(truth, axis=1) / np.linalg.norm(mine, axis=1)
    return (
        spent
        | {"peak_mb": round(peak), "cells": int(counts.nnz), "terms": len(terms)}
        | {
            "matched_cosine": round(float(cosine.mean()), 3),
            "topics_above_0.9": int((cosine > 0.9).sum()),
        }
    )


STAGES: dict[str, Callable[[int, Path], dict[str, Any]]] = {
    f.__name__: f for f in (generate, ingest, copies, load, passages, vectorise, lda)
}
# What a stage leaves for others, and which stage it needs.
LEAVES = {"generate": "raw.jsonl", "ingest": "corpus.parquet", "vectorise": "terms.json"}
NEEDS = {"generate": None, "ingest": "generate", "lda": "vectorise"}


def measure(stage: str, n: int, folder: Path) -> dict[str, Any]:
    """One stage in this process."""
    import newsangle  # noqa: F401

    forget_peak()
    before, wall = resident_mb(), time.perf_counter()
    found = STAGES[stage](n, folder)
    seconds = time.perf_counter() - wall
    used = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    row = {"stage": stage, "articles": n, "seconds": round(seconds, 2), "cpu_seconds": round(used, 2)}
    return row | {"peak_mb": round(peak_mb()), "mb_before": round(before)} | found


def in_its_own_process(stage: str, n: int, scratch: Path) -> dict[str, Any]:
    """Run a stage, with the load that the machine had before it."""
    folder = scratch / str(n)
    folder.mkdir(parents=True, exist_ok=True)
    load_before = round(os.getloadavg()[0], 2)
    env = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, "--one", stage, str(n), "--scratch", str(scratch)],
        env=env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{stage} of {n} articles failed ({done.returncode}); what was measured before is kept")
    return json.loads(done.stdout.splitlines()[-1]) | {"load_before": load_before}


def supply(stage: str | None, n: int, scratch: Path) -> None:
    """Make what a stage leaves behind, where it isn't there."""
    if stage is None or (scratch / str(n) / LEAVES[stage]).exists():
        return
    supply(NEEDS.get(stage, "ingest"), n, scratch)
    in_its_own_process(stage, n, scratch)


def slope(rows: list[dict[str, Any]], key: str) -> float:
    """Least squares of log(value) on log(articles): 1 is linear."""
    points = [(math.log(row["articles"]), math.log(row[key])) for row in rows]
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By stage: seconds and memory at each size, slope on log–log, MB for each 10⁵ articles more at the largest."""
    summary = []
    for stage in STAGES:
        mine = sorted((row for row in rows if row["stage"] == stage), key=lambda row: row["articles"])
        if not mine:
            continue
        entry: dict[str, Any] = {"stage": stage}
        entry["cpu_seconds"] = {str(row["articles"]): row["cpu_seconds"] for row in mine}
        entry["peak_mb"] = {str(row["articles"]): row["peak_mb"] for row in mine}
        if len(mine) > 1:
            entry["slope_of_cpu"] = round(slope(mine, "cpu_seconds"), 2)
            last = mine[-2:]
            entry["slope_of_cpu_between_the_largest"] = round(slope(last, "cpu_seconds"), 2)
            more = (last[1]["peak_mb"] - last[0]["peak_mb"]) / (last[1]["articles"] - last[0]["articles"])
            entry["mb_for_100000_more"] = round(1e5 * more)
        summary.append(entry)
    return summary


def plan(rows: list[dict[str, Any]], articles: float = 1e8, workers: int = 100) -> dict[str, Any]:
    """What `articles` would take on a cluster, by the rates at the largest size; README says what is assumed."""
    largest = max(row["articles"] for row in rows)
    at = {row["stage"]: row for row in rows if row["articles"] == largest}
    times, shard = articles / largest, articles / workers
    slopes = {e["stage"]: e["mb_for_100000_more"] / 1e5 if "mb_for_100000_more" in e else None for e in told(rows)}
    table = []
    for stage in ("ingest", "copies", "passages", "vectorise", "lda"):
        if stage not in at:
            continue
        row = at[stage]
        more = slopes[stage] if slopes[stage] is not None else (row["peak_mb"] - row["mb_before"]) / largest
        memory = row["peak_mb"] + more * (shard - largest)
        table.append(
            {
                "stage": stage,
                "core_hours": round(row["cpu_seconds"] * times / 3600, 1),
                "hours_on_the_workers": round(row["cpu_seconds"] * times / 3600 / workers, 2),
                "gb_a_worker": round(memory / 1e3, 1),
            }
        )
    found: dict[str, Any] = {"articles": articles, "workers": workers, "measured_at": largest, "stages": table}
    sizes = {
        key: at[stage]["bytes"] * times / 1e9
        for key, stage in (("raw", "generate"), ("corpus", "ingest"))
        if stage in at
    }
    if "vectorise" in at:
        cells = at["vectorise"]["cells"]
        sizes["matrix"] = 8 * cells * times / 1e9
        grown = sorted((row["articles"], row["terms"]) for row in rows if row["stage"] == "vectorise")
        if len(grown) > 1:
            (a, v), (b, w) = grown[-2:]
            exponent = math.log(w / v) / math.log(b / a)
            terms = w * (articles / b) ** exponent
            padded = -(-N_TOPICS // 16) * 16
            found["terms"] = {"exponent": round(exponent, 2), "expected": round(terms)}
            found["gb_of_topic_counts_each_way_a_step"] = round(4 * terms * padded / 1e9, 2)
    found["disk_gb"] = {key: round(value) for key, value in sizes.items()}
    return found


def tables(rows: list[dict[str, Any]]) -> str:
    """The README's block: what was measured, and the plan."""
    sizes = sorted({row["articles"] for row in rows})
    heads = [f"{size:,}" for size in sizes]
    lines = [
        f"| stage | {' | '.join(f'{head}: s, MB' for head in heads)} | slope of the last step | MB for 100,000 more |"
    ]
    lines.append("|---" * (len(sizes) + 3) + "|")
    for entry in told(rows):
        cells = [
            f"{entry['cpu_seconds'][str(size)]:,.0f}, {entry['peak_mb'][str(size)]:,}"
            if str(size) in entry["cpu_seconds"] else "–"
            for size in sizes
        ]  # fmt: skip
        cells += [str(entry.get("slope_of_cpu_between_the_largest", "–")), str(entry.get("mb_for_100000_more", "–"))]
        lines.append(f"| {entry['stage']} | {' | '.join(cells)} |")
    planned = plan(rows)
    lines += [
        "",
        f"| {planned['articles']:.0e} articles, {planned['workers']} workers | core hours | hours | GB a worker |",
    ]
    lines.append("|---|---|---|---|")
    for row in planned["stages"]:
        cells = [row["core_hours"], row["hours_on_the_workers"], row["gb_a_worker"]]
        lines.append(f"| {row['stage']} | {' | '.join(map(str, cells))} |")
    disk = ", ".join(f"{name} {size:,} GB" for name, size in planned["disk_gb"].items())
    lines += ["", f"Disk: {disk}."]
    if "terms" in planned:
        grown = planned["terms"]
        lines[-1] += f" Terms grow with articles to the power of {grown['exponent']}: {grown['expected']:,} are to be "
        lines[-1] += (
            f"expected, {planned['gb_of_topic_counts_each_way_a_step']} GB of topic counts from each worker and "
        )
        lines[-1] += "back in each of 50 steps."
    return "\n".join(lines) + "\n"


def write(rows: list[dict[str, Any]], result: Path) -> None:
    """The JSON as it stands."""
    order = list(STAGES)
    rows.sort(key=lambda row: (row["articles"], order.index(row["stage"])))
    versions = {name: version(name) for name in ("numpy", "scipy", "numba", "pandas", "pyarrow")}
    found = {"rows": rows, "summary": told(rows), "plan": plan(rows) if rows else {}, "versions": versions}
    part = result.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    part.rename(result)


def main() -> None:
    """Every size, every stage that isn't measured yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--again", nargs="*", default=[], choices=list(STAGES), help="stages to measure anew")
    parser.add_argument("--scratch", type=Path, default=Path("scale_scratch"), help="6 GB for 10⁶ articles")
    parser.add_argument("--result", type=Path, default=RESULT)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("STAGE", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        stage, n = options.one[0], int(options.one[1])
        print(json.dumps(measure(stage, n, options.scratch / str(n))))
        return
    rows = json.loads(options.result.read_text())["rows"] if options.result.exists() else []
    for n in [] if options.report else [int(size) for size in options.sizes.split(",")]:
        for stage in STAGES:
            there = [row for row in rows if (row["stage"], row["articles"]) == (stage, n)]
            if there and stage not in options.again:
                continue
            supply(NEEDS.get(stage, "ingest"), n, options.scratch)
            row = in_its_own_process(stage, n, options.scratch)
            rows = [other for other in rows if other not in there] + [row]
            write(rows, options.result)
            print(row, flush=True)
    if rows:
        write(rows, options.result)
        for entry in told(rows):
            print(entry)
        print(json.dumps(plan(rows), indent=1))
        if options.result == RESULT:
            into_readme("scale", tables(rows))


if __name__ == "__main__":
    main()
