"""How fast is our CountVectorizer beside scikit-learn's, with the same matrix?

    python benchmarks/vectorizer.py    # results/vectorizer.json

news_articles, as it is and ten times over; unigrams and (1,2)-grams, on one thread and two. Rounds alternate between
scikit-learn and ours; ratios are medians over the rounds of the same run. Wall seconds of `fit_transform`, kernels
loaded before.
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

ROUNDS = 3


def seconds(vectorizer: Any, texts: list[str]) -> tuple[float, Any]:
    """Wall seconds of one fit_transform, and its matrix."""
    began = time.perf_counter()
    X = vectorizer.fit_transform(texts)
    return time.perf_counter() - began, X


def compare(name: str, texts: list[str], theirs: type, ours: type, **options: Any) -> dict[str, Any]:
    """One row: median seconds and ratios; stops where the matrices differ."""
    makers = {"scikit_learn": lambda: theirs(**options)} | {
        f"ours_{jobs}": lambda jobs=jobs: ours(**options, n_jobs=jobs) for jobs in (1, 2)
    }
    times: dict[str, list[float]] = {maker: [] for maker in makers}
    load = os.getloadavg()[0]
    for _ in range(ROUNDS):
        expected = None
        for maker, make in makers.items():
            taken, X = seconds(make(), texts)
            times[maker].append(taken)
            expected = X if expected is None else expected
            if not all(np.array_equal(getattr(X, part), getattr(expected, part)) for part in ("indices", "data")):
                raise SystemExit(f"{name}: {maker} gives another matrix")
    row = {"case": name, "megabytes": round(sum(map(len, texts)) / 1e6, 1), "load_before": round(load, 2)}
    row |= {f"seconds_{maker}": round(median(taken), 3) for maker, taken in times.items()}
    for jobs in (1, 2):
        pairs = zip(times["scikit_learn"], times[f"ours_{jobs}"], strict=True)
        row[f"times_faster_{jobs}"] = round(median(a / b for a, b in pairs), 1)
    return row


def main() -> None:
    """All cases; write the JSON."""
    texts = load_corpus("news_articles").articles["text"].tolist()
    CountVectorizer(ngram_range=(1, 2)).fit(texts[:400])
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
    target = Path(__file__).parent / "results" / "vectorizer.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
