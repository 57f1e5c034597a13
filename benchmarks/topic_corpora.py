"""Which matrices do the topic benchmarks fit? Training and held-out articles of three corpora, one vocabulary each.

Terms come from the training articles alone. `news_articles`: non-empty articles with different texts, one of five
folds of whole syndication groups held out (seed 1; the constants of our LDA were chosen on another split), the house
vectoriser. `BBC_News`: OCTIS' tokens as given, its train and test partitions. `20newsgroups`: the split by date,
headers, footers and quotes removed, the house vectoriser.
"""

import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.datasets._twenty_newsgroups import (
    strip_newsgroup_footer,
    strip_newsgroup_header,
    strip_newsgroup_quoting,
)
from sklearn.feature_extraction.text import CountVectorizer

import newsangle
from newsangle.features.matrix import document_term_matrix, tokenise
from newsangle.stats.folds import group_folds


@dataclass(frozen=True)
class TopicCorpus:
    """What is fitted (train), predicted (test: articles × terms, counts), read for coherence (documents)."""

    train: sparse.csr_matrix
    test: sparse.csr_matrix
    terms: Any
    documents: list[list[str]]


def news_articles(data: Path) -> TopicCorpus:
    """`newsangle.load_corpus("news_articles")`; `data` isn't used, the package finds its own corpora."""
    articles = newsangle.load_corpus("news_articles").articles
    articles = articles[articles["text"].str.strip() != ""].drop_duplicates("text")
    held_out = group_folds(articles["group"].tolist(), [None] * len(articles), n_folds=5, seed=1) == 0
    return _from_texts(articles["text"][~held_out].tolist(), articles["text"][held_out].tolist())


def bbc_news(data: Path) -> TopicCorpus:
    """`octis/BBC_News/corpus.tsv`: tokens, partition, label. The validation partition isn't used."""
    rows = [line.split("\t") for line in (data / "octis/BBC_News/corpus.tsv").read_text("utf-8").splitlines()]
    train = [row[0] for row in rows if row[1] == "train"]
    vectorizer = CountVectorizer(analyzer=str.split)
    counts = vectorizer.fit_transform(train)
    test = vectorizer.transform([row[0] for row in rows if row[1] == "test"])
    terms = vectorizer.get_feature_names_out()
    return TopicCorpus(_whole(counts), _whole(test), terms, [text.split() for text in train])


def newsgroups(data: Path) -> TopicCorpus:
    """`20newsgroups/20news-bydate.tar.gz`; posts that are empty without headers, footers and quotes are left out."""
    texts: dict[str, list[str]] = {"train": [], "test": []}
    with tarfile.open(data / "20newsgroups/20news-bydate.tar.gz") as archive:
        for member in sorted((m for m in archive if m.isfile()), key=lambda m: m.name):
            file = archive.extractfile(member)
            part = "train" if "bydate-train/" in member.name else "test"
            post = strip_newsgroup_header(file.read().decode("latin-1")) if file else ""
            post = strip_newsgroup_footer(strip_newsgroup_quoting(post))
            if post.strip():
                texts[part].append(post)
    return _from_texts(texts["train"], texts["test"])


CORPORA: dict[str, Callable[[Path], TopicCorpus]] = {
    "news_articles": news_articles,
    "BBC_News": bbc_news,
    "20newsgroups": newsgroups,
}


def _from_texts(train: list[str], test: list[str]) -> TopicCorpus:
    counts, terms = document_term_matrix(train)
    fixed = CountVectorizer(tokenizer=tokenise, token_pattern=None, lowercase=False, vocabulary=terms)
    return TopicCorpus(_whole(counts), _whole(fixed.transform(test)), terms, [tokenise(text) for text in train])


def _whole(counts: Any) -> sparse.csr_matrix:
    """Counts in 32 bits, which every model takes; articles without a known term left out."""
    matrix = sparse.csr_matrix(counts, dtype=np.int32)
    return matrix[np.diff(matrix.indptr) > 0]
