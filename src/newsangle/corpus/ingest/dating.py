"""What day does a record's date field name? One that names none is kept as unreadable, with what is wrong with it."""

import re

import numpy as np

from newsangle.corpus.dates import parse_date

_EARLIEST, _LATEST = np.datetime64("1600-01-01"), np.datetime64("2200-01-01")
_SHOWABLE = re.compile(r"[0-9][0-9T:./, +-]{0,30}")


def given_date(value: str | None, date_format: str | None) -> tuple[str, str]:
    """Which moment does this field name, and by which rule? ("", why) where it names none; ("", "") where it is empty.

    >>> given_date("2020-02-30", None)
    ('', 'unreadable: 2020-02-30 is no date')
    >>> given_date("1488326400000", None)
    ('', 'unreadable: 1488326400000 may be milliseconds since 1970; write dates as YYYY-MM-DD')
    """
    if value is None or not value.strip():
        return "", ""
    plain = value.strip()
    found = parse_date(plain, date_format)
    told = plain if _SHOWABLE.fullmatch(plain) else "what it holds"
    if found is not None and _EARLIEST <= found < _LATEST:
        return str(found), "given"
    if found is not None:
        return "", f"unreadable: {told} stands for no day of publication"
    if re.fullmatch(r"[0-9]{9,10}|[0-9]{12,13}", plain):
        unit = "milliseconds" if len(plain) > 10 else "seconds"
        return "", f"unreadable: {told} may be {unit} since 1970; write dates as YYYY-MM-DD"
    if date_format is None and re.fullmatch(r"[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{2,4}.*", plain):
        return "", f"unreadable: {told} may begin with day or month; say which with --date-format"
    return "", f"unreadable: {told} is no date"
