"""Public classification data sets as texts, codes and groups; see `classification.py` for what is measured on them."""

import json
import re
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.corpus.syndication import syndication_groups

Ints = npt.NDArray[np.int64]
TARGETS = {
    "abortion": r"(?i:\babort\w*|\bpro-?(?:life|choice)\w*)",
    "atheism": r"(?i:\batheis\w*|\breligio\w*|\bgod\b)",
    "climate": r"(?i:\bclimate\b|\bglobal ?warming\b)",
    "feminist": r"(?i:\bfeminis\w*)",
    "hillary": r"(?i:\bhillary\b|\bclinton\b)",
}


@dataclass(frozen=True)
class Data:
    """Rows of a data set: texts, codes, what belongs together, and which rows are the official training part.

    `test` is empty where a set has no official split. `targets`: a row's target; `spans`: mentions of it in the text.
    """

    texts: list[str]
    codes: Ints
    classes: list[str]
    groups: list[str]
    train: npt.NDArray[np.bool_]
    targets: list[str] | None = None
    spans: list[list[tuple[int, int]]] = field(default_factory=list)


def tweeteval_stance(folder: Path) -> Data:
    """Five targets; 0 none, 1 against, 2 favor; train and validation parts together are the official training data."""
    texts: list[str] = []
    codes: list[int] = []
    targets: list[str] = []
    train: list[bool] = []
    for target in TARGETS:
        for part in ("train", "val", "test"):
            place = folder / "tweeteval-stance" / "stance" / target
            found = (place / f"{part}_text.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
            labels = (place / f"{part}_labels.txt").read_text(encoding="utf-8").split()
            if len(found) != len(labels):
                raise SystemExit(f"{place}: {len(found)} texts, {len(labels)} labels")
            texts += found
            codes += [int(label) for label in labels]
            targets += [target] * len(found)
            train += [part != "test"] * len(found)
    groups = [re.sub(r"[^a-z ]", "", t.lower()) for t in texts]
    return Data(texts, np.array(codes), ["none", "against", "favor"], groups, np.array(train), targets)


def newsmtsc(folder: Path) -> Data:
    """Sentences with a marked person; test sentences that are in the training part are dropped (4 of them)."""
    classes = {2.0: 0, 4.0: 1, 6.0: 2}
    texts: list[str] = []
    codes: list[int] = []
    train: list[bool] = []
    spans: list[list[tuple[int, int]]] = []
    seen: set[str] = set()
    for part in ("train", "devtest_rw"):
        raw = (folder / "newsmtsc" / f"{part}.jsonl").read_text(encoding="utf-8")
        for line in filter(None, raw.split("\n")):  # splitlines would break at U+2028
            row = json.loads(line)
            sentence = row["sentence_normalized"]
            if part == "train":
                seen.add(sentence)
            elif sentence in seen:
                continue
            for t in row["targets"]:
                more = [(m["from"], m["to"]) for m in t.get("further_mentions", [])]
                texts.append(sentence)
                codes.append(classes[t["polarity"]])
                train.append(part == "train")
                spans.append(sorted([(t["from"], t["to"]), *more]))
    return Data(texts, np.array(codes), ["negative", "neutral", "positive"], list(texts), np.array(train), None, spans)


def newsgroups(folder: Path, *, stripped: bool) -> Data:
    """20 Newsgroups by date, as posted or without headers, footers and quotes (scikit-learn's own functions)."""
    from sklearn.datasets import _twenty_newsgroups as strip

    rows = []
    with tarfile.open(folder / "20newsgroups" / "20news-bydate.tar.gz") as archive:
        for member in archive:
            if member.isfile() and "20news-bydate-" in member.name:
                handle = archive.extractfile(member)
                rows.append((member.name, handle.read().decode("latin-1") if handle else ""))
    rows.sort()
    names = sorted({name.split("/")[-2] for name, _ in rows})
    texts = [raw for _, raw in rows]
    groups = []
    for name, raw in rows:
        subject = re.search(r"^Subject:(.*)$", raw, re.MULTILINE)
        groups.append(re.sub(r"(?i)\bre:|[^a-z]", "", (subject[1] if subject else name).lower()))
    if stripped:
        for step in (strip.strip_newsgroup_header, strip.strip_newsgroup_footer, strip.strip_newsgroup_quoting):
            texts = [step(text) for text in texts]
    codes = np.array([names.index(name.split("/")[-2]) for name, _ in rows])
    return Data(texts, codes, names, groups, np.array(["bydate-train" in name for name, _ in rows]))


def bbc(folder: Path) -> Data:
    """BBC News, 5 classes; of copies (syndication groups) the first stays."""
    rows = []
    with tarfile.open(folder / "bbc-news" / "bbc-fulltext.tar.gz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".txt") and member.name.count("/") >= 2:
                handle = archive.extractfile(member)
                rows.append((member.name, handle.read().decode("latin-1") if handle else ""))
    rows.sort()
    texts = [text for _, text in rows]
    groups = [str(g) for g in syndication_groups(texts, [name for name, _ in rows])]
    kept = sorted({g: i for i, g in reversed(list(enumerate(groups)))}.values())
    names = sorted({name.split("/")[-2] for name, _ in rows})
    codes = np.array([names.index(rows[i][0].split("/")[-2]) for i in kept])
    return Data([texts[i] for i in kept], codes, names, [groups[i] for i in kept], np.ones(len(kept), dtype=bool))


def re3d(folder: Path) -> Data:
    """Which of five sources (those with at least 5 documents) wrote the document? 92 documents."""
    rows = []
    for path in sorted((folder / "re3d").glob("*/documents.json")):
        for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
            document = json.loads(line)
            rows.append((path.parent.name, document["_id"], document["text"]))
    counts = pd.Series([source for source, _, _ in rows]).value_counts()
    rows = [row for row in rows if counts[row[0]] >= 5]
    names = sorted({source for source, _, _ in rows})
    texts = [text for _, _, text in rows]
    groups = [str(g) for g in syndication_groups(texts, [name for _, name, _ in rows])]
    return Data(texts, np.array([names.index(s) for s, _, _ in rows]), names, groups, np.ones(len(rows), dtype=bool))


def fa_kes(folder: Path) -> Data:
    """Credible or fake? The date at the start of each text is cut off; copies are one group."""
    path = folder / "fa-kes" / "FA-KES-Dataset.csv"
    table = pd.read_csv(path, encoding="cp1252", encoding_errors="replace", keep_default_na=False, dtype=str)
    texts = [re.sub(r"^\W*(?:\w+\W+){0,3}?\d{4}\W*", "", text, count=1) for text in table["article_content"]]
    groups = [str(g) for g in syndication_groups(texts, [str(i) for i in range(len(texts))])]
    codes = np.array([int(label) for label in table["labels"]])
    return Data(texts, codes, ["fake", "credible"], groups, np.ones(len(codes), dtype=bool))
