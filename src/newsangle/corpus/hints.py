"""Which name was probably meant? A hint for messages about names that aren't there."""

import difflib
from collections.abc import Sequence


def nearest(word: str, words: Sequence[str]) -> str:
    """Which of these words was probably meant? "" where none is close, else a phrase to put into a message."""
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    return f'; nearest is "{close[0]}"' if close else ""
