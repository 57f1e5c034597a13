"""Which words are so often neighbours that they are a term? `ain issa` → `ain_issa`, `deir ez zor` → `deir_ez_zor`."""

from collections.abc import Collection, Sequence

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

JOINT = "_"
APART = "\x1f"  # for gensim, which takes a pair apart again at its delimiter: no token holds this one
ROUNDS = 2  # the second joins a pair with its neighbour: three and four words
MIN_COUNT, THRESHOLD = 10, 0.5


def learn_phrases(
    documents: Sequence[Sequence[str]], *, min_count: int = MIN_COUNT, threshold: float = THRESHOLD
) -> list[list[str]]:
    """Which neighbours become one term? Pairs that attract each other, as `first_second`, one list a round.

    documents: token lists; learn on training texts only. A pair counts from `min_count` times on, when its normalised
    pointwise mutual information is above `threshold`, which lies in [−1, 1) (higher is stricter; pairs that are never
    apart have 1). English stop words join no pair. Sorted: the order of the documents changes nothing.
    Source: gensim's `Phrases`; Bouma (2009).
    """
    from gensim.models.phrases import Phrases

    current, rounds = [list(document) for document in documents], []
    for _ in range(ROUNDS):
        scored = Phrases(current, min_count=min_count, threshold=threshold, scoring="npmi", delimiter=APART)
        pairs = (pair.replace(APART, JOINT) for pair in scored.export_phrases())
        found = sorted(pair for pair in pairs if not ENGLISH_STOP_WORDS & set(pair.split(JOINT)))
        rounds.append(found)
        joined = [frozenset(found)]
        current = [join_phrases(document, joined) for document in current]
    return rounds


def join_phrases(tokens: Sequence[str], rounds: Sequence[Collection[str]]) -> list[str]:
    """The tokens with phrases joined, leftmost pair first, round after round. rounds: sets of pairs for speed.

    >>> join_phrases(["near", "deir", "ez", "zor"], [["deir_ez"], ["deir_ez_zor"]])
    ['near', 'deir_ez_zor']
    """
    current = list(tokens)
    for pairs in rounds:
        joined: list[str] = []
        i = 0
        while i < len(current):
            pair = JOINT.join(current[i : i + 2])
            if i + 1 < len(current) and pair in pairs:
                joined.append(pair)
                i += 2
            else:
                joined.append(current[i])
                i += 1
        current = joined
    return current
