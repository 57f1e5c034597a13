"""How are terms found and counted without the interpreter? Kernels of `counting`, over UTF-8 bytes.

A *gram* is a term of one word or more. Grams are numbered as they first appear: text by text, and in a text first the
words, then the pairs, and so on, as scikit-learn numbers them. A gram of one word (`level` 1) is `tail` bytes of an
arena from `head`; a longer one is the gram without its last word (`head`) and that word (`tail`).

Hash tables are flat uint64 arrays of (key, mark) with open addressing; mark 0 is free. A word of up to eight bytes is
its own key, a longer gram has its two numbers as key, so there equal keys are equal terms; words of more bytes are
found by a hash and compared byte by byte. No result trusts a hash.
"""

from typing import Any

import numpy as np

from newsangle.compiled import kernels

compiled = kernels(__file__)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ONE, _8, _29, _32, _64 = np.uint64(1), np.uint64(8), np.uint64(29), np.uint64(32), np.uint64(64)
_SHORT = 8  # bytes of a word that is its own key
_FIRST_BITS = np.uint64(12)
_STRETCH = 1024  # words or grams looked up between two looks at the room for new ones


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
def _find_word(
    table: Any, bits: Any, key: Any, arena: Any, head: Any, tail: Any, text: Any, start: Any, size: Any
) -> Any:
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
            if tail[number] == size:
                other, i = head[number], 0
                while i < size and arena[other + i] == text[start + i]:
                    i += 1
                if i == size:
                    return number, slot
        slot = (slot + 1) & last


@compiled
def _find_pair(table: Any, bits: Any, key: Any) -> Any:
    """(number of the longer gram or −1, its slot or a free one)."""
    last = len(table) // 2 - 1
    slot = _slot(key, bits)
    while True:
        mark = table[2 * slot + 1]
        if mark == np.uint64(0):
            return np.int64(-1), slot
        if table[2 * slot] == key:
            return np.int64(mark >> _ONE) - 1, slot
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
    n, start, write, n_letters, packed = 0, 0, 0, 0, 0
    high, low = np.uint64(0), np.uint64(0)
    while at < end:
        b = text[at]
        if b < 128:
            at += 1
            c = ascii_letters[b]
            if c:
                if packed == _SHORT:
                    high = (high ^ low) * _GOLDEN
                    high ^= high >> _29
                    low, packed = np.uint64(0), 0
                low = low << _8 | np.uint64(c)
                packed += 1
                out[write] = c
                write += 1
                n_letters += 1
                continue
        else:
            point, size = _decode(text, at)
            at += size
            letter = letters[point]
            if letter:
                for i in range(write, write + _encode(letter, out, write)):
                    if packed == _SHORT:
                        high = (high ^ low) * _GOLDEN
                        high ^= high >> _29
                        low, packed = np.uint64(0), 0
                    low = low << _8 | np.uint64(out[i])
                    packed += 1
                    write = i + 1
                n_letters += 1
                continue
        if n_letters >= 2:
            if write - start > _SHORT:
                low = (high ^ low) * _GOLDEN
                low ^= low >> _29
            word_keys[n], word_ends[n] = low, write
            n += 1
            start = write
        write = start
        high, low, packed, n_letters = np.uint64(0), np.uint64(0), 0, 0
    return n


@compiled
def _number_words(
    table: Any, bits: Any, arena: Any, used: int, grams: Any, n_grams: int, first: int, last: int, read: Any,
    word_keys: Any, word_ends: Any, words: Any,
) -> Any:  # fmt: skip
    """Numbers of the words first … last − 1 just read; there is room for as many new ones. (grams, bytes) so far."""
    head, tail, level, keys, cell_of = grams
    for i in range(first, last):
        key = word_keys[i]
        start = word_ends[i - 1] if i else 0
        size = word_ends[i] - start
        number, slot = _find_word(table, bits, key, arena, head, tail, read, start, size)
        if number < 0:
            number = n_grams
            head[number], tail[number], level[number], keys[number], cell_of[number] = used, size, 1, key, -1
            table[2 * slot], table[2 * slot + 1] = key, np.uint64(2 * (number + 1) + (size > _SHORT))
            for k in range(size):
                arena[used + k] = read[start + k]
            used += size
            n_grams += 1
        words[i] = number
    return n_grams, used


@compiled
def _number_pairs(
    pairs: Any, bits: Any, grams: Any, n_grams: int, n: int, first: int, last: int, words: Any, numbers: Any
) -> int:
    """Numbers of the grams of n words that begin at first … last − 1, in place of those of n − 1. Grams so far."""
    head, tail, level, keys, cell_of = grams
    for i in range(first, last):
        before, word = numbers[i], words[i + n - 1]
        key = np.uint64(before) << _32 | np.uint64(word)
        number, slot = _find_pair(pairs, bits, key)
        if number < 0:
            number = n_grams
            head[number], tail[number], level[number], keys[number], cell_of[number] = before, word, n, key, -1
            pairs[2 * slot], pairs[2 * slot + 1] = key, np.uint64(2 * (number + 1))
            n_grams += 1
        numbers[i] = number
    return n_grams


@compiled
def _count(numbers: Any, n: int, cell_of: Any, first_cell: int, n_cells: int, gram: Any, count: Any) -> int:
    """Add the first n numbers to the cells of their text, which begin at first_cell. Cells so far."""
    for i in range(n):
        number = numbers[i]
        cell = cell_of[number]
        if cell >= first_cell:
            count[cell] += 1
        else:
            cell_of[number] = n_cells
            gram[n_cells], count[n_cells] = number, 1
            n_cells += 1
    return n_cells


@compiled
def _gram_room(grams: Any, needed: int) -> Any:
    head, tail, level, keys, cell_of = grams
    return (
        _room(head, needed), _room(tail, needed), _room(level, needed), _room(keys, needed), _room(cell_of, needed)
    )  # fmt: skip


@compiled
def count_texts(
    text: Any, starts: Any, first: int, last: int, ascii_letters: Any, letters: Any, n_stop: int,
    shortest: int, longest: int,
) -> Any:  # fmt: skip
    """Grams of texts first … last − 1, and how often each text holds each, in order of appearance.

    text: UTF-8; every text is followed by a byte that ends a word; `starts` has the place of each. The first `n_stop`
    texts are stop words: read before the others, their words are never counted.
    Returns (arena, head, tail, level, keys) of the grams and (ends, gram, count) of the cells, `ends` one a text.
    """
    bits, pair_bits = _FIRST_BITS, _FIRST_BITS
    table, pairs = np.zeros(2 << 12, np.uint64), np.zeros(2 << 12, np.uint64)
    n_words, n_pairs, n_grams, n_cells, used, n_stopped = 0, 0, 0, 0, 0, 0
    arena, read = np.empty(1 << 16, np.uint8), np.empty(1 << 12, np.uint8)
    grams = (
        np.empty(_STRETCH, np.int64), np.empty(_STRETCH, np.int32), np.empty(_STRETCH, np.int32),
        np.empty(_STRETCH, np.uint64), np.empty(_STRETCH, np.int64),
    )  # fmt: skip
    gram, count = np.empty(1 << 14, np.int32), np.empty(1 << 14, np.int32)
    words, numbers = np.empty(1 << 10, np.int32), np.empty(1 << 10, np.int32)
    word_keys, word_ends = np.empty(1 << 10, np.uint64), np.empty(1 << 10, np.int64)
    ends = np.zeros(last - first + 1, np.int64)
    for step in range(n_stop + last - first):
        document = step if step < n_stop else first + step - n_stop
        at, end = starts[document], starts[document + 1]
        most = (end - at) // 2 + 1
        read = _room(read, 2 * (end - at) + 8)  # lower case takes at most half as much again
        words, word_keys, word_ends = _room(words, most), _room(word_keys, most), _room(word_ends, most)
        n_here = _read_words(text, at, end, ascii_letters, letters, read, word_keys, word_ends)
        arena = _room(arena, used + (word_ends[n_here - 1] if n_here else 0))
        for low in range(0, n_here, _STRETCH):
            stop = min(low + _STRETCH, n_here)
            grams = _gram_room(grams, n_grams + _STRETCH)
            while 4 * (n_words + _STRETCH) > len(table):
                table = _twice(table, bits)
                bits += _ONE
            before = n_grams
            n_grams, used = _number_words(
                table, bits, arena, used, grams, n_grams, low, stop, read, word_keys, word_ends, words
            )
            n_words += n_grams - before
        if step < n_stop:
            n_stopped = n_grams
            continue
        if n_stopped:
            kept = 0
            for i in range(n_here):
                words[kept] = words[i]
                kept += words[i] >= n_stopped
            n_here = kept
        gram = _room(gram, n_cells + n_here * (longest - shortest + 1))
        count = _room(count, n_cells + n_here * (longest - shortest + 1))
        first_cell = n_cells
        if shortest == 1:
            n_cells = _count(words, n_here, grams[4], first_cell, n_cells, gram, count)
        if longest > 1:
            numbers = _room(numbers, n_here)
            numbers[:n_here] = words[:n_here]
        for n in range(2, min(longest, n_here) + 1):
            for low in range(0, n_here - n + 1, _STRETCH):
                stop = min(low + _STRETCH, n_here - n + 1)
                grams = _gram_room(grams, n_grams + _STRETCH)
                while 4 * (n_pairs + _STRETCH) > len(pairs):
                    pairs = _twice(pairs, pair_bits)
                    pair_bits += _ONE
                before = n_grams
                n_grams = _number_pairs(pairs, pair_bits, grams, n_grams, n, low, stop, words, numbers)
                n_pairs += n_grams - before
            if n >= shortest:
                n_cells = _count(numbers, n_here - n + 1, grams[4], first_cell, n_cells, gram, count)
        ends[document - first + 1] = n_cells
    head, tail, level, keys, _ = grams
    level[:n_stopped] = 0
    return (
        (arena[:used], head[:n_grams], tail[:n_grams], level[:n_grams], keys[:n_grams]),
        (ends, gram[:n_cells], count[:n_cells]),
    )


@compiled
def _merge_stretch(
    table: Any, bits: Any, pairs: Any, pair_bits: Any, merged: Any, so_far: Any, part: Any, base: int, arena_base: int,
    first: int, last: int, number_of: Any,
) -> Any:  # fmt: skip
    """Grams first … last − 1 of the shards; there is room for as many new ones."""
    arena, head, tail, level = merged
    n, used, n_words, n_pairs = so_far
    part_arena, part_head, part_tail, part_level, part_keys = part
    for i in range(first, last):
        if part_level[i] <= 1:
            key, start, size = part_keys[i], arena_base + part_head[i], np.int64(part_tail[i])
            number, slot = _find_word(table, bits, key, arena, head, tail, part_arena, start, size)
            if number < 0:
                number = n
                for k in range(size):
                    arena[used + k] = part_arena[start + k]
                head[n], tail[n], level[n] = used, size, part_level[i]
                table[2 * slot], table[2 * slot + 1] = key, np.uint64(2 * (n + 1) + (size > _SHORT))
                used += size
                n += 1
                n_words += 1
        else:
            before, word = number_of[base + part_head[i]], number_of[base + part_tail[i]]
            key = np.uint64(before) << _32 | np.uint64(word)
            number, slot = _find_pair(pairs, pair_bits, key)
            if number < 0:
                number = n
                head[n], tail[n], level[n] = before, word, part_level[i]
                pairs[2 * slot], pairs[2 * slot + 1] = key, np.uint64(2 * (n + 1))
                n += 1
                n_pairs += 1
        number_of[i] = number
    return n, used, n_words, n_pairs


@compiled
def merge(
    shard_arena: Any, arena_starts: Any, shard_head: Any, shard_tail: Any, shard_level: Any, shard_keys: Any,
    gram_starts: Any,
) -> Any:  # fmt: skip
    """Number the grams of all shards as one, in order of shards.

    The grams of the shards stand one after the other; shard i has those from gram_starts[i], and an arena from
    arena_starts[i]. Returns (arena, head, tail, level) of all, and the new number of each gram.
    """
    n_grams = len(shard_head)
    arena = np.empty(len(shard_arena), np.uint8)
    head, tail = np.empty(n_grams, np.int64), np.empty(n_grams, np.int32)
    level, number_of = np.empty(n_grams, np.int32), np.empty(n_grams, np.int32)
    bits, pair_bits = _FIRST_BITS, _FIRST_BITS
    table, pairs = np.zeros(2 << 12, np.uint64), np.zeros(2 << 12, np.uint64)
    n_words, n_pairs, n, used = 0, 0, 0, 0
    for shard in range(len(gram_starts) - 1):
        base, arena_base, after = gram_starts[shard], arena_starts[shard], gram_starts[shard + 1]
        for low in range(base, after, _STRETCH):
            stop = min(low + _STRETCH, after)
            while 4 * (n_words + _STRETCH) > len(table):
                table = _twice(table, bits)
                bits += _ONE
            while 4 * (n_pairs + _STRETCH) > len(pairs):
                pairs = _twice(pairs, pair_bits)
                pair_bits += _ONE
            n, used, n_words, n_pairs = _merge_stretch(
                table, bits, pairs, pair_bits, (arena, head, tail, level), (n, used, n_words, n_pairs),
                (shard_arena, shard_head, shard_tail, shard_level, shard_keys), base, arena_base, low, stop, number_of,
            )  # fmt: skip
    return (arena[:used], head[:n], tail[:n], level[:n]), number_of
