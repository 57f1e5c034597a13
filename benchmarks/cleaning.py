"""How fast is plain text cleaned, and how many lines of stories are lost?

    python benchmarks/cleaning.py [FILE]    # results/cleaning.json

FILE is BBC News as its authors packed it (bbc-fulltext.tar.gz: 2,225 stories, a title and paragraphs, no boilerplate at
all; default ../shared/data/bbc-news). Every line of it is story, so every dropped line is a mistake. Speed is measured
on the same stories with a page put around each, as a scraper would leave it. CPU seconds of one process, median and
best of five rounds (other work on the same cores slows them); language included and apart. Memory: what the process
has held after 1,000 and after 20,000 articles cleaned in a row.
"""

import json
import os
import resource
import sys
import tarfile
import time
from pathlib import Path
from statistics import median

from newsangle.corpus.cleaning import clean_document, detect_language, learn_repetition

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data" / "bbc-news" / "bbc-fulltext.tar.gz"
ROUNDS = 5


def stories(path: Path) -> list[str]:
    """The texts of the archive, in the order of their names."""
    with tarfile.open(path) as archive:
        members = sorted((m for m in archive if m.isfile() and m.name.count("/") == 2), key=lambda m: m.name)
        found = [archive.extractfile(member) for member in members]
        return [file.read().decode("utf-8", "replace") for file in found if file is not None]


def as_page(number: int, story: str) -> str:
    """The story with what a page puts around it; names and numbers differ from page to page."""
    title, _, body = story.strip().partition("\n")
    return (
        f"Skip to content\n\nHome\nNews\nSport\n\n{title}\n\nBy Jane Doe{number}\n\n"
        f"Published: {number % 28 + 1} March 2005\n\n"
        f"Share\nTweet\n\n{body}\n\nRead more: Story {number} of the day\n\nSign up for our newsletter\n\n"
        f"{number % 90} comments\n\nReader{number}\n\n2 hours ago\n\nI am not so sure about number {number}.\n\nReply\n"
    )


def peak() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """All numbers; write the JSON."""
    texts = stories(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
    lines = lost = wrong_titles = 0
    for text in texts:
        cleaned = clean_document(text)
        told = [line.strip() for line in text.split("\n") if any(map(str.isalnum, line))]
        kept = "\n".join(block.text for block in cleaned.blocks)
        lines += len(told)
        lost += sum(line not in kept for line in told)
        wrong_titles += cleaned.title != told[0]
    pages = [as_page(number, text) for number, text in enumerate(texts)]
    detect_language(texts[0])
    load = os.getloadavg()[0]
    clean: list[float] = []
    both: list[float] = []
    learn: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        done = [clean_document(page) for page in pages]
        clean.append(time.process_time() - began)
        for cleaned in done:
            detect_language(cleaned.text)
        both.append(time.process_time() - began)
        began = time.process_time()
        learn_repetition(pages)
        learn.append(time.process_time() - began)
    del done
    memory = {}
    for count in (1_000, 20_000):
        for number in range(count):
            clean_document(as_page(number, texts[number % len(texts)]))
        memory[str(count)] = round(peak())
    n = len(pages)
    result = {
        "question": __doc__.splitlines()[0],
        "stories": n,
        "words_a_story": round(sum(len(text.split()) for text in texts) / n),
        "lines_of_stories": lines,
        "lines_lost": lost,
        "wrong_titles": wrong_titles,
        "load_before": round(load, 2),
        "cleaned_a_second": round(n / median(clean)),
        "cleaned_and_language_a_second": round(n / median(both)),
        "cleaned_a_second_in_the_best_round": round(n / min(clean)),
        "cleaned_and_language_a_second_in_the_best_round": round(n / min(both)),
        "learned_a_second": round(n / median(learn)),
        "peak_megabytes_at": memory,
    }
    (HERE / "results" / "cleaning.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
