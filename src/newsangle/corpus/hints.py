"""Which name was probably meant? A hint for messages about names that aren't there."""

import difflib
from collections.abc import Sequence

from newsangle.errors import ConfigError

TAB = "\t"
_SIGNS = ((";", "semicolons"), (TAB, "tabs"), ("|", "pipes"))


def one_sign(delimiter: str | None, key: str) -> str | None:
    """Which sign parts the columns, as said by a flag or config (`key`)? Raises ConfigError for what can't.

    >>> one_sign("tab", "--delimiter"), one_sign(";", "--delimiter")
    ('\\t', ';')
    """
    found = TAB if delimiter in ("tab", "\\t") else delimiter
    if found is not None and (len(found) != 1 or found.isalnum() or found in '"\r\n\0 _\ufeff'):
        raise ConfigError(f"{key} = {found!r} can't part columns; give one sign such as ; or | or the word tab")
    return found


def nearest(word: str, words: Sequence[str]) -> str:
    """Which of these words was probably meant? "" where none is close, else a phrase to put into a message."""
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    return f'; nearest is "{close[0]}"' if close else ""


def parted_otherwise(header: Sequence[str], do: str = "save it with commas") -> str:
    """Does something else part the columns of this header than what it was cut at? "" or a phrase for a message.

    `do` says what would help; "{sign}" in it becomes the sign. Something else does where it stands in the names more
    often than there are cuts.

    >>> parted_otherwise(["id;text;a", " b"]), parted_otherwise(["id", "text"])
    ('its columns are parted by semicolons; save it with commas', '')
    """
    if len(header) == 1 and "," in header[0]:
        return "its columns are parted by commas; name it .csv and declare no delimiter"
    for sign, told in _SIGNS:
        if header and sum(name.count(sign) for name in header) >= len(header):
            return f"its columns are parted by {told}; {do.format(sign='tab' if sign == TAB else sign)}"
    return ""
