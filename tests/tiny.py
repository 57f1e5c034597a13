"""A small invented world: three outlets of the land of Orvia on a flood and an election, with codes to learn from."""

import csv
import hashlib
import random
from pathlib import Path

FLOOD = [
    "The river Lume rose by two metres and flooded the lower town",
    "Rescue boats reached families on the roofs of Vessel Street",
    "Heavy rain broke the old dyke near Karsten and water ran into the fields",
    "Engineers pumped water out of the flooded hospital all night",
    "The dyke wardens warned of a second flood wave before Sunday",
]
VOTE = [
    "The party of Mira Oss won the election in eleven of twenty districts",
    "Voters queued for hours and the election board counted every ballot twice",
    "The opposition candidate praised the turnout and claimed the vote for himself",
    "Parliament will swear in the new government after the ballot is certified",
    "Campaign posters of both candidates still hang in the capital",
]
OTHER = [
    "The museum of clocks opened a new wing for its collection",
    "A baker from Tolm presented the longest loaf of the year",
    "The football club signed a young keeper from the coast",
    "Ticket prices for the night train stay as they are",
    "The orchestra plays its last concert of the season on Friday",
]
CLASSES = {"flood": FLOOD, "election": VOTE, "other": OTHER}
OUTLETS = ("Orvia Post", "Lume Herald", "Radio Tolm")


def write_world(folder: Path, *, n_articles: int = 60, seed: int = 7) -> Path:
    """Write articles.csv, labels.csv and config.toml into `folder`; returns the folder."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    articles, labels = [], []
    for i in range(n_articles):
        text, spans = "", []
        for _ in range(2):
            frame = rng.choice(list(CLASSES))
            sentences = [f"{s} in report {rng.randint(10, 99)}{i}." for s in rng.sample(CLASSES[frame], 4)]
            start = len(text)
            text += " ".join(sentences)
            spans.append((start, len(text), frame))
            text += "\n\n"
        text = text.rstrip()
        date = f"2031-0{1 + i % 3}-{10 + i % 18}"
        articles.append((f"{i:03d}", f"Report {i}", text, OUTLETS[i % 3], date))
        for start, end, frame in spans:
            if i % 4:
                digest = hashlib.sha1(text[start:end].encode()).hexdigest()[:12]
                labels.append((f"{i:03d}", start, end, digest, "0.75", frame))
    _write(folder / "articles.csv", ("id", "headline", "body", "paper", "day"), articles)
    _write(folder / "labels.csv", ("article_id", "start", "end", "sha1", "pi", "frame"), labels)
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    return folder


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


CONFIG = """\
title = "Flood or election in Orvia?"
question = "Which passages are about the flood, which about the election?"
seed = 3

[corpus]
path = "articles.csv"
columns = { article_id = "id", title = "headline", text = "body", outlet = "paper", date = "day" }

[corpus.passages]
min_words = 25
max_words = 80

[features]
min_df = 2
max_df = 0.9

[topics]
model = "nmf"
n_topics = 3
seeds = 2

[tasks.frame]
question = "What is the passage about?"
classes = ["flood", "election", "other"]
residual = "other"
models = ["majority", "keyword_rules", "logreg"]
folds = 3

[tasks.frame.labels]
file = "labels.csv"
column = "frame"
coded_by = "Coded by the authors of the test."

[tasks.frame.rules]
default = "other"

[tasks.frame.rules.aliases]
water = '''(?i:flood\\w*|dyke)'''

[[tasks.frame.rules.rules]]
label = "flood"
all = ["{water}"]

[[tasks.frame.rules.rules]]
label = "election"
all = ["(?i:election|ballot|vot)"]
"""
