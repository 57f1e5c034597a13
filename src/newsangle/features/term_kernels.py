"""How are terms spelled, and words put in order, without the interpreter? Kernels of `counting`, over UTF-8 bytes."""

from typing import Any

import numpy as np

from newsangle.compiled import kernels

compiled = kernels(__file__)

_0, _8 = np.uint64(0), np.uint64(8)
_FEW = 12  # keys that are sorted by insertion


@compiled
def spell(arena: Any, starts: Any, sizes: Any, heads: Any, tails: Any, wanted: Any) -> Any:
    """UTF-8 of the wanted grams, their words joined with a blank, each gram followed by a line feed.

    Grams are numbered shortest first: words (`sizes` bytes of the arena from `starts`), then the longer ones; these are
    a shorter gram and one word more, `heads` and `tails`, which say nothing for words.
    """
    n_words = len(starts)
    n_bytes = 0
    for gram in wanted:
        number = np.int64(gram)
        while number >= n_words:
            n_bytes += sizes[tails[number]] + 1
            number = np.int64(heads[number])
        n_bytes += sizes[number] + 1
    out = np.empty(n_bytes, np.uint8)
    end = 0
    for gram in wanted:
        number = np.int64(gram)
        while number >= n_words:
            end += sizes[tails[number]] + 1
            number = np.int64(heads[number])
        end += sizes[number]
        out[end] = 10
        at, number = end, np.int64(gram)
        while True:
            word = np.int64(tails[number]) if number >= n_words else number
            start, size = starts[word], sizes[word]
            at -= size
            for i in range(size):
                out[at + i] = arena[start + i]
            if number < n_words:
                break
            at -= 1
            out[at] = 32
            number = np.int64(heads[number])
        end += 1
    return out


@compiled
def _key(text: Any, at: int, end: int) -> Any:
    """The next eight bytes as a number that sorts like them; zeros behind the end (no word holds a zero byte)."""
    key = _0
    for i in range(at, at + 8):
        key <<= _8
        if i < end:
            key |= np.uint64(text[i])
    return key


@compiled
def first_keys(text: Any, starts: Any) -> Any:
    """The first eight bytes of each word as a number that sorts like them."""
    keys = np.empty(len(starts) - 1, np.uint64)
    for i in range(len(keys)):
        keys[i] = _key(text, starts[i], starts[i + 1])
    return keys


@compiled
def _sort_keys(keys: Any, order: Any, first: int, last: int, keys_room: Any, order_room: Any) -> None:
    """Sort keys[first:last] and `order` along with them: insertion in short stretches, then merging."""
    for low in range(first, last, _FEW):
        for i in range(low + 1, min(low + _FEW, last)):
            key, item, j = keys[i], order[i], i
            while j > low and keys[j - 1] > key:
                keys[j], order[j] = keys[j - 1], order[j - 1]
                j -= 1
            keys[j], order[j] = key, item
    width = _FEW
    while width < last - first:
        for low in range(first, last - width, 2 * width):
            middle, high = low + width, min(low + 2 * width, last)
            if keys[middle - 1] <= keys[middle]:
                continue
            keys_room[low:middle], order_room[low:middle] = keys[low:middle], order[low:middle]
            i, j, k = low, middle, low
            while i < middle:
                if j < high and keys[j] < keys_room[i]:
                    keys[k], order[k] = keys[j], order[j]
                    j += 1
                else:
                    keys[k], order[k] = keys_room[i], order_room[i]
                    i += 1
                k += 1
        width *= 2


@compiled
def refine(order: Any, keys: Any, text: Any, starts: Any) -> None:
    """Finish a sort by the first eight bytes in place: equal keys by the next eight, and so on. Words are distinct.

    order: numbers of words, keys: their first eight bytes, both sorted by these.
    """
    n = len(order)
    keys_room, order_room = np.empty(n, np.uint64), np.empty(n, order.dtype)
    firsts, lasts, depths = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int64)
    run = 0
    while run < n:
        stop = run + 1
        while stop < n and keys[stop] == keys[run]:
            stop += 1
        if stop - run > 1:
            firsts[0], lasts[0], depths[0] = run, stop, 8
            n_open = 1
            while n_open:
                n_open -= 1
                first, last, depth = firsts[n_open], lasts[n_open], depths[n_open]
                for i in range(first, last):
                    word = order[i]
                    keys[i] = _key(text, starts[word] + depth, starts[word + 1])
                _sort_keys(keys, order, first, last, keys_room, order_room)
                i = first
                while i < last:
                    j = i + 1
                    while j < last and keys[j] == keys[i]:
                        j += 1
                    if j - i > 1:
                        if n_open == len(firsts):
                            firsts = np.concatenate((firsts, np.empty_like(firsts)))
                            lasts = np.concatenate((lasts, np.empty_like(lasts)))
                            depths = np.concatenate((depths, np.empty_like(depths)))
                        firsts[n_open], lasts[n_open], depths[n_open] = i, j, depth + 8
                        n_open += 1
                    i = j
        run = stop
