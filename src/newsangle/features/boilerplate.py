"""Which words did nobody write? Phrases that an outlet puts around its articles: datelines, "Source: …", "Share …"."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from newsangle.features.matrix import WORD

LENGTH = 3  # words of a phrase; two would catch names
EDGE = 60  # words at the beginning and at the end that are looked at; in between, people write


def boilerplate(
    texts: Sequence[str],
    outlets: Sequence[str | None],
    groups: Sequence[str],
    *,
    min_part: float = 0.05,
    min_groups: int = 10,
    max_elsewhere: float = 0.05,
) -> dict[str, list[str]]:
    """Which phrases of three words does each outlet put around its articles?

    A phrase is boilerplate of an outlet when it stands among the first or last 60 words in at least `min_part` of its
    syndication groups, at least `min_groups`, and at most `max_elsewhere` of the groups with it there are other
    outlets'. Outlet = phrases, the most frequent first; outlets without any are left out. What an outlet repeats at the
    edge because it believes in it ("the fake news media") is taken for boilerplate, too: read the list.
    """
    holders: dict[str, dict[tuple[str, ...], set[str]]] = defaultdict(lambda: defaultdict(set))
    stories: dict[str, set[str]] = defaultdict(set)
    for text, outlet, group in zip(texts, outlets, groups, strict=True):
        if not isinstance(outlet, str):
            continue
        stories[outlet].add(group)
        words = [match[0].lower() for match in WORD.finditer(text)]
        for start in _starts(len(words)):
            holders[outlet][tuple(words[start : start + LENGTH])].add(group)
    everywhere: Counter[tuple[str, ...]] = Counter()
    for phrases in holders.values():
        everywhere.update({phrase: len(held) for phrase, held in phrases.items()})
    found = {}
    for outlet, phrases in sorted(holders.items()):
        least = max(min_groups, math.ceil(min_part * len(stories[outlet])))
        kept = [
            (-len(held), phrase)
            for phrase, held in phrases.items()
            if len(held) >= least and everywhere[phrase] - len(held) <= max_elsewhere * everywhere[phrase]
        ]
        if kept:
            found[outlet] = [" ".join(phrase) for _, phrase in sorted(kept)]
    return found


def blank(text: str, phrases: Sequence[str]) -> str:
    """The text with these phrases, where they stand among its first or last 60 words, made blank; its length stays.

    >>> blank("Orvia, 3 May. The dyke broke. Share on Mail", ["share on mail"])
    'Orvia, 3 May. The dyke broke.              '
    """
    wanted = {tuple(phrase.split(" ")) for phrase in phrases}
    spans = [(match.start(), match.end()) for match in WORD.finditer(text)]
    words = [text[a:b].lower() for a, b in spans]
    letters = list(text)
    for start in _starts(len(words)):
        if tuple(words[start : start + LENGTH]) in wanted:
            first, last = spans[start][0], spans[start + LENGTH - 1][1]
            letters[first:last] = " " * (last - first)
    return "".join(letters)


def blank_all(texts: Sequence[str], outlets: Sequence[str | None], phrases: Mapping[str, Sequence[str]]) -> list[str]:
    """Each text without the boilerplate of its outlet."""
    return [
        blank(text, phrases[outlet]) if isinstance(outlet, str) and outlet in phrases else text
        for text, outlet in zip(texts, outlets, strict=True)
    ]


def _starts(n_words: int) -> list[int]:
    """Where do phrases begin that lie in the first or the last words?"""
    last = n_words - LENGTH
    return [i for i in range(last + 1) if i <= EDGE - LENGTH or i >= n_words - EDGE]
