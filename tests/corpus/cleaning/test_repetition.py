"""Is boilerplate learned from a corpus, and a story that was copied left whole?"""

import random
from itertools import product

import pytest

from newsangle.corpus.cleaning import clean_document, learn_repetition
from newsangle.errors import ConfigError

PLACES = ["Ash", "Birch", "Cedar", "Dogwood", "Elm", "Fir"]
THINGS = ["mill", "bridge", "market", "school", "harbour"]
FOOTER = "Readers who call before noon on {} may win one of {} baskets of plums."


def article(place: str, thing: str, number: int) -> str:
    """Four sentences that no other article has, and a footer that all have, with another day and number."""
    own = [
        f"The {thing} of {place} has {word} {number} people {word} the {place} {thing}."
        for word in ("seen", "lost", "fed")
    ]
    return " ".join(own) + "\n\n" + FOOTER.format(["Monday", "Tuesday", "3 May"][number % 3], number)


CORPUS = [article(place, thing, n) for n, (place, thing) in enumerate(product(PLACES, THINGS), start=1)]


def test_a_footer_is_learned_whatever_its_days_and_numbers() -> None:
    learned = learn_repetition([("Ash Ledger", text) for text in CORPUS])
    assert len(learned.sentences) == 1
    cleaned = clean_document(article("Gum", "mill", 999), learned=learned)
    assert [(piece.reason, piece.text[:12]) for piece in cleaned.dropped] == [("repeated", "Readers who ")]
    assert len(cleaned.text.split(".")) == 4  # three sentences


def test_without_the_corpus_the_footer_stays() -> None:
    assert "plums" in clean_document(article("Gum", "mill", 999)).text


def test_a_copied_story_is_no_boilerplate_but_the_disclaimer_below_its_copies_is() -> None:
    """One story in nine copies, each with its outlet's footer, among 30 others."""
    wire = " ".join(
        f"The ferry {verb} the island of Tull again on Friday." for verb in ("left", "reached", "passed", "served")
    )
    copies = [(f"Outlet {n % 3}", f"{wire}\n\n{FOOTER.format('Friday', n)}") for n in range(9)]
    learned = learn_repetition([*copies, *((f"Outlet {n % 3}", text) for n, text in enumerate(CORPUS))])
    assert not any(learned.holds(sentence + ".", whole_line=False) for sentence in wire.split(". "))
    assert learned.holds(FOOTER.format("Sunday", 1), whole_line=False)


def test_a_phrase_that_journalists_use_is_no_boilerplate() -> None:
    """In 4 of 400 articles of an outlet, in the middle of a paragraph."""
    stock = "A spokesman did not immediately respond to a request for comment."
    kinds = ("old", "new", "town", "joint", "last", "first", "poor", "rich", "wise", "mad")
    texts = []
    for n in range(400):
        village = "abcdefghij"[n // 40] + "klmnopqrst"[n // 4 % 10] + "uvwx"[n % 4]
        own = [f"The {kind} council of village {village} met {kind} and {kind}." for kind in kinds]
        texts.append(("Ledger", " ".join([*own[:5], stock, *own[5:]] if n % 100 == 0 else own)))
    assert not learn_repetition(texts).holds(stock, whole_line=False)


def test_the_order_of_articles_does_not_matter() -> None:
    shuffled = list(CORPUS)
    random.Random(1).shuffle(shuffled)
    assert learn_repetition(shuffled) == learn_repetition(CORPUS)


def test_short_lines_count_only_where_they_stand_alone() -> None:
    texts = [text.replace("\n\n", "\n\nAsh Ledger\n\n") for text in CORPUS]
    learned = learn_repetition(texts)
    assert learned.holds("Ash Ledger", whole_line=True)
    assert not learned.holds("Ash Ledger", whole_line=False)


def test_an_iterator_that_ends_is_an_error_and_a_list_of_nothing_is_not() -> None:
    with pytest.raises(ConfigError, match="only once"):
        learn_repetition(iter(CORPUS))
    assert not learn_repetition([]).sentences
