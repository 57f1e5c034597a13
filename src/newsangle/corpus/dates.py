"""What day does a file's date name? Strict formats only: a guess between day and month moves articles by months."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np

from newsangle.errors import ConfigError

_TIME = (
    r"(?:[T ]+(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,][0-9]+)?)?"
    r"\s?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)

# What date_format may say; ISO and YYYY/M/D cannot be mistaken for anything else and are read without being asked for.
DATE_FORMATS: dict[str, re.Pattern[str]] = {
    "YYYY-MM-DD": re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})" + _TIME),
    "YYYY/M/D": re.compile(r"(?P<y>[0-9]{4})/(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})" + _TIME),
    "M/D/YYYY": re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4})" + _TIME),
    "D/M/YYYY": re.compile(r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})" + _TIME),
    "D.M.YYYY": re.compile(r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4})" + _TIME),
}
_UNASKED = ("YYYY-MM-DD", "YYYY/M/D")


def date_patterns(date_format: str | None) -> list[re.Pattern[str]]:
    """Which patterns may a date match? The named one, or ISO and YYYY/M/D. Raises ConfigError for another name."""
    if date_format is None:
        return [DATE_FORMATS[name] for name in _UNASKED]
    if date_format not in DATE_FORMATS:
        raise ConfigError(f'date_format = "{date_format}" is not a date format; choose {", ".join(DATE_FORMATS)}')
    return [DATE_FORMATS[date_format]]


def parse_date(value: object, date_format: str | None = None) -> np.datetime64 | None:
    """Which moment does this value name, to the second? None where it names none.

    A time with an offset is turned into UTC; one without stays as it is written. Raises ConfigError for an unknown
    `date_format`.

    >>> parse_date("  2016/12/30 7:11")
    np.datetime64('2016-12-30T07:11:00')
    >>> parse_date("4/5/2017") is None
    True
    >>> parse_date("4/5/2017", "M/D/YYYY")
    np.datetime64('2017-04-05T00:00:00')
    """
    patterns = date_patterns(date_format)
    if isinstance(value, datetime):
        return _second(value)
    if isinstance(value, date):
        return _second(datetime(value.year, value.month, value.day))
    if not isinstance(value, str):
        return None
    for pattern in patterns:
        match = pattern.fullmatch(value.strip())
        if match:
            return _moment(match)
    return None


def _moment(match: re.Match[str]) -> np.datetime64 | None:
    part = {name: int(digits or 0) for name, digits in match.groupdict().items() if name != "zone"}
    zone = match["zone"]
    try:
        moment = datetime(part["y"], part["m"], part["d"], part["H"], part["M"], part["S"])
        if zone and zone != "Z":
            sign = -1 if zone[0] == "-" else 1
            offset = sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            moment = moment.replace(tzinfo=timezone(offset))
        return _second(moment)
    except (ValueError, OverflowError):  # 31 February, 25:00, an offset of 99 hours, or UTC before year 1
        return None


def _second(moment: datetime) -> np.datetime64:
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(moment.replace(microsecond=0), "s")
