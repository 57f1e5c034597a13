"""Which fold does each unit belong to, so that nothing that belongs together is ever on both sides?"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def merge_groups(*keys: Sequence[str]) -> npt.NDArray[np.int64]:
    """Which units are tied together by any of several keys (syndication group, article, story …)?

    Two units share a merged group when a chain of equal key values links them. Returns one integer per unit,
    numbered by first appearance, so that renaming a key changes nothing.

    >>> merge_groups(["a", "a", "b", "c"], ["x", "y", "y", "z"]).tolist()
    [0, 0, 0, 1]
    """
    n = len(keys[0])
    parent = list(range(n))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for key in keys:
        if len(key) != n:
            raise ValueError(f"keys have {len(key)} and {n} units; every key needs one value per unit")
        first: dict[str, int] = {}
        for i, value in enumerate(key):
            a, b = root(first.setdefault(value, i)), root(i)
            parent[max(a, b)] = min(a, b)
    number: dict[int, int] = {}
    return np.array([number.setdefault(root(i), len(number)) for i in range(n)], dtype=np.int64)


def group_folds(
    groups: Sequence[str] | npt.NDArray[np.int64],
    labels: Sequence[str | None],
    *,
    n_folds: int = 5,
    seed: int = 0,
) -> npt.NDArray[np.int64]:
    """Which of `n_folds` folds does each unit get, whole groups together and classes spread evenly?

    Every unit, coded (a label) or not (None), gets a fold; all units of a group get the same one. Groups are dealt
    largest first to the fold that holds least of what the group brings (greedy, after scikit-learn's
    StratifiedGroupKFold), ties in an order shuffled by `seed`. The result depends on the groups' order of first
    appearance, so sort units canonically before. Raises ValueError for fewer groups than folds, or labels for other
    units.
    """
    if len(labels) != len(groups):
        raise ValueError(f"{len(groups)} units have {len(labels)} labels; give one a unit, None where not coded")
    merged = merge_groups([str(g) for g in groups])
    n_groups = int(merged.max()) + 1 if len(merged) else 0
    if n_folds < 2 or n_groups < n_folds:
        raise ValueError(f"{n_groups} independent groups can't fill {n_folds} folds; at least 2 folds, a group each")
    kinds = {kind: i for i, kind in enumerate(dict.fromkeys(sorted({str(x) for x in labels if x is not None})))}
    kind_of = np.array([len(kinds) if x is None else kinds[str(x)] for x in labels])
    content = np.zeros((n_groups, len(kinds) + 1))
    np.add.at(content, (merged, kind_of), 1.0)
    share = content / np.maximum(content.sum(axis=0), 1.0)
    shuffled = np.random.default_rng([seed, n_folds]).permutation(n_groups)
    order = shuffled[np.argsort(-share[shuffled].max(axis=1), kind="stable")]
    held = np.zeros((n_folds, share.shape[1]))
    fold_of_group = np.empty(n_groups, dtype=np.int64)
    for g in order:
        # The increase of the sum of squared shares; the total held breaks ties so that no fold stays empty.
        cost = held @ share[g] + 1e-9 * held.sum(axis=1)
        fold_of_group[g] = int(np.argmin(cost))
        held[fold_of_group[g]] += share[g]
    return fold_of_group[merged]
