"""What seed words changed: each named topic beside its own match in the fit without them."""

import numpy as np
import pytest
from scipy import sparse

from newsangle.runs.seed_stage import seed_words_stage


def test_a_named_topic_stands_beside_its_own_match() -> None:
    # Three topics of two terms each. Without seed words they come in the order 2, 0, 1: a cycle, so that the matching
    # read backwards is another one. Topic 1 of the seeded fit has no name and no row.
    phi = np.kron(np.eye(3), [0.6, 0.4])
    turned = [2, 0, 1]
    seeded, plain = np.array([[0.5, 0.3, 0.2]] * 4), np.array([[0.1, 0.7, 0.2]] * 4)
    plain[3] = np.nan  # an article without a term has no shares
    about = {"topic_names": ["war", "sport", None], "seed_hits": {"war": {"tank": 7, "nosuch": 0}, "sport": {}}}
    found = seed_words_stage(
        {"model": "lda", "alpha": 0.1, "seed": 0},
        {},
        {
            "matrix": {
                "all_terms": ["tank", "army", "goal", "team", "vote", "poll"],
                "held": sparse.csr_matrix(np.eye(6) * 4),
            },
            "fit": {"components": phi, "doc_topics": seeded, "about": about},
            "unseeded": {"components": phi[turned], "doc_topics": plain},
            "unseeded_train": {"components": phi},
        },
    )
    war, sport = found["rows"]
    assert (war["name"], war["topic"], sport["name"], sport["topic"]) == ("war", 0, "sport", 1)
    assert war["hits"] == [{"word": "tank", "tokens": 7}, {"word": "nosuch", "tokens": 0}]
    assert war["words"][:2] == war["words_without"][:2] == ["tank", "army"]
    assert sport["words"][:2] == sport["words_without"][:2] == ["goal", "team"]
    assert (war["share"], sport["share"]) == (0.5, 0.3)
    # Topic 0 stands second in the fit without seed words, topic 1 third.
    assert (war["share_without"], sport["share_without"]) == (0.7, 0.2)
    assert war["distance"] == sport["distance"] == pytest.approx(0, abs=1e-6)
    assert [record["metric"] for record in found["records"]] == ["perplexity"]
