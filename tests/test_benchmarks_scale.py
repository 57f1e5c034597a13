"""The invented articles of the scale benchmark, and the arithmetic of its slopes and plan."""

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def made():
    sys.path.append(str(BENCHMARKS))
    return importlib.import_module("scale_articles")


@pytest.fixture(scope="module")
def scale(made):
    return importlib.import_module("scale")


def test_words_are_another_for_each_number_and_letters_alone(made):
    words = [made.word(number) for number in range(30_000)]
    assert len(set(words)) == len(words)
    assert all(word.isalpha() and len(word) >= 4 for word in words)


def test_an_article_is_the_same_whatever_the_size_of_the_corpus(made):
    whole = list(made.articles(1_010))
    assert [article.number for article in whole] == list(range(1_010))
    assert whole[:30] == list(made.articles(30))
    assert whole[1_000:] == made.chunk(1)[:10]
    assert whole[0] != made.chunk(0, seed=1)[0]


def test_a_tenth_are_copies_and_the_package_finds_them(made):
    from newsangle.corpus.syndication import syndication_groups

    articles = made.chunk(1)
    copies = [article for article in articles if article.copy_of is not None]
    assert 70 <= len(copies) <= 130
    bodies = ["\n\n".join(article.text.split("\n\n")[1:-1]) for article in articles]
    groups = syndication_groups(bodies, [str(article.number) for article in articles])
    assert sum(groups[article.number - 1_000] == groups[article.copy_of - 1_000] for article in copies) >= 0.95 * len(
        copies
    )
    assert len(set(groups)) >= 1_000 - len(copies)


def test_slopes_and_plan_are_those_worked_out_by_hand(scale):
    # Ten times the articles: ten times the seconds (slope 1), 90,000 articles more in 900 MB (1,000 MB for 100,000).
    rows = [
        {"stage": "vectorise", "articles": 10_000, "cpu_seconds": 3.6, "peak_mb": 300, "mb_before": 20}
        | {"terms": 1_000, "cells": 1_000_000},
        {"stage": "vectorise", "articles": 100_000, "cpu_seconds": 36.0, "peak_mb": 1_200, "mb_before": 20}
        | {"terms": 10_000, "cells": 10_000_000},
    ]
    (told,) = scale.told(rows)
    assert told["slope_of_cpu_between_the_largest"] == 1.0
    assert told["mb_for_100000_more"] == 1_000
    # 10⁶ articles: 360 s = 0.1 core hours, on ten workers 0.01 h; each has 10⁵ and needs 1,200 MB. Terms grow tenfold.
    planned = scale.plan(rows, articles=1e6, workers=10)
    assert planned["stages"] == [
        {"stage": "vectorise", "core_hours": 0.1, "hours_on_the_workers": 0.01, "gb_a_worker": 1.2}
    ]
    assert planned["terms"] == {"exponent": 1.0, "expected": 100_000}
    assert planned["disk_gb"] == {"matrix": 1}  # 8 bytes × 10⁸ cells
    assert planned["gb_of_topic_counts_each_way_a_step"] == 0.04  # 4 bytes × 10⁵ terms × 112 topics
