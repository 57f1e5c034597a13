"""The stages on contrasts: which documents lie on which side, and which words and topics separate the sides."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from newsangle.coverage.contrast import Contrast, contrast
from newsangle.coverage.contrast_topics import contrast_topics
from newsangle.coverage.shares import week_of
from newsangle.errors import DataError
from newsangle.features.boilerplate import blank_all, boilerplate
from newsangle.features.matrix import document_term_matrix, term_vectorizer, tokenise
from newsangle.labels.patterns import expand
from newsangle.runs.contrast_config import KINDS
from newsangle.topics.foldin import fold_in

Part = Mapping[str, Any]
Files = Mapping[str, Path]
Upstream = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Documents:
    """What is compared: texts with side (None: on none), group and outlet, and where each text lies in its article."""

    table: pd.DataFrame
    unit: str


def contrast_words_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """Words that separate the sides, without boilerplate: `table` (where there is one) and `about` it."""
    documents = _documents(part, upstream)
    articles = upstream["corpus"]["articles"]
    named = articles.loc[articles["outlet"].notna()]
    phrases = boilerplate(named["text"].tolist(), named["outlet"].tolist(), named["group"].tolist())
    about: dict[str, Any] = {"unit": documents.unit, "boilerplate": phrases}
    table = documents.table
    texts = _without_boilerplate(table, articles, phrases)
    try:
        counts, terms = document_term_matrix(texts, stop_words=part["stop_words"], min_df=1, max_df=1.0)
        kept = ~np.isin(terms.astype(str), part["exclude"])
        found = contrast(
            counts[:, kept],
            terms[kept].tolist(),
            _listed(table["side"]),
            table["group"].tolist(),
            outlets=_listed(table["outlet"]),
            compare=part["groups"],
            min_groups=part["min_groups"],
            min_side_groups=part["min_side_groups"],
            n_draws=part["draws"],
            seed=part["seed"],
        )
    except ValueError as error:
        return _refused(part, about, error)
    result = _rounded(found.table, ["log_odds", "low", "high", "z"])
    pattern_words = _rule_words(part, table["text"].tolist())
    result["in_rules"] = [term in pattern_words for term in result["term"]]
    return {"table": result, "about": about | _told(found, table)}


def contrast_topics_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """Topics (by number, from 0) that separate the sides: `table` (where there is one) and `about` it."""
    fit, matrix = upstream["fit"], upstream["matrix"]
    documents = _documents(part, upstream)
    about: dict[str, Any] = {"unit": documents.unit}
    if not fit["about"]["has_word_distributions"]:
        return {"about": about | {"reason": "the topic model has no word distributions, so no topic shares"}}
    table = documents.table
    vectorizer = term_vectorizer(stop_words="none", min_df=1, max_df=1.0, phrases=matrix["phrases"])
    vectorizer.set_params(vocabulary={term: i for i, term in enumerate(matrix["all_terms"])})
    try:
        counts = vectorizer.transform(table["text"].tolist()).tocsr().astype(np.int64)
        found = contrast_topics(
            fold_in(fit["components"], counts, alpha=part["alpha"]),
            [str(k) for k in range(len(fit["components"]))],
            _listed(table["side"]),
            table["group"].tolist(),
            compare=part["groups"],
            min_side_groups=part["min_side_groups"],
            n_draws=part["draws"],
            seed=part["seed"],
        )
    except ValueError as error:
        return _refused(part, about, error)
    result = _rounded(found.table, ["difference", "low", "high", "z", "share", "share_against"])
    return {"table": result.assign(topic=result["topic"].astype("int64")), "about": about | _told(found, table)}


def _refused(part: Part, about: dict[str, Any], error: ValueError) -> dict[str, Any]:
    """A contrast that was asked for stops the run; one by default is left out, with its reason."""
    if part["asked"]:
        raise DataError(f"contrast.{part['name']}: {error}") from None
    return {"about": about | {"reason": str(error)}}


def _told(found: Contrast, table: pd.DataFrame) -> dict[str, Any]:
    counted = table["side"].value_counts()
    return {
        "sides": list(found.sides),
        "documents": {side: int(counted[side]) for side in found.sides},
        "groups": dict(zip(found.sides, found.groups_of, strict=True)),
        "left_out": found.left_out,
        "tests": found.n_tests,
        "method": found.method,
    }


def _documents(part: Part, upstream: Upstream) -> Documents:
    """The documents in the order of the corpus; empty texts are left out."""
    corpus = upstream["corpus"]
    if part["by"] not in KINDS:
        rows = upstream["task"]["predictions"]
        if part["target"] is not None:
            rows = rows.loc[rows["target"] == part["target"]]
        text = corpus["passages"].set_index("passage_id")["text"]
        table = rows[["article_id", "start", "end", "group", "outlet"]].reset_index(drop=True)
        table["text"] = text.loc[rows["passage_id"]].tolist()
        return Documents(table.assign(side=rows[part["codes"]].tolist()), "passages")
    articles = corpus["articles"]
    kept = articles["text"].str.strip() != ""
    if part["articles"] == "selected":
        kept &= articles["selected"]
    table = articles.loc[kept, ["article_id", "group", "outlet", "date", "text"]].reset_index(drop=True)
    table["start"], table["end"] = 0, table["text"].str.len()
    return Documents(table.assign(side=_sides(part, table)), "articles")


def _sides(part: Part, table: pd.DataFrame) -> list[str | None]:
    if part["by"] == "outlet":
        return _listed(table["outlet"])
    dates = pd.to_datetime(table["date"])
    if part["by"] == "period":
        sides: list[str | None] = [None] * len(dates)
        for name, (first, last) in part["periods"].items():
            inside = (dates >= pd.Timestamp(first)) & (dates < pd.Timestamp(last) + pd.Timedelta(days=1))
            sides = [name if here else side for side, here in zip(sides, inside.tolist(), strict=True)]
        return sides
    days, form = (week_of(dates), "%Y-%m-%d") if part["by"] == "week" else (dates, "%Y-%m")
    return [None if pd.isna(day) else f"{day:{form}}" for day in days]


def _listed(column: pd.Series) -> list[str | None]:
    return [value if isinstance(value, str) else None for value in column]


def _without_boilerplate(
    table: pd.DataFrame, articles: pd.DataFrame, phrases: Mapping[str, Sequence[str]]
) -> list[str]:
    """The texts, blanked in the whole article: a phrase may begin in one passage and end in the next."""
    used = articles.loc[articles["article_id"].isin(set(table["article_id"]))]
    clean = dict(
        zip(used["article_id"], blank_all(used["text"].tolist(), _listed(used["outlet"]), phrases), strict=True)
    )
    return [
        clean[article][start:end]
        for article, start, end in zip(table["article_id"], table["start"], table["end"], strict=True)
    ]


def _rule_words(part: Part, texts: Sequence[str]) -> set[str]:
    """Which words do the task's keyword rules match in these texts? Whole words that any wanted pattern touches."""
    if part["by"] in KINDS or part["rules"] is None:
        return set()
    aliases = part["rules"]["aliases"] | part["targets"]
    wanted = {expand(p, aliases, part["target"]) for rule in part["rules"]["rules"] for p in rule["all"]}
    found: set[str] = set()
    for pattern in sorted(wanted):
        compiled = re.compile(pattern)
        for text in texts:
            for match in compiled.finditer(text):
                first, last = match.span()
                while first > 0 and _in_word(text[first - 1]):
                    first -= 1
                while last < len(text) and _in_word(text[last]):
                    last += 1
                found.update(tokenise(text[first:last]))
    return found


def _in_word(letter: str) -> bool:
    return letter.isalpha() or letter in "-'’"


def _rounded(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Six decimals, and six figures of p and q: what differs beyond is the processor's."""
    return table.assign(
        **{column: table[column].round(6) for column in columns},
        **{column: [float(f"{value:.6g}") for value in table[column]] for column in ("p", "q")},
    )
