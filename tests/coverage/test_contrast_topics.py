import numpy as np
import pandas as pd
import pytest

from newsangle.coverage.contrast_topics import contrast_topics


def draw_shares(seed, *, split=(0.5, 0.5), n_stories=200, n_topics=12, copies=0.2, planted=None):
    """Topic shares of documents, their sides and stories; `planted` gets twice the weight on side 0."""
    rng = np.random.default_rng(seed)
    rows, sides, stories = [], [], []
    for story in range(n_stories):
        side = int(rng.choice(len(split), p=split))
        weight = np.full(n_topics, 0.3)
        if planted is not None and side == 0:
            weight[planted] *= 3
        share = rng.dirichlet(weight)
        for copy in range(1 + (int(rng.integers(1, 4)) if rng.random() < copies else 0)):
            rows.append(share)
            sides.append(f"s{side if copy == 0 else int(rng.choice(len(split), p=split))}")
            stories.append(f"{story}")
    return np.array(rows), sides, stories


def names(shares):
    return [f"t{k}" for k in range(shares.shape[1])]


def test_differences_as_worked_by_hand():
    # Side a: (0.8 + 0.6) / 2 = 0.7 of flood; side b: (0.1 + 0.3) / 2 = 0.2. A row without shares counts for nothing.
    shares = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9], [0.3, 0.7], [np.nan, np.nan]])
    found = contrast_topics(shares, ["flood", "vote"], list("aabba"), list("12345"), min_side_groups=2)
    row = found.table.set_index("topic").loc["flood"]
    assert row["difference"] == pytest.approx(0.5)
    assert row[["share", "share_against"]].tolist() == pytest.approx([0.7, 0.2])
    assert row["n_groups"] == 4
    assert list(found.table["topic"]) == ["flood", "vote"]
    assert list(found.table.columns) == [
        "topic", "side", "against", "difference", "low", "high", "z", "p", "q", "share", "share_against", "n_groups",
    ]  # fmt: skip


def test_the_z_of_many_single_documents_is_welch_s():
    shares, sides, stories = draw_shares(1, copies=0, n_stories=600)
    table = contrast_topics(shares, names(shares), sides, stories, n_draws=4000).table.set_index("topic")
    first = np.array(sides) == "s0"
    a, b = shares[first], shares[~first]
    z = (a.mean(axis=0) - b.mean(axis=0)) / np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
    ours = table.loc[names(shares), "z"].to_numpy()
    assert ours[np.abs(z) > 0.3] == pytest.approx(z[np.abs(z) > 0.3], rel=0.06)


def test_neither_order_nor_a_side_seen_from_the_other_changes_a_finding():
    shares, sides, stories = draw_shares(2, planted=3)
    plain = contrast_topics(shares, names(shares), sides, stories, n_draws=200).table
    order = np.random.default_rng(0).permutation(len(sides))
    shuffled = contrast_topics(
        shares[order], names(shares), [sides[i] for i in order], [stories[i] for i in order], n_draws=200
    ).table
    pd.testing.assert_frame_equal(plain, shuffled, check_exact=True)
    other = contrast_topics(shares, names(shares), sides, stories, compare=["s1", "s0"], n_draws=200).table
    both = plain.merge(other, on="topic")
    assert both["z_x"].to_numpy() == pytest.approx(-both["z_y"].to_numpy(), rel=1e-6)


def test_a_planted_topic_is_found_and_the_sides_are_each_against_all_others():
    shares, sides, stories = draw_shares(3, split=(0.3, 0.3, 0.4), planted=5)
    table = contrast_topics(shares, names(shares), sides, stories, n_draws=300).table
    top = table.iloc[0]
    assert (top["side"], top["topic"], top["against"]) == ("s0", "t5", "all others")
    assert top["q"] < 0.02
    assert len(table) == 3 * 12


@pytest.mark.slow
@pytest.mark.parametrize("world", [{}, {"split": (0.1, 0.9), "n_stories": 300}, {"split": (0.25, 0.25, 0.5)}])
def test_false_discoveries_of_topics_stay_within_five_per_cent(world):
    found = []
    for seed in range(120):
        shares, sides, stories = draw_shares(seed, **world)
        table = contrast_topics(shares, names(shares), sides, stories, min_side_groups=5, n_draws=300).table
        found.append((table["q"] <= 0.05).any())
    assert np.mean(found) <= 0.05


def test_shares_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="give 2 sides × 3 topics"):
        contrast_topics(np.ones((2, 2)), list("xyz"), ["a", "b"], ["1", "2"])
