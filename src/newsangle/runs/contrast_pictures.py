"""Which figures does a contrast have? Words of two sides by z and frequency, small panels otherwise; topics."""

from typing import Any

import pandas as pd

from newsangle.figures.table import FIGURES
from newsangle.runs.contrast_results import IN_RULES, LEVEL, ContrastResult, both_sides

READ = "Surest first, by z over whole stories: a word said ten times in one story, or in its copies, is evidence once."


def words_figure(found: ContrastResult) -> tuple[Any, str] | None:
    """The figure on words with its caption, or None where nothing could be compared or, of many sides, nothing is
    beyond chance."""
    if found.words is None:
        return None
    unit, note = found.about["unit"], found.caveat
    if len(found.sides) == 2:
        table = found.words.assign(marked=found.words["in_rules"])
        title = f"Words that separate {found.sides[0]} from {found.sides[1]}"
        sides = (found.sides[0], found.sides[1])
        figure = FIGURES["contrast_words"](table, sides=sides, title=title, note=note, unit=unit, marks=IN_RULES)
        caption = f"Each dot is a word in {found.config.min_groups} stories or more. {READ}"
        return figure, caption
    if not ((found.words["log_odds"] > 0) & (found.words["q"] <= LEVEL)).any():
        return None  # the table beside it says so
    documents = found.about["documents"]
    table = _panel_rows(found, found.words, "term", "log_odds")
    table["marked"] = found.words["in_rules"]
    table["only"] = found.words["count_against"] == 0
    table["counted"] = [
        f"{n} of {documents[side]}"
        for n, side in zip(found.words["document_frequency"], found.words["side"], strict=True)
    ]
    figure = FIGURES["contrast_panels"](
        table, scale="times", title=_own(found, "words"), note=note, counts=f"{unit} with the word, of how many",
        marks=IN_RULES,
    )  # fmt: skip
    return figure, READ


def topics_figure(found: ContrastResult) -> tuple[Any, str] | None:
    """The figure on topics with its caption, or None where nothing could be compared, or nothing is beyond chance."""
    if found.topics is None or not (found.topics["q"] <= LEVEL).any():
        return None
    topics = both_sides(found.topics, "difference")
    table = _panel_rows(found, topics, "topic", "difference").assign(marked=False, only=False)
    table["counted"] = [f"{100 * share:.1f}%" for share in topics["share"]]
    two = len(found.sides) == 2
    title = f"Topics that separate {' from '.join(found.sides)}" if two else _own(found, "topics")
    figure = FIGURES["contrast_panels"](
        table, scale="points", title=title, note=found.caveat, counts="the topic's mean share", most=8,
        across=2, against="the other" if two else "all others",
    )  # fmt: skip
    return (
        figure,
        "Differences of mean topic shares; surest first. Shares sum to 100%: room for one topic is taken from others.",
    )


def _own(found: ContrastResult, what: str) -> str:
    return f"Each {'class' if found.task is not None else found.config.by}'s own {what}"


def _panel_rows(found: ContrastResult, table: pd.DataFrame, label: str, value: str) -> pd.DataFrame:
    columns = {label: "label", value: "value"}
    rows = table.rename(columns=columns)[["side", "label", "value", "low", "high", "z", "q"]].copy()
    rows["side"] = [found.side_name(side) for side in rows["side"]]
    return rows
