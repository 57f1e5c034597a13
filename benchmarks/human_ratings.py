"""Do our coherence numbers rank topics as people do? Ratings and word intrusion of Hoyle et al. (2021).

.venv/bin/python benchmarks/human_ratings.py [FOLDER]

FOLDER holds topic-human-ratings/hoyle2021/all_data.json and 20newsgroups/20news-bydate.tar.gz; default
../shared/data beside the repository. The articles that the stored metrics were counted on (New York Times, Wikipedia)
aren't there, so ours are counted on other texts: `news_articles`, 20 Newsgroups, and both together. Expect less.
"""

import json
import platform
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from newsangle import load_corpus
from newsangle.features.matrix import tokenise
from newsangle.topics import coherence
from newsangle.topics.cooccurrence import tokenised_corpus

ROOT = Path(__file__).resolve().parents[1]
MEASURES = ("npmi", "c_v", "uci", "umass")
STORED = {"npmi": "c_npmi_10_full", "c_v": "c_v_full", "uci": "c_uci_full", "umass": "u_mass_full"}
JUDGED = {"ratings": "ratings_scores_avg", "intrusion": "intrusion_scores_avg"}
TOP_N, DRAWS = 10, 2000


def newsgroup_posts(archive: Path) -> list[str]:
    """The posts of 20 Newsgroups without their headers, by file name."""
    with tarfile.open(archive) as tar:
        files = sorted((member for member in tar.getmembers() if member.isfile()), key=lambda member: member.name)
        read = [tar.extractfile(member) for member in files]
        texts = [file.read().decode("latin-1") for file in read if file is not None]
    return [text.partition("\n\n")[2] for text in texts]


def correlation(ours: np.ndarray, people: np.ndarray) -> dict[str, Any]:
    """Spearman's ρ with a percentile bootstrap over topics."""
    rng = np.random.default_rng(0)
    known = np.isfinite(ours) & np.isfinite(people)
    ours, people = ours[known], people[known]
    drawn = rng.integers(len(ours), size=(DRAWS, len(ours)))
    draws = [spearmanr(ours[rows], people[rows]).statistic for rows in drawn]
    low, high = np.nanquantile(draws, [0.025, 0.975])
    rho = spearmanr(ours, people).statistic
    return {"rho": round(float(rho), 3), "low": round(float(low), 3), "high": round(float(high), 3), "n": len(ours)}


def main() -> None:
    """Score the 300 topics on each reference and write results/human_ratings.json."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"
    rated = json.loads((folder / "topic-human-ratings/hoyle2021/all_data.json").read_text(encoding="utf-8"))
    news = [tokenise(text) for text in load_corpus("news_articles").articles["text"]]
    posts = [tokenise(text) for text in newsgroup_posts(folder / "20newsgroups" / "20news-bydate.tar.gz")]
    references = {"news_articles": news, "20newsgroups": posts, "both": news + posts}
    rows: list[dict[str, Any]] = []
    coverage: dict[str, dict[str, float]] = {}
    judged = {
        (origin, name): np.array([score for model in models.values() for score in model["metrics"][key]], dtype=float)
        for origin, models in rated.items()
        for name, key in JUDGED.items()
    }
    for origin, models in rated.items():
        for key in STORED.values():
            stored = np.array([v for model in models.values() for v in model["metrics"][key]], dtype=float)
            for name in JUDGED:
                row = {"topics": origin, "people": name, "measure": f"{key} as stored", "reference": "their own"}
                rows.append(row | correlation(stored, judged[origin, name]))
    for reference, documents in references.items():
        corpus = tokenised_corpus(documents)
        for origin, models in rated.items():
            topics = [topic for model in models.values() for topic in model["topics"]]
            for measure in MEASURES:
                result = coherence(topics, corpus, measure, top_n=TOP_N)
                coverage.setdefault(reference, {})[origin] = round(float(result.coverage.mean()), 3)
                for name in JUDGED:
                    for suffix, numbers in (("", result.value), (" z", result.z)):
                        row = {"topics": origin, "people": name, "measure": result.measure + suffix}
                        rows.append(row | {"reference": reference} | correlation(numbers, judged[origin, name]))
    result_file = {
        "question": "Spearman correlation of coherence with people, over 150 topics of three models per origin",
        "interval": f"percentile bootstrap over topics, {DRAWS} draws",
        "documents": {name: len(documents) for name, documents in references.items()},
        "mean_coverage": coverage,
        "correlations": rows,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("newsangle", "numpy", "scipy")},
    }
    target = Path(__file__).parent / "results" / "human_ratings.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result_file, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
