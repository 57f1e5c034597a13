"""Which topics should a reader doubt? Those that predict no better than no topics, and those that other fits lack."""

from collections.abc import Mapping, Sequence
from typing import Any

from newsangle.runs.wording import find, number, point_name

FLOOR = "unigram"
TOLD = 4  # models named in one sentence


def worse_than_no_topics(records: Sequence[Mapping[str, Any]]) -> str | None:
    """Which models predict held-out articles no better than the unigram floor? One sentence, None where none does.

    records: of one or several points; each model is held against the floor of its own point (`vary`), by value: with
    few held-out articles the limits of both may overlap, so the number of articles is told.
    """
    scores = [r for r in records if r["task"] == "topics" and r["metric"] == "perplexity" and r["value"] is not None]
    floors = {r["vary"]: r["value"] for r in scores if r["model"] == FLOOR}
    models = [r for r in scores if r["model"] != FLOOR and r["vary"] in floors]
    worse = [r for r in models if r["value"] >= floors[r["vary"]]]
    if not worse:
        return None
    told = [f"{number(r['value'])} against {number(floors[r['vary']])} ({_called(r)})" for r in worse[:TOLD]]
    more = f"; and {len(worse) - TOLD} more" if len(worse) > TOLD else ""
    return (
        f"Topics predict the held-out articles ({worse[0]['n']}) no better than no topics at all, the unigram floor: "
        f"perplexity {'; '.join(told)}{more}. Lower is better: don't build on these topics."
    )


def _called(score: Mapping[str, Any]) -> str:
    model, point = score["model"], point_name(score["vary"])
    return point if f"topics.model={model}" in score["vary"].split(", ") else f"{model}, {point}" if point else model


def floor_perplexity(points: Sequence[Sequence[dict[str, Any]]]) -> float | None:
    """The perplexity of the floor by the records of each point; None where there is none, or they differ."""
    found = [find(records, model=FLOOR, metric="perplexity") for records in points]
    values = {record["value"] for record in found if record is not None}
    return values.pop() if len(values) == 1 else None


def with_unstable(topics: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The topics with one flag more where fewer than half of the other fits have them.

    found, found_over_articles: in how many of how many other fits the topic is, by seeds and by samples of articles.
    """
    kinds = {"found": "fits with other seeds", "found_over_articles": "fits on samples of the articles"}
    told = []
    for topic in topics:
        reasons = [
            f"unstable: found again in {found[0]} of {found[1]} {kind}"
            for key, kind in kinds.items()
            if (found := topic[key]) and 2 * found[0] < found[1]
        ]
        told.append({**topic, "flags": [*(topic["flags"] or []), *reasons]})
    return told
