"""Do the contrasts of a config fit its tasks? Every fault with the key that it lies in, before anything runs."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

if TYPE_CHECKING:
    from newsangle.runs.config import ContrastConfig, TaskConfig

KINDS = ("outlet", "week", "month", "period")
_CALENDAR = ("week", "month")
_Fault = tuple[tuple[str, ...], Any, str]


def check_contrasts(contrasts: "Mapping[str, ContrastConfig]", tasks: "Mapping[str, TaskConfig]") -> None:
    """Raises pydantic's ValidationError with one entry a fault, each at its own key."""
    faults = [
        InitErrorDetails(
            type=PydanticCustomError("contrast", "{told}", {"told": told}), loc=(name, *place), input=value
        )
        for name, contrast in contrasts.items()
        for place, value, told in _faults(contrast, tasks)
    ]
    if faults:
        raise ValidationError.from_exception_data("contrast", faults)


def _chosen(contrast: "ContrastConfig", key: str) -> bool:
    """Does this key say something else than its default? The config of a run, read again by `verify`, says them all."""
    return bool(getattr(contrast, key) != type(contrast).model_fields[key].default)


def _faults(contrast: "ContrastConfig", tasks: "Mapping[str, TaskConfig]") -> Iterator[_Fault]:
    task = tasks.get(contrast.by)
    if contrast.by not in KINDS and task is None:
        yield ("by",), contrast.by, f"not something to compare by; choose from {', '.join((*KINDS, *tasks))}"
        return
    twice = [g for g in contrast.groups or [] if (contrast.groups or []).count(g) > 1]
    if twice:
        yield ("groups",), contrast.groups, f"{twice[0]!r} is named twice; name each group once"
    yield from _periods(contrast)
    known: list[str] | None = None
    if contrast.by not in KINDS and task is not None:
        known = list(task.classes)
        yield from _of_task(contrast, task)
    else:
        for key in ("codes", "target"):
            if _chosen(contrast, key):
                yield (key,), getattr(contrast, key), f"only where by names a task, not by = {contrast.by!r}"
    if contrast.by == "period":
        known = list(contrast.periods)
    for group in contrast.groups or []:
        if known is not None and group not in known:
            yield ("groups",), contrast.groups, f"{group!r} is none of {', '.join(known)}"
        elif contrast.by in _CALENDAR and not _in_calendar(contrast.by, group):
            form = "a Monday as YYYY-MM-DD" if contrast.by == "week" else "YYYY-MM"
            yield ("groups",), contrast.groups, f"{group!r} is no {contrast.by}; write {form}"


def _in_calendar(kind: str, group: str) -> bool:
    """Is this a Monday as YYYY-MM-DD, or a month as YYYY-MM?"""
    try:
        day = date.fromisoformat(group if kind == "week" else f"{group}-01")
    except ValueError:
        return False
    return kind == "month" or day.weekday() == 0


def _periods(contrast: "ContrastConfig") -> Iterator[_Fault]:
    if contrast.by != "period":
        if contrast.periods:
            yield ("periods",), contrast.periods, f'only with by = "period", not by = {contrast.by!r}'
        return
    if len(contrast.periods) < 2:
        yield ("periods",), contrast.periods, 'by = "period" needs two of them: name = [first day, last day]'
    spans: list[tuple[date, date, str]] = []
    for name, days in contrast.periods.items():
        try:
            first, last = (date.fromisoformat(day) for day in days)
        except ValueError:
            yield ("periods", name), days, "write two days, [first, last], each YYYY-MM-DD"
            continue
        if first > last:
            yield ("periods", name), days, f"the first day, {first}, is after the last, {last}"
        spans.append((first, last, name))
    spans.sort()
    for (_, last, name), (first, _, other) in itertools.pairwise(spans):
        if first <= last:
            yield ("periods", other), contrast.periods[other], f"overlaps {name!r}; a day can lie in one period only"


def _of_task(contrast: "ContrastConfig", task: "TaskConfig") -> Iterator[_Fault]:
    if contrast.codes == "coded" and task.labels is None:
        yield ("codes",), contrast.codes, f'tasks.{contrast.by} has no [labels]; use "predicted"'
    if _chosen(contrast, "articles"):
        yield ("articles",), contrast.articles, "a task is compared on its passages; leave articles out"
    if task.targets and contrast.target not in task.targets:
        yield ("target",), contrast.target, f"tasks.{contrast.by} is on targets; name one of {', '.join(task.targets)}"
    if not task.targets and contrast.target is not None:
        yield ("target",), contrast.target, f"tasks.{contrast.by} is not on targets; leave it out"
