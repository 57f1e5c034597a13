"""Invented articles of any number: seeded, drawn from a known LDA, streamed in chunks that need no other chunk.

Article i is the same whatever the size of the corpus. Lengths are log-normal around 350 words, in sentences and
paragraphs, with two lines of a site's furniture; 50 outlets, a year of dates. Of the words 40 % are those that any text
has, 52 % come from 100 topics over 20,000 words (Zipf within each topic, rare words in few topics), 8 % from a list
without an end, so that the vocabulary grows with the corpus as it does in real ones. Every tenth article is a copy, in
another outlet, of one of the same thousand; half of these are cut short.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

CHUNK = 1_000
N_TOPICS, N_TOPICAL, N_COMMON, N_OUTLETS = 100, 20_000, 300, 50
SHARE_COMMON, SHARE_OPEN, SHARE_COPIES = 0.40, 0.08, 0.10
MEAN_WORDS, SPREAD = 350, 0.5
ALPHA, CONCENTRATION = 0.1, 500.0
FIRST_DAY = datetime.date(2030, 1, 1)

_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


@dataclass(frozen=True)
class Article:
    """One article as a scraper would leave it."""

    number: int
    outlet: str
    date: str
    title: str
    text: str
    copy_of: int | None


def word(number: int) -> str:
    """Word `number`: letters only, two syllables and more, another for each number."""
    found = ""
    number += len(_SYLLABLES)
    while number:
        number, syllable = divmod(number, len(_SYLLABLES))
        found = _SYLLABLES[syllable] + found
    return found


@cache
def known_topics(seed: int = 0) -> Any:
    """φ: topics × topical words, float32. Topical word w is `word(N_COMMON + w)`."""
    rng = np.random.default_rng([seed, 0xA11])
    zipf = 1 / (np.arange(N_TOPICAL) + 3.0)
    phi = rng.gamma(CONCENTRATION * zipf / zipf.sum(), size=(N_TOPICS, N_TOPICAL)) + 1e-30
    return (phi / phi.sum(axis=1, keepdims=True)).astype(np.float32)


@cache
def _tables(seed: int) -> tuple[Any, Any]:
    common = 1 / (np.arange(N_COMMON) + 1.0)
    return np.cumsum(known_topics(seed), axis=1, dtype=np.float64), np.cumsum(common / common.sum())


@cache
def _spelled(upto: int) -> Any:
    return np.array([word(number) for number in range(upto)], dtype=object)


def _numbers(rng: np.random.Generator, lengths: Any, seed: int) -> Any:
    """The words of all articles of a chunk, one after another, as numbers."""
    n, total = len(lengths), int(lengths.sum())
    cumulated, common = _tables(seed)
    article = np.repeat(np.arange(n), lengths)
    kind, u = rng.random(total), rng.random(total)
    numbers = np.searchsorted(common, u).clip(max=N_COMMON - 1)
    # P(rank > r) = r^−¼: Zipf with exponent 1.25, distinct words grow with tokens to the power of 0.8.
    open_ = kind > 1 - SHARE_OPEN
    numbers[open_] = N_COMMON + N_TOPICAL + (1 / np.maximum(u[open_], 2e-4) ** 4).astype(np.int64)
    topical = np.flatnonzero((kind >= SHARE_COMMON) & ~open_)
    theta = np.cumsum(rng.dirichlet(np.full(N_TOPICS, ALPHA), n), axis=1)
    at = theta[article[topical]]
    topic = (rng.random(len(topical))[:, None] > at).sum(axis=1).clip(max=N_TOPICS - 1)
    order = np.argsort(topic, kind="stable")
    bounds = np.searchsorted(topic[order], np.arange(N_TOPICS + 1))
    for k in range(N_TOPICS):
        mine = topical[order[bounds[k] : bounds[k + 1]]]
        numbers[mine] = N_COMMON + np.searchsorted(cumulated[k], u[mine]).clip(max=N_TOPICAL - 1)
    return numbers


def chunk(number: int, seed: int = 0) -> list[Article]:
    """The thousand articles of one chunk."""
    rng = np.random.default_rng([seed, number])
    lengths = np.exp(rng.normal(np.log(MEAN_WORDS) - SPREAD**2 / 2, SPREAD, CHUNK)).astype(np.int64).clip(30, 3000)
    numbers = _numbers(rng, lengths, seed)
    spelled = _spelled(N_COMMON + N_TOPICAL)
    known = numbers < len(spelled)
    words = np.empty(len(numbers), dtype=object)
    words[known] = spelled[numbers[known]]
    words[~known] = [word(rank) for rank in numbers[~known].tolist()]
    ends = np.cumsum(lengths)
    sentence = rng.integers(8, 26, int(lengths.sum()) // 8 + CHUNK)
    outlets = rng.integers(0, N_OUTLETS, CHUNK)
    days = rng.integers(0, 365, CHUNK)
    is_copy = (rng.random(CHUNK) < SHARE_COPIES) & (np.arange(CHUNK) > 0)
    original = (rng.random(CHUNK) * np.arange(CHUNK)).astype(np.int64)
    cut = np.where(rng.random(CHUNK) < 0.5, rng.uniform(0.5, 0.95, CHUNK), 1.0)
    found: list[Article] = []
    bodies: list[list[str]] = []  # sentences
    at_sentence = 0
    for i in range(CHUNK):
        copy_of = int(original[i]) if is_copy[i] else None
        if copy_of is not None:
            sentences = bodies[copy_of][: max(1, round(len(bodies[copy_of]) * cut[i]))]
            title = found[copy_of].title
        else:
            mine = words[ends[i] - lengths[i] : ends[i]].tolist()
            title = " ".join(mine[:6]).capitalize()
            sentences, at = [], 6
            while at < len(mine):
                size = int(sentence[at_sentence])
                at_sentence += 1
                sentences.append(" ".join(mine[at : at + size]).capitalize() + ".")
                at += size
        bodies.append(sentences)
        outlet = f"Outlet {outlets[i]}"
        paragraphs = [" ".join(sentences[j : j + 3]) for j in range(0, len(sentences), 3)]
        text = "\n\n".join(["Share on Facebook", *paragraphs, f"Copyright {outlet}. All rights reserved."])
        date = (FIRST_DAY + datetime.timedelta(days=int(days[i]))).isoformat()
        first = number * CHUNK
        found.append(Article(first + i, outlet, date, title, text, None if copy_of is None else first + copy_of))
    return found


def articles(n: int, seed: int = 0) -> Iterator[Article]:
    """The first n articles."""
    for number in range(-(-n // CHUNK)):
        yield from chunk(number, seed)[: n - number * CHUNK]
