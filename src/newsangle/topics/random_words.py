"""How coherent would words be that have nothing to do with each other? Random word sets, matched on frequency."""

import hashlib
from collections.abc import Sequence

import numpy as np

from newsangle.topics.cooccurrence import UNSEEN, Integers, TokenisedCorpus
from newsangle.topics.splitmix import splitmix

PER_OCTAVE = 28  # words of the pool in each doubling of document frequency
NEAREST = 20  # words of the pool from which a word's stand-in is drawn


def random_pool(corpus: TokenisedCorpus, seed: int) -> Integers:
    """Which words may stand in for others? Up to 28 random words of each doubling of document frequency.

    Word numbers, by frequency. The pool depends on the seed and the documents, not on the topics, their order, or the
    order of the documents: the words of smallest scrambled checksum are taken, which is faster than to sort all words.
    """
    order = np.argsort(splitmix(corpus.checksums ^ np.uint64(_key(seed, ["pool"]) & 0xFFFFFFFFFFFFFFFF)), kind="stable")
    octave = np.frexp(corpus.frequency[order].astype(np.float64))[1]
    pool = np.concatenate([order[octave == o][:PER_OCTAVE] for o in np.unique(octave)] or [order])
    return np.asarray(pool[np.argsort(corpus.frequency[pool], kind="stable")])


def random_sets(
    corpus: TokenisedCorpus, pool: Integers, words: Sequence[str], n_sets: int, seed: int
) -> Integers | None:
    """n_sets × len(words) word numbers: in place of each word one of about the same document frequency.

    Drawn among the 20 words of the pool that are nearest in frequency, never a word of the topic, never a word twice in
    a set; in place of an unseen word an unseen one. Random numbers are keyed by the seed and the words alone. None
    where the pool has too few words.
    """
    numbers = corpus.numbers_of(words)
    known = numbers[numbers != UNSEEN]
    pool = pool[~np.isin(pool, known)]
    if len(pool) < 2 * len(known) or not len(known):
        return None
    rng = np.random.Generator(np.random.Philox(key=_key(seed, words)))
    height = np.log(corpus.frequency[pool])
    sets = np.full((n_sets, len(words)), UNSEEN, dtype=np.int64)
    taken = np.zeros((n_sets, len(pool)), dtype=bool)
    rows = np.arange(n_sets)
    n_near = min(len(pool), max(NEAREST, 2 * len(words)))
    for column in np.flatnonzero(numbers != UNSEEN).tolist():
        goal = np.log(corpus.frequency[numbers[column]])
        middle = int(np.searchsorted(height, goal))
        around = np.arange(max(0, middle - n_near), min(len(pool), middle + n_near))
        near = around[np.argsort(np.abs(height[around] - goal), kind="stable")[:n_near]]
        order = np.where(taken[:, near], np.float32(-1.0), rng.random((n_sets, len(near)), np.float32))
        chosen = near[np.argmax(order, axis=1)]
        taken[rows, chosen] = True
        sets[:, column] = pool[chosen]
    return sets


def _key(seed: int, words: Sequence[str]) -> int:
    text = "\0".join([str(seed), *words])
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "little")
