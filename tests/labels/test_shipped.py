"""Are the labels that ship the labels that the methods speak of? Counted here from the files alone."""

from pathlib import Path

import numpy as np
import pytest

from newsangle.labels.codes import KEY, read_table
from newsangle.stats.agreement import krippendorff_alpha

LABELS = Path(__file__).parents[2] / "experiments" / "turkish_offensive_vs_isis" / "labels"


@pytest.fixture(scope="module")
def frames():
    return read_table(LABELS / "turkish_offensive_vs_isis.csv", ["frame", "pi"])


@pytest.fixture(scope="module")
def stances():
    return read_table(LABELS / "stance_toward_actors.csv", ["stance", "target", "pi"])


def nominal_alpha(a, b):
    """Krippendorff's alpha of two coders without gaps, counted apart from `stats.agreement`."""
    both = np.concatenate([a, b])
    n = len(both)
    _, counts = np.unique(both, return_counts=True)
    return 1 - (n - 1) * 2 * np.sum(a != b) / (n * n - np.sum(counts**2))


def alpha_with_gaps(a, b):
    classes, codes = np.unique(np.stack([a, b], axis=1), return_inverse=True)
    return krippendorff_alpha(codes.reshape(-1, 2), len(classes), [str(i) for i in range(len(a))], n_draws=10).alpha


def test_both_ways_to_count_alpha_give_that_worked_out_by_hand():
    # Krippendorff 2011, two coders on ten yes-or-no units: 4 disagreements, 14 noughts and 6 ones, alpha 0.095.
    a = np.array([0, 1, 0, 0, 0, 0, 0, 0, 1, 0])
    b = np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 0])
    assert nominal_alpha(a, b) == pytest.approx(0.095, abs=5e-4)
    assert alpha_with_gaps(a, b) == pytest.approx(nominal_alpha(a, b), abs=1e-12)


def test_the_frame_codes_are_689_passages_of_the_frame_of_4049_in_407_articles(frames):
    population = read_table(LABELS / "sampling_frame.csv", ["stratum"])
    assert (len(frames), len(population), population["article_id"].nunique()) == (689, 4049, 407)
    assert not frames.duplicated(KEY).any()
    assert not population.duplicated(KEY).any()
    assert set(frames["frame"]) == {"turkish_offensive", "isis_activity", "other"}
    assert set(population["stratum"]) == {"turkey", "isis", "both", "neither"}
    listed = set(population[[*KEY, "sha1"]].itertuples(index=False, name=None))
    assert set(frames[[*KEY, "sha1"]].itertuples(index=False, name=None)) <= listed


def test_the_stance_codes_are_618_rows_of_418_passages_of_the_frame_of_2932_rows(stances):
    population = read_table(LABELS / "stance_frame.csv", ["target", "stratum"])
    assert (len(stances), len(stances.drop_duplicates(KEY))) == (618, 418)
    assert (len(population), len(population.drop_duplicates(KEY))) == (2932, 2207)
    assert set(stances["target"]) == {"turkey", "kurds", "russia", "assad", "us"} == set(population["target"])
    assert set(stances["stance"]) == {"favor", "against", "none"}
    rows = [*KEY, "sha1", "target"]
    assert not stances.duplicated(rows).any()
    assert set(stances[rows].itertuples(index=False, name=None)) <= set(
        population[rows].itertuples(index=False, name=None)
    )


def test_inclusion_probabilities_are_probabilities_and_weigh_the_sample_up_to_the_frame(frames, stances):
    for table, size in ((frames, 4049), (stances, 2932)):
        pi = table["pi"].astype(float)
        assert pi.between(0, 1, inclusive="right").all()
        assert (1 / pi).sum() == pytest.approx(size, rel=0.15)  # Horvitz and Thompson: exact on average over samples


def test_the_coders_agreement_before_adjudication_is_that_of_their_columns(frames, stances):
    # Recomputed from the rows that ship, so that no other number can be printed beside these labels unnoticed.
    for table, a, b, disagreements, alpha in (
        (frames, "frame_coder_a", "frame_coder_b", 30, 0.919),
        (frames, "stance_coder_a", "stance_coder_b", 11, 0.807),
        (stances, "stance_coder_a", "stance_coder_b", 21, 0.925),
    ):
        assert (table[a] != table[b]).sum() == disagreements
        assert nominal_alpha(table[a].to_numpy(dtype=str), table[b].to_numpy(dtype=str)) == pytest.approx(
            alpha, abs=6e-4
        )
        assert alpha_with_gaps(table[a].to_numpy(dtype=str), table[b].to_numpy(dtype=str)) == pytest.approx(
            alpha, abs=6e-4
        )


def test_where_the_coders_agreed_the_code_is_theirs(frames, stances):
    for table, code, a, b in (
        (frames, "frame", "frame_coder_a", "frame_coder_b"),
        (stances, "stance", "stance_coder_a", "stance_coder_b"),
    ):
        agreed = table.loc[table[a] == table[b]]
        assert (agreed[code] == agreed[a]).all()


def test_no_sentence_is_shipped():
    for path in sorted(LABELS.glob("*.csv")):
        for row in path.read_text(encoding="utf-8").split("\n"):
            assert all(len(cell) <= 40 and len(cell.split()) <= 2 for cell in row.split(",")), (path.name, row)
