"""How do counted grams become names, their order, and rows of a matrix? The second half of `counting`'s kernels."""

from typing import Any

import numpy as np

from newsangle.compiled import kernels

compiled = kernels(__file__)

_DEBRUIJN = 0x03F79D71B4CB0A89  # times a power of two, its upper six bits say which one
_PLACES = np.zeros(64, np.int64)
for _bit in range(64):
    _PLACES[((_DEBRUIJN << _bit) % (1 << 64)) >> 58] = _bit
_MULTIPLIER = np.uint64(_DEBRUIJN)
_0, _1, _8, _58, _63 = np.uint64(0), np.uint64(1), np.uint64(8), np.uint64(58), np.uint64(63)
_FEW = 12  # keys that are sorted by insertion


@compiled
def spell(arena: Any, head: Any, tail: Any, level: Any, wanted: Any) -> Any:
    """UTF-8 of the wanted grams, their words joined with a blank, each gram followed by a line feed."""
    n_bytes = 0
    for gram in wanted:
        number = np.int64(gram)
        while level[number] > 1:
            n_bytes += tail[tail[number]] + 1
            number = head[number]
        n_bytes += tail[number] + 1
    out = np.empty(n_bytes, np.uint8)
    end = 0
    for gram in wanted:
        number = np.int64(gram)
        size = 0
        while level[number] > 1:
            size += tail[tail[number]] + 1
            number = head[number]
        end += size + tail[number]
        out[end] = 10
        at, number = end, np.int64(gram)
        while level[number] > 1:
            word = tail[number]
            at -= tail[word]
            for i in range(tail[word]):
                out[at + i] = arena[head[word] + i]
            at -= 1
            out[at] = 32
            number = head[number]
        at -= tail[number]
        for i in range(tail[number]):
            out[at + i] = arena[head[number] + i]
        end += 1
    return out


@compiled
def fill_rows(ends: Any, gram: Any, count: Any, column_of: Any, n_columns: int, indices: Any, data: Any) -> Any:
    """Rows of one shard: cells in order of columns, equal columns added up, grams of column −1 left out.

    Writes `indices` and `data` from their start; returns where each row ends. A bitmap of the columns in two storeys
    gives the order without sorting.
    """
    row_ends = np.zeros(len(ends), np.int64)
    sums = np.zeros(n_columns, np.int32)
    bits = np.zeros(n_columns // 64 + 1, np.uint64)
    upper = np.zeros(len(bits) // 64 + 1, np.uint64)
    n = 0
    for row in range(len(ends) - 1):
        for cell in range(ends[row], ends[row + 1]):
            column = np.int64(column_of[gram[cell]])
            if column >= 0:
                sums[column] += count[cell]
                bits[column >> 6] |= _1 << (np.uint64(column) & _63)
                upper[column >> 12] |= _1 << (np.uint64(column >> 6) & _63)
        for i in range(len(upper)):
            above = upper[i]
            upper[i] = _0
            while above:
                word = i * 64 + _PLACES[((above & (~above + _1)) * _MULTIPLIER) >> _58]
                above &= above - _1
                here = bits[word]
                bits[word] = _0
                while here:
                    column = word * 64 + _PLACES[((here & (~here + _1)) * _MULTIPLIER) >> _58]
                    here &= here - _1
                    indices[n], data[n] = column, sums[column]
                    sums[column] = 0
                    n += 1
        row_ends[row + 1] = n
    return row_ends


@compiled
def line_starts(text: Any, n_lines: int) -> Any:
    """Where each line begins; one entry more for the end."""
    starts = np.zeros(n_lines + 1, np.int64)
    line = 0
    for i in range(len(text)):
        if text[i] == 10:
            line += 1
            starts[line] = i + 1
    return starts


@compiled
def _key(text: Any, at: int, end: int) -> Any:
    """The next eight bytes as a number that sorts like them; zeros behind the end (no term holds a zero byte)."""
    key = _0
    for i in range(at, at + 8):
        key <<= _8
        if i < end:
            key |= np.uint64(text[i])
    return key


@compiled
def first_keys(text: Any, starts: Any) -> Any:
    """The first eight bytes of each line as a number that sorts like them."""
    keys = np.empty(len(starts) - 1, np.uint64)
    for i in range(len(keys)):
        keys[i] = _key(text, starts[i], starts[i + 1] - 1)
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
    """Finish a sort by the first eight bytes in place: equal keys by the next eight, and so on. Lines are distinct.

    order: numbers of lines, keys: their first eight bytes, both sorted by these.
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
                    line = order[i]
                    keys[i] = _key(text, starts[line] + depth, starts[line + 1] - 1)
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
