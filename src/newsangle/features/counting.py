"""Which terms does each text hold, and how often? The way from Python's texts to numbers and back around the kernels.

Texts are cut into fixed ranges; each range is counted on its own, then their terms are numbered in order of the ranges.
So any number of threads gives the same bytes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.features.word_characters import WordCharacters, word_characters
from newsangle.shards import shard_bounds, threads

Numbers32 = npt.NDArray[np.int32]


@dataclass(frozen=True)
class TermCounts:
    """Terms in order of first appearance, and rows of cells: indptr (texts + 1), indices (sorted in a row), data."""

    terms: list[str]
    indptr: npt.NDArray[np.int64]
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
    >>> counted.terms, counted.indptr.tolist(), counted.indices.tolist(), counted.data.tolist()
    (['boats', 'and', 'river'], [0, 2, 3], [0, 1, 2], [2, 1, 1])
    """
    from newsangle.features.count_kernels import count_texts, merge
    from newsangle.features.term_kernels import fill_rows, spell

    characters = word_characters(lowercase)
    # Stop words are matched as they are: one in upper case is never found in text that was lowered.
    stopped = [word for word in sorted(stop_words) if _is_itself(word, characters)]
    buffer, starts = _joined(stopped + [_encodable(text, characters) for text in texts])
    n_stop = len(stopped)
    sizes = starts[n_stop:] - starts[n_stop]
    bounds = shard_bounds(sizes)
    shards = [(a, b) for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True) if a < b]
    with threads(n_jobs) as run:
        counted = run(
            lambda rows: count_texts(
                buffer,
                starts,
                n_stop + rows[0],
                n_stop + rows[1],
                characters.ascii,
                characters.letters,
                n_stop,
                *ngram_range,
            ),
            shards,
        )
        shard_grams = [found for found, _ in counted]
        first_byte, first_gram = (_running(len(found[i]) for found in shard_grams) for i in (0, 1))
        joined = [np.concatenate(parts) for parts in zip(*shard_grams, strict=True)]
        (arena, head, tail, level), number_of = merge(
            joined[0], first_byte, joined[1], joined[2], joined[3], joined[4], first_gram
        )
        is_term = (level >= ngram_range[0]) & (level <= ngram_range[1])
        names = spell(arena, head, tail, level, np.flatnonzero(is_term))
        terms = names.tobytes().decode("utf-8").split("\n")[:-1]
        columns = np.arange(len(terms), dtype=np.int32) if vocabulary is None else vocabulary(terms)
        column_of = np.full(len(level), -1, dtype=np.int32)
        column_of[is_term] = columns
        n_columns = int(columns.max(initial=-1)) + 1
        first_cell = _running(len(gram) for _, (_, gram, _) in counted)
        indices, data = np.empty(first_cell[-1], np.int32), np.empty(first_cell[-1], np.int32)

        def rows_of(shard: int) -> Any:
            ends, gram, count = counted[shard][1]
            cells = slice(first_cell[shard], first_cell[shard + 1])
            columns_here = column_of[number_of[first_gram[shard] : first_gram[shard + 1]]]
            return fill_rows(ends, gram, count, columns_here, n_columns, indices[cells], data[cells])

        row_ends = run(rows_of, range(len(shards)))
    n_cells = [int(ends[-1]) for ends in row_ends]
    before = _running(n_cells)
    indptr = np.concatenate([[0], *(ends[1:] + start for ends, start in zip(row_ends, before[:-1], strict=True))])
    if before[-1] < len(indices):
        parts = [slice(a, a + n) for a, n in zip(first_cell[:-1].tolist(), n_cells, strict=True)]
        indices, data = (np.concatenate([values[part] for part in parts]) for values in (indices, data))
    return TermCounts(terms, indptr, indices, data)


def term_ranks(terms: list[str]) -> npt.NDArray[np.int64]:
    """At which place does each term stand when they are sorted? The terms are distinct and hold no line feed or NUL.

    >>> term_ranks(["river", "boats", "boat"]).tolist()
    [2, 1, 0]
    """
    from newsangle.features.term_kernels import first_keys, line_starts, refine

    # The order of code points is that of UTF-8 bytes.
    text = np.frombuffer(("\n".join(terms) + "\n").encode("utf-8"), dtype=np.uint8)
    starts = line_starts(text, len(terms))
    keys = first_keys(text, starts)
    order = np.argsort(keys)
    refine(order, keys[order], text, starts)
    ranks = np.empty(len(terms), dtype=np.int64)
    ranks[order] = np.arange(len(terms))
    return ranks


def _running(sizes: Iterable[int]) -> npt.NDArray[np.int64]:
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


def _joined(texts: list[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """UTF-8 of the texts, a line feed after each, and where each begins (one entry more for the end).

    Lone surrogates are encoded as if they were characters: they are in no word.
    """
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    starts = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) + 1 for part in parts], out=starts[1:])
    parts.append(b"")
    return np.frombuffer(b"\n".join(parts), dtype=np.uint8), starts
