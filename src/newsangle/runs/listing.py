"""What is there to work with? Experiments, corpora, models, metrics and runs, as lines of plain text."""

import tomllib
from collections.abc import Callable
from pathlib import Path

from newsangle.errors import ConfigError
from newsangle.runs.list_runs import list_runs

KINDS = ("experiments", "corpora", "models", "metrics", "runs")


def listing(what: str | None, *, experiments: Path, runs: Path, experiment: str | None = None) -> str:
    """The list of one kind, or of all; `experiment`: of whose runs. Raises ConfigError for a kind that isn't there."""
    if what is not None and what not in KINDS:
        raise ConfigError(f"list {what}: choose from {', '.join(KINDS)}")
    if experiment is not None and what != "runs":
        raise ConfigError(f"list {what} {experiment}: only runs are listed by experiment: list runs {experiment}")
    tables: dict[str, Callable[[], list[tuple[str, str]]]] = {
        "experiments": lambda: _experiments(experiments),
        "corpora": _corpora,
        "models": _models,
        "metrics": _metrics,
    }
    sections = []
    for kind in KINDS if what is None else (what,):
        if kind == "runs":
            sections.append(f"runs\n{list_runs(runs, experiment)}")
            continue
        rows = tables[kind]()
        width = max((len(name) for name, _ in rows), default=0)
        lines = [f"  {name.ljust(width)}  {told}".rstrip() for name, told in rows] or ["  (none)"]
        sections.append("\n".join([kind, *lines]))
    return "\n\n".join(sections)


def _experiments(folder: Path) -> list[tuple[str, str]]:
    rows = []
    for path in sorted(folder.glob("*/config.toml")):
        try:
            rows.append((path.parent.as_posix(), str(tomllib.loads(path.read_text(encoding="utf-8")).get("title", ""))))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            rows.append((path.parent.as_posix(), f"(config can't be read: {error})"))
    return rows


def _corpora() -> list[tuple[str, str]]:
    from newsangle.corpus.sources import SOURCES

    return [(source.name, f"{source.description} ({source.licence})") for source in SOURCES.values()]


def _models() -> list[tuple[str, str]]:
    from newsangle.stance.classifiers import CLASSIFIERS
    from newsangle.topics.models import TOPIC_MODELS

    topics = [(name, f"topics: {_first_line(model)}") for name, model in TOPIC_MODELS.items()]
    return topics + [(name, f"classifier: {row.told}") for name, row in CLASSIFIERS.items()]


def _metrics() -> list[tuple[str, str]]:
    from newsangle.stats.classification import CLASS_METRICS, METRICS
    from newsangle.topics import heldout
    from newsangle.topics.coherence_formulas import MEASURES
    from newsangle.topics.diversity import topic_diversity

    rows = [(name, _first_line(function)) for name, function in METRICS.items()]
    rows += [(f"{name}[CLASS]", _first_line(function)) for name, function in CLASS_METRICS.items()]
    rows.append(("perplexity", _first_line(heldout.document_completion)))
    rows.append(("npmi", _first_line(MEASURES["npmi"].formula)))
    rows.append(("diversity", _first_line(topic_diversity)))
    return rows


def _first_line(thing: object) -> str:
    return (getattr(thing, "__doc__", None) or "").strip().split("\n")[0]
