"""Which words make each topic? Small panels of bars, as many as there are topics."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from newsangle.figures.checks import check_table
from newsangle.figures.page import page
from newsangle.figures.rows import beside
from newsangle.figures.style import QUIET, SIZES, SOFT, styled
from newsangle.figures.wording import DASH, plain, shorten, significant

ROW = 0.155
LABEL = 0.86  # inches kept for words, left of the bars
BAR = 0.56


@styled
def top_words(
    topics: pd.DataFrame,
    *,
    words: int = 8,
    across: int = 5,
    title: str = "The words that make each topic",
    note: str | None = None,
) -> Figure:
    """Which words make each topic, and how steeply do they fall off?

    `topics`: topic, word, weight (≥ 0). The `words` heaviest words of each topic, heaviest first (ties by the
    alphabet); topics in the order given. Every panel has its own scale, and the number at the longest bar is its
    weight: compare bars within a panel, weights between panels. A NaN weight is a dash at the end of its panel.

    A word that is heavy in many topics tells them apart badly: read this beside exclusivity.
    Raises ValueError for an empty table, a column missing, a word twice in a topic, or a weight below 0.
    """
    table = check_table(topics, "top_words", key=["topic", "word"], numbers=["weight"])
    if (table["weight"] < 0).any():
        row = table.iloc[int(np.nanargmin(table["weight"].to_numpy()))]
        raise ValueError(f"top_words: weight {row['weight']:g} of {row['word']} in {row['topic']} is below 0")
    names = list(dict.fromkeys(table["topic"]))
    chosen = {
        name: group.sort_values(["weight", "word"], ascending=[False, True], na_position="last").head(words)
        for name, group in table.groupby("topic", sort=False)
    }
    rows = max(len(group) for group in chosen.values())
    across = max(1, min(across, len(names)))
    step, high = LABEL + BAR + 0.42, 0.25 + rows * ROW + 0.14
    sheet = page(
        across * step - 0.12, high * -(-len(names) // across) - 0.1, title=title, note=note,
        subtitle=["Bars: weight of the word in its topic; each panel has its own scale, set by the weight printed."],
    )  # fmt: skip
    for at, name in enumerate(names):
        x, top = (at % across) * step, (at // across) * high
        group = chosen[name]
        count = len(group)
        head = f"topic {name}" if isinstance(name, int | np.integer) else plain(name)
        sheet.words(x, top + 0.1, shorten(head, step - 0.1, 8.0, "bold"), size=8.0, weight="bold")
        axes = sheet.axes(x + LABEL, top + 0.25, BAR, count * ROW)
        axes.set_axis_off()
        axes.set_ylim(count - 0.5, -0.5)
        weights = group["weight"].to_numpy()
        longest = float(np.nanmax(weights)) if np.isfinite(weights).any() else 0.0
        axes.set_xlim(0, longest or 1.0)
        axes.barh(np.arange(count), weights, height=0.72, color=SOFT)
        labels = [shorten(word, LABEL - 0.06, SIZES["small"]) for word in group["word"]]
        for i, label in enumerate(labels):
            beside(axes, i, label, inches=0.05, size=SIZES["small"])
            if np.isnan(weights[i]):
                beside(axes, i, DASH, inches=-0.03, size=SIZES["small"], color=QUIET, ha="left")
        if longest:
            beside(axes, 0, significant(longest), side="right", inches=0.04, size=7.0, color=QUIET)
    return sheet.figure
