"""counts="gensim" is gensim 4.4's CoherenceModel, its mistakes too, so that published numbers can be compared."""

import math
import warnings

import numpy as np
import pytest

from newsangle.topics import coherence

NAMES = {"npmi": "c_npmi", "c_v": "c_v", "uci": "c_uci", "umass": "u_mass"}
STORY = [
    "the army moved tanks to the border and the army shelled the village near the border",
    "a goal late in the match gave the team the cup and the fans of the team sang",
    "the bank raised its rate as prices rose and the bank said prices may rise more",
    "tanks of the army crossed the border at night said the village elder",
    "the team lost the match and the coach of the team said the goal was offside",
    "prices rose",
    "",
    "the army said the bank near the border was hit in the shelling of the village and the army left the border",
]
TOPICS = [
    ["army", "border", "tanks", "village"],
    ["team", "match", "goal", "cup", "fans"],
    ["bank", "prices", "rate", "army", "goal"],
    ["the", "of", "said"],
]


def gensim_values(topics, documents, measure, window=None):
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    model = CoherenceModel(
        topics=topics, texts=documents, dictionary=Dictionary(documents), coherence=NAMES[measure],
        window_size=window, topn=max(len(topic) for topic in topics), processes=1,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # its divisions by zero and means of nothing
        return [float(value) for value in model.get_coherence_per_topic()]


def random_case(seed):
    """A corpus of random shape: few words or many, long documents and empty ones, some words everywhere."""
    rng = np.random.default_rng(seed)
    n_words = int(rng.integers(6, 40))
    p = rng.dirichlet(np.full(n_words, rng.choice([0.2, 1.0])))
    words = [f"w{number}" for number in range(n_words)]
    longest = int(rng.choice([6, 30, 260]))
    documents = [rng.choice(words, size=rng.integers(0, longest), p=p).tolist() for _ in range(rng.integers(3, 30))]
    documents.append(words[:6])
    topics = [rng.permutation(words)[: rng.integers(2, 7)].tolist() for _ in range(4)]
    return topics, documents


@pytest.mark.parametrize("measure", list(NAMES))
def test_random_corpora_give_gensim_s_numbers(measure):
    compared = 0
    for seed in range(25):
        topics, documents = random_case(seed)
        known = {word for document in documents for word in document}
        topics = [topic for topic in topics if known & set(topic)]  # gensim raises for the others
        window = None if measure == "umass" else [None, 1, 2, 7, 300][seed % 5]
        ours = coherence(topics, documents, measure, window=window, counts="gensim", n_random=0)
        theirs = gensim_values(topics, documents, measure, window)
        for value, expected, reason in zip(ours.value.tolist(), theirs, ours.reason, strict=True):
            if math.isfinite(expected):
                assert value == pytest.approx(expected, abs=1e-9, rel=1e-9)
                compared += 1
            else:
                assert math.isnan(value)
                assert "gensim" in reason
    assert compared > 70


# Written down from gensim 4.4.0: the numbers stay although gensim may change.
GOLDEN = {
    ("npmi", None): [0.2688999786520236, 0.3300589745457213, -0.3810916748805689, -0.08793464354206731],
    ("npmi", 5): [-0.04245873349175494, -0.15562148629939962, -0.40218947086703916, -0.06632033759354487],
    ("c_v", None): [0.9917375459176184, 0.9820100877800222, 0.39842442951024515, 0.910987008314473],
    ("c_v", 5): [0.4619579578447908, 0.31190972083008306, 0.38650464255835637, 0.49826622512672314],
    ("uci", None): [0.5466836723412944, -1.372532601468481, -13.874465913316943, -0.18071605480507447],
    ("umass", None): [-0.13515503603272158, -0.4158883083291672, -15.9260119998048, -0.36620409622048106],
}


@pytest.mark.parametrize(("measure", "window"), list(GOLDEN))
def test_numbers_written_down_from_gensim_stay(measure, window):
    documents = [text.split() for text in STORY]
    result = coherence(TOPICS, documents, measure, window=window, counts="gensim")
    assert result.value == pytest.approx(GOLDEN[measure, window], abs=1e-9)
    assert gensim_values(TOPICS, documents, measure, window) == pytest.approx(GOLDEN[measure, window], abs=1e-9)


def test_exact_counts_differ_from_gensim_s_where_words_repeat_and_only_there():
    once = [list("abcde"), list("cab"), list("fgb"), list("ag")]
    repeated = [list("axabxx"), *once]
    for measure in ("npmi", "c_v", "uci"):
        exact, gensim = (coherence([["a", "b", "c"]], once, measure, window=4, counts=c) for c in ("exact", "gensim"))
        assert exact.value == pytest.approx(gensim.value, abs=1e-12)
        exact, gensim = (
            coherence([["a", "b", "c"]], repeated, measure, window=4, counts=c) for c in ("exact", "gensim")
        )
        assert abs(exact.value[0] - gensim.value[0]) > 1e-3


def test_a_pair_in_every_window_is_minus_one_for_gensim_and_one_by_definition():
    documents = [["a", "b"], ["b", "a", "c"]]
    assert gensim_values([["a", "b"]], documents, "npmi") == pytest.approx([-1.0])
    assert coherence([["a", "b"]], documents, counts="gensim").value == pytest.approx([-1.0])
    assert coherence([["a", "b"]], documents, counts="exact").value.tolist() == [1.0]


def test_unseen_words_are_left_out_as_gensim_does_and_topics_without_a_number_say_why():
    documents = [text.split() for text in STORY]
    topics = [["army", "unseen", "border"], ["army", "border"], ["army", "unseen"], ["never", "unseen"]]
    for measure in NAMES:
        result = coherence(topics, documents, measure, counts="gensim")
        assert result.value[0] == result.value[1]
        assert result.coverage.tolist() == [2 / 3, 1, 1 / 2, 0]
        assert result.reason[:2] == (None, None)
        assert math.isnan(result.value[3])
        assert "gensim refuses" in result.reason[3]
        assert math.isnan(result.mean)
        with pytest.raises(ValueError, match="unable to interpret topic"):
            gensim_values(topics[3:], documents, measure)
        [alone] = gensim_values(topics[2:3], documents, measure)
        if measure == "c_v":
            assert alone == pytest.approx(result.value[2]) == 1.0
        else:
            assert math.isnan(alone)
            assert "no pair" in result.reason[2]
