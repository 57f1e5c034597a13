"""Which points does `vary` make, and what is each called?"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def labelled_points(vary: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each combination of the axes: its label, and the value of each; one without a label where nothing is varied.

    >>> list(labelled_points({"topics.model": ["lda", "nmf"]}))
    [('topics.model=lda', {'topics.model': 'lda'}), ('topics.model=nmf', {'topics.model': 'nmf'})]
    """
    for values in itertools.product(*vary.values()):
        chosen = dict(zip(vary, values, strict=True))
        yield ", ".join(f"{key}={value}" for key, value in chosen.items()), chosen
