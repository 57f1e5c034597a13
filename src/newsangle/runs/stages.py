"""Which function computes which stage? `(part, files, upstream) → values`, pure: same input, same bytes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from newsangle.corpus.load import load_corpus
from newsangle.runs.check_stage import task_checks_stage
from newsangle.runs.contrast_stage import contrast_topics_stage, contrast_words_stage
from newsangle.runs.quality_stage import topic_quality_stage
from newsangle.runs.seed_stage import seed_words_stage
from newsangle.runs.share_stage import shares_stage
from newsangle.runs.task_model_stage import task_lsa_stage, task_model_stage
from newsangle.runs.task_rows_stage import task_rows_stage
from newsangle.runs.task_stages import model_files_stage, task_stage
from newsangle.runs.task_text_stage import task_text_stage
from newsangle.runs.topic_stages import (
    matrix_stage,
    passage_topics_stage,
    topic_scores_stage,
    topics_stage,
    word_numbers_stage,
)


def corpus_stage(
    part: Mapping[str, Any], files: Mapping[str, Path], upstream: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Articles with syndication groups, passages, and the corpus's card, less what its files are called: that is in no
    key, so it comes from the config of the run."""
    articles = files["articles"]
    corpus = load_corpus(part["source"] or articles, file=articles, frame=files.get("frame"), **part["options"])
    card = {name: told for name, told in corpus.card.items() if name not in ("source", "frame")}
    return {"articles": corpus.articles, "passages": corpus.passages, "card": card}


STAGES: dict[str, Callable[..., dict[str, Any]]] = {
    "corpus": corpus_stage,
    "matrix": matrix_stage,
    "word_numbers": word_numbers_stage,
    "topics": topics_stage,
    "topic_scores": topic_scores_stage,
    "topic_quality": topic_quality_stage,
    "seed_words": seed_words_stage,
    "passage_topics": passage_topics_stage,
    "task_rows": task_rows_stage,
    "task_text": task_text_stage,
    "task_lsa": task_lsa_stage,
    "task_model": task_model_stage,
    "task": task_stage,
    "task_checks": task_checks_stage,
    "shares": shares_stage,
    "model_files": model_files_stage,
    "contrast_words": contrast_words_stage,
    "contrast_topics": contrast_topics_stage,
}
