"""How long does one topic model take to fit, and what is it worth? One fit in this process, one JSON line.

topic_models_fit.py SCRATCH DATASET MODEL K N_ITER REFINE SEED; run by topic_models.py, which sets one thread for every
library. Seconds (wall, and CPU with child processes) are the fit alone: no import, no compiling, no conversion of the
matrix to what the model reads. Peak memory is that of this process during the fit. Held-out perplexity is computed
afterwards, by one evaluator for all.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from peak_memory import forget_peak, peak_mb
from scipy import sparse

N_TOP = 25


def cpu() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def timed(fit: Callable[[], Any]) -> tuple[Any, float, float]:
    """What the fit returns, its wall seconds, its CPU seconds. What was held before the fit is no part of its peak."""
    forget_peak()
    wall, before = time.perf_counter(), cpu()
    result = fit()
    return result, time.perf_counter() - wall, cpu() - before


def ours(X: Any, terms: Any, k: int, n: int, refine: int, seed: int) -> tuple[Any, float, float]:
    """`newsangle.topics.LDA`; a tiny fit before loads the compiled kernels."""
    from newsangle.topics.lda import LDA

    small = X[:60]
    LDA(3, n_iter=50, refine=2 if refine else 0).fit(small[:, np.unique(small.indices)])
    model, wall, used = timed(lambda: LDA(k, n_iter=n, refine=refine, seed=seed).fit(X))
    return model.components_, wall, used


def sklearn(X: Any, terms: Any, k: int, n: int, refine: int, seed: int) -> tuple[Any, float, float]:
    """Batch variational Bayes; the last of its steps is followed by one bound, which it always computes."""
    from sklearn.decomposition import LatentDirichletAllocation

    model = LatentDirichletAllocation(k, learning_method="batch", max_iter=n, random_state=seed, n_jobs=1)
    _, wall, used = timed(lambda: model.fit(X))
    return model.components_, wall, used


def bags(X: Any) -> list[list[tuple[int, int]]]:
    """The matrix as gensim reads it."""
    pairs = zip(X.indptr[:-1], X.indptr[1:], strict=True)
    return [list(zip(X.indices[a:b].tolist(), X.data[a:b].tolist(), strict=True)) for a, b in pairs]


def gensim(X: Any, terms: Any, k: int, n: int, refine: int, seed: int) -> tuple[Any, float, float]:
    """Online variational Bayes, n passes; without the perplexity that it logs every ten updates, which costs time."""
    from gensim.models import LdaModel

    options = {"id2word": dict(enumerate(terms.tolist())), "passes": n, "random_state": seed, "eval_every": None}
    corpus = bags(X)
    model, wall, used = timed(lambda: LdaModel(corpus, k, **options))
    return model.get_topics(), wall, used


def gensim_multicore(X: Any, terms: Any, k: int, n: int, refine: int, seed: int) -> tuple[Any, float, float]:
    """The same with one worker process beside the main one, which hands out articles and updates the topics."""
    from gensim.models import LdaMulticore

    options = {"id2word": dict(enumerate(terms.tolist())), "passes": n, "random_state": seed, "eval_every": None}
    corpus = bags(X)
    model, wall, used = timed(lambda: LdaMulticore(corpus, k, workers=1, **options))
    return model.get_topics(), wall, used


def token_lists(X: Any, terms: Any) -> list[list[str]]:
    """The matrix as samplers read it: each term as often as it was counted."""
    pairs = zip(X.indptr[:-1], X.indptr[1:], strict=True)
    return [np.repeat(terms[X.indices[a:b]], X.data[a:b]).tolist() for a, b in pairs]


def in_columns(rows: Any, words: Any, terms: Any) -> Any:
    """Topic–word weights with the columns of the matrix."""
    column = {term: i for i, term in enumerate(terms.tolist())}
    phi = np.zeros((len(rows), len(terms)))
    phi[:, [column[word] for word in words]] = rows
    return phi


def tomotopy(X: Any, terms: Any, k: int, n: int, refine: int, seed: int) -> tuple[Any, float, float]:
    """Collapsed Gibbs sampling; it learns α every ten sweeps."""
    import tomotopy as tp

    model = tp.LDAModel(k=k, seed=seed + 1)
    for tokens in token_lists(X, terms):
        model.add_doc(tokens)
    _, wall, used = timed(lambda: model.train(n, workers=1))
    rows = [model.get_topic_word_dist(topic) for topic in range(k)]
    return in_columns(rows, model.used_vocabs, terms), wall, used


def topica(X: Any, terms: Any, k: int, n: int, refine: int, seed: int) -> tuple[Any, float, float]:
    """Sparse Gibbs sampling."""
    import topica as library

    documents = token_lists(X, terms)
    model = library.LDA(k, seed=seed + 1, num_threads=1, sampler="sparse")
    _, wall, used = timed(lambda: model.fit(documents, iters=n, progress=False, keep_theta_draws=False))
    return in_columns(model.topic_word, model.vocabulary, terms), wall, used


MODELS = {f.__name__: f for f in (ours, sklearn, gensim, gensim_multicore, tomotopy, topica)}


def main() -> None:
    """Fit, save φ (float32) in the scratch folder, print the row."""
    scratch, dataset, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    k, n, refine, seed = (int(value) for value in sys.argv[4:8])
    X = sparse.load_npz(scratch / f"{dataset}_train.npz")
    if name == "ours_whole":  # what a user waits for: topic_models.py times this process from start to end
        from newsangle.topics.lda import LDA

        LDA(k, n_iter=n, refine=refine, seed=seed).fit(X)
        return
    from newsangle.topics.heldout import document_completion

    terms = np.load(scratch / f"{dataset}_terms.npy")
    load = os.getloadavg()[0]
    weights, wall, used = MODELS[name](X, terms, k, n, refine, seed)
    peak = peak_mb()
    phi = np.asarray(weights, dtype=np.float64)
    phi = phi / phi.sum(axis=1, keepdims=True)
    file = f"phi_{dataset}_{name}_{k}_{n}_{refine}_{seed}.npy"
    np.save(scratch / file, phi.astype(np.float32))
    row = {
        "seconds": round(wall, 3),
        "cpu_seconds": round(used, 3),
        "load_before": round(load, 2),
        "peak_mb": round(peak),
        "perplexity": round(document_completion(phi, sparse.load_npz(scratch / f"{dataset}_test.npz")).perplexity, 2),
        "phi": file,
        "top_words": [terms[np.argsort(-topic, kind="stable")[:N_TOP]].tolist() for topic in phi],
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
