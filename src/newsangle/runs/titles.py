"""What is each job of a sweep called? As planned, and which point it is of where its title alone doesn't tell."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from newsangle.runs.experiment import Experiment
from newsangle.runs.jobs import Job, with_needs
from newsangle.runs.plan import PointPlan
from newsangle.runs.vary import labelled_points


def wanted_jobs(experiment: Experiment, points: Sequence[PointPlan]) -> dict[str, Job]:
    """The jobs of all points by key, each after those it needs. Of several with one title each tells what sets it
    apart: "nmf: topics of passages (topics.n_topics=12)". A title is in no key."""
    wanted = with_needs(job for point in points for job in point.jobs)
    by_title: dict[str, list[str]] = {}
    for key, job in wanted.items():
        by_title.setdefault(job.title, []).append(key)
    alike = [keys for keys in by_title.values() if len(keys) > 1]
    if not alike:
        return wanted
    of_key: dict[str, list[int]] = {}
    for i, point in enumerate(points):
        for key in with_needs(point.jobs):
            of_key.setdefault(key, []).append(i)
    chosen = [values for _, values in labelled_points(experiment.config.vary)]  # in the order of the points
    for keys in alike:
        apart: dict[str, list[str]] = {key: [] for key in keys}
        for axis in experiment.config.vary:
            values = {key: _listed([chosen[i][axis] for i in of_key[key]]) for key in keys}
            if len(set(values.values())) > 1:
                for key in keys:
                    apart[key].append(f"{axis}={values[key]}")
        for key, told in apart.items():
            if told:
                job = wanted[key]  # its files were hashed for its key
                title = f"{job.title} ({', '.join(told)})"
                wanted[key] = replace(job, title=title, hashes=job.recipe["files"])
    return wanted


def _listed(values: Sequence[Any]) -> str:
    return " or ".join(dict.fromkeys(str(value) for value in values))
