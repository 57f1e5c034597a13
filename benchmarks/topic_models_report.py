"""What do the rows of topic_models.py say? JSON, a figure, and the tables between the markers of the READMEs."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

Row = dict[str, Any]
NAMES = {
    "ours": "ours",
    "sklearn": "scikit-learn, batch",
    "gensim": "gensim LdaModel",
    "gensim_multicore": "gensim LdaMulticore, 1 worker",
    "tomotopy": "tomotopy",
    "topica": "topica, sparse",
}
TITLES = {"news_articles": "news_articles", "BBC_News": "BBC News", "20newsgroups": "20 Newsgroups"}
# Offset in points and alignment of a label, where its neighbours would cover it.
PLACES = {"ours": ((0, -13), "center"), "gensim": ((-6, 4), "right"), "topica": ((-2, -13), "center")}
PACKAGES = ("numpy", "scipy", "scikit-learn", "gensim", "numba", "tomotopy", "topica")
# what is asked: (ours, peer, least ratio of seconds, most relative perplexity)
GOALS = {
    50: [
        (("ours", 50, 0), ("sklearn", 10, 0), 15, 0.88),
        (("ours", 50, 0), ("gensim", 10, 0), 8, 0.88),
        (("ours", 50, 0), ("tomotopy", 1000, 0), 25, 1.0),
        (("ours", 50, 200), ("topica", 1000, 0), 3, 1.0),
    ],
    200: [
        (("ours", 30, 0), ("sklearn", 10, 0), 15, 0.88),
        (("ours", 30, 0), ("gensim", 10, 0), 8, 0.88),
        (("ours", 70, 0), ("tomotopy", 1000, 0), 25, 1.0),
        (("ours", 70, 100), ("topica", 1000, 0), 3, 1.0),
    ],
}


def collect(scratch: Path, rows: Sequence[Row], root: Path) -> None:
    """Write results/topic_models.json and .png, and the tables in benchmarks/README.md and README.md."""
    from newsangle.topics.coherence_measures import coherence
    from newsangle.topics.cooccurrence import tokenised_corpus
    from newsangle.topics.diversity import topic_diversity

    good = [row for row in rows if "error" not in row]
    references: dict[str, Any] = {}
    for row in good:
        if row["model"] == "ours_whole":
            continue
        if row["dataset"] not in references:
            documents = json.loads((scratch / f"{row['dataset']}_documents.json").read_text("utf-8"))
            references[row["dataset"]] = tokenised_corpus(documents)
        npmi = coherence(row["top_words"], references[row["dataset"]], "npmi", top_n=10, n_random=0)
        row["npmi"] = round(npmi.mean, 4)
        row["diversity"] = round(topic_diversity(row["top_words"], top_n=25), 4)
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in good:
        groups[tuple(row[key] for key in ("dataset", "n_topics", "model", "n_iter", "refine"))].append(row)
    summaries = [_summary(key, members, scratch) for key, members in groups.items()]
    result = {
        "question": "How good and how fast is LDA beside scikit-learn's, gensim's, tomotopy's and topica's?",
        "machine": "2 cores, one thread each; other work on the second core at times (load_before)",
        "versions": {name: version(name) for name in PACKAGES},
        "corpora": json.loads((scratch / "corpora.json").read_text("utf-8")),
        "summaries": summaries,
        "ratios": _ratios(groups),
        "rows": [{k: v for k, v in row.items() if k not in ("top_words", "phi")} for row in rows],
    }
    _draw(summaries, root / "benchmarks" / "results" / "topic_models.png")
    _write(result, root)


def add_memory(rows: Sequence[Row], root: Path) -> None:
    """Put peak memory beside the rows that are there."""
    result = json.loads((root / "benchmarks" / "results" / "topic_models.json").read_text("utf-8"))
    for s in result["summaries"]:
        for row in rows:
            same = all(row[name] == s[name] for name in ("dataset", "n_topics", "model"))
            if same and row["refined"] == bool(s["refine"]):
                s["peak_mb"] = row["peak_mb"]
    _write(result, root)


def _write(result: Row, root: Path) -> None:
    """The JSON, and the tables between the markers."""
    file = root / "benchmarks" / "results" / "topic_models.json"
    file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    _between(root / "benchmarks" / "README.md", "topic_models", _long(result))
    _between(root / "README.md", "topic_models", _short(result))


def _summary(key: tuple[Any, ...], members: Sequence[Row], scratch: Path) -> Row:
    from newsangle.topics.match import stability

    summary: Row = dict(zip(("dataset", "n_topics", "model", "n_iter", "refine"), key, strict=True))
    summary |= {"seeds": len(members), "seconds": round(median(r["seconds"] for r in members), 2)}
    summary |= {"cpu_seconds": round(median(r["cpu_seconds"] for r in members), 2)}
    if key[2] == "ours_whole":
        return summary
    for name, digits in (("perplexity", 1), ("npmi", 4), ("diversity", 4)):
        values = [r[name] for r in members]
        summary[name] = round(mean(values), digits)
        summary[f"{name}_range"] = [round(min(values), digits), round(max(values), digits)]
    if "peak_mb" in members[0]:
        summary["peak_mb"] = round(median(r["peak_mb"] for r in members))
    if len(members) > 1:
        phis = [np.load(scratch / r["phi"]).astype(np.float64) for r in members]
        found = stability([phi / phi.sum(axis=1, keepdims=True) for phi in phis])
        summary["stability"] = round(1 - found.mean, 4)
    return summary


def _ratios(groups: dict[tuple[Any, ...], list[Row]]) -> list[Row]:
    """Peer against ours, seed by seed (the same round): median ratio of seconds with its range, and of perplexities."""
    ratios = []
    for dataset, n_topics in dict.fromkeys((key[0], key[1]) for key in groups):
        for ours, peer, faster, lower in GOALS[n_topics]:
            mine = {r["seed"]: r for r in groups.get((dataset, n_topics, *ours), [])}
            theirs = {r["seed"]: r for r in groups.get((dataset, n_topics, *peer), [])}
            seeds = sorted(mine.keys() & theirs.keys())
            if not seeds:
                continue
            times = [theirs[s]["cpu_seconds"] / mine[s]["cpu_seconds"] for s in seeds]
            walls = [theirs[s]["seconds"] / mine[s]["seconds"] for s in seeds]
            quality = mean(mine[s]["perplexity"] for s in seeds) / mean(theirs[s]["perplexity"] for s in seeds)
            ratios.append(
                {
                    "dataset": dataset,
                    "n_topics": n_topics,
                    "ours": {"n_iter": ours[1], "refine": ours[2]},
                    "peer": peer[0],
                    "rounds": len(seeds),
                    "times_faster_wall": round(median(walls), 1),
                    "times_faster_cpu": round(median(times), 1),
                    "times_faster_cpu_range": [round(min(times), 1), round(max(times), 1)],
                    "times_faster_goal": faster,
                    "perplexity_ratio": round(quality, 4),
                    "perplexity_ratio_goal": lower,
                    "reached": bool(median(times) >= faster and quality <= lower),
                }
            )
    return ratios


def _told(summary: Row) -> str:
    if summary["model"] != "ours":
        return f"{NAMES[summary['model']]}, {summary['n_iter']:,}"
    return f"**ours**, {summary['n_iter']}" + (f" + {summary['refine']} sweeps" if summary["refine"] else "")


def _long(result: Row) -> str:
    lines = []
    fitted = [s for s in result["summaries"] if s["model"] != "ours_whole"]
    for dataset, n_topics in dict.fromkeys((s["dataset"], s["n_topics"]) for s in fitted):
        about = result["corpora"][dataset]
        size = f"{about['articles']:,} training articles, {about['terms']:,} terms, {about['tokens']:,} tokens"
        floor = f"unigram perplexity {about['unigram_perplexity']:,.0f}"
        lines += [f"**{TITLES[dataset]}, K = {n_topics}** ({size}; {floor})", ""]
        lines.append("| model, iterations | seconds | MB | perplexity [range] | NPMI | diversity | stability | seeds |")
        lines.append("|---|---|---|---|---|---|---|---|")
        lines += [_row(s) for s in fitted if (s["dataset"], s["n_topics"]) == (dataset, n_topics)]
        lines.append("")
    heads = (
        "corpus, K",
        "ours",
        "peer",
        "times faster, CPU [range]",
        "asked",
        "perplexity, ours / peer",
        "asked",
        "both",
    )
    lines += ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|", *(_ratio_row(r) for r in result["ratios"])]
    for s in result["summaries"]:
        if s["model"] == "ours_whole":
            told = f"K = {s['n_topics']}, {s['n_iter']} steps on {s['dataset']}: {s['seconds']:.1f} s"
            lines += [
                "",
                f"A whole process (start, imports, kernels from their cache, reading the matrix, fit), {told}.",
            ]
    return "\n".join(lines)


def _row(s: Row) -> str:
    low, high = s["perplexity_range"]
    stable = f"{s['stability']:.2f}" if "stability" in s else "–"
    memory = f"{s['peak_mb']:,}" if "peak_mb" in s else "–"
    if s["model"] == "gensim_multicore":
        memory += ", worker apart"
    cells = [_told(s), f"{s['seconds']:.1f}", memory, f"{s['perplexity']:,.0f} [{low:,.0f}, {high:,.0f}]"]
    return "| " + " | ".join(map(str, [*cells, f"{s['npmi']:.3f}", f"{s['diversity']:.2f}", stable, s["seeds"]])) + " |"


def _ratio_row(r: Row) -> str:
    ours = f"{r['ours']['n_iter']}" + (f" + {r['ours']['refine']}" if r["ours"]["refine"] else "")
    low, high = r["times_faster_cpu_range"]
    cells = [f"{TITLES[r['dataset']]}, {r['n_topics']}", ours, NAMES[r["peer"]]]
    cells += [f"{r['times_faster_cpu']:.1f} [{low:.1f}, {high:.1f}]", f"≥ {r['times_faster_goal']}"]
    cells += [f"{r['perplexity_ratio']:.3f}", f"≤ {r['perplexity_ratio_goal']}", "yes" if r["reached"] else "**no**"]
    return "| " + " | ".join(cells) + " |"


def _short(result: Row) -> str:
    fitted = [s for s in result["summaries"] if (s["dataset"], s["n_topics"]) == ("news_articles", 50)]
    lines = ["| `news_articles`, K = 50, one thread | seconds | held-out perplexity [range] |", "|---|---|---|"]
    for s in fitted:
        if s["model"] != "ours_whole":
            low, high = s["perplexity_range"]
            lines.append(f"| {_told(s)} | {s['seconds']:.1f} | {s['perplexity']:,.0f} [{low:,.0f}, {high:,.0f}] |")
    return "\n".join(lines)


def _draw(summaries: Sequence[Row], path: Path) -> None:
    """Perplexity against seconds (log axis), one panel per corpus and K."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    fitted = [s for s in summaries if s["model"] != "ours_whole"]
    panels = list(dict.fromkeys((s["dataset"], s["n_topics"]) for s in fitted))
    figure, axes = plt.subplots(1, len(panels), figsize=(3.6 * len(panels), 3.9), squeeze=False, layout="constrained")
    for axis, (dataset, n_topics) in zip(axes[0], panels, strict=True):
        mine = [s for s in fitted if (s["dataset"], s["n_topics"]) == (dataset, n_topics)]
        for s in mine:
            ours = s["model"] == "ours"
            low, high = s["perplexity_range"]
            colour = "#0b5fa5" if ours else "#6b7280"
            axis.plot([s["seconds"]] * 2, [low, high], color=colour, lw=1.2)
            axis.plot(s["seconds"], s["perplexity"], "o" if ours else "s", color=colour, ms=5)
            label = s["model"].replace("sklearn", "scikit-learn").replace("gensim_multicore", "gensim multicore")
            if ours:
                label = f"ours {s['n_iter']}" + (f"+{s['refine']}" if s["refine"] else "")
            at, side = PLACES.get(s["model"], ((5, 4), "left"))
            weight = "bold" if ours else "normal"
            axis.annotate(
                label,
                (s["seconds"], s["perplexity"]),
                at,
                textcoords="offset points",
                ha=side,
                fontsize=7.5,
                color=colour,
                fontweight=weight,
            )
        axis.set_xscale("log")
        axis.margins(x=0.28, y=0.12)
        axis.set_title(f"{TITLES[dataset]}, K = {n_topics}", fontsize=9.5, loc="left")
        axis.set_xlabel("seconds (log scale), one thread", fontsize=8.5)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0][0].set_ylabel("held-out perplexity, lower is better", fontsize=8.5)
    figure.savefig(path, dpi=130, metadata={"Software": None})
    plt.close(figure)


def _between(path: Path, name: str, text: str) -> None:
    """Put text between the markers of this name; the markers have to be there."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    before = path.read_text(encoding="utf-8")
    if start not in before or end not in before:
        raise SystemExit(f"{path.name} has no markers {start} … {end}: put them where the table belongs")
    after = re.sub(f"{start}.*?{end}", lambda _: f"{start}\n{text}\n{end}", before, flags=re.DOTALL)
    path.write_text(after, encoding="utf-8")
