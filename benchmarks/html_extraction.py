"""How much of a page's story do we find, and how much else, beside trafilatura alone and from plain text alone?

    python benchmarks/html_extraction.py [FOLDER]    # results/html_extraction.json

FOLDER holds Zyte's article-extraction benchmark (ground-truth.json, html/*.html.gz; 181 pages of November 2019; default
../shared/data/article-extraction-benchmark). Per page: multisets of 4-grams of `\\w+` tokens; precision and recall are
means over pages, F1 is that of the two means. Options and rules were chosen on every second page (`chosen_on`), the
others (`others`) were looked at afterwards.

`plain_text` is the harder task: the page's visible lines without any markup, as a scraper that saved only text leaves
them, cleaned line by line. Seconds are CPU seconds of one process, in alternating rounds.
"""

import gzip
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import trafilatura
from lxml import html as lxml_html

from newsangle.corpus.cleaning import clean_document, extract_html
from newsangle.errors import DataError

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data" / "article-extraction-benchmark"
ROUNDS = 3
# What other tools reach, as the benchmark's own README of 2019 to 2025 says.
PUBLISHED = {
    "trafilatura 2.0.0": 0.958,
    "newspaper4k": 0.949,
    "readability_js": 0.947,
    "justext": 0.804,
    "html-text": 0.665,
}
_TOKEN = re.compile(r"\w+")
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "section",
        "article",
        "header",
        "footer",
        "nav",
        "aside",
        "table",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "form",
        "figure",
        "figcaption",
        "blockquote",
        "pre",
        "main",
        "dl",
        "dt",
        "dd",
        "address",
        "hr",
        "option",
        "select",
        "title",
    ]
)
_UNSEEN = frozenset(["script", "style", "noscript", "template", "svg", "iframe", "head"])


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The multiset of 4-grams of tokens; of all tokens where there are fewer."""
    words = _TOKEN.findall(text)
    return Counter(zip(*(words[n:] for n in range(4)), strict=False)) if len(words) >= 4 else Counter([tuple(words)])


def precision_recall(found: str, gold: str) -> tuple[float, float]:
    """How much of what was found is gold, and how much of the gold was found?"""
    a, b = shingles(found), shingles(gold)
    both = (a & b).total()
    return both / max(a.total(), 1), both / max(b.total(), 1)


def score(pairs: list[tuple[float, float]]) -> dict[str, float]:
    """Means of precision and recall over pages, and the F1 of both."""
    precision = sum(p for p, _ in pairs) / len(pairs)
    recall = sum(r for _, r in pairs) / len(pairs)
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4),
    }


def visible_lines(page: str) -> str:
    """The page's lines without markup, parted by blank lines: block elements begin and end lines."""
    lines: list[str] = []
    line: list[str] = []

    def end_line() -> None:
        words = " ".join("".join(line).split())
        if words:
            lines.append(words)
        line.clear()

    def walk(element: Any) -> Iterator[None]:
        if (
            isinstance(element.tag, str)
            and element.tag not in _UNSEEN
            and "display:none" not in element.get("style", "")
        ):
            if element.tag in _BLOCKS:
                end_line()
            line.append(element.text or "")
            for child in element:
                yield from walk(child)
            if element.tag in _BLOCKS:
                end_line()
        line.append(element.tail or "")
        yield

    for _ in walk(lxml_html.document_fromstring(page)):
        pass
    end_line()
    return "\n\n".join(lines)


def ours(page: str) -> str:
    """What extract_html finds; nothing where it says that there is no article."""
    try:
        return extract_html(page).text
    except DataError:
        return ""


def theirs(page: str) -> str:
    """What trafilatura finds by default."""
    return trafilatura.extract(page) or ""


def with_metadata(page: str) -> str:
    """What trafilatura finds when it is asked for metadata too, as we always do."""
    return trafilatura.extract(page, with_metadata=True) or ""


def seconds(task: Callable[[str], str], pages: list[str]) -> float:
    """CPU seconds for all pages."""
    began = time.process_time()
    for page in pages:
        task(page)
    return time.process_time() - began


def main() -> None:
    """All scores and speeds; write the JSON."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    names = sorted(truth)
    pages = {n: gzip.decompress((folder / "html" / f"{n}.html.gz").read_bytes()).decode("utf-8") for n in names}
    texts = {name: visible_lines(page) for name, page in pages.items()}
    tasks: dict[str, Callable[[str], str]] = {
        "ours": lambda name: ours(pages[name]),
        "trafilatura": lambda name: theirs(pages[name]),
        "plain_text": lambda name: clean_document(texts[name]).text,
        "plain_text_uncleaned": lambda name: texts[name],
    }
    scores = {}
    for task, run in tasks.items():
        pairs = {name: precision_recall(run(name), truth[name]["articleBody"]) for name in names}
        scores[task] = {
            "all": score(list(pairs.values())),
            "chosen_on": score([pairs[name] for name in names[::2]]),
            "others": score([pairs[name] for name in names[1::2]]),
        }
        print(task, scores[task], flush=True)
    load = os.getloadavg()[0]
    jobs = {"ours": ours, "trafilatura": theirs, "trafilatura_with_metadata": with_metadata}
    times: dict[str, list[float]] = {job: [] for job in jobs}
    for _ in range(ROUNDS):
        for job, run in jobs.items():
            times[job].append(seconds(run, list(pages.values())))
    result = {
        "question": __doc__.splitlines()[0],
        "versions": {name: version(name) for name in ("trafilatura", "lxml")},
        "pages": len(names),
        "scores": scores,
        "published_f1": PUBLISHED,
        "load_before": round(load, 2),
        "pages_a_second": {job: round(len(names) / median(taken), 1) for job, taken in times.items()},
        "times_as_fast_as_trafilatura_with_metadata": round(
            median(a / b for a, b in zip(times["trafilatura_with_metadata"], times["ours"], strict=True)), 2
        ),
    }
    (HERE / "results" / "html_extraction.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result["pages_a_second"]), result["times_as_fast_as_trafilatura_with_metadata"])


if __name__ == "__main__":
    main()
