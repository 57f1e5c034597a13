"""How is a result said in plain words? Sentences made from numbers, never richer than the numbers."""

from collections.abc import Sequence

import pandas as pd

from newsangle.coverage.estimate import ENOUGH_CODED
from newsangle.coverage.shares import UNCORRECTED
from newsangle.runs.results import PointResult, TaskResult
from newsangle.runs.topic_warnings import worse_than_no_topics
from newsangle.runs.wording import (
    estimate_with_interval,
    find,
    number,
    p_value,
    percent,
    share_with_interval,
    signed,
    with_interval,
)
from newsangle.stance.crossfit import SELECTED

# What the scores are of, where it isn't new stories of the same outlets and weeks.
WHERE = {"group": "", "outlet": " of outlets that it never read", "time": " of later weeks"}


def answer(point: PointResult) -> list[str]:
    """What does the experiment answer? A task: does its best classifier beat the keyword rule, and what does it say?

    Topics speak where there is no task; that they predict worse than no topics is said in any case.
    """
    sentences = []
    for task in point.tasks.values():
        sentences += beats_the_rule(task)
        sentences += _stance_answer(task) if task.config.targets else _share_answer(task)
    shown = [t for t in point.topics if t["share"] is not None]
    if shown and not sentences:
        top = sorted(shown, key=lambda t: -t["share"])[:3]
        told = "; ".join(f"{', '.join(t['words'][:3])} ({percent(t['share'])})" for t in top)
        sentences.append(f"The largest of {len(point.topics)} topics are {told}.")
    worse = worse_than_no_topics(point.topic_records)
    return [*sentences, worse] if worse else sentences


def _share_answer(task: TaskResult) -> list[str]:
    return _corrected_answer(task) if task.corrected else _uncorrected_answer(task)


def _corrected_answer(task: TaskResult) -> list[str]:
    """Shares over everything, the outlet with the largest, and which pairs of outlets differ beyond chance."""
    frames = [c for c in task.config.classes if c != task.config.residual]
    table = task.estimates.table
    table = table.loc[table["count"] == "published"]
    whole = table.loc[table["slice"] == "all"].set_index("class")
    parts = _listed(
        [
            f"{estimate_with_interval(whole.loc[c])} {'are ' if c == frames[0] else ''}about {task.class_name(c)}"
            for c in frames
        ]
    )
    naive = _listed([percent(float(whole["naive"][c])) for c in frames])
    n = len(task.predictions)
    first = (
        f"Of {n:,} passages, {parts} (corrected by {len(task.coded):,} coded passages, 95% limits; predictions alone "
        f"say {naive})."
    )
    by_outlet = [_largest(task, table.loc[(table["slice"] == "outlet") & (table["class"] == c)], c) for c in frames]
    return [first, *[told for told in by_outlet if told]]


def _largest(task: TaskResult, rows: pd.DataFrame, label: str) -> str | None:
    """Where is the share largest, and is any difference between outlets more than chance?"""
    known = rows.loc[rows["estimate"].notna()].sort_values(["estimate", "key"], ascending=[False, True])
    if len(known) < 2:
        return None
    top = known.iloc[0]
    text = (
        f"The largest share of {task.class_name(label)} is estimated for {top['key']} ({estimate_with_interval(top)}, "
        f"{top['n_coded']} coded)"
    )
    pairs = task.estimates.contrasts.loc[lambda t: t["class"] == label]
    if not len(pairs):
        return f"{text}; no two outlets have the {ENOUGH_CODED} codes that it takes to compare them."
    mine = pairs.loc[pairs["p_holm"] < 0.05].sort_values("p", kind="stable")
    if not len(mine):
        return f"{text}; no two outlets differ beyond chance."
    pair = mine.iloc[0]
    more, less = (pair["first"], pair["second"]) if pair["difference"] > 0 else (pair["second"], pair["first"])
    more_pairs = len(mine) - 1
    others = f", and {more_pairs} more pair{'s differ' if more_pairs > 1 else ' differs'}" if more_pairs else ""
    return f"{text}; beyond chance, {more} has more of it than {less}{others} (Holm over all pairs)."


def _uncorrected_answer(task: TaskResult) -> list[str]:
    frames = [c for c in task.config.classes if c != task.config.residual]
    whole = task.shares["all"].set_index("frame")["share"]
    parts = _listed(
        [f"{percent(whole[c])} {'are ' if c == frames[0] else ''}about {task.class_name(c)}" for c in frames]
    )
    how = UNCORRECTED if task.config.labels else "by keyword rule, unchecked"
    n = len(task.predictions)
    first = f"Of {n:,} passages, {parts} ({how})"
    table = task.shares.get("outlet")
    if table is None:
        return [first + "."]
    highs = []
    enough = table.loc[table["n"] >= 30]
    for c in frames:
        rows = enough.loc[enough["frame"] == c].sort_values(["share", "key"], ascending=[False, True])
        if len(rows) > 1:
            top = rows.iloc[0]
            highs.append(
                f"the largest share of {task.class_name(c)} is seen at {top['key']} ({share_with_interval(top)})"
            )
    return [f"{first}; {', '.join(highs)}." if highs else first + "."]


def _stance_answer(task: TaskResult) -> list[str]:
    if "target" not in task.shares or not {"favor", "against"} <= set(task.config.classes):
        return []
    if task.corrected:
        estimates = task.estimates.table
        mine = estimates.loc[(estimates["slice"] == "all") & (estimates["count"] == "published")]
        table = mine.pivot(index="target", columns="class", values="estimate").dropna()
        how = "corrected by coded passages; limits in the table"
    else:
        table = task.shares["target"].pivot(index="key", columns="frame", values="share")
        how = UNCORRECTED
    if not len(table):
        return []
    net = (table["favor"] - table["against"]).sort_values(kind="stable")
    worst, best = str(net.index[0]), str(net.index[-1])

    def sides(target: str) -> str:
        against, favor = (float(table[side][target]) for side in ("against", "favor"))
        return f"{percent(against)} against, {percent(favor)} in favor"

    if worst == best:
        return [f"Of the passages that name {task.target_name(best)}, {sides(best)} ({how})."]
    text = (
        f"Of the passages that name it, the largest excess of criticism over support meets {task.target_name(worst)} "
        f"({sides(worst)}), the smallest {task.target_name(best)} ({sides(best)}; {how})."
    )
    return [text]


def beats_the_rule(task: TaskResult) -> list[str]:
    """Does the best model beat the keyword rule beyond chance? Holm over all pairs of models."""
    score = find(task.records, model=SELECTED, metric="macro_f1", target=None)
    if score is None:
        return []
    best = f"On {task.name.replace('_', ' ')}{WHERE[task.config.split]}, the best classifier "
    best += f"(macro-F1 {with_interval(score)})"
    test = next((t for t in task.comparisons if {t["first"], t["second"]} == {SELECTED, "keyword_rules"}), None)
    if test is None:
        return [f"{best} was not compared with a keyword rule: none is among its models."]
    rule = find(task.records, model="keyword_rules", metric="macro_f1", target=None)
    against = f"the keyword rule ({number(rule['value'] if rule else None)})"
    if test["p_holm"] is None:
        return [f"{best} can't be compared with {against}: all coded rows belong to one story."]
    sign = 1 if test["first"] == SELECTED else -1
    limits = sorted((sign * test["low"], sign * test["high"]))
    told = (
        f"difference {signed(sign * test['difference'])} [{signed(limits[0])}, {signed(limits[1])}], "
        f"p {p_value(test['p'])} alone, {p_value(test['p_holm'])} after Holm over {len(task.comparisons)} pairs"
    )
    if test["p_holm"] > 0.05:
        seen = f"a true difference of {number(test['smallest'])} would have been seen four times in five"
        if test["smallest"] is None:
            seen = "both find each class equally well, so nothing is known of what could have been seen"
        return [f"{best} is not shown to be better than {against}: {told}; {seen}."]
    verb = "beats" if sign * test["difference"] > 0 else "is worse than"
    return [f"{best} {verb} {against} beyond chance: {told}."]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
