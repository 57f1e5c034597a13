"""Who teaches what: held-out articles teach no phrase and no term, samples of articles keep copies together."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from newsangle.runs import topic_stages

FEATURES = {"phrases": True, "stop_words": "none", "min_df": 1, "max_df": 1.0}


def test_held_out_articles_teach_no_phrase_and_no_term(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"story{'abcdefghij'[i]} about water" for i in range(10)]
    articles = pd.DataFrame({"article_id": [f"a{i}" for i in range(10)], "text": texts})
    articles["group"] = articles["article_id"]
    learn, taught = topic_stages.learn_phrases, []

    def watched(documents: list[list[str]]) -> list[list[str]]:
        taught.append({document[0] for document in documents})
        return learn(documents)

    monkeypatch.setattr(topic_stages, "learn_phrases", watched)
    part = {"features": FEATURES, "held_out": 0.2, "seed": 1, "articles": "all"}
    found = topic_stages.matrix_stage(part, {}, {"corpus": {"articles": articles}})
    whole, train = taught
    held = {f"story{'abcdefghij'[int(name[1:])]}" for name in found["held_groups"]}
    assert len(held) == 2
    assert whole == {text.split()[0] for text in texts}
    assert train == whole - held
    assert set(found["train_terms"]) == train | {"about", "water"}


def test_a_sample_of_the_articles_takes_whole_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Model:
        has_word_distributions = True

        def __init__(self, n_topics: int, seed: int) -> None:
            self.components_ = np.full((n_topics, 6), 1 / 6)

        def fit(self, counts: sparse.csr_matrix) -> None:
            seen.append(counts.toarray().sum(axis=0))

    monkeypatch.setitem(topic_stages.TOPIC_MODELS, "watched", Model)
    matrix = {"all": sparse.csr_matrix(np.eye(6, dtype=np.int64)), "groups": ["x", "x", "x", "y", "y", "z"]}
    part = {"model": "watched", "n_topics": 2, "seed": 3, "on": "all", "seed_words": [], "options": {}}
    for sample in range(1, 9):
        values = topic_stages.topics_stage(part | {"sample": sample}, {}, {"matrix": matrix})
        assert "doc_topics" not in values
    for times in seen:  # how often each article was drawn
        assert times[0] == times[1] == times[2]
        assert times[3] == times[4]
        assert times[0] + times[3] + times[5] == 3
    assert len({tuple(times.tolist()) for times in seen}) > 2
