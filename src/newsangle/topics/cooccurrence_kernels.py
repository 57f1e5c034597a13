"""In how many windows do words stand together? The loops of `cooccurrence`, over token positions and documents.

A window is numbered by the position of its first token in the whole corpus, so the windows that hold a word are a few
ranges of numbers, and the windows that hold two words are where their ranges overlap: no window is ever built. All
counts are whole numbers.
"""

from typing import Any

import numpy as np

from newsangle.compiled import kernels
from newsangle.topics import splitmix

compiled = kernels(__file__, splitmix.__file__)
_mix = compiled(splitmix.splitmix)


@compiled
def scramble_words(points: Any, ends: Any, checksums: Any) -> None:
    """64 bits of each word: its code points, points[end of the word before : its end], scrambled one after another."""
    begin = 0
    for word in range(len(ends)):
        state = np.uint64(ends[word] - begin)
        for at in range(begin, ends[word]):
            state = _mix((state + splitmix.GOLDEN) ^ np.uint64(points[at]))
        checksums[word] = state
        begin = ends[word]


@compiled
def index_words(
    tokens: Any, document_of: Any, checksums: Any, word_starts: Any, positions: Any, frequency: Any, fingerprints: Any
) -> None:
    """Positions by word, in order (word w: positions[word_starts[w] : word_starts[w + 1]]), and documents per word.

    fingerprints: a number per document, equal for documents of equal words in equal order.
    """
    n_words = len(frequency)
    for token in tokens:
        word_starts[token + 1] += 1
    for word in range(n_words):
        word_starts[word + 1] += word_starts[word]
    free = word_starts[:n_words].copy()
    seen = np.full(n_words, -1, np.int32)
    for position in range(len(tokens)):
        word = tokens[position]
        positions[free[word]] = position
        free[word] += 1
        if seen[word] != document_of[position]:
            seen[word] = document_of[position]
            frequency[word] += 1
        document = document_of[position]
        fingerprints[document] = fingerprints[document] * splitmix.GOLDEN + checksums[word]


@compiled
def held_windows(
    words: Any, word_starts: Any, positions: Any, document_of: Any, starts: Any, window: int, forgets: bool,
    firsts: Any, lasts: Any, run_word: Any, run_document: Any, run_starts: Any,
) -> int:  # fmt: skip
    """Ranges first … last of the windows that hold each word; the ranges of one word in one document are a run.

    Returns the number of runs. window 0: the documents themselves are the windows. forgets: as gensim 4.4 counts,
    where a word leaves the window with its first occurrence there, whatever stands behind.
    """
    n_runs = 0
    n_ranges = 0
    for number in range(len(words)):
        document = np.int64(-1)
        oldest = 0
        for at in range(word_starts[words[number]], word_starts[words[number] + 1]):
            position = np.int64(positions[at])
            if document_of[position] != document:
                document = np.int64(document_of[position])
                oldest = at
                run_word[n_runs] = number
                run_document[n_runs] = document
                run_starts[n_runs] = n_ranges
                n_runs += 1
                fresh = True
            else:
                fresh = False
            if window == 0:
                if fresh:
                    firsts[n_ranges] = document
                    lasts[n_ranges] = document
                    n_ranges += 1
                continue
            begin = starts[document]
            first = max(begin, position - window + 1)
            leaves = position
            if forgets:
                while positions[oldest] < first:
                    oldest += 1
                leaves = np.int64(positions[oldest])
            last = min(max(begin, starts[document + 1] - window), leaves)
            if not fresh and first <= lasts[n_ranges - 1] + 1:
                lasts[n_ranges - 1] = max(lasts[n_ranges - 1], last)
            else:
                firsts[n_ranges] = first
                lasts[n_ranges] = last
                n_ranges += 1
    run_starts[n_runs] = n_ranges
    return n_runs


@compiled
def count_sets(
    document_runs: Any, runs: Any, run_word: Any, run_starts: Any, firsts: Any, lasts: Any, member_starts: Any,
    member_set: Any, member_slot: Any, block: Any, counts: Any,
) -> None:  # fmt: skip
    """counts[set, slot, other slot, block] += windows that hold both words, for slots of one set, slot ≥ other slot.

    document_runs, runs: the runs of each document. member_*: in which sets, and where in them, each word is.
    """
    n_sets, size = counts.shape[0], counts.shape[1]
    held = np.zeros((n_sets, size), np.int64)
    slots = np.zeros((n_sets, size), np.int64)
    n_held = np.zeros(n_sets, np.int64)
    touched = np.zeros(n_sets, np.int64)
    for document in range(len(block)):
        n_touched = 0
        for at in range(document_runs[document], document_runs[document + 1]):
            run = runs[at]
            word = run_word[run]
            for member in range(member_starts[word], member_starts[word + 1]):
                number = member_set[member]
                if n_held[number] == 0:
                    touched[n_touched] = number
                    n_touched += 1
                held[number, n_held[number]] = run
                slots[number, n_held[number]] = member_slot[member]
                n_held[number] += 1
        for at in range(n_touched):
            number = touched[at]
            for a in range(n_held[number]):
                one_begin = run_starts[held[number, a]]
                one_end = run_starts[held[number, a] + 1]
                i = slots[number, a]
                for b in range(a + 1):
                    x, y = one_begin, run_starts[held[number, b]]
                    other_end = run_starts[held[number, b] + 1]
                    total = 0
                    while x < one_end and y < other_end:
                        total += max(0, min(lasts[x], lasts[y]) - max(firsts[x], firsts[y]) + 1)
                        if lasts[x] < lasts[y]:
                            x += 1
                        else:
                            y += 1
                    if total:  # most pairs of a document never share a window, and `counts` is far away
                        j = slots[number, b]
                        counts[number, max(i, j), min(i, j), block[document]] += total
            n_held[number] = 0
