"""How are words found and numbered without the interpreter? Kernels of `counting`, over UTF-8 bytes.

Words are numbered as they first appear. Word i is the bytes starts[i] … starts[i + 1] of an arena.

Hash tables are flat uint64 arrays of (key, mark) with open addressing; mark 0 is free. A word of up to eight bytes is
its own key, so there equal keys are equal words; words of more bytes are found by a hash and compared byte by byte. No
result trusts a hash.
"""

from typing import Any

import numpy as np

from newsangle.compiled import kernels

compiled = kernels(__file__)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ONE, _8, _29, _32, _64 = np.uint64(1), np.uint64(8), np.uint64(29), np.uint64(32), np.uint64(64)
_SHORT = 8  # bytes of a word that is its own key
_FIRST_BITS = np.uint64(12)
_STRETCH = 1024  # words looked up between two looks at the room for new ones


@compiled
def _room(array: Any, needed: int) -> Any:
    """The array, or a copy of at least twice the size where it is too small."""
    if needed <= len(array):
        return array
    larger = np.empty(max(needed, 2 * len(array)), array.dtype)
    larger[: len(array)] = array
    return larger


@compiled
def _slot(key: Any, bits: Any) -> Any:
    return np.int64(((key ^ (key >> _32)) * _GOLDEN) >> (_64 - bits))


@compiled
def _twice(table: Any, bits: Any) -> Any:
    """The table with twice the room."""
    larger = np.zeros(2 * len(table), np.uint64)
    last = len(table) - 1
    for old in range(0, len(table), 2):
        if table[old + 1]:
            slot = _slot(table[old], bits + _ONE)
            while larger[2 * slot + 1]:
                slot = (slot + 1) & last
            larger[2 * slot] = table[old]
            larger[2 * slot + 1] = table[old + 1]
    return larger


@compiled
def _find_word(table: Any, bits: Any, key: Any, arena: Any, starts: Any, text: Any, start: Any, size: Any) -> Any:
    """(number of the word or −1, its slot or a free one). The word is `size` bytes of `text` from `start`."""
    last = len(table) // 2 - 1
    slot = _slot(key, bits)
    long = np.uint64(size > _SHORT)
    while True:
        mark = table[2 * slot + 1]
        if mark == np.uint64(0):
            return np.int64(-1), slot
        if table[2 * slot] == key and (mark & _ONE) == long:
            number = np.int64(mark >> _ONE) - 1
            if size <= _SHORT:
                return number, slot
            other = starts[number]
            if starts[number + 1] - other == size:
                i = 0
                while i < size and arena[other + i] == text[start + i]:
                    i += 1
                if i == size:
                    return number, slot
        slot = (slot + 1) & last


@compiled
def _decode(text: Any, at: int) -> Any:
    """(code point, bytes) of a character beyond ASCII; the bytes come from Python's encoder and are sound."""
    b = np.int32(text[at])
    if b < 0xE0:
        return (b & 0x1F) << 6 | np.int32(text[at + 1] & 0x3F), 2
    if b < 0xF0:
        return (b & 0xF) << 12 | np.int32(text[at + 1] & 0x3F) << 6 | np.int32(text[at + 2] & 0x3F), 3
    return (
        (b & 0x7) << 18
        | np.int32(text[at + 1] & 0x3F) << 12
        | np.int32(text[at + 2] & 0x3F) << 6
        | np.int32(text[at + 3] & 0x3F)
    ), 4


@compiled
def _encode(point: int, out: Any, at: int) -> int:
    """Write a character as UTF-8; bytes written."""
    if point < 0x80:
        out[at] = point
        return 1
    if point < 0x800:
        out[at], out[at + 1] = 0xC0 | point >> 6, 0x80 | point & 0x3F
        return 2
    if point < 0x10000:
        out[at], out[at + 1], out[at + 2] = 0xE0 | point >> 12, 0x80 | point >> 6 & 0x3F, 0x80 | point & 0x3F
        return 3
    out[at], out[at + 1] = 0xF0 | point >> 18, 0x80 | point >> 12 & 0x3F
    out[at + 2], out[at + 3] = 0x80 | point >> 6 & 0x3F, 0x80 | point & 0x3F
    return 4


@compiled
def _read_words(
    text: Any, at: int, end: int, ascii_letters: Any, letters: Any, out: Any, word_keys: Any, word_ends: Any
) -> int:
    """Words of one text: their bytes in lower case one after the other in `out`, their keys and ends. How many?"""
    n, start, write = 0, 0, 0
    beyond = 0  # bytes of the word beyond the first of each character
    low = np.uint64(0)  # its last eight bytes
    while at < end:
        b = text[at]
        c = ascii_letters[b]
        if c:
            low = low << _8 | np.uint64(c)
            out[write] = c
            write += 1
            at += 1
            continue
        if b < 128:
            at += 1
        else:
            point, size = _decode(text, at)
            at += size
            letter = letters[point]
            if letter:
                size = _encode(letter, out, write)
                for i in range(write, write + size):
                    low = low << _8 | np.uint64(out[i])
                write += size
                beyond += size - 1
                continue
        if write - start - beyond >= 2:
            if write - start > _SHORT:
                for i in range(start, write - _SHORT):
                    low = (low ^ np.uint64(out[i])) * _GOLDEN
                low ^= low >> _29
            word_keys[n], word_ends[n] = low, write
            n += 1
            start = write
        write = start
        low, beyond = np.uint64(0), 0
    return n


@compiled
def read_texts(
    text: Any, starts: Any, first: int, last: int, ascii_letters: Any, letters: Any, n_stop: int
) -> Any:  # fmt: skip
    """Words of texts first … last − 1, and which of them stands where.

    text: UTF-8; every text is followed by a byte that ends a word; `starts` has the place of each. The first `n_stop`
    texts are stop words: numbered before all others, and then left out wherever they stand.
    ascii_letters: of all bytes, 0 for those beyond ASCII.
    Returns (arena, word starts, keys) of the words, and (ends, words) of the texts, `ends` with a leading 0.
    """
    bits = _FIRST_BITS
    table = np.zeros(2 << 12, np.uint64)
    n_words, n_tokens, used, n_stopped = 0, 0, 0, 0
    arena, read = np.empty(1 << 16, np.uint8), np.empty(1 << 12, np.uint8)
    word_starts, keys = np.zeros(1 << 12, np.int64), np.empty(1 << 12, np.uint64)
    tokens = np.empty(max(1 << 10, (starts[last] - starts[first]) // 5), np.int32)
    word_keys, word_ends = np.empty(1 << 10, np.uint64), np.empty(1 << 10, np.int64)
    ends = np.zeros(last - first + 1, np.int64)
    for step in range(n_stop + last - first):
        document = step if step < n_stop else first + step - n_stop
        at, end = starts[document], starts[document + 1]
        most = (end - at) // 2 + 1
        read = _room(read, 2 * (end - at) + 8)  # lower case takes at most half as much again
        word_keys, word_ends = _room(word_keys, most), _room(word_ends, most)
        n_here = _read_words(text, at, end, ascii_letters, letters, read, word_keys, word_ends)
        arena = _room(arena, used + (word_ends[n_here - 1] if n_here else 0))
        tokens = _room(tokens, n_tokens + n_here)
        for low in range(0, n_here, _STRETCH):
            stop = min(low + _STRETCH, n_here)
            word_starts = _room(word_starts, n_words + _STRETCH + 1)
            keys = _room(keys, n_words + _STRETCH)
            while 4 * (n_words + _STRETCH) > len(table):
                table = _twice(table, bits)
                bits += _ONE
            for i in range(low, stop):
                key = word_keys[i]
                start = word_ends[i - 1] if i else 0
                size = word_ends[i] - start
                number, slot = _find_word(table, bits, key, arena, word_starts, read, start, size)
                if number < 0:
                    number = n_words
                    keys[number] = key
                    table[2 * slot], table[2 * slot + 1] = key, np.uint64(2 * (number + 1) + (size > _SHORT))
                    for k in range(size):
                        arena[used + k] = read[start + k]
                    used += size
                    n_words += 1
                    word_starts[n_words] = used
                tokens[n_tokens] = number
                n_tokens += number >= n_stopped
        if step < n_stop:
            n_stopped, n_tokens = n_words, 0
        else:
            ends[document - first + 1] = n_tokens
    return (arena[:used], word_starts[: n_words + 1], keys[:n_words]), (ends, tokens[:n_tokens])


@compiled
def merge(part_arena: Any, part_starts: Any, part_keys: Any) -> Any:
    """Number the words of several parts as one, in their order. part_starts: with one entry more for the end.

    Returns (arena, word starts) of the distinct words, and the new number of each word.
    """
    n_all = len(part_keys)
    arena, starts, number_of = np.empty_like(part_arena), np.zeros(n_all + 1, np.int64), np.empty(n_all, np.int32)
    bits = _FIRST_BITS
    table = np.zeros(2 << 12, np.uint64)
    n, used = 0, 0
    for low in range(0, n_all, _STRETCH):
        while 4 * (n + _STRETCH) > len(table):
            table = _twice(table, bits)
            bits += _ONE
        for i in range(low, min(low + _STRETCH, n_all)):
            key, start = part_keys[i], part_starts[i]
            size = part_starts[i + 1] - start
            number, slot = _find_word(table, bits, key, arena, starts, part_arena, start, size)
            if number < 0:
                number = n
                table[2 * slot], table[2 * slot + 1] = key, np.uint64(2 * (number + 1) + (size > _SHORT))
                for k in range(size):
                    arena[used + k] = part_arena[start + k]
                used += size
                n += 1
                starts[n] = used
            number_of[i] = number
    return arena[:used], starts[: n + 1], number_of
