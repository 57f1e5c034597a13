"""Runs that nobody had to compute: what the tests of lists, comparisons and mirrors read."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from newsangle.runs.folder import json_bytes, publish
from newsangle.runs.records import record

WriteRun = Callable[..., Path]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'
CONFIG: dict[str, Any] = {
    "title": "Flood or election in Orvia?",
    "question": "Which passages are about the flood?",
    "seed": 3,
    "corpus": {"path": "articles.csv"},
    "features": {"min_df": 2},
    "topics": {"model": "nmf", "n_topics": 3, "held_out": 0.2, "alpha": 0.1, "articles": "all"},
    "tasks": {"frame": {"classes": ["flood", "other"], "split": "group", "models": ["majority", "logreg"]}},
}


def _score(**fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"task": "frame", "model": "selected", "metric": "macro_f1", "value": 0.8}
    given |= {"low": 0.7, "high": 0.9, "interval": "bootstrap", "n": 90, "split": "group", "seed": 3}
    return record(**(given | fields))


def _perplexity(value: float | None, **fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"task": "topics", "model": "nmf", "metric": "perplexity", "value": value}
    given |= {"split": None, "slice": "held-out articles", "low": None, "high": None}
    limits = {} if value is None else {"low": value - 9, "high": value + 9}
    return _score(**(given | limits | fields))


@pytest.fixture
def score() -> Callable[..., dict[str, Any]]:
    """Makes one record of task frame, of the selected model."""
    return _score


@pytest.fixture
def perplexity() -> Callable[..., dict[str, Any]]:
    """Makes the record of the held-out perplexity of NMF."""
    return _perplexity


@pytest.fixture
def write_run(tmp_path: Path) -> WriteRun:
    """Writes `runs/EXPERIMENT/ID` with this config and these records, and returns the folder."""

    def write(
        identity: str,
        records: Sequence[dict[str, Any]] = (),
        *,
        config: dict[str, Any] | None = None,
        experiment: str = "orvia",
        figures: Sequence[str] = ("top_words",),
        files: dict[str, bytes] | None = None,
        **about: Any,
    ) -> Path:
        folder = tmp_path / "runs" / experiment / identity
        named = {
            "config.toml": tomli_w.dumps(CONFIG if config is None else config).encode(),
            "metrics.json": json_bytes(list(records)),
            "report.html": b"<p>A report</p>",
        }
        named |= {f"figures/{name}.svg": SVG for name in figures} | (files or {})
        told = {"experiment": experiment, "id": identity, "newsangle": "0.1.0", "source": "5" * 64}
        told |= {"versions": {"python": "3.11", "numpy": "2.4.6"}, "inputs": {"articles.csv": "a" * 64}}
        publish(folder, named, told | about)
        return folder

    return write


@pytest.fixture
def changed() -> Callable[..., dict[str, Any]]:
    """The config with some keys set differently, "topics.n_topics"=20; None takes a key out."""

    def change(settings: dict[str, Any]) -> dict[str, Any]:
        import copy

        config = copy.deepcopy(CONFIG)
        for key, value in settings.items():
            *tables, last = key.split(".")
            here = config
            for name in tables:
                here = here.setdefault(name, {})
            if value is None:
                here.pop(last, None)
            else:
                here[last] = value
        return config

    return change
