"""The stage on seed words: what did they change? The guided topics beside a fit without them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from newsangle.runs.records import record
from newsangle.topics.heldout import document_completion
from newsangle.topics.match import match_topics
from newsangle.topics.models import top_words

SHOWN_WORDS = 8


def seed_words_stage(
    part: Mapping[str, Any], files: Mapping[str, Path], upstream: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """One row a named topic: hits of each seed word, its words and share, and those of its match without seed words.

    `distance`: Jensen–Shannon, 0 the same topic, 1 no word in common. The records tell what seeding costs: held-out
    perplexity without it, by the evaluator of the others.
    """
    matrix, fit, plain = upstream["matrix"], upstream["fit"], upstream["unseeded"]
    names = [name for name in fit["about"]["topic_names"] if name is not None]
    permutation, distances = match_topics(fit["components"], plain["components"])
    n_words = min(SHOWN_WORDS, len(matrix["all_terms"]))
    guided, free = (top_words(f["components"], matrix["all_terms"], n=n_words) for f in (fit, plain))
    share, free_share = (np.nanmean(f["doc_topics"], axis=0) for f in (fit, plain))
    rows = [
        {
            "name": name,
            "topic": k,
            "hits": [{"word": word, "tokens": n} for word, n in fit["about"]["seed_hits"][name].items()],
            "words": guided[k],
            "share": float(f"{share[k]:.6g}"),
            "words_without": free[permutation[k]],
            "share_without": float(f"{free_share[permutation[k]]:.6g}"),
            "distance": float(f"{distances[k]:.6g}"),
        }
        for k, name in enumerate(names)
    ]
    done = document_completion(
        upstream["unseeded_train"]["components"], matrix["held"], alpha=part["alpha"], seed=part["seed"]
    )
    records = [
        record(
            task="topics",
            model=f"{part['model']} without seed words",
            metric="perplexity",
            value=done.perplexity,
            interval="none: it stands beside the seeded model's",
            n=matrix["held"].shape[0],
            seed=part["seed"],
            slice="held-out articles",
        )
    ]
    return {"rows": rows, "records": records}
