"""Which topics of an experiment are the same? One name for a topic in all points of `vary`, and between two runs."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from newsangle.runs.folder import Run
from newsangle.topics.counts import Floats
from newsangle.topics.naming import Catalogue, name_topics


def with_names(
    topics: Sequence[dict[str, Any]], fit: Mapping[str, Any], terms: Sequence[str], known: Catalogue | None
) -> tuple[list[dict[str, Any]], Catalogue]:
    """Topics with `id`, `name`, `label` (number in this point, and name) and the distance to the known topic.

    `known`: the names of the first point; a topic that matches one of them is called like it. Topics with seed words
    are called as the config calls them.
    """
    catalogue = name_topics(_distributions(fit["components"]), terms, known, given=fit["about"].get("topic_names"))
    named = [
        topic
        | {
            "id": catalogue.ids[k],
            "name": catalogue.names[k],
            "label": f"{k + 1} {catalogue.names[k]}",
            "distance_to_known": None if np.isnan(catalogue.distances[k]) else float(f"{catalogue.distances[k]:.6g}"),
        }
        for k, topic in enumerate(topics)
    ]
    return named, catalogue


def catalogue_of(run: Run) -> Catalogue:
    """Which topics does a finished run know? The topics of its first point, with ids and names.

    `name_topics(later.components, later.vocabulary, known=catalogue_of(earlier))`, with `later` another run's
    catalogue, says which topics of one run are those of the other. Raises DataError for a run without topics.
    """
    about = json.loads(run.read("model/topics.json"))
    with np.load(io.BytesIO(run.read("model/topics.npz")), allow_pickle=False) as arrays:
        components = _distributions(arrays["components"])
    topics = run.topics[0]["topics"]
    return Catalogue(
        ids=tuple(topic["id"] for topic in topics),
        names=tuple(topic["name"] for topic in topics),
        components=components,
        vocabulary=tuple(about["terms"]),
        distances=np.full(len(topics), np.nan),
    )


def _distributions(components: Floats) -> Floats:
    """Word distributions as they are; signed loadings (LSI) by absolute value, scaled to sum to 1."""
    weights = np.abs(components)
    return np.asarray(weights / np.maximum(weights.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny))
