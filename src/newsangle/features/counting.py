"""Which terms does each text hold, and how often? The way from Python's texts to numbers and back around the kernels.

Texts are cut into ranges that are read on their own. What comes out depends on no cut: terms are numbered as they first
appear in the texts and ranked by their words. So any number of threads gives the same bytes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.features.word_characters import WordCharacters, word_characters
from newsangle.shards import Run, threads

Numbers32 = npt.NDArray[np.int32]
Numbers64 = npt.NDArray[np.int64]
_PARTS = 4  # ranges a thread, so that an unlucky one doesn't hold up the others


@dataclass(frozen=True)
class Grams:
    """The distinct grams of some texts, shorter ones first, in each length in the order of code points.

    bases: where each length begins, one entry more for the end. Words are `sizes` bytes of the `arena` from `starts`;
    a longer gram is the gram `heads` and the word `tails`.
    """

    bases: Numbers64
    arena: npt.NDArray[np.uint8]
    starts: Numbers64
    sizes: Numbers64
    heads: Numbers32
    tails: Numbers32


@dataclass(frozen=True)
class TermCounts:
    """Rows of cells: indptr (texts + 1), indices (sorted in a row), data; and the gram of each term.

    Without a vocabulary terms are the columns, in order of first appearance.
    """

    grams: Grams
    gram_of: Numbers32
    indptr: Numbers64
    indices: Numbers32
    data: Numbers32


def count_terms(
    texts: Sequence[str],
    *,
    ngram_range: tuple[int, int] = (1, 1),
    stop_words: Iterable[str] = (),
    lowercase: bool = True,
    vocabulary: Callable[[list[str]], Numbers32] | None = None,
    n_jobs: int = 1,
) -> TermCounts:
    r"""How often does each text hold each n-gram of words (`\b\w\w+\b` in lower case)?

    ngram_range: shortest and longest. stop_words: left out before n-grams are formed. vocabulary: gives the column of
    each term, −1 for none (default: every term has one, in order of first appearance). Needs at least one text.

    >>> counted = count_terms(["Boats and boats", "a river"])
    >>> terms_of(counted.grams, counted.gram_of)
    ['boats', 'and', 'river']
    >>> counted.indptr.tolist(), counted.indices.tolist(), counted.data.tolist()
    ([0, 2, 3], [0, 1, 2], [2, 1, 1])
    """
    from newsangle.features.gram_kernels import fill_rows, first_appearances

    characters = word_characters(lowercase)
    # Stop words are matched as they are: one in upper case is never found in text that was lowered.
    stopped = [word for word in sorted(stop_words) if _is_itself(word, characters)]
    with threads(n_jobs) as run:
        n_parts = 1 if n_jobs == 1 else _PARTS * n_jobs
        arena, word_starts, ends, words = _read(texts, stopped, characters, n_parts, run)
        longest = max(1, min(ngram_range[1], int(np.diff(ends).max())))
        grams, places = _find_grams(arena, word_starts, ends, words, longest, n_jobs, run)
        first_length = min(ngram_range[0] - 1, longest)  # as an index; there may be no text as long as that
        places, bases = places[first_length:], grams.bases[first_length:]
        gram_of = first_appearances(places, bases, ends, int(bases[-1]))
        columns = (
            np.arange(len(gram_of), dtype=np.int32) if vocabulary is None else vocabulary(terms_of(grams, gram_of))
        )
        column_of = np.full(bases[-1], -1, dtype=np.int32)
        column_of[gram_of] = columns
        n_columns = int(columns.max(initial=-1)) + 1
        rows = run(
            lambda cut: fill_rows(places, bases, ends, cut[0], cut[1], column_of, n_columns), _cuts(ends, n_parts)
        )
    n_cells = _running(len(indices) for _, indices, _ in rows)
    indptr = np.concatenate([[0], *(ends[1:] + start for (ends, _, _), start in zip(rows, n_cells[:-1], strict=True))])
    if len(rows) == 1:
        return TermCounts(grams, gram_of, indptr, *rows[0][1:])
    return TermCounts(grams, gram_of, indptr, *(np.concatenate([row[i] for row in rows]) for i in (1, 2)))


def terms_of(grams: Grams, wanted: Numbers32) -> list[str]:
    """The wanted grams, spelled."""
    from newsangle.features.term_kernels import spell

    text = spell(grams.arena, grams.starts, grams.sizes, grams.heads, grams.tails, wanted)
    # No word character is a line feed, or one of those at which only `splitlines` cuts.
    return text.tobytes().decode("utf-8").split("\n")[:-1]  # type: ignore[no-any-return]


def ranks_of(grams: Grams, wanted: Numbers32) -> Numbers64:
    """At which place does each wanted gram stand when these are sorted? They are distinct.

    The blank sorts before every word character: a gram stands behind its own beginnings and before those that go on
    from it. Grams of each length are in order, so what stands before one is counted length by length.

    >>> counted = count_terms(["river boats", "river rose"], ngram_range=(1, 2))
    >>> ranks_of(counted.grams, counted.gram_of).tolist()  # river, boats, river boats, rose, river rose
    [1, 0, 2, 4, 3]
    """
    bases = grams.bases
    heads = [grams.heads[a:b] - before for before, a, b in zip(bases[:-2], bases[1:-1], bases[2:], strict=True)]
    place = np.empty(bases[-1], dtype=np.int64)
    for length, (first, last) in enumerate(pairwise(bases)):
        place[first:last] = np.arange(last - first)
        beginning: Any = np.arange(last - first)
        for shorter in range(length - 1, -1, -1):
            beginning = heads[shorter][beginning]
            place[first:last] += beginning + 1
        longer: Any = np.arange(last - first)
        for head in heads[length:]:
            longer = np.searchsorted(head, longer)
            place[first:last] += longer
    places = place[wanted]
    if len(wanted) == len(place):
        return places
    is_there = np.zeros(len(place), dtype=bool)
    is_there[places] = True
    return (np.cumsum(is_there) - 1)[places]


def _read(texts: Sequence[str], stopped: list[str], characters: WordCharacters, n_parts: int, run: Run) -> Any:
    """(arena, word starts) of the words as they first appear, (ends, words) of the texts."""
    from newsangle.features.count_kernels import merge, read_texts

    buffer, starts = _joined(stopped + [_encodable(text, characters) for text in texts])
    n_stop = len(stopped)
    ascii_letters = np.zeros(256, dtype=np.uint8)
    ascii_letters[:128] = characters.ascii
    parts = run(
        lambda cut: read_texts(
            buffer, starts, n_stop + cut[0], n_stop + cut[1], ascii_letters, characters.letters, n_stop
        ),
        _cuts(starts[n_stop:], n_parts),
    )
    if len(parts) == 1:
        (arena, word_starts, _), (ends, words) = parts[0]
        return arena, word_starts, ends, words
    first_byte = _running(len(arena) for (arena, _, _), _ in parts)
    first_word = _running(len(keys) for (_, _, keys), _ in parts)
    part_starts = [found[1][:-1] + start for (found, _), start in zip(parts, first_byte[:-1], strict=True)]
    arena, word_starts, number_of = merge(
        np.concatenate([found[0] for found, _ in parts]),
        np.concatenate([*part_starts, first_byte[-1:]]),
        np.concatenate([found[2] for found, _ in parts]),
    )
    words = run(lambda part: number_of[first_word[part] : first_word[part + 1]][parts[part][1][1]], range(len(parts)))
    before = _running(len(some) for some in words)
    ends = np.concatenate([[0], *(text[0][1:] + start for (_, text), start in zip(parts, before[:-1], strict=True))])
    return arena, word_starts, ends, np.concatenate(words)


def _find_grams(
    arena: npt.NDArray[np.uint8], word_starts: Numbers64, ends: Numbers64, words: Numbers32, longest: int, n_jobs: int,
    run: Run,
) -> tuple[Grams, Numbers32]:  # fmt: skip
    """The grams, and at each place the one of each length that ends there, −1 where none does (lengths × places)."""
    from newsangle.features.term_kernels import first_keys, refine

    keys = first_keys(arena, word_starts)
    order = np.argsort(keys)
    refine(order, keys[order], arena, word_starts)
    n_words = len(order)
    ranks = np.empty(n_words, dtype=np.int32)
    ranks[order] = np.arange(n_words, dtype=np.int32)
    places = np.empty((longest, len(words)), dtype=np.int32)
    np.take(ranks, words, out=places[0], mode="clip")  # "clip": without a copy
    bases, heads, tails = [0, n_words], [np.zeros(n_words, np.int32)], [np.zeros(n_words, np.int32)]
    for length in range(2, longest + 1):
        head, tail = _lengthen(places, ends, length, bases[-1] - bases[-2], n_words, n_jobs, run)
        heads.append(head + np.int32(bases[-2]))
        tails.append(tail)
        bases.append(bases[-1] + len(head))
    grams = Grams(
        np.array(bases, dtype=np.int64), arena, word_starts[order], np.diff(word_starts)[order], np.concatenate(heads),
        np.concatenate(tails),
    )  # fmt: skip
    return grams, places


def _lengthen(
    places: Numbers32, ends: Numbers64, length: int, n_before: int, n_words: int, n_jobs: int, run: Run
) -> tuple[Numbers32, Numbers32]:
    """Find the grams of this length and write their numbers to their row of `places`: (gram before, word) of each."""
    from newsangle.features.gram_kernels import longer_grams, raise_numbers

    before, here = places[length - 2], places[length - 1]
    here.fill(-1)
    cuts = [(0, n_before)]
    if n_jobs > 1:
        held = np.bincount(before[before >= 0], minlength=n_before)
        cuts = _cuts(np.append(0, np.cumsum(held)), n_jobs)
    kind = np.empty(0, np.int32 if len(here) <= np.iinfo(np.int32).max else np.int64)
    found = run(lambda cut: longer_grams(before, places[0], ends, length, cut[0], cut[1], n_words, kind, here), cuts)
    numbers = _running(len(head) for head, _, _ in found)
    run(lambda i: raise_numbers(here, found[i][2], int(numbers[i])), range(1, len(found)))
    return np.concatenate([head for head, _, _ in found]), np.concatenate([tail for _, tail, _ in found])


def _cuts(sizes: Numbers64, n_parts: int) -> list[tuple[int, int]]:
    """Up to n_parts ranges of about equal size, none of them empty, but one at least. sizes: running sums from 0."""
    bounds = np.searchsorted(sizes - sizes[0], np.linspace(0, sizes[-1] - sizes[0], n_parts + 1))
    bounds[0], bounds[-1] = 0, len(sizes) - 1
    cuts = [(a, b) for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True) if a < b]
    return cuts or [(0, len(sizes) - 1)]


def _running(sizes: Iterable[int]) -> Numbers64:
    """0 and the running sums."""
    return np.cumsum([0, *sizes], dtype=np.int64)


def _is_itself(word: str, characters: WordCharacters) -> bool:
    """Is the word what a text can hold after lowering, one whole word?"""
    points = np.frombuffer(word.encode("utf-32-le", "surrogatepass"), dtype="<i4")
    return len(points) >= 2 and bool((characters.letters[points] == points).all())


def _encodable(text: str, characters: WordCharacters) -> str:
    if not text.isascii() and any(c in text for c in characters.contextual):
        return text.lower()
    return text


def _joined(texts: list[str]) -> tuple[npt.NDArray[np.uint8], Numbers64]:
    """UTF-8 of the texts, a line feed after each, and where each begins (one entry more for the end).

    Lone surrogates are encoded as if they were characters: they are in no word.
    """
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    starts = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) + 1 for part in parts], out=starts[1:])
    parts.append(b"")
    return np.frombuffer(b"\n".join(parts), dtype=np.uint8), starts
