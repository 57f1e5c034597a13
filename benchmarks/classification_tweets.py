"""How is a tweet read? Characters first, then words and signs; and the reading of the first look, which failed."""

import re

import numpy as np
from classification_data import TARGETS, Data, Ints

from newsangle.features.design import Block, TaskText, count_task_text
from newsangle.features.ngrams import count_ngrams
from newsangle.stance.readings import Sources

TAGS_AND_SIGNS = r"(?u)#?\w[\w'’]*|[^\w\s]"


def with_split_tags(tweet: str) -> str:
    """The tweet with each hashtag followed by its words, `#ProLife` → `#ProLife Pro Life`, without the task's own tag.

    All tweets of SemEval-2016 task 6 but the trial part's end in `#SemST`: it tells the part, not the stance.
    """
    return re.sub(r"#(\w+)", _and_its_words, re.sub(r"\s*#SemST\b", "", tweet))


def _and_its_words(tag: re.Match[str]) -> str:
    return f"{tag[0]} {' '.join(re.findall(r'[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+', tag[1]))}"


def characters_first(data: Data) -> Sources:
    """Characters across words (2–5) at weight 1, words and signs (1–3) at 0.5, each row's target."""
    texts = [with_split_tags(text) for text in data.texts]
    blocks = (
        Block("word", count_ngrams(texts, n=(1, 3), min_df=2, token_pattern=TAGS_AND_SIGNS), 0.5),
        Block("char", count_ngrams(texts, analyzer="char", n=(2, 5), min_df=2), 1.0),
    )
    return Sources(TaskText(blocks, _numbers(data), len(TARGETS), 2))


def task_text(data: Data) -> Sources:
    """The same weights with the n-grams that tasks on passages read: words 1–2, characters within words, plain tags."""
    text = count_task_text(data.texts, word_ngrams=(1, 2), char_ngrams=(2, 5), char_weight=2.0)
    return Sources(TaskText(text.blocks, _numbers(data), len(TARGETS), text.min_df))


def first_look(data: Data) -> Sources:
    """Words, characters at half their weight, and words of tweets that name their target, with the name masked."""
    return Sources(
        count_task_text(
            data.texts,
            word_ngrams=(1, 3),
            char_ngrams=(2, 5),
            targets=data.targets,
            aliases=TARGETS,
            spans=lambda text: [(0, len(text))],  # a tweet is one sentence
        )
    )


def _numbers(data: Data) -> Ints:
    names = list(TARGETS)
    return np.array([names.index(t) for t in data.targets or []])
