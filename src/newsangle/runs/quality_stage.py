"""The stage on what topics are worth beside coherence: other seeds, other articles, other topics of the same fit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from newsangle.runs.records import record
from newsangle.topics.counts import Floats
from newsangle.topics.heldout import document_completion
from newsangle.topics.match import Stability, argmax_agreement, stability
from newsangle.topics.models import top_words
from newsangle.topics.quality import exclusivity, flag_topics, inverted_rbo

NO_PHI = "no φ: this model has no word distributions"
RBO_WORDS, EXCLUSIVITY_WORDS = 25, 10


def topic_quality_stage(
    part: Mapping[str, Any], files: Mapping[str, Path], upstream: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Perplexity, exclusivity, inverted RBO, stability and AMI over seeds, stability over article samples; per topic
    of the first seed exclusivity, stability and flags; held-out losses (seeds × syndication groups) for choosing K."""
    matrix = upstream["matrix"]
    fits, trained, samples = (
        [upstream[f"{kind}{i}"] for i in range(sum(name.startswith(kind) for name in upstream))]
        for kind in ("fit", "train", "sample")
    )
    base = {"task": "topics", "model": part["model"], "seed": part["fit_seed"]}
    on_all = {"n": len(matrix["article_ids"]), "slice": "all articles"}
    on_held = {"n": len(matrix["held_groups"]), "slice": "held-out articles"}
    ami = argmax_agreement([fit["doc_topics"] for fit in fits]).tolist() if len(fits) > 1 else []
    records = [_spread(base | on_all, "ami", ami, "pairs of seeds")]
    if not fits[0]["about"]["has_word_distributions"]:
        missing = ("perplexity_over_seeds", "exclusivity", "inverted_rbo", "stability", "stability_over_articles")
        records += [record(**base, metric=metric, value=None, reason=NO_PHI) for metric in missing]
        return {"records": records, "topics": []}
    phis = [fit["components"] for fit in fits]
    n_words = min(RBO_WORDS, phis[0].shape[1])
    lists = [top_words(phi, matrix["all_terms"], n=n_words) for phi in phis]
    exclusive = [exclusivity(phi, min(EXCLUSIVITY_WORDS, n_words)) for phi in phis]
    losses, tokens = _held_out(upstream["scores"]["held_out"], trained, matrix, part)
    by_seed = np.exp(losses.sum(axis=1) / tokens.sum()).tolist() if tokens.sum() else []
    over_seeds = stability(phis) if len(phis) > 1 else None
    over_articles = stability([phis[0], *(s["components"] for s in samples)], reference_only=True) if samples else None
    records += [
        _spread(base | on_held, "perplexity_over_seeds", by_seed, "seeds"),
        _spread(base | on_all, "exclusivity", [float(values.mean()) for values in exclusive], "seeds"),
        _spread(base | on_all, "inverted_rbo", [inverted_rbo(topics) for topics in lists], "seeds"),
        _spread(base | on_all, "stability", _stable(over_seeds), "pairs of seeds"),
        _spread(base | on_all, "stability_over_articles", _stable(over_articles), "samples of the articles"),
    ]
    lengths = np.asarray(matrix["all"].sum(axis=1)).ravel()
    flags = flag_topics(
        phis[0],
        doc_topics=fits[0]["doc_topics"],
        term_counts=np.asarray(matrix["all"].sum(axis=0)).ravel(),
        article_lengths=lengths,
        coherence_z=[topic["npmi_z"] for topic in upstream["scores"]["topics"]],
    )
    topics = [
        {"exclusivity": _six(exclusive[0][k]), "flags": list(flag.reasons), "duplicate_of": flag.duplicate_of}
        | _per_topic(over_seeds, k, "stability", "found")
        | _per_topic(over_articles, k, "stability_over_articles", "found_over_articles")
        for k, flag in enumerate(flags)
    ]
    values: dict[str, Any] = {"records": records, "topics": topics}
    return values | ({"held_losses": losses, "held_tokens": tokens} if tokens.sum() else {})


def _held_out(
    first: Floats, others: Sequence[Mapping[str, Any]], matrix: Mapping[str, Any], part: Mapping[str, Any]
) -> tuple[Floats, Floats]:
    """−log-likelihood of the held-out halves, seeds × syndication groups, and scored tokens per group.

    Every fit predicts the same halves: what differs between seeds is the fit. first: the scores of the first seed.
    """
    _, group = np.unique(np.asarray(matrix["held_groups"], dtype=str), return_inverse=True)
    scored = [first[:, 0]] + [
        document_completion(fit["components"], matrix["held"], alpha=part["alpha"], seed=part["seed"]).log_likelihood
        for fit in others
    ]
    losses = np.stack([np.bincount(group, weights=-one) for one in scored]).astype(np.float64)
    return losses, np.bincount(group, weights=first[:, 1]).astype(np.float64)


def _stable(found: Stability | None) -> list[float]:
    return [] if found is None else (1.0 - found.by_pair).tolist()


def _spread(base: Mapping[str, Any], metric: str, values: Sequence[float], over: str) -> dict[str, Any]:
    """The mean with its range; no number with the reason where nothing was compared."""
    if len(values) == 0:
        if metric == "perplexity_over_seeds":
            return record(**base, metric=metric, value=None, reason="no held-out article with two known terms")
        wanted = "topics.bootstrap = 0" if "articles" in over else "topics.seeds = 1"
        return record(**base, metric=metric, value=None, reason=f"not compared: {wanted}")
    several = len(values) > 1
    return record(
        **base,
        metric=metric,
        value=float(np.mean(values)),
        low=float(min(values)) if several else None,
        high=float(max(values)) if several else None,
        interval=f"range over {len(values)} {over}" if several else f"one of the {over}: no spread",
    )


def _per_topic(found: Stability | None, k: int, stable: str, again: str) -> dict[str, Any]:
    """Typical and worst 1 − distance to the match of topic k, and in how many of the other fits it was found."""
    if found is None:
        return {stable: None, f"{stable}_worst": None, again: None}
    n_others = len(found.distances)
    return {
        stable: _six(1.0 - found.typical[k]),
        f"{stable}_worst": _six(1.0 - found.worst[k]),
        again: [int(found.found()[k]), n_others],
    }


def _six(value: float) -> float:
    return float(f"{value:.6g}") + 0.0
