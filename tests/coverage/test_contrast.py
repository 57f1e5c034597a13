import math
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

import newsangle.coverage.contrast as module
from newsangle.coverage.contrast import contrast
from newsangle.stats.multiple import benjamini_hochberg

_worlds = runpy.run_path(str(Path(__file__).with_name("worlds.py")))
draw_world, analytic_p = _worlds["draw_world"], _worlds["analytic_p"]

# Four stories, two a side. Tokens: s0 has 4 dyke + 4 vote + 2 rain = 10, s1 has 1 dyke + 5 vote + 4 rain = 10.
HAND = [[3, 1, 1], [1, 3, 1], [0, 2, 3], [1, 3, 1]]
SIDES = ["s0", "s0", "s1", "s1"]


def hand(**changes):
    arguments = {"outlets": ["A", "B", "A", None], "min_groups": 1, "min_side_groups": 2, "prior": 2.0}
    return contrast(sp.csr_matrix(HAND), ["dyke", "vote", "rain"], SIDES, list("abcd"), **(arguments | changes))


def terms_of(counts):
    return [f"w{i}" for i in range(counts.shape[1])]


def test_log_odds_and_counts_as_worked_by_hand():
    row = hand().table.set_index("term").loc["dyke"]
    # α of dyke = 2 · 5 / 20 = 0.5. s0: 4.5 against 12 − 4.5 = 7.5; s1: 1.5 against 12 − 1.5 = 10.5.
    assert row["log_odds"] == pytest.approx(math.log(4.5 / 7.5) - math.log(1.5 / 10.5))
    assert row[["side", "against"]].tolist() == ["s0", "s1"]
    assert row[["count", "count_against"]].tolist() == [4, 1]
    assert row[["document_frequency", "document_frequency_against"]].tolist() == [2, 1]
    assert row[["n_groups", "n_outlets"]].tolist() == [3, 2]


def test_columns_are_those_that_the_docstring_lists():
    assert list(hand().table.columns) == [
        "term", "side", "against", "log_odds", "low", "high", "z", "p", "q", "count", "count_against",
        "document_frequency", "document_frequency_against", "n_groups", "n_outlets",
    ]  # fmt: skip


def test_a_word_must_be_in_as_many_stories_as_asked_for_and_not_in_more():
    assert set(hand(min_groups=4).table["term"]) == {"vote", "rain"}  # dyke is in three


def test_without_outlets_their_number_is_unknown():
    assert hand(outlets=None).table["n_outlets"].isna().all()


def test_sides_that_print_the_same_stories_differ_in_nothing():
    counts, _, _ = draw_world(1, copies=0)
    twice = sp.vstack([counts, counts])
    stories = [f"{i}" for i in range(counts.shape[0])] * 2
    table = contrast(twice, terms_of(counts), ["a"] * 300 + ["b"] * 300, stories).table
    assert table["log_odds"].abs().max() < 1e-12
    assert (table["z"] == 0).all()
    assert (table["q"] == 1).all()


def test_the_bootstrap_error_of_common_words_is_that_of_the_delta_method():
    counts, sides, stories = draw_world(2, n_stories=800, copies=0)
    table = contrast(counts, terms_of(counts), sides, stories, min_groups=150, n_draws=4000).table.set_index("term")
    x, first = counts.toarray().astype(float), np.array(sides) == "s0"
    variance = 0.0
    for rows in (x[first], x[~first]):
        n, y = rows.sum(), rows.sum(axis=0)
        share = y / n
        influence = (rows - rows.sum(axis=1, keepdims=True) * share) / (n * share * (1 - share))
        variance = variance + (influence**2).sum(axis=0)
    half = (table["high"] - table["log_odds"]).to_numpy() / 1.959964
    ratio = half / np.sqrt(variance)[[int(t[1:]) for t in table.index]]
    assert len(ratio) > 20
    assert np.median(ratio) == pytest.approx(1.0, abs=0.1)
    assert ratio.min() > 0.85


def test_limits_exclude_zero_exactly_where_p_is_below_five_per_cent():
    counts, sides, stories = draw_world(3, planted=(2, 30, 60))
    table = contrast(counts, terms_of(counts), sides, stories).table
    apart = (table["low"] > 0) | (table["high"] < 0)
    assert (apart == (table["p"] < 0.05)).all()
    assert apart.any()


def test_copies_of_every_document_in_its_own_story_are_no_evidence():
    counts, sides, stories = draw_world(4, copies=0, planted=(5, 40))
    once = contrast(counts, terms_of(counts), sides, stories, min_groups=30).table
    tripled = sp.vstack([counts] * 3)
    thrice = contrast(tripled, terms_of(counts), sides * 3, stories * 3, min_groups=30).table
    both = once.merge(thrice, on="term")
    assert both["log_odds_x"].to_numpy() == pytest.approx(both["log_odds_y"].to_numpy())
    strong = both.loc[both["z_x"].abs() > 1]
    assert (strong["z_y"] / strong["z_x"]).between(0.8, 1.25).all()  # √3 = 1.73 if tokens counted


def test_neither_order_nor_threads_change_a_byte():
    counts, sides, stories = draw_world(5, split=(0.3, 0.3, 0.4), lengths=(60, 60, 60))
    plain = contrast(counts, terms_of(counts), sides, stories, n_draws=200).table
    order = np.random.default_rng(0).permutation(len(sides))
    shuffled = contrast(
        counts[order], terms_of(counts), [sides[i] for i in order], [stories[i] for i in order], n_draws=200
    ).table
    pd.testing.assert_frame_equal(plain, shuffled, check_exact=True)
    with threadpool_limits(limits=1):
        pd.testing.assert_frame_equal(
            plain, contrast(counts, terms_of(counts), sides, stories, n_draws=200).table, check_exact=True
        )


def test_three_sides_are_each_compared_with_the_others_together():
    counts, sides, stories = draw_world(6, split=(0.3, 0.3, 0.4), lengths=(60, 60, 60), copies=0)
    found = contrast(counts, terms_of(counts), sides, stories, prior=100.0, n_draws=200)
    assert found.sides == ("s0", "s1", "s2")
    assert found.n_tests == len(found.table)
    merged = ["s1" if side == "s1" else "rest" for side in sides]
    pair = contrast(counts, terms_of(counts), merged, stories, compare=["s1", "rest"], prior=100.0, n_draws=200).table
    mine = found.table.loc[found.table["side"] == "s1"].reset_index(drop=True)
    assert set(mine["against"]) == {"all others"}
    same = ["term", "log_odds", "low", "high", "z", "p", "count", "count_against", "document_frequency", "n_groups"]
    pd.testing.assert_frame_equal(mine[same], pair[same], check_exact=True)


def test_a_chosen_pair_forgets_all_other_documents():
    counts, sides, stories = draw_world(7, split=(0.3, 0.3, 0.4), lengths=(60, 60, 60))
    chosen = contrast(counts, terms_of(counts), sides, stories, compare=["s2", "s0"], n_draws=200).table
    rows = np.flatnonzero([side != "s1" for side in sides])
    alone = contrast(
        counts[rows], terms_of(counts), [sides[i] for i in rows], [stories[i] for i in rows], compare=["s2", "s0"],
        n_draws=200,
    ).table  # fmt: skip
    pd.testing.assert_frame_equal(chosen, alone, check_exact=True)


def test_a_side_of_few_stories_gets_no_rows_but_stays_among_the_others():
    counts, sides, stories = draw_world(8, split=(0.5, 0.48, 0.02), lengths=(60, 60, 60), copies=0)
    found = contrast(counts, terms_of(counts), sides, stories, n_draws=200)
    n = sides.count("s2")
    assert found.left_out == {"s2": f"only {n} syndication groups, 10 are needed"}
    assert set(found.table["side"]) == {"s0", "s1"}
    row = found.table.iloc[0]
    everything = int(counts[:, [int(row["term"][1:])]].sum())
    assert row["count"] + row["count_against"] == everything


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"compare": ["s0"]}, "documents lie on one side only, s0; two are needed"),
        ({"compare": ["s0", "s9"]}, "no document lies on side 's9'; there are s0, s1"),
        ({"compare": ["s0", "s0"]}, "named twice"),
        ({"min_side_groups": 3}, "too few stories to compare .s0: only 2"),
        ({"min_side_groups": 1}, "use at least 2"),
        ({"min_groups": 5}, "no term is in 5 syndication groups"),
        ({"prior": 0.0}, "pseudo-tokens above 0"),
    ],
)
def test_what_cannot_be_compared_says_why(changes, message):
    with pytest.raises(ValueError, match=message):
        hand(**changes)


def test_without_any_side_the_reason_is_a_sentence():
    with pytest.raises(ValueError, match=r"^no document lies on any side; two are needed$"):
        contrast(sp.csr_matrix([[2, 1], [1, 2]]), ["dyke", "vote"], [None, None], list("ab"))


def test_texts_of_a_single_word_are_refused():
    with pytest.raises(ValueError, match="one word only"):
        contrast(sp.csr_matrix([[2], [1], [3], [1]]), ["dyke"], SIDES, list("abcd"), min_groups=1, min_side_groups=2)


def test_inputs_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="give 4 sides × terms"):
        contrast(sp.csr_matrix(HAND)[:3], ["dyke", "vote", "rain"], SIDES, list("abcd"))
    with pytest.raises(ValueError, match="4 sides for 3 groups"):
        contrast(sp.csr_matrix(HAND), ["dyke", "vote", "rain"], SIDES, list("abc"))


WORLDS = {
    "halves": {},
    "one side in ten": {"split": (0.1, 0.9)},
    "short against long": {"lengths": (40, 200)},
    "few long against many short": {"split": (0.1, 0.9), "lengths": (240, 40)},
    "many copies, strong bursts": {"burst": 0.3, "copies": 0.4},
    "four sides": {"split": (0.25,) * 4, "lengths": (60,) * 4},
    "eighty stories": {"n_stories": 80, "split": (0.2, 0.8), "burst": 0.4},
}


def false_findings(world, seeds, **options):
    """Share of worlds without any difference in which a word is found (family-wise, all findings being false)."""
    found = []
    for seed in seeds:
        counts, sides, stories = draw_world(seed, **WORLDS[world])
        table = contrast(counts, terms_of(counts), sides, stories, min_side_groups=5, n_draws=200, **options).table
        found.append((table["q"] <= 0.05).any())
    return float(np.mean(found))


@pytest.mark.parametrize("world", ["halves", "one side in ten", "many copies, strong bursts"])
def test_where_nothing_differs_nothing_is_found(world):
    assert false_findings(world, range(12)) <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 12)


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_false_discoveries_stay_within_five_per_cent(world):
    assert false_findings(world, range(1000, 1120)) <= 0.05


def test_the_text_book_z_finds_words_where_nothing_differs():
    """The reason for all of this: tokens taken for evidence, worlds without any difference."""
    false = [
        (benjamini_hochberg(analytic_p(*draw_world(seed, burst=0.3, copies=0.4)[:2])) <= 0.05).sum()
        for seed in range(6)
    ]
    assert min(false) > 20


def test_a_word_that_one_side_hardly_says_is_no_riddle():
    """Eighty against two: the log-odds has a large error on the side of two, and yet nothing is plainer."""
    rng = np.random.default_rng(1)
    rest = rng.integers(180, 220, 100)
    word = np.concatenate([rng.integers(2, 5, 25), np.zeros(25, dtype=int), [1, 1], np.zeros(48, dtype=int)])
    table = contrast(
        sp.csr_matrix(np.column_stack([word, rest])), ["turkish", "other"], ["a"] * 50 + ["b"] * 50,
        [f"{i}" for i in range(100)], min_groups=5,
    ).table.set_index("term")  # fmt: skip
    assert table.loc["turkish", "z"] > 4


def test_the_bootstrap_alone_finds_rare_words_where_nothing_differs(monkeypatch):
    """A side that never says a word has no bootstrap error: without the lot such words are found."""
    monkeypatch.setattr(module, "_lot", lambda ours, *rest: np.full(ours.shape[1], np.inf))
    assert false_findings("one side in ten", range(5)) > 0.5


def test_the_lot_alone_finds_more_where_the_small_side_is_the_long_one(monkeypatch):
    """Unequal articles: the lot takes both sides for alike. The bootstrap knows their own spread. Both guards count."""
    found = {}
    for guarded in (True, False):
        if not guarded:
            monkeypatch.setattr(module, "student_z", lambda t, df: np.copysign(np.inf, t))
        small = []
        for seed in range(16):
            counts, sides, stories = draw_world(
                seed, split=(0.3, 0.7), lengths=(300, 30), n_stories=200, n_terms=300, copies=0
            )
            table = contrast(counts, terms_of(counts), sides, stories, min_side_groups=5, n_draws=200).table
            small += (table["p"] < 0.01).tolist()
        found[guarded] = np.mean(small)
    assert found[True] <= 0.006
    assert found[False] > 2 * found[True]


def test_planted_words_are_found_and_hardly_any_others():
    planted = (4, 9, 17, 26, 38, 52)
    hits = false = 0
    for seed in range(8):
        counts, sides, stories = draw_world(seed, n_stories=400, planted=planted)
        table = contrast(counts, terms_of(counts), sides, stories, n_draws=300).table
        found = set(table.loc[(table["q"] <= 0.05) & (table["log_odds"] > 0), "term"])
        hits += len(found & {f"w{i}" for i in planted})
        false += len(found - {f"w{i}" for i in planted})
    assert hits >= 0.9 * 8 * len(planted)
    assert false <= 0.05 * (hits + false)


@pytest.mark.slow
def test_four_thousand_articles_and_fifteen_thousand_terms_take_seconds():
    import time

    rng = np.random.default_rng(1)
    counts = sp.random(4000, 15_000, density=0.012, random_state=rng, format="csr")
    counts.data = rng.integers(1, 5, len(counts.data)).astype(float)
    sides = [f"outlet {i}" for i in rng.integers(9, size=4000)]
    terms, stories = terms_of(counts), [f"{i}" for i in range(4000)]
    contrast(counts[:50], terms, ["a", "b"] * 25, stories[:50], min_groups=2, n_draws=10)  # compile the kernel
    started = time.process_time()
    contrast(counts, terms, sides, stories, n_draws=500)
    assert time.process_time() - started < 60
