"""Is what the documents say true? Doctests, links, commands, and the README's own example."""

import csv
import doctest
import importlib
import importlib.util
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import newsangle
from newsangle.cli import main
from newsangle.runs.progress import Progress

ROOT = Path(__file__).parents[1]
PAGES = sorted(p for pattern in ("*.md", "[a-z]*/*.md", "experiments/*/*.md") for p in ROOT.glob(pattern))
MODULES = [m.name for m in pkgutil.walk_packages(newsangle.__path__, "newsangle.") if m.name != "newsangle.cli"]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_some_docstrings_have_examples() -> None:
    assert sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES) >= 20


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_make_target_and_command_of_the_pages_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    text = "\n".join(p.read_text(encoding="utf-8") for p in PAGES)
    named = set(
        re.findall(
            r"`?\bmake ((?:run|test|check|help|lint|lock|install|experiments|notebooks|clean|[a-z]+-[a-z]+))\b", text
        )
    )
    assert {"run", "test", "check", "help"} <= named <= targets
    commands = set(re.findall(r"newsangle (run|list|report|schema|data|label|ingest|compare|predict|track)\b", text))
    done = subprocess.run([sys.executable, "-m", "newsangle.cli", "--help"], capture_output=True, text=True, timeout=60)
    for command in commands:
        assert re.search(rf"^\s+{command}\b", done.stdout, flags=re.MULTILINE), command


def test_the_readmes_own_articles_example_runs_then_its_coding_sheet_and_then_with_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [config] = re.findall(r"```toml\n(.*?)```", readme, flags=re.DOTALL)
    [plan] = re.findall(r"^ {4}\.venv/bin/newsangle (label plan path/to/folder .*)$", readme, flags=re.MULTILINE)
    assert len(config.strip().splitlines()) == 10
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    subjects = ["The river flooded the lower town and the dyke broke", "The council met to vote on a new tramway line"]
    with (tmp_path / "articles.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "body", "paper", "day"])
        for i in range(20):
            text = " ".join(f"{subjects[i % 2]} on day {j} of week {i}." for j in range(8))
            writer.writerow([f"{i:02d}", text, ["Post", "Herald"][i % 2], f"2031-03-{i + 1:02d}"])
    quiet = {"runs": tmp_path / "runs", "progress": Progress(quiet=True), "jobs": 1}
    run = newsangle.run_experiment(tmp_path, **quiet)
    shares = run.predictions.groupby("outlet")["predicted"].apply(lambda column: (column == "flood").mean())
    assert shares.to_dict() == {"Herald": 0.0, "Post": 1.0}

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["newsangle", *plan.replace("path/to/folder", str(tmp_path)).split()])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 0
    with Path("codes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with Path("codes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"frame": "flood" if "dyke" in row["text"] else "other"} for row in rows)
    labels = {"file": "codes.csv", "column": "frame", "coded_by": "a test"}
    settings = {"tasks.frame.labels": labels, "tasks.frame.models": ["majority", "keyword_rules", "logreg"]}
    scores = newsangle.run_experiment(tmp_path, settings, **quiet).metrics.query("metric == 'macro_f1'")
    assert scores.set_index("model")["value"]["keyword_rules"] == 1.0


def test_the_readmes_three_commands_lead_from_a_folder_of_pages_to_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## From a folder of pages to a report")[2].partition("\n## ")[0]
    commands = re.findall(r"^    (\S.*)$", section, flags=re.MULTILINE)
    assert len(commands) == 3
    (tmp_path / "experiments").mkdir()
    shutil.copytree(ROOT / "experiments" / "my_articles", tmp_path / "experiments" / "my_articles")
    template = pd.read_parquet(tmp_path / "experiments" / "my_articles" / "corpus.parquet")
    shell = os.environ | {"PYTHONPATH": str(ROOT / "src"), "NEWSANGLE_HOME": str(tmp_path / "home")}
    for command in commands:
        words = command.replace(".venv/bin/newsangle", f"{sys.executable} -m newsangle.cli").split()
        done = subprocess.run(words, cwd=tmp_path, env=shell, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        if "ingest" in words:
            assert "12 records seen = 12 articles + 0 rejects" in done.stdout
    assert list((tmp_path / "runs" / "mine").glob("*/report.html"))
    # What ships as corpus.parquet is what ingest makes of the pages that ship.
    made = pd.read_parquet(tmp_path / "mine" / "corpus.parquet")
    pd.testing.assert_frame_equal(made.drop(columns="source"), template.drop(columns="source"))


def test_the_results_block_is_made_from_records_and_put_between_the_markers() -> None:
    spec = importlib.util.spec_from_file_location("update_results", ROOT / "docs" / "update_results.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    base = {"target": None, "low": 0.7, "high": 0.8, "reason": None}
    records = [
        base | {"task": "frame", "model": "majority", "metric": "macro_f1", "value": 0.25, "low": None},
        base | {"task": "frame", "model": "selected", "metric": "macro_f1", "value": 0.76},
        base
        | {"task": "topics", "model": "nmf", "metric": "perplexity", "value": 2681.4, "low": 2585.0, "high": 2779.0},
    ]
    lines = module.block(records).split("\n")
    assert lines[2] == "| selected | 0.76 [0.70, 0.80] |"
    assert lines[3] == "| majority | 0.25 |"
    assert lines[-1] == "| nmf | 2,681 [2,585, 2,779] | – | – |"
    text = f"a\n{module.START}\nold\n{module.END}\nb"
    assert module.replace(text, "new") == f"a\n{module.START}\nnew\n{module.END}\nb"
    with pytest.raises(ValueError, match="has no"):
        module.replace("a", "new")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "| selected |" in readme.partition(module.START)[2].partition(module.END)[0]


def test_the_readmes_five_lines_to_a_cluster_are_commands_that_are_understood() -> None:
    from distributed.cli.dask_scheduler import main as scheduler
    from distributed.cli.dask_worker import main as worker
    from typer.main import get_command

    from newsangle.cli import app

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## From laptop to cluster in five lines")[2].partition("\n## ")[0]
    commands = re.findall(r"^    (\S.*?)(?: +#.*)?$", section, flags=re.MULTILINE)
    assert len(commands) == 5
    install, *_ = commands
    assert install == "pip install '.[dask]' -c constraints.txt"
    understood = {"dask scheduler": scheduler, "dask worker": worker, "newsangle": get_command(app)}
    for name, command in understood.items():
        [line] = [line for line in commands if line.startswith(name)]
        words = line.removeprefix(name).split()
        command.make_context(name, words, resilient_parsing=False)
        if name == "newsangle":
            command.commands["run"].make_context("run", words[1:])
    assert worker.make_context("worker", ["tcp://HOST:8786", "--nthreads", "1"]).params["nthreads"] == 1
