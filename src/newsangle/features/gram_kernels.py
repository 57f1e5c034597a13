"""How are n-grams found, ordered and counted without hashing or spelling them? Kernels of `counting`, over word ranks.

A *gram* is a term of one word or more; its number within its length is its rank among grams of that length. Word
characters sort after the blank, so the order of grams is that of their tuples of word ranks: sorting all places of a
text by (gram without its last word, last word) finds, numbers and ranks the longer grams at once.
"""

from typing import Any

import numpy as np

from newsangle.compiled import kernels

compiled = kernels(__file__)

_DEBRUIJN = 0x03F79D71B4CB0A89  # times a power of two, its upper six bits say which one
_PLACES = np.zeros(64, np.int64)
for _bit in range(64):
    _PLACES[((_DEBRUIJN << _bit) % (1 << 64)) >> 58] = _bit
_MULTIPLIER = np.uint64(_DEBRUIJN)
_0, _1, _58, _63 = np.uint64(0), np.uint64(1), np.uint64(58), np.uint64(63)


@compiled
def longer_grams(
    before: Any, words: Any, ends: Any, n: int, first: int, last: int, n_words: int, kind: Any, grams: Any
) -> Any:  # fmt: skip
    """Grams of n words whose first n − 1 are a gram of first … last − 1: numbered from 0 in their order.

    before, words: at each place, the gram of n − 1 words that ends there and the word there; text t has the places
    ends[t] … ends[t + 1]. kind: any array of integers that can number the places. Writes the number of each gram to
    `grams` at the places where it ends.
    Returns (before, word) of each gram and the places, sorted by gram, then as they stand: two counting sorts, the
    second of which keeps the order of the first.
    """
    in_word, in_before = np.zeros(n_words + 1, np.int64), np.zeros(last - first + 1, np.int64)
    for text in range(len(ends) - 1):
        for i in range(ends[text] + n - 1, ends[text + 1]):
            b = np.int64(before[i - 1])
            if first <= b < last:
                in_word[words[i] + 1] += 1
                in_before[b - first + 1] += 1
    in_word, in_before = np.cumsum(in_word), np.cumsum(in_before)
    by_word = np.empty(in_word[-1], kind.dtype)
    for text in range(len(ends) - 1):
        for i in range(ends[text] + n - 1, ends[text + 1]):
            if first <= before[i - 1] < last:
                by_word[in_word[words[i]]] = i
                in_word[words[i]] += 1
    places = np.empty_like(by_word)
    for i in by_word:
        b = before[i - 1] - first
        places[in_before[b]] = i
        in_before[b] += 1
    heads, tails = np.empty(len(places), np.int32), np.empty(len(places), np.int32)
    number = -1
    for i in places:
        head, word = before[i - 1], words[i]
        if number < 0 or heads[number] != head or tails[number] != word:
            number += 1
            heads[number], tails[number] = head, word
        grams[i] = number
    return heads[: number + 1].copy(), tails[: number + 1].copy(), places


@compiled
def raise_numbers(grams: Any, places: Any, by: int) -> None:
    """Numbers at these places, `by` higher."""
    for i in places:
        grams[i] += by


@compiled
def first_appearances(grams: Any, bases: Any, ends: Any, n_grams: int) -> Any:
    """Grams as they first appear: text by text, and in a text length by length.

    grams: one row a length; row r's numbers are counted from bases[r], −1 where no gram ends.
    Returns the grams in this order.
    """
    seen, order = np.zeros(n_grams, np.bool_), np.empty(n_grams, np.int32)
    n = 0
    for text in range(len(ends) - 1):
        for row in range(len(grams)):
            for i in range(ends[text], ends[text + 1]):
                gram = grams[row, i]
                if gram >= 0 and not seen[bases[row] + gram]:
                    seen[bases[row] + gram] = True
                    order[n] = bases[row] + gram
                    n += 1
    return order[:n]


@compiled
def fill_rows(grams: Any, bases: Any, ends: Any, first: int, last: int, column_of: Any, n_columns: int) -> Any:
    """Rows of texts first … last − 1: (ends, columns, counts), columns in order, grams of column −1 left out.

    grams, bases: as of `first_appearances`. A bitmap of the columns in two storeys gives the order without sorting.
    """
    n_rows = last - first
    row_ends = np.zeros(n_rows + 1, np.int64)
    most = (ends[last] - ends[first]) * len(grams)
    indices, data = np.empty(most, np.int32), np.empty(most, np.int32)
    sums = np.zeros(n_columns, np.int32)
    bits = np.zeros(n_columns // 64 + 1, np.uint64)
    upper = np.zeros(len(bits) // 64 + 1, np.uint64)
    n = 0
    for text in range(first, last):
        for row in range(len(grams)):
            base = bases[row]
            for i in range(ends[text], ends[text + 1]):
                gram = grams[row, i]
                if gram < 0:
                    continue
                column = np.int64(column_of[base + gram])
                if column >= 0:
                    sums[column] += 1
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
        row_ends[text - first + 1] = n
    return row_ends, indices[:n], data[:n]
