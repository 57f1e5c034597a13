"""How fast are raw files read, cleaned and grouped, and in how much memory?

    python benchmarks/ingest.py             # results/ingest.json
    python benchmarks/ingest.py PART …      # texts, groups, pages, fa_kes

texts: invented articles of about 1.5 kB (title, six paragraphs, four lines of a site's furniture from 50 outlets), 10³
to 10⁵ as one JSON Lines file and 10⁴ as files of a folder, one process. Reading with cleaning is timed apart from
grouping with writing. groups: 10⁵ invented articles, a tenth of them copies, half of the copies cut, and a footer of 30
words that each outlet's articles share. pages: those of the article extraction benchmark ten times over, by
trafilatura's `extract` as it comes and with metadata, then by ingest on one process and on two. fa_kes: what becomes of
its 804 records.

Each row comes from a process of its own; memory is that process's peak (VmHWM). Seconds of texts and groups are seconds
of processor time, because other work on the machine doesn't count in them; those of pages are wall seconds, with the
processor's beside them.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

SHARED = Path(os.environ.get("NEWSANGLE_SHARED", Path(__file__).parents[2] / "shared"))
RESULT = Path(__file__).parent / "results" / "ingest.json"


CLOCK = time.process_time


def peak_megabytes() -> float:
    """The peak of this process's memory; unlike ru_maxrss it isn't inherited from the parent."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def words(size: int) -> "np.ndarray[Any, Any]":
    """Invented words, distinct, of three to nine letters."""
    rng = np.random.default_rng(1)
    listed = "ba be bi bo bu da de do fa fe ga go ka ke ko la le lo ma me mo na ne no ra re ro sa se ta to va"
    syllables = np.array(listed.split())
    drawn = {"".join(rng.choice(syllables, rng.integers(2, 5))) for _ in range(size)}
    return np.array(sorted(drawn))


def article(rng: np.random.Generator, vocabulary: Any, weights: Any) -> list[str]:
    """Paragraphs of sentences, about 1.3 kB."""
    paragraphs = []
    for _ in range(6):
        sentences = []
        for _ in range(3):
            drawn = vocabulary[np.searchsorted(weights, rng.random(rng.integers(9, 16)))]
            sentences.append(" ".join(drawn).capitalize() + ".")
        paragraphs.append(" ".join(sentences))
    return paragraphs


def articles(n: int) -> Iterator[tuple[str, str]]:
    """(outlet, text) with title and a site's furniture around the story."""
    rng = np.random.default_rng(2)
    vocabulary = words(40_000)
    weights = np.cumsum(1 / np.arange(1, len(vocabulary) + 1))
    weights /= weights[-1]
    for number in range(n):
        outlet = f"Outlet {number % 50}"
        title = " ".join(vocabulary[rng.integers(0, len(vocabulary), 6)]).capitalize()
        top = ["Home | News | Sport", title, "Share on Facebook"]
        end = [f"Support {outlet}: donate today", f"Copyright {outlet}. All rights reserved."]
        yield outlet, "\n\n".join([*top, *article(rng, vocabulary, weights), *end])


def texts(n: int, as_folder: bool) -> dict[str, Any]:
    """Seconds and memory of reading with cleaning, then of grouping with writing."""
    from newsangle.corpus.ingest.chunks import Chunks, source_digest
    from newsangle.corpus.ingest.drafts import learn
    from newsangle.corpus.ingest.read import read_paths
    from newsangle.corpus.ingest.records import Reading
    from newsangle.corpus.ingest.stages import Settings, first_stage, second_stage
    from newsangle.corpus.ingest.write import write_corpus

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = folder / ("raw" if as_folder else "raw.jsonl")
        if as_folder:
            raw.mkdir()
            for number, (_, text) in enumerate(articles(n)):
                (raw / f"{number:06}.txt").write_text(text, encoding="utf-8")
        else:
            with raw.open("w", encoding="utf-8") as file:
                for outlet, text in articles(n):
                    file.write(json.dumps({"text": text, "outlet": outlet}) + "\n")
        (folder / "work").mkdir()
        chunks = Chunks(folder / "work")
        start_memory = peak_megabytes()
        began = CLOCK()
        keys = first_stage(read_paths([raw], Reading()), Settings(None, source_digest()), chunks, lambda _: None)
        read = CLOCK() - began
        learned, key = learn(chunks, keys)
        learning = CLOCK() - began - read
        cleaned = second_stage(keys, learned, key, chunks, lambda _: None)
        seconds, memory = CLOCK() - began, peak_megabytes()
        began = CLOCK()
        places = folder / "corpus.parquet", folder / "rejects.jsonl"
        counts, _ = write_corpus(chunks, cleaned, None, *places, records=n)
        return {
            "articles": counts.articles,
            "as": "files" if as_folder else "one file",
            "seconds_reading": round(read, 2),
            "seconds_learning": round(learning, 2),
            "seconds_reading_and_cleaning": round(seconds, 2),
            "articles_per_second": round(n / seconds),
            "megabytes_before": round(start_memory),
            "megabytes_reading_and_cleaning": round(memory),
            "seconds_grouping_and_writing": round(CLOCK() - began, 2),
            "megabytes_whole": round(peak_megabytes()),
        }


def groups(n: int) -> dict[str, Any]:
    """Seconds and memory of finding the copies among n articles of at most 2 kB."""
    from newsangle.corpus.syndication import syndication_groups

    rng = np.random.default_rng(3)
    vocabulary = words(60_000)
    weights = np.cumsum(1 / np.arange(1, len(vocabulary) + 1))
    weights /= weights[-1]
    footers = [" ".join(vocabulary[rng.integers(0, len(vocabulary), 30)]) for _ in range(100)]
    stories: list[str] = []
    copies = 0
    for number in range(n):
        if number and rng.random() < 0.1:
            story = stories[rng.integers(number)].rsplit("\n", 1)[0]
            if rng.random() < 0.5:
                story = story[: rng.integers(len(story) // 2, len(story))]
            copies += 1
        else:
            story = " ".join(vocabulary[np.searchsorted(weights, rng.random(rng.integers(150, 280)))])
        stories.append(f"{story}\n{footers[rng.integers(100)]}")
    before, began = peak_megabytes(), CLOCK()
    found = syndication_groups(stories, [str(number) for number in range(n)])
    return {
        "articles": n,
        "mean_characters": round(sum(map(len, stories)) / n),
        "copies": copies,
        "groups": len(set(found)),
        "seconds": round(CLOCK() - began, 1),
        "megabytes_before": round(before),
        "megabytes": round(peak_megabytes()),
    }


def pages(jobs: int) -> dict[str, Any]:
    """Seconds of ingesting the benchmark's pages, ten times over, with this many processes.

    0 is trafilatura's `extract` as it comes, -1 the same with metadata; it gets each page as decoded text. For ingest
    the start of the processes counts, reading, cleaning, grouping and writing too.
    """
    import gzip

    import trafilatura

    from newsangle import ingest
    from newsangle.corpus.cleaning.page import page_text

    source = SHARED / "data" / "article-extraction-benchmark" / "html"
    raw = [gzip.decompress(path.read_bytes()) for path in sorted(source.glob("*.gz"))] * 10
    page_text("<html><body><p>" + "Warm. " * 100 + "</p></body></html>")
    if jobs <= 0:
        trafilatura.extract("<html><body><p>" + "Warm. " * 100 + "</p></body></html>", with_metadata=True)
        began, processor = time.perf_counter(), time.process_time()
        for page in raw:
            trafilatura.extract(page.decode("utf-8", "replace"), with_metadata=jobs < 0)
        called = "trafilatura.extract, with metadata" if jobs < 0 else "trafilatura.extract"
        told = {"with": called, "pages": len(raw), "seconds": round(time.perf_counter() - began, 2)}
        return told | {"processor_seconds_parent": round(time.process_time() - processor, 2)}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "raw").mkdir()
        for number, page in enumerate(raw):
            (Path(folder) / "raw" / f"{number:04}.html").write_bytes(page)
        began, processor = time.perf_counter(), time.process_time()
        found = ingest([Path(folder) / "raw"], Path(folder) / "corpus.parquet", jobs=jobs, skip_bad=True)
        seconds = time.perf_counter() - began
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {
            "with": f"ingest, {jobs} jobs",
            "pages": len(raw),
            "seconds": round(seconds, 2),
            "processor_seconds_parent": round(time.process_time() - processor, 2),
            "processor_seconds_workers": round(children.ru_utime + children.ru_stime, 2),
            "counts": found.counts.told(),
        }


def fa_kes() -> dict[str, Any]:
    """What becomes of the 804 records, and how many pairs are near copies by 5-word shingles of \\w+ tokens."""
    from newsangle import ingest
    from newsangle.corpus.shingles import shingle_sets

    columns = {"text": "article_content", "title": "article_title", "outlet": "source"}
    source = SHARED / "data" / "fa-kes" / "FA-KES-Dataset.csv"
    with tempfile.TemporaryDirectory() as folder:
        found = ingest(
            [source],
            Path(folder) / "c.parquet",
            columns=columns,
            encoding="cp1252",
            date_format="M/D/YYYY",
            skip_bad=True,
        )
        corpus = found.corpus[found.corpus["section"] == "body"]
        sets = shingle_sets(corpus["text"])
        shared = (sets.shared @ sets.shared.T).tocoo()
        left, right, both = shared.row, shared.col, shared.data
        near = (left < right) & (both >= 0.5 * (sets.sizes[left] + sets.sizes[right] - both))
        group = corpus["group"].to_numpy()
        return {
            "counts": found.counts.told(),
            "tokeniser": r"5-word shingles of \w+ tokens, case aside, after cleaning",
            "pairs_with_jaccard_half": int(near.sum()),
            "of_them_in_one_group": int((group[left[near]] == group[right[near]]).sum()),
            "groups_with_copies": int((corpus["group"].value_counts() > 1).sum()),
        }


PARTS: dict[str, list[tuple[Callable[..., dict[str, Any]], list[Any]]]] = {
    "texts": [(texts, [1_000, False]), (texts, [10_000, False]), (texts, [100_000, False]), (texts, [10_000, True])],
    "groups": [(groups, [10_000]), (groups, [100_000])],
    "pages": [(pages, [0]), (pages, [-1]), (pages, [1]), (pages, [2])],
    "fa_kes": [(fa_kes, [])],
}


def main(wanted: list[str]) -> None:
    """Each row in a process of its own; the parts that were asked for are replaced in the JSON."""
    told = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for part in wanted or list(PARTS):
        rows = []
        for number, _ in enumerate(PARTS[part]):
            load = os.getloadavg()[0]
            done = subprocess.run(
                [sys.executable, __file__, "--row", part, str(number)], capture_output=True, text=True
            )
            if done.returncode:
                raise SystemExit(done.stderr)
            rows.append(json.loads(done.stdout.splitlines()[-1]) | {"load_before": round(load, 2)})
            print(part, rows[-1], flush=True)
        told[part] = rows
    told["versions"] = {name: version(name) for name in ("numpy", "scipy", "pyarrow", "trafilatura", "warcio")}
    RESULT.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--row"]:
        function, arguments = PARTS[sys.argv[2]][int(sys.argv[3])]
        print(json.dumps(function(*arguments)))
    else:
        main(sys.argv[1:])
