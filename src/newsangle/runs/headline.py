"""What is the result, in a terminal? A small table of the numbers that matter, and where the report lies."""

from typing import Any

from newsangle.runs.folder import Run
from newsangle.runs.topic_warnings import worse_than_no_topics
from newsangle.runs.wording import find, with_interval

COLUMNS = ("task", "model", "metric", "value [95% interval]", "n")


def headline(run: Run) -> str:
    """The headline table of a run and the path of its report, as lines of plain text."""
    import json

    records: list[dict[str, Any]] = json.loads(run.read("metrics.json"))
    rows = []
    for task in dict.fromkeys(r["task"] for r in records if r["task"] != "topics"):
        models = dict.fromkeys(r["model"] for r in records if r["task"] == task and r["metric"] == "macro_f1")
        for model in sorted(models, key=lambda m: m != "selected"):
            found = find(records, task=task, model=model, metric="macro_f1", target=None)
            if found:
                rows.append((task, model, "macro_f1", with_interval(found), str(found["n"])))
    for r in records:
        if r["task"] == "topics" and r["metric"] in ("perplexity", "npmi", "diversity"):
            name = r["model"] + (
                f" ({r['vary']})" if r["vary"] and r["model"] not in r["vary"] and r["model"] != "unigram" else ""
            )
            row = ("topics", name, r["metric"], with_interval(r, 3), str(r["n"] or ""))
            if row not in rows:
                rows.append(row)
    widths = [max(len(row[i]) for row in [COLUMNS, *rows]) for i in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in [COLUMNS, *rows]]
    lines.insert(1, "  ".join("-" * w for w in widths))
    worse = worse_than_no_topics(records)
    lines += ["", worse] if worse else []
    return "\n".join([f"{run.manifest['experiment']} {run.manifest['id']}", "", *lines, "", f"report: {run.report}"])
