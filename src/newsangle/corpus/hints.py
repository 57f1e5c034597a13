"""Which name was probably meant? A hint for messages about names that aren't there."""

import difflib
from collections.abc import Sequence


def nearest(word: str, words: Sequence[str]) -> str:
    """Which of these words was probably meant? "" where none is close, else a phrase to put into a message."""
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    return f'; nearest is "{close[0]}"' if close else ""


def parted_otherwise(header: Sequence[str]) -> str:
    """Is the header one name because something else parts its columns? "" or a phrase to put into a message."""
    if len(header) != 1:
        return ""
    for sign, told in ((";", "semicolons"), ("\t", "tabs")):
        if sign in header[0]:
            return f"its columns are parted by {told}; save it with commas"
    return ""
