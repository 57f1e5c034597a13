"""Which sentences stand in many articles that otherwise differ? Boilerplate learned from a corpus, in two passes."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from newsangle.corpus.cleaning.merged import bare, may_be_glued, sentences_of
from newsangle.corpus.cleaning.units import Unit, units_of
from newsangle.corpus.sentences import sentence_spans
from newsangle.errors import ConfigError

_WORD = re.compile(r"[^\W\d_]+")
# For ASCII the same as _WORD, and three times as fast.
_BLANKED = {code: " " for code in range(128) if not chr(code).isalpha()}
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
_TOGETHER = 256  # articles looked at together
_MOST = 1 << 16  # above any count of the sketch
_SHORTEST = 4  # words; shorter ones count as whole lines only
_OUTLET_SHARE = 0.02  # of an outlet's articles
_CORPUS_SHARE = 0.002
_EDGE = 4  # sentences from the start or the end
_STORY = 0.5  # share of an article's other words that are repeated as often: then the whole story is repeated

Item = str | tuple[str, str]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
# A sentence of a text: hash, number of words, whether it is a line of its own, start and end.
Row = tuple[bytes, int, bool, int, int]


@dataclass(frozen=True)
class Sentences:
    """The sentences of several texts, text after text.

    Of each: the number of its text, its hash, how many words it has, whether it is a line of its own, where it stands.
    """

    of: Ints
    hashes: Hashes
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

    def here(self, texts: Sequence[str], found: Sentences) -> dict[int, RepeatedHere]:
        """The same for texts whose sentences are known, by number; those that have none of them are left out."""
        if not self.sentences and not self.lines:
            return {}
        held: dict[int, set[str]] = {}
        for number, (key, words) in enumerate(zip(found.hashes.tolist(), found.words.tolist(), strict=True)):
            if key in (self.sentences if words >= _SHORTEST else self.lines):
                of = int(found.of[number])
                if words >= _SHORTEST or found.alone[number]:
                    held.setdefault(of, set()).add(texts[of][found.starts[number] : found.ends[number]])
        return {of: RepeatedHere(frozenset(some)) for of, some in held.items()}


def sentences_in(text: str, units: Sequence[Unit], plain: str | None = None) -> list[Row]:
    """Which sentences does this text have, as `learn_repetition` sees them? `plain` is bare(text)."""
    plain = bare(text) if plain is None else plain
    addressed = "@" in text or "://" in text
    glued = may_be_glued(text)
    rows: list[Row] = []
    for unit in units:
        spans = list(sentences_of(unit.text)) if glued else sentence_spans(unit.text)
        for first, last in spans:
            start, end = unit.start + first, unit.start + last
            if plain and not (addressed and (text.find("@", start, end) >= 0 or text.find("://", start, end) >= 0)):
                words = plain[start:end].split()
                if not _CALENDAR.isdisjoint(words):
                    words = [word for word in words if word not in _CALENDAR]
            else:
                words = _words(text[start:end])
            if words:
                rows.append((_digest(words), len(words), len(spans) == 1, start, end))
    return rows


def gathered(texts: Iterable[Sequence[Row]]) -> Sentences:
    """The sentences of several texts in one table."""
    of: list[int] = []
    rows: list[Row] = []
    for number, some in enumerate(texts):
        of += [number] * len(some)
        rows += some
    digests, words, alone, starts, ends = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return Sentences(
        np.array(of, dtype=np.int64),
        np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64),
        np.array(words, dtype=np.int64),
        np.array(alone, dtype=bool),
        np.array(starts, dtype=np.int64),
        np.array(ends, dtype=np.int64),
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

    def __iter__(self) -> Iterator[tuple[list[str], Sentences]]:
        outlets: list[str] = []
        rows: list[list[Row]] = []
        for item in self.documents:
            outlet, text = ("", item) if isinstance(item, str) else item
            outlets.append(outlet)
            rows.append(sentences_in(text, units_of(text)))
            if len(rows) == _TOGETHER:
                yield outlets, gathered(rows)
                outlets, rows = [], []
        yield outlets, gathered(rows)


def learn_from_sentences(batches: Iterable[tuple[Sequence[str], Sentences]], *, min_documents: int = 3) -> Repeated:
    """The same as `learn_repetition`, from (outlets, sentences) of some texts at a time, cut already."""
    if min_documents < 2:
        raise ConfigError(f"min_documents = {min_documents}: need 2 at least")
    sketch = _Sketch()
    per_outlet: Counter[str] = Counter()
    for outlets, found in batches:
        per_outlet.update(outlets[number] for number in np.unique(found.of).tolist())
        _, first = _same(found)
        keys = found.hashes[first]
        sketch.add(np.concatenate([keys, keys ^ _outlet_hashes(outlets)[found.of[first]]]))
    ballot = _Ballot(Counter(), Counter(), set())
    for outlets, found in batches:
        _vote(found, outlets, sketch, per_outlet, min_documents, ballot)
    seen, votes, short = ballot.seen, ballot.votes, ballot.short
    boilerplate = {key for key, count in votes.items() if seen[key] >= min_documents and 2 * count >= seen[key]}
    return Repeated(frozenset(boilerplate - short), frozenset(boilerplate & short))


@dataclass(frozen=True)
class _Ballot:
    """By sentence: how many articles hold it, how many call it boilerplate; and which of them are short."""

    seen: Counter[int]
    votes: Counter[int]
    short: set[int]


def _same(found: Sentences) -> tuple[Ints, Ints]:
    """For each sentence the number of its kind, equal ones of one text being of a kind; of each kind the first."""
    order = np.lexsort((found.hashes, found.of))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(found.of[order]) != 0) | (np.diff(found.hashes[order]) != 0)
    kind = np.empty(len(order), dtype=np.int64)
    kind[order] = np.cumsum(new) - 1
    return kind, order[new]


def _vote(
    found: Sentences,
    outlets: Sequence[str],
    sketch: "_Sketch",
    per_outlet: Counter[str],
    min_documents: int,
    ballot: _Ballot,
) -> None:
    """What do these articles say about the sentences that they hold and that are repeated?"""
    of, hashes, words = found.of, found.hashes, found.words
    counts = sketch.count(hashes)
    repeated = counts >= min_documents
    if not repeated.any():
        return
    enough = max(5, min_documents, int(_CORPUS_SHARE * per_outlet.total()))
    sizes = np.bincount(of)
    beyond = np.cumsum(sizes)[of]  # where the sentences of the same text end
    place = np.arange(len(of))
    edge = (place < beyond - sizes[of] + _EDGE) | (place >= beyond - _EDGE)
    neighbours = of[1:] == of[:-1]
    beside = np.zeros(len(of), dtype=bool)
    beside[1:] |= repeated[:-1] & neighbours
    beside[:-1] |= repeated[1:] & neighbours
    widespread = (counts >= enough) & edge & (found.alone | beside)
    kind, first = _same(found)
    held = first[repeated[first]]
    at_outlet = sketch.count(hashes[held] ^ _outlet_hashes(outlets)[of[held]])
    of_outlet = np.array([per_outlet[outlet] for outlet in outlets])
    usual = at_outlet >= np.maximum(min_documents, _OUTLET_SHARE * of_outlet[of[held]])
    # Words of the other sentences of the text, and of those that stand in half as many articles or more.
    own = np.bincount(kind, weights=words)[kind[held]]
    total = np.bincount(of, weights=words)[of[held]] - own
    key = of * _MOST + counts
    order = np.argsort(key)
    up_to = np.concatenate([[0], np.cumsum(words[order])])
    less_often = np.searchsorted(key[order], of[held] * _MOST + (counts[held] + 1) // 2)
    as_often = up_to[beyond[held]] - up_to[less_often] - own
    differs = (total > 0) & (as_often < _STORY * total)
    long = words[held] >= _SHORTEST
    votes_for = differs & (usual | widespread[held]) & (long | found.alone[held])
    keys, number = np.unique(hashes[held], return_inverse=True)
    times, voted = np.bincount(number), np.bincount(number, weights=votes_for)
    for one, seen, votes in zip(keys.tolist(), times.tolist(), voted.tolist(), strict=True):
        ballot.seen[one] += seen
        if votes:
            ballot.votes[one] += int(votes)
    ballot.short.update(hashes[held][~long].tolist())


def _words(sentence: str) -> list[str]:
    lowered = sentence.lower()
    if "@" in lowered or "://" in lowered:
        lowered = _ADDRESS.sub(" ", lowered)
    words = lowered.translate(_BLANKED).split() if lowered.isascii() else _WORD.findall(lowered)
    return words if _CALENDAR.isdisjoint(words) else [word for word in words if word not in _CALENDAR]


def _digest(words: list[str]) -> bytes:
    return hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _hash(words: list[str]) -> int:
    return int.from_bytes(_digest(words), "little")


def _outlet_hashes(outlets: Sequence[str]) -> Hashes:
    return np.array([_outlet_hash(outlet) for outlet in outlets], dtype=np.uint64)


@lru_cache(maxsize=4096)
def _outlet_hash(outlet: str) -> int:
    # Never 0: the count in an outlet must not be the count in the corpus.
    return _hash(["outlet", outlet]) | 1


class _Sketch:
    """How many articles hold a sentence? Never too few, rarely more: a count-min sketch.

    Source: Cormode and Muthukrishnan (2005), An improved data stream summary: the count-min sketch.
    """

    def __init__(self) -> None:
        self._cells = np.zeros((_ROWS, _COLUMNS), dtype=np.uint16)

    def add(self, hashes: Hashes) -> None:
        """Count sentences, each once for each article that holds it."""
        for row, columns in enumerate(_columns(hashes)):
            chosen, times = np.unique(columns, return_counts=True)
            counted = self._cells[row, chosen] + times
            self._cells[row, chosen] = np.minimum(counted, _MOST - 1).astype(np.uint16)

    def count(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        rows = [self._cells[row, columns] for row, columns in enumerate(_columns(hashes))]
        fewest: npt.NDArray[np.int64] = np.min(np.stack(rows), axis=0).astype(np.int64)
        return fewest


def _columns(hashes: Hashes) -> list[npt.NDArray[np.int64]]:
    mixed = hashes * np.uint64(0x9E3779B97F4A7C15)
    shifts = (0, 14, 28, 42)
    return [((mixed >> np.uint64(shift)) & np.uint64(_COLUMNS - 1)).astype(np.int64) for shift in shifts]
