"""Which sentences and lines repeat in articles that otherwise differ?"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Repeated:
    """What repeats in a corpus: hashes of sentences and of whole lines."""

    sentences: frozenset[int] = frozenset()

    def holds(self, sentence: str, *, whole_line: bool) -> bool:
        """Is this sentence one of those that repeat?"""
        return bool(self.sentences) and whole_line and not sentence


def learn_repetition(documents: Iterable[str | tuple[str, str]]) -> Repeated:
    """Which sentences repeat in articles that otherwise differ? Goes over `documents` twice.

    Items are texts or (outlet, text).
    """
    for _ in documents:
        pass
    return Repeated()
