"""Which words did nobody write? Phrases that an outlet puts around its articles: datelines, "Source: …", "Share …"."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

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


def blank(text: str, phrases: Sequence[str], outlet: str = "") -> str:
    """The text with these phrases, and the outlet's own name, made blank; its length stays.

    Of a name in several words, one in capitals is a name, too (ABC News: ABC).

    >>> blank("Orvia, 3 May. The Post's dyke. ABC. Share on Mail", ["share on mail"], "ABC News")
    "Orvia, 3 May. The Post's dyke.    .              "
    """
    wanted = {tuple(phrase.split(" ")) for phrase in phrases}
    spans = [(match.start(), match.end()) for match in WORD.finditer(text)]
    words = [text[a:b].lower() for a, b in spans]
    gone = [
        (spans[i][0], spans[i + LENGTH - 1][1])
        for i in range(len(words) - LENGTH + 1 if wanted else 0)
        if tuple(words[i : i + LENGTH]) in wanted
    ]
    if outlet.strip():
        gone += [match.span() for match in _name(outlet).finditer(text)]
    letters = list(text)
    for first, last in gone:
        letters[first:last] = " " * (last - first)
    return "".join(letters)


@lru_cache(maxsize=1000)
def _name(outlet: str) -> re.Pattern[str]:
    whole = r"\s+".join(re.escape(word) for word in outlet.split())
    capitals = [re.escape(word) for word in outlet.split() if len(word) > 1 and word.isalpha() and word.isupper()]
    short = "".join(rf"|\b{word}(?:['’]s)?\b" for word in capitals)
    return re.compile(rf"(?i:\b{whole}(?:['’]s)?\b){short}")


def blank_all(texts: Sequence[str], outlets: Sequence[str | None], phrases: Mapping[str, Sequence[str]]) -> list[str]:
    """Each text without the boilerplate and the name of its outlet."""
    return [
        blank(text, phrases.get(outlet, ()), outlet) if isinstance(outlet, str) else text
        for text, outlet in zip(texts, outlets, strict=True)
    ]


def _starts(n_words: int) -> list[int]:
    """Where do phrases begin that lie in the first or the last words?"""
    last = n_words - LENGTH
    return [i for i in range(last + 1) if i <= EDGE - LENGTH or i >= n_words - EDGE]
