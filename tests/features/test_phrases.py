"""Phrases: pairs that are hardly ever apart become one term, in two rounds; learned here, applied there."""

import random

from newsangle.features.matrix import document_term_matrix, term_vectorizer, tokenise
from newsangle.features.phrases import join_phrases, learn_phrases


def texts(n=60):
    rng = random.Random(0)
    filler = [f"{a}{b}" for a in ("lo", "mi", "ra", "su", "te") for b in ("na", "po", "ki", "du", "ve")]
    around = [[" ".join(rng.choices(filler, k=9)) for _ in range(3)] for _ in range(n)]
    return [f"{a} deir ez zor {b} and the {b} ain issa {c}" for a, b, c in around]


def test_pairs_and_triples_that_are_never_apart_become_terms():
    rounds = learn_phrases([tokenise(text) for text in texts()])
    assert "ain_issa" in rounds[0]
    joined = join_phrases(tokenise("they left Deir ez Zor for Ain Issa"), rounds)
    assert joined == ["they", "left", "deir_ez_zor", "for", "ain_issa"]


def test_stop_words_and_strangers_stay_apart():
    rounds = learn_phrases([tokenise(text) for text in texts()])
    assert not any({"the", "and"} & set(pair.split("_")) for pairs in rounds for pair in pairs)
    assert learn_phrases([tokenise(text) for text in texts()], min_count=1000) == [[], []]


def test_the_order_of_the_texts_changes_no_phrase():
    documents = [tokenise(text) for text in texts()]
    assert learn_phrases(documents[::-1]) == learn_phrases(documents)


def test_the_leftmost_pair_wins():
    assert join_phrases(["a", "b", "c"], [["a_b", "b_c"]]) == ["a_b", "c"]


def test_the_matrix_counts_phrases_in_new_texts_too():
    rounds = learn_phrases([tokenise(text) for text in texts()])
    counts, terms = document_term_matrix(texts(), phrases=rounds, min_df=1, max_df=1.0)
    column = terms.tolist().index("deir_ez_zor")
    assert counts[:, column].sum() == 60
    assert "deir" not in terms
    vectorizer = term_vectorizer(phrases=rounds, min_df=1, max_df=1.0).set_params(vocabulary={"ain_issa": 0})
    assert vectorizer.transform(["Ain Issa, again Ain Issa"]).toarray().tolist() == [[2]]
