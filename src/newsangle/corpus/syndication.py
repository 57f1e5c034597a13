"""Which articles are copies of one story? Wire copy, reprints and excerpts are joined into syndication groups."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy import sparse

from newsangle.corpus.order import canonical_order
from newsangle.corpus.shingles import Ints, ShingleSets, shingle_sets

_LETTER = re.compile(r"[^\W\d_]")
_PAIRS_PER_BLOCK = 5_000_000  # entries of one block of the product: under 200 MB with its copies
_BOILERPLATE = 1_000  # distinct texts that share a shingle before it stops proposing pairs
_PAIRS_PER_CHECK = 20_000


def syndication_groups(
    texts: Iterable[str],
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
    different texts is not examined, for those are mastheads and footers. Texts are looked at one by one and not kept.

    Source: shingles and both measures, Broder (1997), On the resemblance and containment of documents.

    >>> syndication_groups(["Rain fell.", "rain  fell.", "", ""], ["b", "a", "c", "d"])
    ['a', 'a', 'c', 'd']
    """
    groups = _Groups(len(ids))
    first_of: dict[bytes, int] = {}
    distinct: list[int] = []

    def new_texts() -> Iterator[str]:
        for position, text in enumerate(texts):
            plain = " ".join(text.casefold().split())
            if _LETTER.search(plain):
                key = hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).digest()
                if key in first_of:
                    groups.join(first_of[key], position)
                else:
                    first_of[key] = position
                    distinct.append(position)
                    yield text

    found = shingle_sets(new_texts(), shingle)
    copies = _Groups(len(distinct))
    for left, right, shared, small, union in _overlaps(found, min(jaccard, containment), copies):
        near = shared >= jaccard * union
        within = (shared >= containment * small) & (small >= min_shingles)
        for a, b in zip(left[near | within].tolist(), right[near | within].tolist(), strict=True):
            copies.join(a, b)
    for number, position in enumerate(distinct):
        groups.join(distinct[copies.root(number)], position)
    name: dict[int, str] = {}
    for position in canonical_order(ids):
        name.setdefault(groups.root(position), ids[position])
    return [name[groups.root(position)] for position in range(len(ids))]


def _overlaps(found: ShingleSets, least: float, groups: "_Groups") -> Iterator[tuple[Ints, Ints, Ints, Ints, Ints]]:
    """Yields (left, right, |A∩B|, min(|A|, |B|), |A∪B|) for every pair that may be copies and isn't joined yet.

    At least `least` of A must lie in B. Then B holds one of A's |A| - ceil(least·|A|) + 1 rarest shingles, whichever
    these are (Chaudhuri, Ganti and Kaushik 2006, prefix filtering): only those are looked up, and as most shingles of a
    story that is no copy stand in it alone, it looks up none. Nothing is missed.
    """
    sets, sizes = found.shared, found.sizes
    texts_with = np.bincount(sets.indices, minlength=sets.shape[1])
    rarest = _rarest(sets, sizes, texts_with, least)
    other = sets.T.tocsr()
    # Row i of the product has at most as many entries as its shingles have texts: that bounds a block's memory.
    block = np.cumsum(rarest @ texts_with) // _PAIRS_PER_BLOCK
    for number in np.unique(block):
        rows = np.flatnonzero(block == number)
        product = (rarest[rows[0] : rows[-1] + 1] @ other).tocoo()
        left, right = product.row.astype(np.int64) + rows[0], product.col.astype(np.int64)
        # Each pair once, smaller number first; it may have been found from both sides.
        pairs = np.unique(np.minimum(left, right)[left != right] * len(sizes) + np.maximum(left, right)[left != right])
        for start in range(0, len(pairs), _PAIRS_PER_CHECK):
            left, right = np.divmod(pairs[start : start + _PAIRS_PER_CHECK], len(sizes))
            roots = zip(map(groups.root, left.tolist()), map(groups.root, right.tolist()), strict=True)
            apart = np.array([a != b for a, b in roots], dtype=bool)
            left, right = left[apart], right[apart]
            shared = np.asarray(sets[left].multiply(sets[right]).sum(axis=1)).ravel().astype(np.int64)
            yield left, right, shared, np.minimum(sizes[left], sizes[right]), sizes[left] + sizes[right] - shared


def _rarest(sets: sparse.csr_array, sizes: Ints, texts_with: Ints, least: float) -> sparse.csr_array:
    """Each text's rarest shingles that some other text holds, as many as prefix filtering needs, mastheads left out."""
    held = np.diff(sets.indptr)
    alone = sizes - held  # shingles of one text are the rarest of all
    needed = np.maximum(sizes - np.ceil(least * sizes - 1e-9).astype(np.int64) + 1 - alone, 0)
    row = np.repeat(np.arange(len(sizes)), held)
    order = np.lexsort((texts_with[sets.indices], row))
    rank = np.arange(len(order)) - np.repeat(sets.indptr[:-1], held)
    column = sets.indices[order]
    chosen = (rank < needed[row]) & (texts_with[column] <= _BOILERPLATE)
    ones = np.ones(int(chosen.sum()), dtype=np.int32)
    return sparse.csr_array((ones, (row[chosen], column[chosen])), shape=sets.shape)


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
