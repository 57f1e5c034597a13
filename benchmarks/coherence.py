"""How much faster than gensim is coherence, and are the numbers gensim's? On `news_articles`, one thread.

Seconds are those of the processor in this one process, so that other work on the machine doesn't count.

.venv/bin/python benchmarks/coherence.py
"""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gensim.corpora import Dictionary
from gensim.models import CoherenceModel

from newsangle import load_corpus
from newsangle.features.matrix import document_term_matrix, tokenise
from newsangle.topics import coherence
from newsangle.topics.cooccurrence import tokenised_corpus
from newsangle.topics.models import TOPIC_MODELS, top_words

K, TOP_N, ROUNDS = 50, 10, 3
MEASURES = {"c_v": "c_v", "npmi": "c_npmi"}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """(processor seconds, what it returned)"""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def gensim_values(
    topics: list[list[str]], documents: list[list[str]], dictionary: Dictionary, name: str
) -> list[float]:
    """CoherenceModel as its users call it, in one process."""
    model = CoherenceModel(
        topics=topics, texts=documents, dictionary=dictionary, coherence=name, topn=TOP_N, processes=1
    )
    return [float(value) for value in model.get_coherence_per_topic()]


def main() -> None:
    """Alternate gensim and ours for some rounds and write results/coherence.json."""
    load = os.getloadavg()[0]
    articles = load_corpus("news_articles").articles
    counts, terms = document_term_matrix(articles["text"].tolist())
    model = TOPIC_MODELS["nmf"](n_topics=K, seed=0).fit(counts)
    topics = top_words(model.components_, terms.tolist(), n=TOP_N)
    documents = [tokenise(text) for text in articles["text"]]
    first, _ = timed(lambda: coherence(topics[:2], documents[:100]))
    rows: dict[str, dict[str, list[float]]] = {measure: {} for measure in MEASURES}
    difference, values = {}, {}
    for _ in range(ROUNDS):
        for measure, name in MEASURES.items():
            corpus = tokenised_corpus(documents)
            index, dictionary = timed(lambda: Dictionary(documents))
            theirs, published = timed(lambda m=name, d=dictionary: gensim_values(topics, documents, d, m))
            ours, result = timed(lambda m=measure: coherence(topics, documents, m))
            without_z, _ = timed(lambda m=measure: coherence(topics, documents, m, n_random=0))
            again, _ = timed(lambda m=measure, c=corpus: coherence(topics, c, m))
            again_without_z, _ = timed(lambda m=measure, c=corpus: coherence(topics, c, m, n_random=0))
            seconds = {
                "gensim_dictionary": index,
                "gensim": theirs,
                "ours": ours,
                "ours_without_z": without_z,
                "ours_counted_before": again,
                "ours_counted_before_without_z": again_without_z,
            }
            for key, value in seconds.items():
                rows[measure].setdefault(key, []).append(value)
            same = coherence(topics, corpus, measure, counts="gensim", n_random=0).value
            difference[measure] = max(abs(a - b) for a, b in zip(same.tolist(), published, strict=True))
            values[measure] = {"exact": result.mean, "gensim": statistics.fmean(published)}
    median = {m: {key: statistics.median(row) for key, row in found.items()} for m, found in rows.items()}
    result_file = {
        "corpus": "news_articles",
        "articles": len(documents),
        "tokens": sum(map(len, documents)),
        "topics": K,
        "top_n": TOP_N,
        "rounds": ROUNDS,
        "first_call_seconds": round(first, 3),
        "processor_seconds": {m: {key: round(value, 4) for key, value in row.items()} for m, row in median.items()},
        "times_faster": {
            m: {
                # gensim without its dictionary against ours with everything: tokens, counts, intervals, z.
                "from_token_lists": round(row["gensim"] / row["ours"], 1),
                "from_token_lists_without_z": round(row["gensim"] / row["ours_without_z"], 1),
                "counted_before": round(row["gensim"] / row["ours_counted_before"], 1),
                "counted_before_without_z": round(row["gensim"] / row["ours_counted_before_without_z"], 1),
            }
            for m, row in median.items()
        },
        "largest_difference_from_gensim": difference,
        "mean_coherence": {m: {key: round(v, 6) for key, v in row.items()} for m, row in values.items()},
        "load_before": round(load, 2),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("newsangle", "gensim", "numpy", "numba", "scikit-learn")},
    }
    target = Path(__file__).parent / "results" / "coherence.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result_file, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
