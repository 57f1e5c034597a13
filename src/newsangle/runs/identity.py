"""Which run is this? A name made from everything that goes in, found without loading anything heavy."""

import contextlib
import platform
from collections.abc import Mapping
from pathlib import Path

from newsangle.corpus.fetch import file_sha256
from newsangle.corpus.sources import SOURCES
from newsangle.errors import DataError
from newsangle.runs.digests import digest, package_versions, run_source
from newsangle.runs.experiment import Experiment


def named_files(experiment: Experiment) -> dict[str, Path]:
    """Which files does the experiment's config name, and where are they to be?"""
    names: dict[str, None] = {}
    for _, config in experiment.points:
        names |= dict.fromkeys(n for n in (config.corpus.path, config.corpus.passages.frame) if n)
        for task in config.tasks.values():
            names |= dict.fromkeys(part.file for part in (task.labels, task.rows) if part is not None)
    return {name: experiment.file(name) for name in names}


def input_files(experiment: Experiment) -> dict[str, Path]:
    """Which files of the experiment's own does it read, by the name that its config gives them? Raises DataError."""
    files = named_files(experiment)
    for name, path in files.items():
        if not path.is_file():
            raise DataError(f"{path}: no such file; {experiment.name} names it as {name!r}, check the config")
    return files


def input_hashes(experiment: Experiment) -> dict[str, str]:
    """SHA-256 of everything read: the corpus (by its published checksum, if it has one) and the experiment's files."""
    hashes = {}
    for name, path in input_files(experiment).items():
        try:
            hashes[name] = file_sha256(path)
        except OSError as error:
            raise DataError(f"{path}: can't be read ({error.strerror}); check its permissions") from None
    for source in experiment.sources:
        hashes[f"corpus {source}"] = SOURCES[source].sha256
    return dict(sorted(hashes.items()))


def run_id(experiment: Experiment, inputs: Mapping[str, str] | None = None) -> str:
    """What is this run called? Twelve hex digits of the hash of all that goes in, never of the clock.

    `inputs`: what `input_hashes` has found already.
    """
    parts = {
        # As text: names of topics, periods, tasks come in the order of the config, and a hash of JSON forgets it.
        "config": experiment.config.model_dump_json(),
        "points": [config.model_dump_json() for _, config in experiment.points],
        "inputs": dict(inputs) if inputs is not None else input_hashes(experiment),
        "source": run_source(),
        "versions": package_versions(),
    }
    return digest(parts)[:12]


def cpu_type() -> str:
    """On what kind of processor does this run? Other kinds may round differently in the last digits."""
    name = platform.processor()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    return f"{platform.machine()} {name}".strip()
