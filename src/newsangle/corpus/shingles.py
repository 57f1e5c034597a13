"""Which word sequences do texts share? Sets of hashed shingles, in memory that grows with 8 bytes a word."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

_WORD = re.compile(r"\w+")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying by it loses no bit
_PARTS = 16  # the hashes are compared part by part of their range: that bounds the memory of sorting them
_BLOCK = 1 << 20

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class ShingleSets:
    """Which shingles do several texts hold? `sizes` counts all distinct shingles of each text.

    `shared` is a 0/1 matrix of texts × the shingles that at least two of them hold; a shingle of one text says nothing
    about copies and is only counted. Its columns stand in the order of 64-bit hashes that depend on the words alone:
    for two million distinct shingles the chance that any two fall together is about one in ten million, for thirty
    million it is one in forty thousand.
    """

    shared: sparse.csr_array
    sizes: Ints


class _WordHashes(dict[str, int]):
    """Each word's hash, computed when it is first met."""

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        found = self[word] = int.from_bytes(digest, "little")
        return found


def shingle_sets(texts: Iterable[str], shingle: int = 5) -> ShingleSets:
    """Which sequences of `shingle` words do these texts share? Words are runs of letters and digits, case aside.

    The texts are looked at one by one and not kept.
    """
    hash_of = _WordHashes()
    sizes: list[int] = []
    blocks: list[Hashes] = []
    waiting: list[Hashes] = []
    waiting_size = 0
    for text in texts:
        found = _hashes(_WORD.findall(text.casefold()), hash_of, shingle)
        sizes.append(len(found))
        waiting.append(found)
        waiting_size += len(found)
        if waiting_size >= _BLOCK:
            blocks.append(np.concatenate(waiting))
            waiting, waiting_size = [], 0
    blocks.append(np.concatenate(waiting) if waiting else np.zeros(0, dtype=np.uint64))
    return _shared(blocks, np.array(sizes, dtype=np.int64))


def _hashes(words: list[str], hash_of: _WordHashes, shingle: int) -> Hashes:
    starts = len(words) - shingle + 1
    if starts <= 0:
        return np.zeros(0, dtype=np.uint64)
    sequence = np.fromiter(map(hash_of.__getitem__, words), dtype=np.uint64, count=len(words))
    rolled = np.zeros(starts, dtype=np.uint64)
    for offset in range(shingle):
        rolled = rolled * _MULTIPLIER + sequence[offset : offset + starts]
    return np.unique(rolled)


def _shared(blocks: list[Hashes], sizes: Ints) -> ShingleSets:
    owners = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    bounds = np.cumsum([0, *map(len, blocks)])
    rows: list[npt.NDArray[np.int32]] = []
    columns: list[npt.NDArray[np.int32]] = []
    n_columns = 0
    shift = np.uint64(64 - _PARTS.bit_length() + 1)
    for part in range(_PARTS):
        chosen = [(block >> shift) == part for block in blocks]
        hashes = np.concatenate([block[mask] for block, mask in zip(blocks, chosen, strict=True)])
        holders = np.concatenate(
            [owners[a:b][mask] for a, b, mask in zip(bounds[:-1], bounds[1:], chosen, strict=True)]
        )
        order = np.argsort(hashes, kind="stable")
        hashes, holders = hashes[order], holders[order]
        first = np.ones(len(hashes), dtype=bool)
        first[1:] = hashes[1:] != hashes[:-1]
        last = np.ones(len(hashes), dtype=bool)
        last[:-1] = first[1:]
        several = ~(first & last)
        rows.append(holders[several])
        columns.append((np.cumsum(first[several]) - 1 + n_columns).astype(np.int32))
        n_columns += int(first[several].sum())
    row, column = np.concatenate(rows), np.concatenate(columns)
    ones = np.ones(len(row), dtype=np.int32)
    return ShingleSets(sparse.csr_array((ones, (row, column)), shape=(len(sizes), n_columns)), sizes)
