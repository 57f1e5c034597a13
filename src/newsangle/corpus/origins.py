"""Who ran a story first, and whose story is it? Told only where the dates of its copies tell it, else with why not."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Dates = npt.NDArray[np.datetime64]

_ELSEWHERE = "same text elsewhere"


def who_ran_it_first(groups: Sequence[str], ids: Sequence[str], dates: Dates) -> list[str | None]:
    """Which article of each one's group was published first? Its id; None where that can't be told.

    It can't where a member of a group of several has no date, and where two may share the earliest moment. A date
    without a time is the day's first second: it may be earlier or later than any other date of that day. An article
    alone in its group ran first.

    >>> days = np.array(["2020-01-02", "2020-01-01", "NaT", "2020-01-05"], dtype="datetime64[s]")
    >>> who_ran_it_first(["1", "1", "3", "4"], ["1", "2", "3", "4"], days)
    ['2', '2', '3', '4']
    """
    first: list[str | None] = [None] * len(groups)
    for members in _members(groups):
        earliest = _earliest(members, dates)
        told = len(members) == 1 or (len(earliest) == 1 and not np.isnat(dates[members]).any())
        for member in members if told else ():
            first[member] = ids[members[0] if len(members) == 1 else earliest[0]]
    return first


def same_text_elsewhere(groups: Sequence[str], dates: Dates, outlets: Sequence[str]) -> list[tuple[str, str]]:
    """Which other outlet ran each article's text before it? (outlet, rule); ("", why) where dates leave that open.

    ("", "") for a text that ran at one outlet alone, or there first. A copy with a date that is later than another
    outlet's is not the first whatever the copies without a date may be; then the earliest dated outlet is its origin,
    and the rule says that it is the earliest of the dated copies. A copy without a date has none.

    >>> days = np.array(["2020-01-02", "2020-01-01", "NaT"], dtype="datetime64[s]")
    >>> for found in same_text_elsewhere(["1", "1", "1"], days, ["Post", "Herald", "Star"]):
    ...     print(found)
    ('Herald', 'same text elsewhere, earliest of the dated copies')
    ('', 'same text elsewhere: some copies have no date')
    ('', 'same text elsewhere: this copy has no date')
    """
    found = [("", "")] * len(groups)
    for members in _members(groups):
        if len({outlets[member] for member in members}) == 1:
            continue
        earliest = _earliest(members, dates)
        theirs = {outlets[member] for member in earliest}
        undated = {outlets[member] for member in members if np.isnat(dates[member])} - theirs
        for member in members:
            if np.isnat(dates[member]):
                why = "this copy has no date" if earliest else "no copy has a date"
                found[member] = ("", f"{_ELSEWHERE}: {why}")
            elif len(theirs) > 1:
                found[member] = ("", f"{_ELSEWHERE}: several outlets on the first day")
            elif outlets[member] in theirs:
                found[member] = ("", f"{_ELSEWHERE}: some copies have no date" if undated else "")
            elif theirs == {""}:
                found[member] = ("", f"{_ELSEWHERE}: the earliest copy names no outlet")
            else:
                rule = "earliest of the dated copies" if undated else "earlier"
                found[member] = (next(iter(theirs)), f"{_ELSEWHERE}, {rule}")
    return found


def _members(groups: Sequence[str]) -> Iterator[list[int]]:
    members: dict[str, list[int]] = {}
    for position, group in enumerate(groups):
        members.setdefault(group, []).append(position)
    yield from members.values()


def _earliest(members: Sequence[int], dates: Dates) -> list[int]:
    """Which of these may be the first, as far as they have dates?"""
    dated = [member for member in members if not np.isnat(dates[member])]
    if not dated:
        return []
    first = min(dates[member] for member in dated)
    day = first.astype("datetime64[D]")
    if first == day:  # a day without a time: whatever else is of that day may be earlier
        return [member for member in dated if dates[member].astype("datetime64[D]") == day]
    return [member for member in dated if dates[member] == first]
