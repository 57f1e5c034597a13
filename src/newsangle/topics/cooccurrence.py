"""In how many windows of the reference articles do words stand alone and together? Counted once, for any words."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer[Any]]

N_BLOCKS = 50
UNSEEN = -1  # the number of a word that the corpus doesn't hold
DOCUMENTS = 0  # the window that is a whole document


@dataclass(frozen=True)
class TokenisedCorpus:
    """Where does each word stand? Made once (`tokenised_corpus`), used for every topic set, K, seed and measure.

    numbers: the number of each word. checksums: 64 bits of each word, whatever its number. starts: where each
    document's tokens begin, and where the last one's end.
    document_of: the document of each token. word_starts, positions: where each word stands, in order.
    frequency: documents that hold each word. block: the jackknife block of each document.
    """

    numbers: Mapping[str, int]
    checksums: npt.NDArray[np.uint64]
    starts: Integers
    document_of: Integers
    word_starts: Integers
    positions: Integers
    frequency: Integers
    block: Integers

    @property
    def n_blocks(self) -> int:
        """Into how many blocks are the documents dealt?"""
        return int(self.block.max()) + 1 if len(self.block) else 1

    def numbers_of(self, words: Sequence[str]) -> Integers:
        """The number of each word, `UNSEEN` for words that no document holds."""
        return np.array([self.numbers.get(word, UNSEEN) for word in words], dtype=np.int64)

    def windows(self, window: int) -> Integers:
        """How many windows are there, per block? max(1, L − window + 1) per document of L tokens, an empty one too."""
        lengths = np.diff(self.starts)
        per_document = np.ones_like(lengths) if window == DOCUMENTS else np.maximum(1, lengths - window + 1)
        totals = np.zeros(self.n_blocks, dtype=np.int64)
        np.add.at(totals, self.block, per_document)
        return totals


def tokenised_corpus(documents: Sequence[Sequence[str]], groups: Sequence[Any] | None = None) -> TokenisedCorpus:
    """Where does each word stand in these documents? The one pass over all tokens that coherence needs.

    documents: token lists with every token kept (stop words too: they hold the distances), tokenised as the topics'
    words were. groups: one label per document; documents of a group (a syndication group) are left out of the jackknife
    together. Without groups, equal documents are a group.
    Raises ValueError for texts in place of token lists, or labels that don't match the documents.

    >>> corpus = tokenised_corpus(["a x a b x x".split(), ["b"]])
    >>> corpus.frequency[corpus.numbers_of(["a", "b"])].tolist()
    [1, 2]
    """
    for number, document in enumerate(documents):
        if isinstance(document, str):
            raise ValueError(f"document {number} is one text: pass its tokens, see newsangle.features.matrix.tokenise")
    starts = np.zeros(len(documents) + 1, dtype=np.int64)
    np.cumsum([len(document) for document in documents], out=starts[1:])
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    tokens = np.fromiter(map(numbers.__getitem__, chain.from_iterable(documents)), dtype=np.int32, count=starts[-1])
    for token in numbers:
        if not isinstance(token, str):
            raise ValueError(f"the documents hold {token!r}, a {type(token).__name__}: tokens are words, pass strings")
    return numbered_corpus(list(numbers), tokens, starts, groups)


def numbered_corpus(
    words: Sequence[str], tokens: Integers, starts: Integers, groups: Sequence[Any] | None = None
) -> TokenisedCorpus:
    """`tokenised_corpus` of documents whose words are numbered already.

    tokens: numbers of the words of all documents, those of document d from starts[d] to starts[d + 1]; every word is
    there at least once. Raises ValueError for more than 2^31 tokens, or labels that don't match the documents.
    """
    if groups is not None and len(groups) != len(starts) - 1:
        raise ValueError(f"{len(groups)} groups for {len(starts) - 1} documents: pass one label per document")
    if len(tokens) > np.iinfo(np.int32).max:
        raise ValueError(f"{len(tokens)} tokens: at most {np.iinfo(np.int32).max} fit one reference corpus")
    from newsangle.topics.cooccurrence_kernels import index_words

    document_of = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
    word_starts, positions = np.zeros(len(words) + 1, dtype=np.int64), np.zeros_like(tokens)
    frequency = np.zeros(len(words), dtype=np.int64)
    checksums, fingerprints = _checksums(words), np.zeros(len(starts) - 1, dtype=np.uint64)
    index_words(tokens, document_of, checksums, word_starts, positions, frequency, fingerprints)
    block = assign_blocks(fingerprints.tolist() if groups is None else groups)
    numbers = {word: number for number, word in enumerate(words)}
    return TokenisedCorpus(numbers, checksums, starts, document_of, word_starts, positions, frequency, block)


def assign_blocks(groups: Sequence[Any], n_blocks: int = N_BLOCKS) -> npt.NDArray[np.int64]:
    """Which jackknife block does each article belong to? Whole syndication groups, equally many groups per block.

    groups: one label per article. Groups are dealt to the blocks in the order of a hash of their label: the answer
    depends neither on the order of the articles nor on PYTHONHASHSEED. With fewer groups than blocks each group is a
    block. Raises ValueError for n_blocks < 1.
    """
    if n_blocks < 1:
        raise ValueError(f"n_blocks = {n_blocks}: use at least 2, better {N_BLOCKS}")
    labels = [str(group) for group in groups]
    ordered = sorted(set(labels), key=lambda label: (hashlib.blake2b(label.encode(), digest_size=8).digest(), label))
    block_of = {label: position % n_blocks for position, label in enumerate(ordered)}
    return np.array([block_of[label] for label in labels], dtype=np.int64)


def count_together(
    corpus: TokenisedCorpus, sets: Sequence[Integers], window: int, *, forgets: bool = False, by_block: bool = True
) -> Integers:
    """In how many windows do the words of each set stand, alone and in pairs? Exact counts, or gensim's (`forgets`).

    sets: word numbers (`numbers_of`), each once per set. window: tokens per window, or `DOCUMENTS`.
    Returns sets × size × size × blocks, size = words of the largest set; [s, i, j] counts windows that hold words i and
    j of set s, [s, i, i] those that hold word i; zero for unseen words. by_block False: one block.

    A window counts a word once (Boolean). gensim 4.4 forgets a word when its first occurrence leaves the window.
    Raises ValueError for a window < 1 that isn't `DOCUMENTS`.

    >>> corpus = tokenised_corpus(["a x a b x x".split()])  # windows of four: a x a b, x a b x, a b x x
    >>> words = [corpus.numbers_of(["a", "b"])]
    >>> count_together(corpus, words, 4)[0, :, :, 0].tolist()
    [[3, 3], [3, 3]]
    >>> count_together(corpus, words, 4, forgets=True)[0, :, :, 0].tolist()
    [[1, 1], [1, 3]]
    """
    if window < 0:
        raise ValueError(f"window = {window}: use at least 1 token")
    from newsangle.topics.cooccurrence_kernels import count_sets, held_windows

    size = max((len(numbers) for numbers in sets), default=0)
    block = corpus.block if by_block else np.zeros_like(corpus.block)
    counts = np.zeros((len(sets), size, size, corpus.n_blocks if by_block else 1), dtype=np.int64)
    members = [(n, s, i) for s, numbers in enumerate(sets) for i, n in enumerate(numbers.tolist()) if n != UNSEEN]
    if not members:
        return counts
    words, member_starts, member_set, member_slot = _by_word(np.array(members, dtype=np.int64))
    room = int((corpus.word_starts[words + 1] - corpus.word_starts[words]).sum())
    firsts, lasts, run_word, run_document = (np.zeros(room, dtype=np.int64) for _ in range(4))
    run_starts = np.zeros(room + 1, dtype=np.int64)
    n_runs = held_windows(
        words, corpus.word_starts, corpus.positions, corpus.document_of, corpus.starts, window, forgets,
        firsts, lasts, run_word, run_document, run_starts,
    )  # fmt: skip
    run_document = run_document[:n_runs]
    runs = np.argsort(run_document, kind="stable")
    document_runs = np.searchsorted(run_document[runs], np.arange(len(block) + 1))
    count_sets(
        document_runs, runs, run_word, run_starts, firsts, lasts, member_starts, member_set, member_slot, block, counts
    )
    below = np.tril_indices(size, k=-1)
    counts[:, below[1], below[0]] = counts[:, below[0], below[1]]
    return counts


def _by_word(members: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """members: rows of (word, set, slot). Returns the words, where each word's rows start, and its sets and slots."""
    members = members[np.argsort(members[:, 0], kind="stable")]
    words, first = np.unique(members[:, 0], return_index=True)
    ends = np.append(first, len(members)).astype(np.int64)
    return words, ends, np.ascontiguousarray(members[:, 1]), np.ascontiguousarray(members[:, 2])


def _checksums(words: Iterable[str]) -> npt.NDArray[np.uint64]:
    """64 bits per word: what tells words apart independently of the order they were met in, faster than sorting."""
    from newsangle.topics.cooccurrence_kernels import scramble_words

    ends = np.cumsum(np.fromiter(map(len, words), dtype=np.int64))
    points = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    checksums = np.zeros(len(ends), dtype=np.uint64)
    scramble_words(points, ends, checksums)
    return checksums
