"""In which order do articles stand? One canonical order by id, so that the order of a file never matters."""

import re
from collections.abc import Sequence

_DIGITS = re.compile(r"[0-9]+")

IdKey = tuple[int, int, str, str]


def id_key(article_id: str) -> IdKey:
    """Where does this id stand in the canonical order? Numbers first and by value, then all other ids as text.

    >>> sorted(["b7", "10", "9", "007", "a"], key=id_key)
    ['007', '9', '10', 'a', 'b7']
    """
    if _DIGITS.fullmatch(article_id):
        # Length and digits compare like the number, and an id of ten thousand digits costs nothing.
        significant = article_id.lstrip("0")
        return (0, len(significant), significant, article_id)
    return (1, 0, "", article_id)


def canonical_order(ids: Sequence[str]) -> list[int]:
    """Which positions put these ids in canonical order?

    >>> canonical_order(["12", "x", "3"])
    [2, 0, 1]
    """
    return sorted(range(len(ids)), key=lambda position: id_key(ids[position]))
