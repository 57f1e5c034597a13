"""Is a reader told which topics to doubt?"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from newsangle import load_run
from newsangle.runs.answer import answer
from newsangle.runs.headline import headline
from newsangle.runs.topic_warnings import floor_perplexity, with_unstable, worse_than_no_topics

Make = Callable[..., Any]


def test_models_worse_than_the_floor_of_their_own_point_are_named(perplexity: Make) -> None:
    one, other = "topics.n_topics=2", "topics.n_topics=3"
    floors = [perplexity(203, model="unigram", vary=one), perplexity(300, model="unigram", vary=other)]
    told = worse_than_no_topics([perplexity(369, vary=one, n=3), perplexity(290, vary=other, n=3), *floors])
    assert told is not None
    assert "held-out articles (3) no better than no topics at all" in told
    assert "perplexity 369 against 203 (nmf, n_topics=2). Lower" in told  # 290 is under its own floor
    assert worse_than_no_topics([perplexity(290, vary=other), *floors]) is None
    assert worse_than_no_topics([perplexity(None, reason="no φ"), perplexity(203, model="unigram")]) is None
    assert "perplexity 203 against 203 (nmf)" in str(
        worse_than_no_topics([perplexity(203), perplexity(203, model="unigram")])
    )


def test_a_long_list_is_cut_and_counted(perplexity: Make) -> None:
    points = [f"topics.model=nmf, topics.n_topics={k}" for k in range(2, 9)]
    found = [perplexity(p, model=m, vary=v) for v in points for m, p in (("nmf", 400), ("unigram", 203))]
    told = str(worse_than_no_topics(found))
    assert "400 against 203 (nmf, n_topics=5); and 3 more. Lower" in told
    assert "nmf, nmf" not in told


def test_the_terminal_says_it_too(write_run: Make, perplexity: Make) -> None:
    lines = headline(load_run(write_run("a" * 12, [perplexity(369), perplexity(203, model="unigram")]))).splitlines()
    assert any(line.startswith("Topics predict the held-out articles") for line in lines)
    sound = headline(load_run(write_run("b" * 12, [perplexity(190), perplexity(203, model="unigram")])))
    assert "no topics at all" not in sound


def test_the_answer_says_it_where_no_topic_speaks_too(perplexity: Make) -> None:
    point: Any = SimpleNamespace(tasks={}, topics=[], topic_records=[perplexity(369), perplexity(203, model="unigram")])
    [told] = answer(point)
    assert "369 against 203 (nmf)" in told


def test_one_floor_is_drawn_and_several_are_not(perplexity: Make) -> None:
    floor, other = perplexity(203, model="unigram"), perplexity(204, model="unigram")
    assert floor_perplexity([[perplexity(1), floor], [floor]]) == 203
    assert floor_perplexity([[floor], [other]]) is None
    assert floor_perplexity([[perplexity(1)]]) is None


def test_a_topic_that_most_other_fits_lack_is_flagged() -> None:
    topics = [
        {"flags": [], "found": (0, 2), "found_over_articles": None},
        {"flags": ["few tokens: 3"], "found": (1, 2), "found_over_articles": (9, 20)},
        {"flags": None, "found": None, "found_over_articles": (10, 20)},
    ]
    assert [topic["flags"] for topic in with_unstable(topics)] == [
        ["unstable: found again in 0 of 2 fits with other seeds"],
        ["few tokens: 3", "unstable: found again in 9 of 20 fits on samples of the articles"],
        [],
    ]
    assert topics[0]["flags"] == []  # what the run publishes beside the report stays as it was
