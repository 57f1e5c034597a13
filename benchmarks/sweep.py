"""How much faster is a sweep over topic models than the same work in a plain script, and is it worth as much?

    python benchmarks/sweep.py                     # results/sweep.json, 24 points: 6 numbers of topics × 4 seeds
    python benchmarks/sweep.py --k 10,30 --seeds 1 # fewer points, printed and not written
    python benchmarks/sweep.py ours no_op          # these parts only; the rest of the JSON stays

Parts: ours (the whole sweep on two processes, then on one, three times over: medians), sklearn, gensim
(`sweep_sklearn.py`, `sweep_gensim.py`: every point from the file to the tables, libraries imported once), quality,
no_op.

ours is `newsangle run` with `vary` over topics.n_topics × topics.first_seed in a fresh NEWSANGLE_HOME: start, imports,
corpus with syndication groups, matrix, fits, scores with intervals, figures, report. Kernels are compiled before, as
they are once per installation. Each point of ours fits twice (on the training articles for perplexity, on all articles
for the topics that are shown), each point of a script once; ours also gives intervals, z, flags, exclusivity and a
choice of K. `contrast = {}`: the words and topics that separate outlets are left out, as scripts don't look for them.

Seconds of the processor are of all processes together: other work on the machine disturbs them least, and their ratio
is what remains if a script used both cores perfectly. Scripts run on one thread.

Quality, outside of the clock: φ of every point of a script gets our held-out evaluator (same articles, same vocabulary:
checked) and our exact NPMI on all articles, beside the numbers that it gives itself. Fits on the training articles are
compared for perplexity; NPMI is of the topics that each shows (ours: of all articles).

no_op: the same command again; ten finished experiments in one command; a copy of the package with a comment in every
module and another docstring. Median of seven, wall seconds of whole commands.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from into_readme import into_readme

HERE = Path(__file__).resolve().parent
RESULT = HERE / "results" / "sweep.json"
K, SEEDS = [10, 20, 30, 50, 75, 100], [1, 2, 3, 4]
SEED = 1  # of the split
ROUNDS = 3
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
COMMAND = [sys.executable, "-m", "newsangle.cli", "run"]


def children_cpu() -> float:
    """CPU seconds of the processes that this one has waited for, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def config(k: list[int], seeds: list[int]) -> str:
    """The experiment: nothing but topics."""
    return f"""title = "A sweep"
question = "How many topics do the articles hold?"
seed = {SEED}
vary = {{ "topics.n_topics" = {k}, "topics.first_seed" = {seeds} }}
contrast = {{}}
[corpus]
source = "news_articles"
[topics]
model = "lda"
seeds = 1
"""


def run(folder: Path, home: Path, runs: Path, *options: str) -> tuple[dict[str, float], list[tuple[float, str]]]:
    """(wall and CPU seconds of the command, when each of its lines came)."""
    command = [*COMMAND, str(folder), "--runs", str(runs), *options]
    cpu, wall = children_cpu(), time.perf_counter()
    process = subprocess.Popen(
        command, env=os.environ | ONE_THREAD | {"NEWSANGLE_HOME": str(home)}, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    lines = [(time.perf_counter() - wall, line.rstrip()) for line in process.stderr]
    if process.wait():
        raise SystemExit("\n".join(line for _, line in lines[-20:]))
    return {"wall_seconds": time.perf_counter() - wall, "cpu_seconds": children_cpu() - cpu}, lines


def ours(k: list[int], seeds: list[int], scratch: Path) -> dict[str, Any]:
    """The sweep on two processes and on one, in turns; the round in the middle of each, the ratios of all."""
    folder = scratch / "sweep"
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text(config([2], [0]), encoding="utf-8")
    run(folder, scratch / "warm", scratch / "warm_runs", "--jobs", "1")  # kernels
    (folder / "config.toml").write_text(config(k, seeds), encoding="utf-8")
    rounds = []
    for _ in range(ROUNDS):
        rounds.append({})
        for name, jobs in (("two_processes", "2"), ("one_process", "1")):
            rounds[-1][name] = timed_sweep(folder, scratch, jobs)
            print(name, rounds[-1][name], flush=True)
    faster = [r["one_process"]["seconds_of_fits"] / r["two_processes"]["seconds_of_fits"] for r in rounds]
    middle = {
        name: sorted((r[name] for r in rounds), key=lambda told: told["wall_seconds"])[ROUNDS // 2]
        for name in rounds[0]
    }
    return middle | {
        "fits_faster_on_two": round(statistics.median(faster), 2),
        "fits_faster_on_two_rounds": [round(ratio, 2) for ratio in faster],
        "wall_seconds_on_two_rounds": [r["two_processes"]["wall_seconds"] for r in rounds],
    }


def timed_sweep(folder: Path, scratch: Path, jobs: str) -> dict[str, Any]:
    """The sweep in a fresh store: its seconds, and those from the matrix to the last fit and score."""
    home, runs = scratch / f"home_{jobs}", scratch / f"runs_{jobs}"
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(runs, ignore_errors=True)
    load = os.getloadavg()[0]
    spent, lines = run(folder, home, runs, "--jobs", jobs)
    steps = [(at, line) for at, line in lines if line.startswith("[") and "] running: " not in line]
    fits = [at for at, line in steps if " topics, seed " in line]
    ready = [at for at, line in steps if "document-term matrices" in line]
    return {
        **{key: round(value, 2) for key, value in spent.items()},
        "fits": len(fits),
        "seconds_of_fits": round(max(fits) - max(ready), 2),
        "load_before": round(load, 2),
    }


def held_out(scratch: Path) -> Path:
    """The ids of the articles that the experiment holds out, for the scripts."""
    import newsangle
    from newsangle.stats.folds import group_folds

    articles = newsangle.load_corpus("news_articles").articles
    articles = articles[articles["text"].str.strip() != ""]
    folds = group_folds(articles["group"].tolist(), [None] * len(articles), n_folds=5, seed=SEED)
    path = scratch / "held_out.json"
    path.write_text(json.dumps(articles["article_id"][folds == 0].tolist()))
    return path


def script(name: str, k: list[int], seeds: list[int], scratch: Path) -> dict[str, Any]:
    """One of the plain scripts, all points."""
    from newsangle.corpus.sources import fetch_source

    out = scratch / name
    out.mkdir(exist_ok=True)
    grid = [",".join(map(str, values)) for values in (k, seeds)]
    articles = fetch_source("news_articles")
    command = [sys.executable, str(HERE / f"sweep_{name}.py"), str(articles), str(held_out(scratch)), str(out), *grid]
    load, cpu, wall = os.getloadavg()[0], children_cpu(), time.perf_counter()
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    spent = {"wall_seconds": time.perf_counter() - wall, "cpu_seconds": children_cpu() - cpu}
    (out / "points.json").write_text(json.dumps([json.loads(line) for line in done.stdout.splitlines()]))
    found = {key: round(value, 2) for key, value in spent.items()}
    found |= {"fits": len(k) * len(seeds), "load_before": round(load, 2)}
    print(name, found, flush=True)
    return found


def quality(k: list[int], seeds: list[int], scratch: Path) -> dict[str, Any]:
    """By number of topics, means over the seeds: perplexity and NPMI of all three, by one yardstick."""
    import numpy as np

    import newsangle
    from newsangle.features.matrix import number_words
    from newsangle.runs.topic_stages import matrix_stage
    from newsangle.topics.coherence_measures import coherence
    from newsangle.topics.cooccurrence import numbered_corpus
    from newsangle.topics.heldout import document_completion

    corpus = newsangle.load_corpus("news_articles").articles
    features = {"stop_words": "english", "min_df": 5, "max_df": 0.5, "phrases": False}
    part = {"features": features, "articles": "all", "held_out": 0.2, "seed": SEED}
    matrix = matrix_stage(part, {}, {"corpus": {"articles": corpus}})
    read = number_words(corpus.set_index("article_id")["text"].loc[matrix["article_ids"]])
    reference = numbered_corpus(read.words, read.numbers, read.starts, matrix["groups"])
    found = newsangle.load_run(next((scratch / "runs_2" / "sweep").iterdir()))
    metrics = found.metrics[(found.metrics["model"] == "lda") & (found.metrics["task"] == "topics")]
    by_point = metrics.set_index(["vary", "metric"])["value"]
    rows: list[dict[str, Any]] = []
    for n_topics in k:
        for seed in seeds:
            point = f"topics.n_topics={n_topics}, topics.first_seed={seed}"
            row = {"n_topics": n_topics, "seed": seed}
            row |= {f"ours_{metric}": float(by_point[point, metric]) for metric in ("perplexity", "npmi")}
            for name in ("sklearn", "gensim"):
                with np.load(scratch / name / f"topics_{n_topics}_{seed}.npz") as arrays:
                    phi, terms = arrays["phi"].astype(float), arrays["terms"].tolist()
                if set(terms) != set(matrix["train_terms"]):
                    raise SystemExit(f"{name}: another vocabulary than ours")
                column = {term: i for i, term in enumerate(terms)}
                phi = phi[:, [column[term] for term in matrix["train_terms"]]]
                phi /= phi.sum(axis=1, keepdims=True)
                told = next(
                    p for p in json.loads((scratch / name / "points.json").read_text())
                    if (p["n_topics"], p["seed"]) == (n_topics, seed)
                )  # fmt: skip
                row[f"{name}_perplexity"] = document_completion(phi, matrix["held"], seed=SEED).perplexity
                row[f"{name}_npmi"] = coherence(told["top_words"], reference, "npmi", n_random=0).mean
                row |= {f"{name}_{key}": told[key] for key in ("perplexity_by_itself", "npmi_by_itself")}
            rows.append(row)
    by_k = []
    for n_topics in k:
        mine = [row for row in rows if row["n_topics"] == n_topics]
        keys = [key for key in mine[0] if key not in ("n_topics", "seed")]
        means = {key: float(f"{statistics.mean(row[key] for row in mine):.5g}") for key in keys}
        by_k.append({"n_topics": n_topics} | means)
        print(by_k[-1], flush=True)
    return {"by_n_topics": by_k, "top_words": _words(k[0], seeds[0], scratch, found), "articles": len(corpus)}


def _words(n_topics: int, seed: int, scratch: Path, found: Any) -> dict[str, list[str]]:
    """The topics of the first point as all three show them."""
    shown = {"ours": [" ".join(topic["words"][:8]) for topic in found.topics[0]["topics"]]}
    for name in ("sklearn", "gensim"):
        points = json.loads((scratch / name / "points.json").read_text())
        told = next(p for p in points if (p["n_topics"], p["seed"]) == (n_topics, seed))
        shown[name] = [" ".join(words[:8]) for words in told["top_words"]]
    return shown


def no_op(scratch: Path) -> dict[str, Any]:
    """Wall seconds of commands that have nothing to do."""
    import newsangle

    home, runs = scratch / "home_2", scratch / "runs_2"
    ten = []
    for number in range(10):
        folder = scratch / "ten" / f"experiment_{number}"
        folder.mkdir(parents=True, exist_ok=True)
        text = config([4], [number]).replace("news_articles", "lee")
        (folder / "config.toml").write_text(text, encoding="utf-8")
        ten.append(str(folder))
    package = Path(newsangle.__file__).parent
    edited = scratch / "edited" / "newsangle"
    shutil.rmtree(edited, ignore_errors=True)
    shutil.copytree(package, edited, ignore=shutil.ignore_patterns("__pycache__"))
    for path in edited.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"""', '"""Another word. ', 1) + "\n# a comment\n", encoding="utf-8")
    env = os.environ | {"NEWSANGLE_HOME": str(home)}
    commands = {
        "same_command": ([*COMMAND, str(scratch / "sweep"), "--runs", str(runs)], env),
        "ten_experiments": ([*COMMAND, *ten, "--runs", str(runs)], env),
        "comments_and_docstrings_edited": (
            [*COMMAND, str(scratch / "sweep"), "--runs", str(runs)],
            env | {"PYTHONPATH": str(edited.parent)},
        ),
    }
    found: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 2)}
    for name, (command, variables) in commands.items():
        subprocess.run(command, env=variables, check=True, capture_output=True)  # the ten run now; bytecode is written
        walls, cpus = [], []
        for _ in range(7):
            cpu, wall = children_cpu(), time.perf_counter()
            done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
            walls.append(time.perf_counter() - wall)
            cpus.append(children_cpu() - cpu)
            if done.stderr.count("nothing to do") != (10 if name == "ten_experiments" else 1):
                raise SystemExit(f"{name}: something was run again\n{done.stderr}")
        found[name] = {
            "wall_seconds": round(statistics.median(walls), 3),
            "cpu_seconds": round(statistics.median(cpus), 3),
        }
        print(name, found[name], flush=True)
    return found


def table(told: dict[str, Any]) -> str:
    """The README's block."""
    runs = [("newsangle, two processes", told["ours"]["two_processes"], None)]
    runs += [(name, told[name], told[name]["ours_faster"]) for name in ("sklearn", "gensim")]
    lines = ["| 24 points | fits | wall, s | processor, s | ours faster, wall | of processor time |", "|---" * 6 + "|"]
    for name, row, faster in runs:
        ratios = f"{faster['wall']} | {faster['cpu']}" if faster else "– | –"
        lines.append(f"| {name} | {row['fits']} | {row['wall_seconds']:.0f} | {row['cpu_seconds']:.0f} | {ratios} |")
    lines += ["", "| K, means of four seeds | perplexity: ours | sklearn | gensim | NPMI: ours | sklearn | gensim |"]
    lines.append("|---" * 7 + "|")
    for row in told["quality"]["by_n_topics"]:
        cells = [f"{row[f'{name}_perplexity']:,.0f}" for name in ("ours", "sklearn", "gensim")]
        cells += [f"{row[f'{name}_npmi']:.3f}" for name in ("ours", "sklearn", "gensim")]
        lines.append(f"| {row['n_topics']} | {' | '.join(cells)} |")
    ours_, idle = told["ours"], told["no_op"]
    lines += ["", f"Fits, first to last: {ours_['one_process']['seconds_of_fits']:.1f} s on one process, "]
    lines[-1] += (
        f"{ours_['two_processes']['seconds_of_fits']:.1f} s on two, {ours_['fits_faster_on_two']:.2f} times faster "
        f"(rounds: {', '.join(f'{ratio:.2f}' for ratio in ours_['fits_faster_on_two_rounds'])})."
    )
    lines += [f"Nothing to do: {idle['same_command']['wall_seconds']:.2f} s; ten experiments in one command "]
    lines[-1] += f"{idle['ten_experiments']['wall_seconds']:.2f} s; comments and docstrings of all modules edited "
    lines[-1] += f"{idle['comments_and_docstrings_edited']['wall_seconds']:.2f} s."
    loads = [
        told["ours"]["two_processes"]["load_before"],
        *(told[n]["load_before"] for n in ("sklearn", "gensim", "no_op")),
    ]
    lines.append(f"Load before the parts: {', '.join(f'{load:.1f}' for load in loads)}, on two cores.")
    return "\n".join(lines) + "\n"


def main() -> None:
    """The parts asked for, in their order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="ours, sklearn, gensim, quality, no_op; all if left out")
    parser.add_argument("--k", default=",".join(map(str, K)))
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--scratch", type=Path, help="a folder to keep; quality and no_op read what the others left")
    options = parser.parse_args()
    k, seeds = ([int(value) for value in text.split(",")] for text in (options.k, options.seeds))
    complete = (k, seeds) == (K, SEEDS)
    told = json.loads(RESULT.read_text()) if complete and RESULT.exists() else {}
    with tempfile.TemporaryDirectory() as temporary:
        scratch = options.scratch or Path(temporary)
        scratch.mkdir(parents=True, exist_ok=True)
        for part in options.parts or ["ours", "sklearn", "gensim", "quality", "no_op"]:
            if part == "no_op":
                told[part] = no_op(scratch)
            elif part in ("sklearn", "gensim"):
                told[part] = script(part, k, seeds, scratch)
            else:
                told[part] = {"ours": ours, "quality": quality}[part](k, seeds, scratch)
            for name in [name for name in ("sklearn", "gensim") if {name, "ours"} <= told.keys()]:
                told[name]["ours_faster"] = {
                    kind: round(told[name][f"{kind}_seconds"] / told["ours"]["two_processes"][f"{kind}_seconds"], 1)
                    for kind in ("wall", "cpu")
                }
                print(name, told[name]["ours_faster"], flush=True)
            told["points"] = len(k) * len(seeds)
            told["versions"] = {name: version(name) for name in ("numpy", "scipy", "scikit-learn", "gensim", "numba")}
            if complete:
                RESULT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if complete and {"ours", "sklearn", "gensim", "quality", "no_op"} <= told.keys():
        into_readme("sweep", table(told))


if __name__ == "__main__":
    main()
