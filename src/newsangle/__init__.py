"""Reproducible experiments that compare how the news covers something."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from newsangle.corpus.ingest.flow import ingest
    from newsangle.corpus.load import Corpus, load_corpus
    from newsangle.errors import ConfigError, DataError, IntegrityError, MachineError, NewsangleError
    from newsangle.labels.stance_scale import Stance
    from newsangle.runs.experiment import Experiment, load_experiment
    from newsangle.runs.flow import run_experiment
    from newsangle.runs.folder import Run, load_run

# Looked up when first used, so that `import newsangle` and `newsangle --help` load no heavy library.
_HOMES = {
    "Corpus": "newsangle.corpus.load",
    "load_corpus": "newsangle.corpus.load",
    "ingest": "newsangle.corpus.ingest.flow",
    "NewsangleError": "newsangle.errors",
    "ConfigError": "newsangle.errors",
    "DataError": "newsangle.errors",
    "MachineError": "newsangle.errors",
    "IntegrityError": "newsangle.errors",
    "Stance": "newsangle.labels.stance_scale",
    "Experiment": "newsangle.runs.experiment",
    "load_experiment": "newsangle.runs.experiment",
    "run_experiment": "newsangle.runs.flow",
    "Run": "newsangle.runs.folder",
    "load_run": "newsangle.runs.folder",
}

__all__ = [
    "ConfigError",
    "Corpus",
    "DataError",
    "Experiment",
    "IntegrityError",
    "MachineError",
    "NewsangleError",
    "Run",
    "Stance",
    "__version__",
    "ingest",
    "load_corpus",
    "load_experiment",
    "load_run",
    "run_experiment",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'newsangle' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
