import numpy as np
import pytest

from newsangle.stance.domain import domain_arrays, domain_of, learn_domain, outside

RIVER = (
    "the",
    "river",
    "rose",
    "and",
    "the",
    "dyke",
    "broke",
    "near",
    "the",
    "lower",
    "town",
    "while",
    "boats",
    "came",
)
VOTE = ("the", "party", "won", "the", "vote", "and", "the", "board", "counted", "every", "ballot", "in", "the", "hall")


def _known(n=200):
    rng = np.random.default_rng(0)
    return [" ".join(rng.permutation(RIVER if i % 2 else VOTE)[:10]) + f" note{i % 40}" for i in range(n)]


@pytest.fixture(scope="module")
def domain():
    texts = _known()
    return learn_domain(texts, np.arange(200) % 3 > 0, np.arange(200) % 5)


def test_two_distances_by_hand():
    # Words of all: a b c; coded: "a b" alone. idf: a ln(3/2)+1 = 1.405, b ln(3/3)+1 = 1, c 1.405.
    domain = learn_domain(["a1 b1", "b1 c1"], np.array([True, False]), np.array([0, 1]))
    found = outside(domain, ["a1 x1 x2 b1", "c1", "x1"])
    assert found.unseen.tolist() == [0.5, 0.0, 1.0]
    # "a b" is the coded passage itself; "c" shares no word with it.
    assert found.distance == pytest.approx([0.0, 1.0, 1.0])


def test_passages_like_the_known_ones_are_hardly_ever_strange_and_others_are(domain):
    rng = np.random.default_rng(1)
    alike = [" ".join(rng.permutation(RIVER)[:10]) + f" note{i % 40}" for i in range(200)]
    assert outside(domain, alike).strange.mean() <= 0.1
    other = ["seven cooks baked a loaf of bread with raisins"] * 3
    found = outside(domain, other)
    assert found.strange.all()
    assert (found.unseen > 0.8).all()


def test_a_passage_without_words_is_strange_and_its_numbers_are_nan(domain):
    found = outside(domain, ["… 2 !"])
    assert np.isnan(found.unseen).all()
    assert np.isnan(found.distance).all()
    assert found.strange.all()


def test_the_limits_are_judged_by_other_folds_alone():
    # Each story has its own words, told in two passages: in one fold they leave each other strange, spread they don't.
    texts = [f"alpha{i} beta{i} gamma{i} the town" for i in range(40) for _ in range(2)]
    coded = np.ones(80, dtype=bool)
    whole = learn_domain(texts, coded, np.repeat(np.arange(40) % 5, 2))
    spread = learn_domain(texts, coded, np.arange(80) % 2)
    assert whole.unseen_limit == pytest.approx(0.6)
    assert spread.unseen_limit == 0.0
    assert spread.distance_limit < 0.1 < 0.5 < whole.distance_limit


def test_a_stored_domain_says_the_same(domain):
    again = domain_of(domain_arrays(domain), list(domain.terms))
    texts = ["the river rose near a mill", "ballot"]
    for one, other in zip(vars(outside(domain, texts)).values(), vars(outside(again, texts)).values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_domain_without_codes_is_refused():
    with pytest.raises(ValueError, match="no coded passage"):
        learn_domain(["a b"], np.array([False]), np.array([0]))
