"""Which characters make up words, and what are they in lower case? Tables from this Python's own Unicode database."""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

_N_CODE_POINTS = 0x110000
_CHUNK = 256
# The one letter whose lower case hangs on its neighbours: ς at the end of a word, σ elsewhere.
_SIGMA = "\u03a3"


@dataclass(frozen=True)
class WordCharacters:
    """For each code point, the word character it becomes, or 0 where it ends a word; 0 is never a word character.

    `letters`: int32, one a code point. `ascii`: the same of the first 128, uint8. `contextual`: characters that can't
    be lowered one by one, as their lower case is longer or hangs on the neighbours: such texts are lowered beforehand.
    """

    letters: npt.NDArray[np.int32]
    ascii: npt.NDArray[np.uint8]
    contextual: str


@cache
def word_characters(lowercase: bool) -> WordCharacters:
    r"""What does `str.lower` (or nothing) followed by `\w` make of each character?"""
    lower = np.arange(_N_CODE_POINTS, dtype=np.int32)
    contextual = ""
    if lowercase:
        for first in range(0, _N_CODE_POINTS, _CHUNK):
            chunk = _characters(lower[first : first + _CHUNK])
            lowered = chunk.replace(_SIGMA, " ").lower()
            if len(lowered) == _CHUNK:
                lower[first : first + _CHUNK] = _code_points(lowered)
                continue
            for i, character in enumerate(chunk):
                if len(character.lower()) == 1:
                    lower[first + i] = ord(character.lower())
                else:
                    contextual += character
        contextual += _SIGMA
    is_word = np.zeros(_N_CODE_POINTS, dtype=bool)
    for run in re.finditer(r"\w+", _characters(np.arange(_N_CODE_POINTS))):
        is_word[run.start() : run.end()] = True
    letters = np.where(is_word[lower], lower, 0).astype(np.int32)
    return WordCharacters(letters, letters[:128].astype(np.uint8), contextual)


def _characters(code_points: npt.NDArray[np.integer]) -> str:
    return code_points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _code_points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
