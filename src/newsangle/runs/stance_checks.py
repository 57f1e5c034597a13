"""Does a stance model read what is said of *this* target, and does it hear quotations as well as the author?"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.runs.check_records import Judge
from newsangle.runs.check_subject import Subject
from newsangle.stance.masked_text import only_target, without_target
from newsangle.stats.splits import Split

Ints = npt.NDArray[np.int64]
BLIND, ALONE = ", target-blind", ", target alone"
PAIRS, CODED_PAIRS = "pairs of targets", "pairs of targets, both coded"


def stance_records(subject: Subject, split: Split) -> list[dict[str, Any]]:
    """With, without and with nothing but the target; the swap test; where labels name voices, what is found of each."""
    units, judge, model = subject.units, subject.judge(split.name), subject.model
    first, second = target_pairs(units.rows["passage_id"].tolist())
    wanted = units.coded.copy()
    wanted[first] = wanted[second] = True
    [aware] = subject.decisions(units.codes, split, wanted=wanted)
    [blind] = subject.decisions(units.codes, split, text=without_target(subject.text))
    [alone] = subject.decisions(units.codes, split, text=only_target(subject.text))
    records = [
        judge.score("macro_f1_target_check", model, aware),
        judge.score("macro_f1_target_check", f"{model}{ALONE}", alone),
        judge.score("macro_f1_target_check", f"{model}{BLIND}", blind),
        judge.difference("macro_f1_minus_target_blind", model, aware, blind),
        *swap_records(judge, model, aware, first, second),
    ]
    if "voice" not in units.rows.columns or units.rows["voice"].isna().all():
        return records
    return records + voice_records(judge, model, aware, units.rows["voice"].tolist())


def target_pairs(passage_ids: Sequence[str]) -> tuple[Ints, Ints]:
    """Which two rows are one passage with two targets? Positions of the first and of the second of each pair.

    >>> [rows.tolist() for rows in target_pairs(["a", "b", "a", "a"])]
    [[0, 0, 2], [2, 3, 3]]
    """
    rows_of: dict[str, list[int]] = {}
    for i, passage in enumerate(passage_ids):
        rows_of.setdefault(passage, []).append(i)
    pairs = [pair for rows in rows_of.values() for pair in combinations(rows, 2)]
    return np.array([a for a, _ in pairs], dtype=np.int64), np.array([b for _, b in pairs], dtype=np.int64)


def swap_records(judge: Judge, model: str, decisions: Ints, first: Ints, second: Ints) -> list[dict[str, Any]]:
    """The same passage, the other target: how often does the decision change, and how often should it?

    `swap_changed` on all pairs and on those coded for both targets; there `swap_should_change` says how often the codes
    differ, `swap_changed_when_due` and `swap_changed_when_not_due` how often the decision changes where they do and
    where they don't. A model that is blind to the target never changes; one that looks at the target alone changes as
    often when not due as when due.
    """
    known = (decisions[first] >= 0) & (decisions[second] >= 0)
    first, second = first[known], second[known]
    changed, due = decisions[first] != decisions[second], judge.codes[first] != judge.codes[second]
    coded = (judge.codes[first] >= 0) & (judge.codes[second] >= 0)
    every = np.ones(len(first), dtype=np.bool_)
    asked = (
        ("swap_changed", model, changed, every, PAIRS, "no passage has rows for two targets"),
        ("swap_changed", model, changed, coded, CODED_PAIRS, "no passage is coded for two targets"),
        ("swap_should_change", "codes", due, coded, CODED_PAIRS, "no passage is coded for two targets"),
        ("swap_changed_when_due", model, changed, coded & due, CODED_PAIRS, "no passage has two different codes"),
        ("swap_changed_when_not_due", model, changed, coded & ~due, CODED_PAIRS, "no passage has two equal codes"),
    )
    return [judge.share(m, who, yes[i], first[i], part=part, reason=why) for m, who, yes, i, part, why in asked]


def voice_records(judge: Judge, model: str, decisions: Ints, voices: Sequence[str | None]) -> list[dict[str, Any]]:
    """`right_by_voice`: what share of the coded rows of each voice is decided as coded? One slice a voice."""
    voice = np.array([v if isinstance(v, str) else "" for v in voices], dtype=str)
    known = (judge.codes >= 0) & (decisions >= 0)
    right = judge.codes == decisions
    records = []
    for name in sorted(set(voice[known].tolist())):
        rows = np.flatnonzero(known & (voice == name))
        part = f"voice {name or 'not given'}"
        records.append(judge.share("right_by_voice", model, right[rows], rows, part=part, reason="no coded rows"))
    return records
