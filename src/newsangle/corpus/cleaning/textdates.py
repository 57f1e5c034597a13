"""Which day does a line of text name? A day that can be read in two ways is not read at all."""

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero ocak",
            "feb february februar février febrero şubat",
            "mar march märz mars marzo mart",
            "apr april avril abril nisan",
            "may mai mayo mayıs",
            "jun june juni juin junio haziran",
            "jul july juli juillet julio temmuz",
            "aug august août agosto ağustos",
            "sep sept september septembre septiembre eylül",
            "oct october oktober octobre octubre ekim",
            "nov november novembre noviembre kasım",
            "dec december dezember décembre diciembre aralık",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED = "|".join(sorted(_MONTHS, key=lambda name: (-len(name), name)))
_DAY = re.compile(
    r"(?P<iso>(?<![0-9])(?P<y1>[0-9]{4})(?P<sep>[-/.])(?P<m1>[0-9]{1,2})(?P=sep)(?P<d1>[0-9]{1,2})(?![0-9]))"
    rf"|(?<![0-9])(?P<d2>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?(?: de| of)?[ -]*"
    rf"\b(?P<n2>{_NAMED})\b\.?,?(?: de)?[ -]*(?P<y2>[0-9]{{4}})(?![0-9])"
    rf"|\b(?P<n3>{_NAMED})\b\.? *(?P<d3>[0-9]{{1,2}})(?:st|nd|rd|th)?,? +(?P<y3>[0-9]{{4}})(?![0-9])"
    r"|(?<![0-9./-])(?P<a4>[0-9]{1,2})(?P<sep4>[-/.])(?P<b4>[0-9]{1,2})(?P=sep4)(?P<y4>[0-9]{4}|[0-9]{2})(?![0-9./-])",
    re.IGNORECASE,
)
# Every day in figures or words has one of these; looking for them first is cheap.
_YEAR = re.compile(r"[0-9](?:[0-9]{3}|[-/.][0-9]{1,2}[-/.][0-9]{2})")
_WEEKDAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\b(?:[0-9]+|an?) (?:min(?:ute)?|hour|day|week|month|year)s? ago\b|\byesterday\b", re.IGNORECASE
)
_YEARS = range(1600, 2200)


@dataclass(frozen=True)
class Day:
    """A day as YYYY-MM-DD, or "" and the reason why what stands there names none."""

    iso: str
    reason: str = ""


def day_in(line: str) -> Day | None:
    """Which day does this line name first? None where it speaks of no day.

    ISO, names of months (English, German, French, Spanish, Turkish) and numbers. Numbers are read only where they can
    be read in one way: one of them over 12, both equal, or a weekday beside them that fits one reading.

    >>> day_in("Posted on Sept. 3rd, 2019"), day_in("31.2.2020").reason
    (Day(iso='2019-09-03', reason=''), 'no such day: 31.2.2020')
    >>> day_in("05/06/2020").reason
    'ambiguous: 05/06/2020 is 5 June or 6 May'
    >>> day_in("Friday 05/06/2020").iso
    '2020-06-05'
    """
    match = _DAY.search(line) if _YEAR.search(line) else None
    if match is None:
        folded = line.casefold()
        relative = _RELATIVE.search(line) if "ago" in folded or "yesterday" in folded else None
        return Day("", f"relative: {relative[0]}") if relative else None
    if match["y1"]:
        return _day(match[0], match["y1"], match["m1"], match["d1"])
    if match["y2"]:
        return _day(match[0], match["y2"], str(_MONTHS[match["n2"].lower()]), match["d2"])
    if match["y3"]:
        return _day(match[0], match["y3"], str(_MONTHS[match["n3"].lower()]), match["d3"])
    return _numbers(line, match)


def _numbers(line: str, match: re.Match[str]) -> Day:
    if len(match["y4"]) == 2:
        return Day("", f"year of two digits: {match[0]}")
    first, second = match["a4"], match["b4"]
    if int(first) > 12 or first == second or match["sep4"] == ".":
        return _day(match[0], match["y4"], second, first)
    if int(second) > 12:
        return _day(match[0], match["y4"], first, second)
    day_first = _day(match[0], match["y4"], second, first)
    month_first = _day(match[0], match["y4"], first, second)
    weekday = _WEEKDAY.search(line)
    if weekday:
        fitting = [
            day
            for day in (day_first, month_first)
            if day.iso and date.fromisoformat(day.iso).weekday() == _WEEKDAYS.index(weekday[1].lower())
        ]
        if len(fitting) == 1:
            return fitting[0]
    if not day_first.iso or not month_first.iso:
        return day_first if not day_first.iso else month_first
    return Day("", f"ambiguous: {match[0]} is {_spoken(day_first.iso)} or {_spoken(month_first.iso)}")


def _day(text: str, year: str, month: str, day: str) -> Day:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return Day("", f"no such day: {text}")
    if found.year not in _YEARS:
        return Day("", f"no likely year: {text}")
    return Day(found.isoformat())


def _spoken(iso: str) -> str:
    names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return f"{int(iso[8:])} {names[int(iso[5:7]) - 1]}"
