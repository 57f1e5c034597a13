"""The smallest experiment that has every stage: twenty passages, two topics, one task of two classes, shares."""

import csv
import hashlib
from pathlib import Path

from tiny import FLOOD, OTHER, OUTLETS


def write_small_world(folder: Path) -> Path:
    """Write articles.csv, labels.csv and config.toml into `folder`; returns the folder."""
    folder.mkdir(parents=True)
    articles, labels = [], []
    for i in range(20):
        frame, lines = (("flood", FLOOD), ("other", OTHER))[i % 2]
        text = " ".join(f"{line} in report {10 * i + n}." for n, line in enumerate(lines) if n != i % 5)
        articles.append((f"{i:02d}", f"Report {i}", text, OUTLETS[i // 2 % 2], f"2031-03-{10 + i // 2}"))
        if i < 16:
            digest = hashlib.sha1(text.encode()).hexdigest()[:12]
            labels.append((f"{i:02d}", 0, len(text), digest, "0.8", frame))
    for name, header, rows in (
        ("articles.csv", ("article_id", "title", "text", "outlet", "date"), articles),
        ("labels.csv", ("article_id", "start", "end", "sha1", "pi", "frame"), labels),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    return folder


CONFIG = """\
title = "Flood or not in Orvia?"
question = "Which passages are about the flood?"
seed = 3
figures = ["top_words"]

[corpus]
path = "articles.csv"

[corpus.passages]
min_words = 25
max_words = 80

[features]
min_df = 2

[topics]
model = "nmf"
n_topics = 2
seeds = 1

[contrast.outlets]
by = "outlet"

[tasks.frame]
question = "What is the passage about?"
classes = ["flood", "other"]
residual = "other"
models = ["keyword_rules", "logreg"]
folds = 3

[tasks.frame.labels]
file = "labels.csv"
column = "frame"
coded_by = "Coded by the authors of the test."

[tasks.frame.rules]
default = "other"

[[tasks.frame.rules.rules]]
label = "flood"
all = ["(?i:flood|dyke)"]
"""
