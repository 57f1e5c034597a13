"""Invented tables of realistic shape: nine outlets, thirty topics, seventeen weeks, three frames, five targets."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from newsangle.figures.table import FIGURES

FRAMES = ["against ISIS", "Turkish interests", "neither"]
OUTLETS = [
    "Harbour Gazette", "Morning Ledger", "North Wire", "City Evening Post", "The Long View", "Plainfield Daily",
    "Coastline TV", "Capital Radio", "Weekly Compass",
]  # fmt: skip
WORDS = [
    "army", "syrian", "aleppo", "assad", "raqqa", "border", "troops", "minister", "vote", "budget", "bank",
    "oil", "price", "rain", "flood", "court", "judge", "police", "party", "leader", "trade", "tariff",
    "school", "health", "nurse", "virus", "match", "goal", "season", "coach", "film", "song", "album", "star",
    "space", "rocket",
]  # fmt: skip


def topic_names(number: int) -> list[str]:
    return [f"{WORDS[(5 * k) % 36]}, {WORDS[(5 * k + 1) % 36]}, {WORDS[(7 * k + 2) % 36]} {k}" for k in range(number)]


def outlet_topics(topics: int = 30, outlets: list[str] = OUTLETS) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    base = rng.dirichlet(np.full(topics, 0.8))
    shares = np.array([rng.dirichlet(60 * base + 0.05) for _ in outlets]).T
    return pd.DataFrame(shares, index=topic_names(topics), columns=outlets)


def outlet_frames(outlets: list[str] = OUTLETS, frames: list[str] = FRAMES) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = []
    for outlet in outlets:
        n = int(rng.integers(40, 900))
        for frame, share in zip(frames, rng.dirichlet(np.linspace(4, 9, len(frames))), strict=True):
            half = 1.96 * np.sqrt(share * (1 - share) / n * 2)
            rows.append((outlet, frame, share, max(0.0, share - half), min(1.0, share + half), n))
    return pd.DataFrame(rows, columns=["outlet", "frame", "share", "low", "high", "n"])


def week_frames(weeks: int = 17, frames: list[str] = FRAMES) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    rows = []
    for at, week in enumerate(pd.date_range("2016-12-05", periods=weeks, freq="7D")):
        n = int(rng.integers(3, 16)) if at < 4 else int(rng.integers(60, 260))
        center = 9 * np.linspace(1, 2, len(frames)) + 3 * np.sin(at / 3 + np.arange(len(frames)))
        for frame, share in zip(frames, rng.dirichlet(center), strict=True):
            half = 1.96 * np.sqrt(share * (1 - share) / n)
            rows.append((week, frame, share, max(0.0, share - half), min(1.0, share + half), n))
    return pd.DataFrame(rows, columns=["week", "frame", "share", "low", "high", "n"])


def target_stances() -> pd.DataFrame:
    rows = []
    for target, against, favor, n in [
        ("turkey", 0.22, 0.11, 812), ("kurds", 0.12, 0.19, 640), ("russia", 0.25, 0.07, 590),
        ("assad", 0.47, 0.04, 415), ("us", 0.18, 0.13, 475),
    ]:  # fmt: skip
        for stance, share in (("against", against), ("neutral", 1 - against - favor), ("favor", favor)):
            half = 1.96 * np.sqrt(share * (1 - share) / n * 2)
            rows.append((target, stance, share, max(0.0, share - half), share + half, n))
    return pd.DataFrame(rows, columns=["target", "stance", "share", "low", "high", "n"])


def topic_words(topics: int = 30, words: int = 10) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    rows = []
    for name in topic_names(topics):
        weights = np.sort(rng.gamma(0.8, 0.02, words))[::-1]
        rows += [(name, word, weight) for word, weight in zip(rng.permutation(WORDS)[:words], weights, strict=True)]
    return pd.DataFrame(rows, columns=["topic", "word", "weight"])


def model_scores() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("majority", 0.27, 0.25, 0.29, True, False), ("keyword_rules", 0.68, 0.62, 0.73, True, False),
            ("tfidf_logistic", 0.75, 0.70, 0.80, False, False), ("tfidf_lsa_logistic", 0.77, 0.72, 0.81, False, True),
            ("complement_nb", 0.71, 0.66, 0.76, False, False), ("linear_svc", 0.74, 0.69, 0.79, False, False),
            ("char_ngrams", float("nan"), float("nan"), float("nan"), False, False),
        ],
        columns=["model", "value", "low", "high", "floor", "selected"],
    )  # fmt: skip


def slice_scores() -> pd.DataFrame:
    return pd.DataFrame(
        [("turkey", 0.49, 0.40, 0.57, 170), ("kurds", 0.41, 0.30, 0.52, 121), ("assad", 0.55, 0.44, 0.66, 88)],
        columns=["slice", "value", "low", "high", "n"],
    )


def fit_scores() -> pd.DataFrame:
    nan = float("nan")
    why = "no φ: the model gives no distribution over words, so held-out words have no probability"
    return pd.DataFrame(
        [
            ("lda", "perplexity", 3114.0, 3050.0, 3180.0, ""), ("lda", "npmi", 0.085, 0.07, 0.10, ""),
            ("lda", "diversity", 0.71, 0.68, 0.74, ""),
            ("nmf", "perplexity", 2925.0, 2870.0, 2985.0, ""), ("nmf", "npmi", 0.121, 0.10, 0.14, ""),
            ("nmf", "diversity", 0.66, 0.62, 0.69, ""),
            ("lsa", "perplexity", nan, nan, nan, why), ("lsa", "npmi", -0.021, -0.04, 0.0, ""),
            ("lsa", "diversity", 0.45, 0.41, 0.49, ""),
            ("cvb0_gibbs", "perplexity", 2592.0, 2540.0, 2650.0, ""), ("cvb0_gibbs", "npmi", 0.113, 0.098, 0.129, ""),
            ("cvb0_gibbs", "diversity", 0.83, 0.80, 0.86, ""),
        ],
        columns=["model", "metric", "value", "low", "high", "reason"],
    )  # fmt: skip


def topic_numbers(
    tried: tuple[int, ...] = (10, 20, 40, 80), series: tuple[str, ...] = ("lda",), chosen: int = 40
) -> pd.DataFrame:
    rows = []
    for at, name in enumerate(series):
        for k in tried:
            spread = 0.02 + 0.0003 * k
            for metric, value, room in [
                ("held-out perplexity", 2600 + 9000 / k + 40 * at, 400 * spread),
                ("NPMI", 0.14 - 0.0003 * k, 0.2 * spread),
                ("exclusivity", 0.7 - 0.12 * np.log10(k), 0.3 * spread), ("stability", 0.7 - 0.1 * np.log10(k), spread),
            ]:  # fmt: skip
                rows.append((name, metric, k, value, value - room, value + 1.2 * room, k == chosen))
    return pd.DataFrame(rows, columns=["series", "metric", "n_topics", "value", "low", "high", "chosen"])


def frame_topics(topics: int = 30, frames: list[str] = FRAMES) -> pd.DataFrame:
    rng = np.random.default_rng(13)
    base = rng.dirichlet(np.full(topics, 0.8))
    return pd.DataFrame(
        np.array([rng.dirichlet(40 * base + 0.05) for _ in frames]).T, index=topic_names(topics), columns=frames
    )


def confusion() -> pd.DataFrame:
    return pd.DataFrame([[188, 9, 41], [6, 52, 24], [37, 18, 314]], index=FRAMES, columns=FRAMES)


def side_words(words: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(17)
    z = np.concatenate([rng.normal(0, 1.2, words - 24), rng.uniform(3.2, 7, 12), rng.uniform(-6, -3.2, 12)])
    names = [f"{WORDS[i % 36]}{'' if i < 36 else '-' + WORDS[(7 * i) % 36]}{i // 36 or ''}" for i in range(words)]
    seen = rng.integers(3, 400, words)
    return pd.DataFrame(
        {
            "term": names[::-1], "z": z, "q": np.where(abs(z) > 3, 0.01, 0.4), "document_frequency": seen,
            "document_frequency_against": seen // 2, "marked": rng.random(words) < 0.2,
        }
    )  # fmt: skip


def outlet_words(outlets: list[str] = OUTLETS, words: int = 14) -> pd.DataFrame:
    rng = np.random.default_rng(19)
    rows = []
    for at, outlet in enumerate(outlets):
        for word in rng.permutation(WORDS)[:words]:
            value = rng.uniform(-2, 3)
            z = value * rng.uniform(1.5, 4)
            q = 0.3 if at == 2 else 0.01 if abs(z) > 3 else 0.3
            half = 1.96 * abs(value / z)
            counted = f"{rng.integers(5, 300)} of {40 + 37 * at}"
            rows.append((outlet, word, value, value - half, value + half, z, q, counted, at == 1, rng.random() < 0.1))
    columns = ["side", "label", "value", "low", "high", "z", "q", "counted", "marked", "only"]
    return pd.DataFrame(rows, columns=columns)


def reliability_bins(classes: list[str] = FRAMES, bins: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(17)
    rows = []
    for name in classes:
        for b in range(bins):
            predicted = (b + 0.5) / bins
            share = float(np.clip(predicted + rng.normal(0, 0.06), 0, 1))
            rows.append((name, b, predicted, share, max(0.0, share - 0.1), min(1.0, share + 0.1), 60))
    return pd.DataFrame(rows, columns=["class", "bin", "predicted", "share", "low", "high", "n"])


# One worked example a figure: its table and the keywords it must be given.
EXAMPLES: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
    "confusion_matrix": (confusion(), {}),
    "reliability": (reliability_bins(), {}),
    "scores_by_model": (model_scores(), {"metric_label": "macro-F1"}),
    "scores_by_slice": (slice_scores(), {"metric_label": "macro-F1"}),
    "topic_scores": (fit_scores(), {}),
    "choose_k": (topic_numbers(), {}),
    "top_words": (topic_words(7), {}),
    "topic_outlet_heatmap": (outlet_topics(12), {"n": {outlet: 40 + 37 * i for i, outlet in enumerate(OUTLETS)}}),
    "topic_frame": (frame_topics(), {}),
    "frame_share_by_outlet": (outlet_frames(), {"note": "Predicted, uncorrected"}),
    "frame_share_by_week": (week_frames(), {"note": "Predicted, uncorrected"}),
    "stance_by_target": (target_stances(), {"note": "Predicted, uncorrected"}),
    "contrast_words": (side_words(), {"sides": ("the flood", "the election"), "marks": "words of the rules"}),
    "contrast_panels": (outlet_words(), {"scale": "times", "marks": "words of the rules"}),
}


@pytest.fixture
def tables() -> dict[str, Callable[..., pd.DataFrame]]:
    """The makers of invented tables, by name."""
    makers = (
        outlet_topics, outlet_frames, week_frames, target_stances, topic_words, model_scores, slice_scores, fit_scores,
        frame_topics, confusion, topic_numbers, side_words, outlet_words,
    )  # fmt: skip
    return {make.__name__: make for make in makers}


@pytest.fixture
def examples() -> dict[str, tuple[pd.DataFrame, dict[str, Any]]]:
    """One worked example a figure."""
    return EXAMPLES


@pytest.fixture
def draw() -> Callable[..., Figure]:
    """Draw the worked example of a figure, with another table or other keywords where given."""

    def drawn(name: str, table: pd.DataFrame | None = None, **changes: Any) -> Figure:
        example, keywords = EXAMPLES[name]
        return FIGURES[name](example if table is None else table, **{**keywords, **changes})

    return drawn


@pytest.fixture
def words() -> Callable[[Figure], list[str]]:
    """Every text of a figure, wherever it stands."""

    def found(figure: Figure) -> list[str]:
        return [text.get_text() for text in figure.findobj(Text) if text.get_text()]

    return found
