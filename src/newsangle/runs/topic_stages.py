"""The stages on topics: document-term matrices, fits, and what the fits are worth."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from newsangle.coverage.shares import mean_shares
from newsangle.errors import DataError
from newsangle.features.matrix import count_words, number_words, term_vectorizer, tokenise
from newsangle.features.phrases import learn_phrases
from newsangle.runs.records import record
from newsangle.stats.bootstrap import bootstrap_interval
from newsangle.stats.folds import group_folds
from newsangle.topics.coherence_measures import coherence
from newsangle.topics.cooccurrence import numbered_corpus
from newsangle.topics.diversity import topic_diversity
from newsangle.topics.foldin import fold_in
from newsangle.topics.heldout import document_completion, unigram_completion
from newsangle.topics.match import resample_groups
from newsangle.topics.models import TOPIC_MODELS, top_words
from newsangle.topics.naming import canonical_topic_order

Part = Mapping[str, Any]
Files = Mapping[str, Path]
Upstream = Mapping[str, dict[str, Any]]
NPMI_WORDS, DIVERSITY_WORDS, SHOWN_WORDS = 10, 25, 12
NO_PHI = "no φ: this model has no word distributions"


def matrix_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """Counts of all articles, and of training articles and held-out ones over the training vocabulary."""
    articles = _taught(part, upstream["corpus"]["articles"])
    options = dict(part["features"])
    with_phrases = options.pop("phrases")
    texts = articles["text"].tolist()
    n_folds = max(2, round(1 / part["held_out"]))
    stories = articles["group"].nunique()
    if stories < n_folds:
        raise DataError(
            f"topics.held_out = {part['held_out']}: takes {n_folds} stories that are no copies of each other, the "
            f"corpus has {stories}; add articles"
        )
    folds = group_folds(articles["group"].tolist(), [None] * len(articles), n_folds=n_folds, seed=part["seed"])
    taught = folds != 0
    train_texts = [text for text, teaches in zip(texts, taught.tolist(), strict=True) if teaches]
    # Phrases are learned like everything else: for the held-out evaluation from the training articles alone.
    phrases, train_phrases = (
        learn_phrases([tokenise(text) for text in some]) if with_phrases else [] for some in (texts, train_texts)
    )
    whole = count_words(texts, phrases=phrases)
    parted = whole if train_phrases == phrases else count_words(texts, phrases=train_phrases)
    try:
        counts, terms = whole.matrix(whole.terms(**options))
        columns = parted.of(taught).terms(**options)
    except ValueError as error:
        raise DataError(f"document-term matrix: {error}") from None
    train, train_terms = parted.of(taught).matrix(columns)
    held, _ = parted.of(~taught).matrix(columns)
    return {
        "all": counts,
        "all_terms": terms.tolist(),
        "train": train,
        "train_terms": train_terms.tolist(),
        "held": held,
        "held_groups": articles["group"].to_numpy()[~taught].tolist(),
        "article_ids": articles["article_id"].tolist(),
        "groups": articles["group"].tolist(),
        "phrases": phrases,
    }


def word_numbers_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """The articles of the matrix as numbers of words, which coherence counts in: read once for all fits of a sweep."""
    matrix, articles = upstream["matrix"], upstream["corpus"]["articles"].set_index("article_id")
    found = number_words(articles["text"].loc[matrix["article_ids"]], phrases=matrix["phrases"])
    return {"words": found.words, "numbers": found.numbers, "starts": found.starts}


def _taught(part: Part, articles: pd.DataFrame) -> pd.DataFrame:
    """The articles that teach topics: those with text, all or the selected ones."""
    kept = articles.loc[articles["text"].str.strip() != ""]
    if part["articles"] == "selected":
        kept = kept.loc[kept["selected"]]
    return kept


def topics_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """One fitted model: φ (or loadings), topic shares of the articles it learned from where all of them teach.

    Topics in canonical order, largest first, those named by seed words before the others. `sample`: the number of a
    bootstrap sample of the articles (whole syndication groups) that teaches in their place; no shares then.
    """
    matrix = upstream["matrix"]
    counts = matrix[part["on"]]
    if part["sample"] is not None:
        counts = counts[resample_groups(matrix["groups"], (part["seed"] << 32) + part["sample"])]
    seeding = {name: list(words) for name, words in part["seed_words"]}
    options = part["options"] | ({"seed_words": seeding} if seeding else {})
    model = TOPIC_MODELS[part["model"]](n_topics=part["n_topics"], seed=part["seed"], **options)
    try:
        if seeding:
            with warnings.catch_warnings():  # the report shows the hits of every seed word, zeros first of all
                warnings.filterwarnings("ignore", message=".*seed words are not in the vocabulary")
                model.fit(counts, terms=matrix[f"{part['on']}_terms"])
        else:
            model.fit(counts)
    except ValueError as error:
        raise DataError(f"topics.model = {part['model']}: {error}") from None
    components = np.asarray(model.components_, dtype=np.float64)
    shares = model.transform(counts) if part["on"] == "all" and part["sample"] is None else None
    if shares is not None:
        size = shares if model.has_word_distributions else np.full(len(components), np.nan)
        rest = canonical_topic_order(components[len(seeding) :], size[..., len(seeding) :]) + len(seeding)
        order = np.concatenate([np.arange(len(seeding)), rest])
        components, shares = components[order], shares[:, order]
    values: dict[str, Any] = {
        "components": np.ascontiguousarray(components),
        "about": {"has_word_distributions": bool(model.has_word_distributions)},
    }
    if shares is not None:
        values["doc_topics"] = np.ascontiguousarray(shares)
    if seeding:
        values["about"] |= {"topic_names": model.topic_names_, "seed_hits": model.seed_hits_}
    return values


def topic_scores_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """Perplexity, NPMI and diversity of one model with intervals, its topics with words, and topic × outlet shares."""
    matrix, articles = upstream["matrix"], upstream["corpus"]["articles"]
    fits = [upstream[name] for name in sorted(upstream) if name.startswith("fit")]
    model, base = part["model"], {"task": "topics", "model": part["model"], "seed": part["fit_seed"]}
    has_phi = fits[0]["about"]["has_word_distributions"]
    records = []
    if has_phi:
        done = document_completion(
            upstream["train"]["components"], matrix["held"], alpha=part["alpha"], seed=part["seed"]
        )
        records.append(_perplexity(base, done, matrix["held_groups"], part))
    else:
        records.append(record(**base, metric="perplexity", value=None, slice="held-out articles", reason=NO_PHI))
    floor = unigram_completion(matrix["train"].sum(axis=0), matrix["held"], seed=part["seed"])
    records.append(_perplexity(base | {"model": "unigram"}, floor, matrix["held_groups"], part))
    terms = matrix["all_terms"]
    words = [top_words(fit["components"], terms, n=min(DIVERSITY_WORDS, len(terms))) for fit in fits]
    taught = articles.set_index("article_id").loc[matrix["article_ids"]]
    read = upstream["word_numbers"]
    reference = numbered_corpus(read["words"], read["numbers"], read["starts"], taught["group"].tolist())
    npmi = [coherence(topics, reference, "npmi", top_n=NPMI_WORDS, n_random=0) for topics in words[1:]]
    # Only the topics that are shown get a z-score: the others serve the spread over seeds.
    npmi.insert(0, coherence(words[0], reference, "npmi", top_n=NPMI_WORDS, seed=part["seed"]))
    n_articles = len(taught)
    records.append(
        record(
            **base,
            metric="npmi",
            value=npmi[0].mean,
            low=npmi[0].mean_low,
            high=npmi[0].mean_high,
            interval=npmi[0].interval,
            n=n_articles,
            slice="all articles",
        )
    )
    spread = {
        "diversity": [topic_diversity(topics, top_n=len(topics[0])) for topics in words],
        "npmi_over_seeds": [scores.mean for scores in npmi],
    }
    for metric, by_seed in spread.items():
        records.append(
            record(
                **base,
                metric=metric,
                value=float(np.mean(by_seed)),
                low=min(by_seed) if len(by_seed) > 1 else None,
                high=max(by_seed) if len(by_seed) > 1 else None,
                interval=f"range over {len(by_seed)} seeds" if len(by_seed) > 1 else "one seed: no spread",
                n=n_articles,
                slice="all articles",
            )
        )
    components = fits[0]["components"]
    loading = components if has_phi else np.abs(components)
    column = {term: i for i, term in enumerate(terms)}
    share = fits[0]["doc_topics"]
    prevalence = np.nanmean(share, axis=0) if has_phi else np.full(len(components), np.nan)
    labels = [topic_label(k, topic) for k, topic in enumerate(words[0])]
    topics = [
        {
            "topic": k,
            "label": labels[k],
            "words": topic[:SHOWN_WORDS],
            "weights": [float(f"{loading[k, column[word]]:.6g}") for word in topic[:SHOWN_WORDS]],
            "share": float(f"{prevalence[k]:.6g}") if has_phi else None,
            "npmi": float(f"{npmi[0].value[k]:.6g}"),
            "npmi_z": float(f"{npmi[0].z[k]:.6g}") if np.isfinite(npmi[0].z[k]) else None,
        }
        for k, topic in enumerate(words[0])
    ]
    values: dict[str, Any] = {"records": records, "topics": topics, "model": model}
    if has_phi:  # articles × (log-likelihood, scored tokens): what `topic_quality` needs of the first seed too
        values["held_out"] = np.column_stack([done.log_likelihood, done.tokens])
    if has_phi and taught["outlet"].notna().any():
        by_outlet = mean_shares(share, taught["outlet"], labels)
        values["topic_outlet"] = by_outlet.reset_index(names="topic")
    return values


def topic_label(k: int, words: list[str]) -> str:
    """How is a topic called? Its number, from 1, and its three heaviest words."""
    return f"{k + 1} {', '.join(words[:3])}"


def _perplexity(base: dict[str, Any], done: Any, groups: list[str], part: Part) -> dict[str, Any]:
    _, group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    sums = np.zeros((group.max() + 1, 2))
    np.add.at(sums, group, np.column_stack([-done.log_likelihood, done.tokens]))
    interval = bootstrap_interval(sums, lambda s: np.exp(s[:, 0] / s[:, 1]), seed=part["seed"])
    return record(
        **base,
        metric="perplexity",
        value=done.perplexity,
        low=interval.low,
        high=interval.high,
        interval=interval.method,
        n=len(groups),
        slice="held-out articles",
    )


def passage_topics_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """Topic shares of each passage: rows × topics, folded into the fitted φ; NaN for a passage without a known term,
    and for a model without φ."""
    fit, matrix = upstream["fit"], upstream["matrix"]
    passages = upstream["corpus"]["passages"]
    if not fit["about"]["has_word_distributions"]:
        return {"shares": np.full((len(passages), len(fit["components"])), np.nan)}
    vectorizer = term_vectorizer(stop_words="none", min_df=1, max_df=1.0, phrases=matrix["phrases"])
    vectorizer.set_params(vocabulary={term: i for i, term in enumerate(matrix["all_terms"])})
    counts = vectorizer.transform(passages["text"].tolist()).tocsr().astype(np.int64)
    return {"shares": fold_in(fit["components"], counts, alpha=part["alpha"])}
