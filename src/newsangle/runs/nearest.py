"""Which finished run of an experiment is nearest to one that isn't there yet, and in what does that one differ?"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsangle import __version__
from newsangle.errors import NewsangleError
from newsangle.runs.differences import Difference, differences, flat, own
from newsangle.runs.digests import package_versions, run_source
from newsangle.runs.experiment import Experiment
from newsangle.runs.folder import finished_runs, load_run

SHOWN = 28  # signs of a value


@dataclass(frozen=True)
class Nearest:
    """The run of the same experiment that differs in the fewest things: its ID, the objects that it is made of, and
    the things; `others`: the objects of all other runs."""

    run: str
    objects: frozenset[str]
    found: tuple[Difference, ...]
    others: frozenset[str]


def nearest_run(experiment: Experiment, inputs: Mapping[str, str], folder: Path) -> Nearest | None:
    """The nearest of the finished runs in `folder`, by its ID where several are; None where none can be read.

    `inputs`: hashes of what the experiment reads now.
    """
    now = {"inputs": dict(inputs), "newsangle": __version__, "versions": package_versions(), "source": run_source()}
    config = flat(experiment.config.model_dump(mode="json"))
    nearest: tuple[int, str, list[Difference]] | None = None
    objects: dict[str, frozenset[str]] = {}
    for path in finished_runs(folder, "*"):
        with contextlib.suppress(NewsangleError):  # a damaged run is told by list runs, and compared with nothing
            run = load_run(path)
            then = {key: value for key, value in run.manifest.items() if key != "cpu"}  # no run is named after it
            found = differences([flat(run.config), config], [then, now])
            objects[path.name] = frozenset(run.manifest.get("objects", ()))
            if nearest is None or len(found) < nearest[0]:
                nearest = (len(found), path.name, found)
    if nearest is None:
        return None
    _, name, found = nearest
    others = frozenset().union(*(keys for other, keys in objects.items() if other != name))
    return Nearest(name, objects[name], tuple(found), others)


def told_changes(found: Sequence[Difference]) -> list[str]:
    """Each difference as a reason: "config topics.n_topics 3 → 12", "labels.csv is another file"."""
    return [_told(difference) for difference in found] or ["names of the config in another order"]


def _told(difference: Difference) -> str:
    before, now = difference.values
    if difference.kind == "config":
        return f"config {difference.key} {own(difference, before, SHOWN)} → {own(difference, now, SHOWN)}"
    if difference.kind == "input":
        new, gone = before is None, now is None
        return f"{difference.key} is {'read, too' if new else 'no longer read' if gone else 'another file'}"
    if difference.kind == "version":
        return f"{difference.key} {before or '–'} → {now or '–'}"
    return f"{difference.key} changed"
