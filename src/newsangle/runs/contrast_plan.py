"""Which contrasts does an experiment make? Those of its config, or outlets and the classes of each task."""

from collections.abc import Mapping
from typing import Any

from newsangle.runs.config import ContrastConfig, ExperimentConfig
from newsangle.runs.contrast_config import KINDS
from newsangle.runs.jobs import Job

# Names of contrasts that nobody asked for: what can't be compared then is left out instead of stopping the run.
OUTLETS = "outlets"


def contrasts_of(config: ExperimentConfig) -> dict[str, ContrastConfig]:
    """The contrasts by name, in the order of the report. Default: outlets, then the classes of each task."""
    if config.contrast is not None:
        return dict(config.contrast)
    found = {OUTLETS: ContrastConfig(by="outlet")}
    for name, task in config.tasks.items():
        classes = [c for c in task.classes if c != task.residual]
        if not task.targets and name not in (*KINDS, OUTLETS):
            found[name] = ContrastConfig(by=name, groups=classes if len(classes) > 1 else list(task.classes))
    return found


def contrast_jobs(
    config: ExperimentConfig, corpus: Job, tasks: Mapping[str, Job], matrix: Job | None, fit: Job | None
) -> tuple[dict[str, Job], dict[str, Job]]:
    """The jobs on words and, where there are topics, on topics, by contrast. `matrix`, `fit`: of the topics shown."""
    words, topics = {}, {}
    for name, contrast in contrasts_of(config).items():
        part: dict[str, Any] = contrast.model_dump(mode="json")
        part |= {"name": name, "asked": config.contrast is not None, "seed": config.seed}
        part["stop_words"] = config.features.stop_words
        needs = {"corpus": corpus}
        if contrast.by not in KINDS:
            task = config.tasks[contrast.by]
            part["classes"] = list(task.classes)
            part["rules"] = task.rules.model_dump(mode="json") if task.rules else None
            part["targets"] = dict(task.targets)
            needs["task"] = tasks[contrast.by]
        words[name] = Job("contrast_words", part, needs=needs, title=f"contrast {name}: words")
        if matrix is not None and fit is not None and config.topics is not None:
            needs = needs | {"matrix": matrix, "fit": fit}
            part = part | {"alpha": config.topics.alpha}
            topics[name] = Job("contrast_topics", part, needs=needs, title=f"contrast {name}: {config.topics.model}")
    return words, topics
