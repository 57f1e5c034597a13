"""How fast is our CountVectorizer beside scikit-learn's, with the same matrix?

    python benchmarks/vectorizer.py    # results/vectorizer.json, and the table in README.md

news_articles, as it is and ten times over; unigrams and (1,2)-grams, on one thread and two. Rounds alternate between
scikit-learn and ours; ratios are of one round, their median and range over the rounds. Wall seconds of `fit_transform`,
kernels loaded before. `cpu_times_faster_1`: the same of the CPU seconds of the process, which other work on the machine
disturbs less.
"""

import json
import os
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import sklearn.feature_extraction.text as sk

from newsangle import load_corpus
from newsangle.features import CountVectorizer, TfidfVectorizer

ROUNDS = 5
PARTS = ("indptr", "indices", "data")


def seconds(vectorizer: Any, texts: list[str]) -> tuple[float, float, Any]:
    """Wall and CPU seconds of one fit_transform, and its matrix."""
    began, cpu = time.perf_counter(), time.process_time()
    X = vectorizer.fit_transform(texts)
    return time.perf_counter() - began, time.process_time() - cpu, X


def compare(name: str, texts: list[str], theirs: type, ours: type, **options: Any) -> dict[str, Any]:
    """One row: median seconds and ratios; stops where matrices or vocabularies differ."""
    makers = {"scikit_learn": lambda: theirs(**options)} | {
        f"ours_{jobs}": lambda jobs=jobs: ours(**options, n_jobs=jobs) for jobs in (1, 2)
    }
    walls: dict[str, list[float]] = {maker: [] for maker in makers}
    cpus: dict[str, list[float]] = {maker: [] for maker in makers}
    load = os.getloadavg()[0]
    for _ in range(ROUNDS):
        expected: Any = None
        for maker, make in makers.items():
            vectorizer = make()
            wall, cpu, X = seconds(vectorizer, texts)
            walls[maker].append(wall)
            cpus[maker].append(cpu)
            if expected is None:
                expected = X, vectorizer.vocabulary_
            same = all(np.array_equal(getattr(X, part), getattr(expected[0], part)) for part in PARTS)
            if not same or vectorizer.vocabulary_ != expected[1]:
                raise SystemExit(f"{name}: {maker} gives another matrix or vocabulary")
    row = {"case": name, "megabytes": round(sum(map(len, texts)) / 1e6, 1), "load_before": round(load, 2)}
    row |= {f"seconds_{maker}": round(median(taken), 3) for maker, taken in walls.items()}
    for jobs in (1, 2):
        ratios = [a / b for a, b in zip(walls["scikit_learn"], walls[f"ours_{jobs}"], strict=True)]
        row[f"times_faster_{jobs}"] = round(median(ratios), 1)
        row[f"times_faster_{jobs}_range"] = [round(min(ratios), 1), round(max(ratios), 1)]
    ratios = [a / b for a, b in zip(cpus["scikit_learn"], cpus["ours_1"], strict=True)]
    row["cpu_times_faster_1"] = round(median(ratios), 1)
    row["cpu_times_faster_1_range"] = [round(min(ratios), 1), round(max(ratios), 1)]
    return row


def table(result: dict[str, Any]) -> str:
    """The rows as a table of the README: ratios, median [range]."""
    lines = ["| case | scikit-learn, s | one thread | of CPU time | two threads |", "|---|---|---|---|---|"]
    for row in result["rows"]:
        cells = [
            f"{row[key]:.1f} [{row[f'{key}_range'][0]:.1f}, {row[f'{key}_range'][1]:.1f}]"
            for key in ("times_faster_1", "cpu_times_faster_1", "times_faster_2")
        ]
        lines.append(f"| {row['case']} | {row['seconds_scikit_learn']:.2f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """All cases; write the JSON."""
    texts = load_corpus("news_articles").articles["text"].tolist()
    for jobs in (1, 2):
        CountVectorizer(ngram_range=(1, 2), n_jobs=jobs).fit(texts[:400])
    many = texts * 10
    rows = [
        compare("unigrams", texts, sk.CountVectorizer, CountVectorizer),
        compare("unigrams, ten times", many, sk.CountVectorizer, CountVectorizer),
        compare(
            "unigrams, stop words, min_df 5", texts, sk.CountVectorizer, CountVectorizer, stop_words="english", min_df=5
        ),
        compare("(1,2)-grams", texts, sk.CountVectorizer, CountVectorizer, ngram_range=(1, 2)),
        compare("TF-IDF of unigrams", texts, sk.TfidfVectorizer, TfidfVectorizer),
    ]
    versions = {name: version(name) for name in ("numpy", "scipy", "numba", "scikit-learn")}
    result = {"corpus": "news_articles", "rounds": ROUNDS, "versions": versions, "rows": rows}
    here = Path(__file__).parent
    (here / "results" / "vectorizer.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    readme = (here / "README.md").read_text(encoding="utf-8")
    before, rest = readme.split("<!-- vectorizer:start -->\n")
    after = rest.split("<!-- vectorizer:end -->")[1]
    block = f"<!-- vectorizer:start -->\n{table(result)}<!-- vectorizer:end -->"
    (here / "README.md").write_text(before + block + after, encoding="utf-8")


if __name__ == "__main__":
    main()
