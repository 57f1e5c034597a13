"""What does the README say about classification? A table from results/classification.json, between its markers.

python benchmarks/classification_report.py
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
START, END = "<!-- classification:start -->", "<!-- classification:end -->"


def table(results: dict[str, Any]) -> str:
    """One row a data set and metric: ours with its interval, what was asked, what others published, seconds."""
    lines = [
        "| data set | metric | ours [95% interval] | asked | published | seconds (CPU) |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in results.items():
        if name == "versions" or "result" not in found:
            continue
        for look in ("first_look", "result"):
            if look in found:
                lines += _rows(name, found[look])
    return "\n".join(lines)


def _rows(name: str, result: dict[str, Any]) -> list[str]:
    """The lines of one look at a data set; a look that was followed by another has its note in the label."""
    lines = []
    for metric, score in result["scores"].items():
        first = metric == next(iter(result["scores"]))
        asked = result["asked"].get(metric)
        others = [p for p in result["published"] if _is_about(p["what"], metric)]
        told = "; ".join(f"{p['what'].split(',')[0]} {p['value']:.3f} ({p['by']})" for p in others)
        how = "; ".join(filter(None, (result["how"], result.get("note"))))
        label = f"{name}: {result['model']} ({result['n_scored']:,} rows, {how})" if first else ""
        seconds = f"{result['seconds']:.0f} ({result['cpu_seconds']:.0f})" if first else ""
        value = f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"
        reached = "" if asked is None else f"≥ {asked:.3f}: {'yes' if score['value'] >= asked else 'no'}"
        lines.append(f"| {label} | {score['is']} | {value} | {reached} | {told} | {seconds} |")
    if "verdict" in result:
        gain = result["accuracy_minus_majority"]
        limits = f"{gain['value']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}]"
        lines.append(f"|  | accuracy − majority's | {limits} | | {result['verdict']} | |")
    return lines


def _is_about(what: str, metric: str) -> bool:
    """Published scores that name a way of averaging stand beside that metric alone."""
    named = [way for way in ("averaged over targets", "pooled") if way in what]
    return not named or named == [metric.replace("_", " ")]


def main() -> None:
    """Rewrite the table of benchmarks/README.md."""
    readme = HERE / "README.md"
    results = json.loads((HERE / "results" / "classification.json").read_text(encoding="utf-8"))
    before, start, rest = readme.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise SystemExit(f"{readme} has no {START} … {END}")
    readme.write_text(f"{before}{START}\n{table(results)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
