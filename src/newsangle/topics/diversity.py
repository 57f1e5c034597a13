"""Do the topics differ in their words?"""

from collections.abc import Sequence


def topic_diversity(topics: Sequence[Sequence[str]], top_n: int = 25) -> float:
    """Which share of the topics' top words is unique? In (0, 1], higher is better; K equal topics give 1 / K.

    Compare only at equal K and top_n. Raises ValueError for no topics or a topic with fewer than `top_n` words.
    Source: Dieng, Ruiz and Blei (2020).

    >>> topic_diversity([["tank", "army"], ["goal", "army"]], top_n=2)
    0.75
    """
    if not topics or top_n < 1:
        raise ValueError(f"{len(topics)} topics, top_n = {top_n}: use at least one of each")
    for number, topic in enumerate(topics):
        if len(topic) < top_n:
            raise ValueError(f"topic {number} has {len(topic)} words, top_n = {top_n}: pass more words or lower top_n")
    return len({word for topic in topics for word in topic[:top_n]}) / (top_n * len(topics))
