"""Which sentences stand in many articles that otherwise differ? Boilerplate learned from a corpus, in two passes."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsangle.corpus.cleaning.merged import sentences_of
from newsangle.corpus.cleaning.units import units_of
from newsangle.errors import ConfigError

_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
_CALENDAR = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "am",
        "pm",
        "gmt",
        "utc",
        "est",
        "edt",
        "th",
        "st",
        "nd",
        "rd",
        "usd",
        "eur",
        "gbp",
    ]
)
_ROWS, _COLUMNS = 4, 1 << 22  # a sketch of 32 MB, however many articles there are
_SHORTEST = 4  # words; shorter ones count as whole lines only
_OUTLET_SHARE = 0.02  # of an outlet's articles
_CORPUS_SHARE = 0.002
_EDGE = 4  # sentences from the start or the end
_STORY = 0.5  # share of an article's other words that are repeated as often: then the whole story is repeated

Item = str | tuple[str, str]


@dataclass(frozen=True)
class Repeated:
    """What repeats in a corpus: hashes of sentences, and of short lines that count only where they stand alone."""

    sentences: frozenset[int] = frozenset()
    lines: frozenset[int] = frozenset()

    def holds(self, sentence: str, *, whole_line: bool) -> bool:
        """Is this sentence, digits, days and case aside, one of those that repeat?"""
        words = _words(sentence)
        if len(words) >= _SHORTEST:
            return _hash(words) in self.sentences
        return whole_line and bool(words) and _hash(words) in self.lines


def learn_repetition(documents: Iterable[Item], *, min_documents: int = 3) -> Repeated:
    """Which sentences are boilerplate, because they stand in several articles that otherwise differ?

    Items are texts, or (outlet, text). A sentence is boilerplate where it stands in at least `min_documents` articles
    and in 2 % of those of an outlet, or at the edge of 0.2 % of all articles (5 at least) as a line of its own or
    beside another such sentence; and where in most of these articles less than half of the other words are repeated
    as often. A syndicated story's sentences always come together, so they are none, whatever the number of copies.
    Digits, days, addresses, case and punctuation don't count ("2,500 raised" is "3,048 raised").

    Goes over `documents` twice, with 32 MB and about a hundred bytes for each repeated sentence; the order of the
    articles doesn't matter. Raises ConfigError for an iterator that can be read only once.

    >>> texts = [f"{a} {b} {a} fell over night near {b}. Our paper is read by many people." for a in ("Rain", "Snow")
    ...     for b in ("Ash", "Birch", "Cedar")]
    >>> learn_repetition(texts).holds("Our paper is read by many people.", whole_line=False)
    True
    """
    if isinstance(documents, Iterator):
        raise ConfigError("documents can be read only once; give a list, or an object whose __iter__ starts anew")
    if min_documents < 2:
        raise ConfigError(f"min_documents = {min_documents}: need 2 at least")
    sketch = _Sketch()
    per_outlet: Counter[str] = Counter()
    for outlet, text in _pairs(documents):
        keys = sorted({key for key, _, _ in _sentences(text)})
        if keys:
            per_outlet[outlet] += 1
            hashes = np.array(keys, dtype=np.uint64)
            sketch.add(hashes)
            sketch.add(hashes ^ _outlet_hash(outlet))
    seen: Counter[int] = Counter()
    votes: Counter[int] = Counter()
    short: set[int] = set()
    for outlet, text in _pairs(documents):
        found = list(_sentences(text))
        if found:
            _vote(found, sketch, outlet, per_outlet, min_documents, seen, votes, short)
    boilerplate = {key for key, count in votes.items() if seen[key] >= min_documents and 2 * count >= seen[key]}
    return Repeated(frozenset(boilerplate - short), frozenset(boilerplate & short))


def _vote(
    found: list[tuple[int, int, bool]],
    sketch: "_Sketch",
    outlet: str,
    per_outlet: Counter[str],
    min_documents: int,
    seen: Counter[int],
    votes: Counter[int],
    short: set[int],
) -> None:
    """What does one article say about the sentences that it holds and that are repeated?"""
    hashes = np.array([key for key, _, _ in found], dtype=np.uint64)
    counts = sketch.count(hashes)
    repeated = counts >= min_documents
    if not repeated.any():
        return
    words = np.array([length for _, length, _ in found], dtype=np.int64)
    whole = np.array([alone for _, _, alone in found], dtype=bool)
    at_outlet = sketch.count(hashes ^ _outlet_hash(outlet))
    enough = max(5, min_documents, int(_CORPUS_SHARE * per_outlet.total()))
    place = np.arange(len(found))
    edge = (place < _EDGE) | (place >= len(found) - _EDGE)
    beside = np.zeros(len(found), dtype=bool)
    beside[1:] |= repeated[:-1]
    beside[:-1] |= repeated[1:]
    usual = at_outlet >= max(min_documents, _OUTLET_SHARE * per_outlet[outlet])
    widespread = (counts >= enough) & edge & (whole | beside)
    done: set[int] = set()
    for number in np.flatnonzero(repeated).tolist():
        key = found[number][0]
        if key in done:
            continue
        done.add(key)
        seen[key] += 1
        if words[number] < _SHORTEST:
            short.add(key)
        others = hashes != hashes[number]
        total = int(words[others].sum())
        as_often = int(words[others & (2 * counts >= counts[number])].sum())
        differs = total > 0 and as_often < _STORY * total
        if differs and (usual[number] or widespread[number]) and (words[number] >= _SHORTEST or whole[number]):
            votes[key] += 1


def _pairs(documents: Iterable[Item]) -> Iterator[tuple[str, str]]:
    for item in documents:
        yield ("", item) if isinstance(item, str) else item


def _sentences(text: str) -> Iterator[tuple[int, int, bool]]:
    """The hash and number of words of each sentence, and whether it is a line of its own."""
    for unit in units_of(text):
        spans = list(sentences_of(unit.text))
        for start, end in spans:
            words = _words(unit.text[start:end])
            if words:
                yield _hash(words), len(words), len(spans) == 1


def _words(sentence: str) -> list[str]:
    lowered = sentence.lower()
    if "@" in lowered or "://" in lowered:
        lowered = _ADDRESS.sub(" ", lowered)
    return [word for word in _WORD.findall(lowered) if word not in _CALENDAR]


def _hash(words: list[str]) -> int:
    digest = hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _outlet_hash(outlet: str) -> np.uint64:
    # Never 0: the count in an outlet must not be the count in the corpus.
    return np.uint64(_hash(["outlet", outlet]) | 1)


class _Sketch:
    """How many articles hold a sentence? Never too few, rarely more: a count-min sketch.

    Source: Cormode and Muthukrishnan (2005), An improved data stream summary: the count-min sketch.
    """

    def __init__(self) -> None:
        self._cells = np.zeros((_ROWS, _COLUMNS), dtype=np.uint16)

    def add(self, hashes: npt.NDArray[np.uint64]) -> None:
        for row, columns in enumerate(_columns(hashes)):
            chosen = np.unique(columns)
            cells = self._cells[row, chosen]
            self._cells[row, chosen] = np.where(cells < np.iinfo(np.uint16).max, cells + 1, cells)

    def count(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        rows = [self._cells[row, columns] for row, columns in enumerate(_columns(hashes))]
        fewest: npt.NDArray[np.int64] = np.min(np.stack(rows), axis=0).astype(np.int64)
        return fewest


def _columns(hashes: npt.NDArray[np.uint64]) -> list[npt.NDArray[np.int64]]:
    mixed = hashes * np.uint64(0x9E3779B97F4A7C15)
    shifts = (0, 14, 28, 42)
    return [((mixed >> np.uint64(shift)) & np.uint64(_COLUMNS - 1)).astype(np.int64) for shift in shifts]
