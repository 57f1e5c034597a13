"""How is a result said in plain words? Sentences made from numbers, never richer than the numbers."""

from collections.abc import Sequence

from newsangle.coverage.shares import UNCORRECTED
from newsangle.runs.results import PointResult, TaskResult
from newsangle.runs.wording import find, number, percent, share_with_interval, signed, with_interval
from newsangle.stance.crossfit import SELECTED


def answer(point: PointResult) -> list[str]:
    """What does the experiment answer? A sentence or two a task, then one on topics."""
    sentences = []
    for task in point.tasks.values():
        sentences += _stance_answer(task) if task.config.targets else _share_answer(task)
        sentences += _quality(task)
    shown = [t for t in point.topics if t["share"] is not None]
    if shown and not sentences:
        top = sorted(shown, key=lambda t: -t["share"])[:3]
        told = "; ".join(f"{', '.join(t['words'][:3])} ({percent(t['share'])})" for t in top)
        sentences.append(f"The largest of {len(point.topics)} topics are {told}.")
    return sentences


def _share_answer(task: TaskResult) -> list[str]:
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
    table = task.shares["target"].pivot(index="key", columns="frame", values="share")
    net = (table["favor"] - table["against"]).sort_values(kind="stable")
    worst, best = str(net.index[0]), str(net.index[-1])

    def sides(target: str) -> str:
        against, favor = (float(table[side][target]) for side in ("against", "favor"))
        return f"{percent(against)} against, {percent(favor)} in favor"

    text = (
        f"Of the passages that name it, the largest excess of criticism over support meets {task.target_name(worst)} "
        f"({sides(worst)}), the smallest {task.target_name(best)} ({sides(best)}; {UNCORRECTED})."
    )
    return [text]


def _quality(task: TaskResult) -> list[str]:
    score = find(task.records, model=SELECTED, metric="macro_f1", target=None)
    if score is None:
        return []
    text = f"The classifier behind this reaches macro-F1 {with_interval(score)}"
    rule = find(task.records, model="keyword_rules", metric="macro_f1", target=None)
    gain = find(task.records, model=SELECTED, metric="macro_f1_minus_keyword_rules", target=None)
    if rule is None or gain is None or gain["low"] is None:
        return [text + "."]
    beats = "above" if gain["low"] > 0 else "below" if gain["high"] < 0 else "not clearly different from"
    limits = f"{signed(gain['value'])} [{signed(gain['low'])}, {signed(gain['high'])}]"
    return [f"{text}, {beats} the keyword rule's {number(rule['value'])} (difference {limits})."]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
