"""What separates the sides, as figures, report and contrast.parquet show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from newsangle.runs.config import ContrastConfig, TaskConfig
from newsangle.runs.contrast_config import KINDS

LEVEL = 0.05
WORDS_IN_REPORT = 12
IN_RULES = "words that the keyword rules match, which separate by construction"
COLUMNS = {
    "contrast": "str", "kind": "str", "term": "str", "side": "str", "against": "str", "log_odds": "float64",
    "difference": "float64", "low": "float64", "high": "float64", "z": "float64", "p": "float64", "q": "float64",
    "count": "Int64", "count_against": "Int64", "document_frequency": "Int64", "document_frequency_against": "Int64",
    "share": "float64", "share_against": "float64", "n_groups": "Int64", "n_outlets": "Int64", "in_rules": "boolean",
}  # fmt: skip


@dataclass(frozen=True)
class ContrastResult:
    """One contrast: its name and config, the task whose classes are compared (if any), tables of words and of topics
    (None where there is none; `about` has the reason), and how sides are called in print.

    words: see `newsangle.coverage.contrast`, and in_rules. topics: the same with the topics' labels.
    """

    name: str
    config: ContrastConfig
    task: TaskConfig | None
    words: pd.DataFrame | None
    topics: pd.DataFrame | None
    about: Mapping[str, Any]

    def side_name(self, side: str) -> str:
        """How is a side called in print?"""
        return self.task.class_names.get(side, side.replace("_", " ")) if self.task is not None else side

    @property
    def sides(self) -> list[str]:
        """The sides as printed."""
        return [self.side_name(side) for side in self.about.get("sides", [])]

    @property
    def subject(self) -> str:
        """What is compared, in words: "outlets", "weeks", "Turkish offensive and ISIS activity"."""
        if len(self.sides) == 2:
            return " and ".join(self.sides)
        return f"{self.config.by}s" if self.config.by in KINDS else f"classes of {self.config.by}"

    @property
    def caveat(self) -> str | None:
        """What a reader must know before believing a word."""
        if self.config.by in KINDS:
            return None
        if self.config.codes == "coded":
            return "by the codes, whose sample may have been drawn by keywords"
        if self.task is not None and self.task.labels is None:
            return "by keyword rule: its own words separate by construction"
        return "by predicted class: words that the classifier goes by separate by construction"


def contrast_result(
    name: str,
    config: ContrastConfig,
    tasks: Mapping[str, TaskConfig],
    words: Mapping[str, Any],
    topics: Mapping[str, Any] | None,
    labels: Sequence[str],
) -> ContrastResult:
    """Put together what the stages stored; `labels`: of the topics, in their order."""
    of_topics = topics.get("table") if topics is not None else None
    if of_topics is not None:
        of_topics = of_topics.assign(topic=[labels[k] for k in of_topics["topic"]])
    task = None if config.by in KINDS else tasks[config.by]
    return ContrastResult(name, config, task, words.get("table"), of_topics, words["about"])


def contrast_table(contrasts: Mapping[str, ContrastResult]) -> pd.DataFrame:
    """All contrasts in one table: contrast.parquet. `kind`: word (log_odds, counts) or topic (difference, shares)."""
    tables = [pd.DataFrame(columns=list(COLUMNS))]
    for name, found in contrasts.items():
        if found.words is not None:
            tables.append(found.words.assign(contrast=name, kind="word"))
        if found.topics is not None:
            tables.append(found.topics.rename(columns={"topic": "term"}).assign(contrast=name, kind="topic"))
    return pd.concat([t.reindex(columns=list(COLUMNS)).astype(COLUMNS) for t in tables], ignore_index=True)


def both_sides(table: pd.DataFrame, effect: str) -> pd.DataFrame:
    """The rows of each side: where two sides are compared, each row once more as the other side sees it."""
    if "all others" in set(table["against"]):
        return table
    swapped = {"side": "against", "against": "side"}
    swapped |= {c: f"{c}_against" for c in ("count", "document_frequency", "share") if c in table.columns}
    swapped |= {f"{c}_against": c for c in ("count", "document_frequency", "share") if c in table.columns}
    other = table.rename(columns=swapped)
    other = other.assign(low=-table["high"], high=-table["low"], z=-table["z"], **{effect: -table[effect]})
    return pd.concat([table, other[table.columns]], ignore_index=True)


def contrast_report(found: ContrastResult) -> dict[str, Any]:
    """What the report says about a contrast, figures apart: sides with their surest words, and what was left out."""
    about = found.about
    rows = []
    if found.words is not None:
        table = both_sides(found.words, "log_odds")
        for side in about["sides"]:
            own = table.loc[(table["side"] == side) & (table["log_odds"] > 0) & (table["q"] <= LEVEL)]
            own = own.sort_values(["z", "term"], ascending=[False, True])
            told = [
                {"word": row["term"], "n": int(row["document_frequency"]), "in_rules": bool(row["in_rules"])}
                for _, row in own.head(WORDS_IN_REPORT).iterrows()
            ]
            left_out = about["left_out"].get(side)
            rows.append(
                {"side": found.side_name(side), "n": about["documents"][side], "groups": about["groups"][side]}
                | {"words": told, "more": len(own) - len(told), "left_out": left_out}
            )
    return {
        "name": found.name,
        "subject": found.subject,
        "caveat": found.caveat,
        "unit": about["unit"],
        "reason": about.get("reason"),
        "tests": about.get("tests"),
        "rows": rows,
        "two": len(about.get("sides", [])) == 2,
        "rules": any(word["in_rules"] for row in rows for word in row["words"]),
        "boilerplate": [
            {"outlet": o, "phrases": p[:3], "more": max(0, len(p) - 3)} for o, p in about["boilerplate"].items()
        ],
    }
