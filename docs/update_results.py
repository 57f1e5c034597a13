"""Write the results of a run into the README, between its markers.

.venv/bin/python docs/update_results.py runs/turkish_offensive_vs_isis/ID
"""

import json
import sys
from pathlib import Path
from typing import Any

from newsangle import load_run
from newsangle.runs.wording import with_interval

START, END = "<!-- results:start -->", "<!-- results:end -->"


def block(records: list[dict[str, Any]]) -> str:
    """The results as Markdown: macro-F1 of every model by task, then the topic models."""
    tasks = list(dict.fromkeys(r["task"] for r in records if r["task"] != "topics"))
    macro = {
        (r["task"], r["model"]): with_interval(r) for r in records if r["metric"] == "macro_f1" and r["target"] is None
    }
    models = list(dict.fromkeys(model for _, model in macro))
    lines = ["| macro-F1 (95% interval) | " + " | ".join(tasks) + " |", "|---|" + "---|" * len(tasks)]
    for model in sorted(models, key=lambda m: m != "selected"):
        lines.append(f"| {model} | " + " | ".join(macro.get((task, model), "–") for task in tasks) + " |")
    topics: dict[str, dict[str, str]] = {}
    for r in records:
        if r["task"] == "topics":
            topics.setdefault(r["model"], {})[r["metric"]] = with_interval(r, 3)
    lines += [
        "",
        "| topics | perplexity (lower is better) | NPMI (higher is better) | diversity |",
        "|---|---|---|---|",
    ]
    for model in sorted(topics, key=lambda m: m == "unigram"):
        row = [topics[model].get(metric, "–") for metric in ("perplexity", "npmi", "diversity")]
        lines.append(f"| {model} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def replace(text: str, new: str) -> str:
    """The text with what stands between the markers replaced. Raises ValueError where they are missing."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the README has no {START} … {END}")
    return f"{before}{START}\n{new}\n{END}{after}"


def main() -> None:
    """Read the run named on the command line and rewrite the README beside this folder."""
    readme = Path(__file__).resolve().parents[1] / "README.md"
    records = json.loads(load_run(sys.argv[1]).read("metrics.json"))
    readme.write_text(replace(readme.read_text(encoding="utf-8"), block(records)), encoding="utf-8")


if __name__ == "__main__":
    main()
