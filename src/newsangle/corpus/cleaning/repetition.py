"""Which sentences stand in many articles that otherwise differ? Boilerplate learned from a corpus, in two passes."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from newsangle.corpus.cleaning.merged import sentences_of
from newsangle.corpus.cleaning.units import units_of
from newsangle.errors import ConfigError

_WORD = re.compile(r"[^\W\d_]+")
# For ASCII the same as _WORD, and three times as fast.
_BLANKED = {code: " " for code in range(128) if not chr(code).isalpha()}
_ADDRESS = re.compile(r"https?://\S+|(?<!\S)\S+@\S+")
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
_TOGETHER = 256  # articles entered at once into the sketch
_SHORTEST = 4  # words; shorter ones count as whole lines only
_OUTLET_SHARE = 0.02  # of an outlet's articles
_CORPUS_SHARE = 0.002
_EDGE = 4  # sentences from the start or the end
_STORY = 0.5  # share of an article's other words that are repeated as often: then the whole story is repeated

Item = str | tuple[str, str]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sentences:
    """The sentences of one text: hash, number of words, whether it is a line of its own, and where it stands."""

    hashes: npt.NDArray[np.uint64]
    words: Ints
    alone: npt.NDArray[np.bool_]
    starts: Ints
    ends: Ints


@dataclass(frozen=True)
class RepeatedHere:
    """Which sentences of one text are among those that repeat? The texts of these."""

    texts: frozenset[str]

    def holds(self, sentence: str, *, whole_line: bool) -> bool:
        """Is this sentence one of them?"""
        return sentence in self.texts

    def may_hold(self, paragraph: str) -> bool:
        """May one of them stand in this paragraph? Quick."""
        return any(text in paragraph for text in self.texts)


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

    def may_hold(self, paragraph: str) -> bool:
        """May one of them stand in this paragraph?"""
        return bool(self.sentences or self.lines)

    def here(self, text: str, found: Sentences) -> RepeatedHere | None:
        """The same for one text whose sentences are known; None where it has none of them."""
        held = frozenset(
            text[start:end]
            for key, words, alone, start, end in zip(
                found.hashes.tolist(),
                found.words.tolist(),
                found.alone.tolist(),
                found.starts.tolist(),
                found.ends.tolist(),
                strict=True,
            )
            if (key in self.sentences if words >= _SHORTEST else alone and key in self.lines)
        )
        return RepeatedHere(held) if held else None


def sentences_in(text: str) -> Sentences:
    """Which sentences does this text have, as `learn_repetition` sees them?"""
    rows: list[tuple[int, int, bool, int, int]] = []
    for unit in units_of(text):
        spans = list(sentences_of(unit.text))
        for start, end in spans:
            words = _words(unit.text[start:end])
            if words:
                rows.append((_hash(words), len(words), len(spans) == 1, unit.start + start, unit.start + end))
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    return Sentences(
        np.array(columns[0], dtype=np.uint64),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=bool),
        np.array(columns[3], dtype=np.int64),
        np.array(columns[4], dtype=np.int64),
    )


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
    return learn_from_sentences(_Cut(documents), min_documents=min_documents)


@dataclass(frozen=True)
class _Cut:
    documents: Iterable[Item]

    def __iter__(self) -> Iterator[tuple[str, Sentences]]:
        for item in self.documents:
            outlet, text = ("", item) if isinstance(item, str) else item
            yield outlet, sentences_in(text)


def learn_from_sentences(documents: Iterable[tuple[str, Sentences]], *, min_documents: int = 3) -> Repeated:
    """The same as `learn_repetition`, from (outlet, sentences): for those who have cut their texts already."""
    if min_documents < 2:
        raise ConfigError(f"min_documents = {min_documents}: need 2 at least")
    sketch = _Sketch()
    per_outlet: Counter[str] = Counter()
    for outlet, found in documents:
        if len(found.hashes):
            per_outlet[outlet] += 1
            keys = np.unique(found.hashes)
            sketch.add(np.concatenate([keys, keys ^ _outlet_hash(outlet)]))
    sketch.flush()
    seen: Counter[int] = Counter()
    votes: Counter[int] = Counter()
    short: set[int] = set()
    for outlet, found in documents:
        if len(found.hashes):
            _vote(found, sketch, outlet, per_outlet, min_documents, seen, votes, short)
    boilerplate = {key for key, count in votes.items() if seen[key] >= min_documents and 2 * count >= seen[key]}
    return Repeated(frozenset(boilerplate - short), frozenset(boilerplate & short))


def _vote(
    found: Sentences,
    sketch: "_Sketch",
    outlet: str,
    per_outlet: Counter[str],
    min_documents: int,
    seen: Counter[int],
    votes: Counter[int],
    short: set[int],
) -> None:
    """What does one article say about the sentences that it holds and that are repeated?"""
    hashes, words, whole = found.hashes, found.words, found.alone
    counts = sketch.count(hashes)
    repeated = counts >= min_documents
    if not repeated.any():
        return
    enough = max(5, min_documents, int(_CORPUS_SHARE * per_outlet.total()))
    place = np.arange(len(hashes))
    edge = (place < _EDGE) | (place >= len(hashes) - _EDGE)
    beside = np.zeros(len(hashes), dtype=bool)
    beside[1:] |= repeated[:-1]
    beside[:-1] |= repeated[1:]
    widespread = (counts >= enough) & edge & (whole | beside)
    held = np.flatnonzero(repeated)
    at_outlet = sketch.count(hashes[held] ^ _outlet_hash(outlet))
    usual = at_outlet >= max(min_documents, _OUTLET_SHARE * per_outlet[outlet])
    others = hashes[held, None] != hashes  # held × all sentences
    total = others @ words
    as_often = (others & (2 * counts >= counts[held, None])) @ words
    differs = (total > 0) & (as_often < _STORY * total)
    long = words[held] >= _SHORTEST
    votes_for = differs & (usual | widespread[held]) & (long | whole[held])
    done: set[int] = set()
    for key, is_long, voted in zip(hashes[held].tolist(), long.tolist(), votes_for.tolist(), strict=True):
        if key in done:
            continue
        done.add(key)
        seen[key] += 1
        if not is_long:
            short.add(key)
        if voted:
            votes[key] += 1


def _words(sentence: str) -> list[str]:
    lowered = sentence.lower()
    if "@" in lowered or "://" in lowered:
        lowered = _ADDRESS.sub(" ", lowered)
    words = lowered.translate(_BLANKED).split() if lowered.isascii() else _WORD.findall(lowered)
    return words if _CALENDAR.isdisjoint(words) else [word for word in words if word not in _CALENDAR]


def _hash(words: list[str]) -> int:
    digest = hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


@lru_cache(maxsize=4096)
def _outlet_hash(outlet: str) -> np.uint64:
    # Never 0: the count in an outlet must not be the count in the corpus.
    return np.uint64(_hash(["outlet", outlet]) | 1)


class _Sketch:
    """How many articles hold a sentence? Never too few, rarely more: a count-min sketch.

    Source: Cormode and Muthukrishnan (2005), An improved data stream summary: the count-min sketch.
    """

    def __init__(self) -> None:
        self._cells = np.zeros((_ROWS, _COLUMNS), dtype=np.uint16)
        self._waiting: list[npt.NDArray[np.uint64]] = []

    def add(self, hashes: npt.NDArray[np.uint64]) -> None:
        """Count the distinct sentences of one article."""
        self._waiting.append(hashes)
        if len(self._waiting) >= _TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Enter what was counted; before `count`."""
        if self._waiting:
            for row, columns in enumerate(_columns(np.concatenate(self._waiting))):
                chosen, times = np.unique(columns, return_counts=True)
                counted = self._cells[row, chosen] + times
                self._cells[row, chosen] = np.minimum(counted, np.iinfo(np.uint16).max).astype(np.uint16)
        self._waiting = []

    def count(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        rows = [self._cells[row, columns] for row, columns in enumerate(_columns(hashes))]
        fewest: npt.NDArray[np.int64] = np.min(np.stack(rows), axis=0).astype(np.int64)
        return fewest


def _columns(hashes: npt.NDArray[np.uint64]) -> list[npt.NDArray[np.int64]]:
    mixed = hashes * np.uint64(0x9E3779B97F4A7C15)
    shifts = (0, 14, 28, 42)
    return [((mixed >> np.uint64(shift)) & np.uint64(_COLUMNS - 1)).astype(np.int64) for shift in shifts]
