"""Which articles are copies of one story? Wire copy, reprints and excerpts are joined into syndication groups."""

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from newsangle.corpus.order import canonical_order

_WORD = re.compile(r"\w+")
_LETTER = re.compile(r"[^\W\d_]")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying by it loses no bit
_PAIRS_PER_BLOCK = 5_000_000  # entries of one block of the product: under 200 MB with its copies
_BOILERPLATE = 1_000  # distinct texts that share a shingle before it stops proposing pairs

Ints = npt.NDArray[np.int64]


def syndication_groups(
    texts: Sequence[str],
    ids: Sequence[str],
    *,
    shingle: int = 5,
    jaccard: float = 0.5,
    containment: float = 0.8,
    min_shingles: int = 20,
) -> list[str]:
    """Which syndication group does each text belong to? A group is named by its canonically first id.

    Two texts are copies where they are equal but for blanks and case; or where their sets of `shingle`-word sequences
    A and B have |A∩B| / |A∪B| ≥ `jaccard`; or where |A∩B| / min(|A|, |B|) ≥ `containment` and the smaller has at least
    `min_shingles` (an excerpt, a shortened wire story). Copies of copies are one group. A text without a letter
    (empty, or a placeholder such as "-1") is alone.
    Overlaps are exact counts, not estimates; only a pair all of whose common shingles stand in more than 1,000
    different texts is not examined, for those are mastheads and footers.

    Source: shingles and both measures, Broder (1997), On the resemblance and containment of documents.

    >>> syndication_groups(["Rain fell.", "rain  fell.", "", ""], ["b", "a", "c", "d"])
    ['a', 'a', 'c', 'd']
    """
    order = canonical_order(ids)
    groups = _Groups(len(texts))
    first_of: dict[str, int] = {}
    for position in order:
        key = " ".join(texts[position].casefold().split())
        if _LETTER.search(key):
            groups.join(first_of.setdefault(key, position), position)
    distinct = list(first_of.values())
    sets = shingle_sets([texts[position] for position in distinct], shingle)
    for left, right, shared, small, union in _overlaps(sets):
        near = shared >= jaccard * union
        within = (shared >= containment * small) & (small >= min_shingles)
        copies = near | within
        for a, b in zip(left[copies].tolist(), right[copies].tolist(), strict=True):
            groups.join(distinct[a], distinct[b])
    name: dict[int, str] = {}
    for position in order:
        name.setdefault(groups.root(position), ids[position])
    return [name[groups.root(position)] for position in range(len(texts))]


def shingle_sets(texts: Sequence[str], shingle: int = 5) -> sparse.csr_array:
    """Which word sequences of `shingle` words does each text hold? A 0/1 matrix, texts × distinct shingles.

    Words are runs of letters and digits, case aside. Columns are in the order of 64-bit hashes that depend on the words
    alone: for two million distinct shingles the chance that any two fall together is about one in ten million.
    """
    vocabulary: dict[str, int] = {}
    lengths = np.zeros(len(texts), dtype=np.int64)
    tokens: list[int] = []
    for number, text in enumerate(texts):
        words = _WORD.findall(text.casefold())
        lengths[number] = len(words)
        tokens.extend(vocabulary.setdefault(word, len(vocabulary)) for word in words)
    hashes = np.fromiter((_word_hash(word) for word in vocabulary), dtype=np.uint64, count=len(vocabulary))
    starts = max(len(tokens) - shingle + 1, 0)
    sequence = hashes[np.asarray(tokens, dtype=np.int64)]
    rolled = np.zeros(starts, dtype=np.uint64)
    for offset in range(shingle):
        rolled = rolled * _MULTIPLIER + sequence[offset : offset + starts]
    owner = np.repeat(np.arange(len(texts)), lengths)
    whole = owner[:starts] == owner[shingle - 1 :] if starts else np.zeros(0, dtype=bool)
    distinct, column = np.unique(rolled[whole], return_inverse=True)
    shape = (len(texts), len(distinct))
    ones = np.ones(len(column), dtype=np.int32)
    matrix = sparse.csr_array((ones, (owner[:starts][whole], column)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _overlaps(sets: sparse.csr_array) -> Iterator[tuple[Ints, Ints, Ints, Ints, Ints]]:
    """Yields (left, right, |A∩B|, min(|A|, |B|), |A∪B|) for the pairs of texts that share a shingle, left < right."""
    sizes = np.diff(sets.indptr).astype(np.int64)
    texts_with = np.bincount(sets.indices, minlength=sets.shape[1])
    telling = sets[:, (texts_with > 1) & (texts_with <= _BOILERPLATE)]
    common = sets[:, texts_with > _BOILERPLATE]
    other = telling.T.tocsr()
    # Row i of the product has at most as many entries as its shingles have texts: that bounds a block's memory.
    work = telling @ texts_with[(texts_with > 1) & (texts_with <= _BOILERPLATE)]
    block = np.cumsum(work) // _PAIRS_PER_BLOCK
    for number in np.unique(block):
        rows = np.flatnonzero(block == number)
        product = (telling[rows[0] : rows[-1] + 1] @ other).tocoo()
        upper = product.col > product.row + rows[0]
        left = product.row[upper].astype(np.int64) + rows[0]
        right = product.col[upper].astype(np.int64)
        shared = product.data[upper].astype(np.int64)
        if common.shape[1]:
            shared = shared + np.asarray(common[left].multiply(common[right]).sum(axis=1)).ravel()
        yield left, right, shared, np.minimum(sizes[left], sizes[right]), sizes[left] + sizes[right] - shared


class _Groups:
    """Union-find with path halving over the positions 0 … n-1."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def root(self, position: int) -> int:
        parent = self._parent
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    def join(self, a: int, b: int) -> None:
        self._parent[self.root(b)] = self.root(a)
