"""Do the options of the config fit the functions that they are handed to? Asked before anything is computed."""

import inspect
from collections.abc import Mapping
from typing import Any

from newsangle.errors import ConfigError
from newsangle.runs.experiment import CONFIG_NAME, Experiment
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.topics.models import TOPIC_MODELS

GIVEN = {"n_topics", "seed", "seed_words"}  # by keys of their own


def check_options(experiment: Experiment) -> None:
    """Raises ConfigError, one line a fault, for an option that its model doesn't take."""
    faults: dict[str, None] = {}
    seeded, unguided = False, True
    for _, config in experiment.points:
        if config.topics is not None:
            model, given = config.topics.model, config.topics.options
            faults |= _faults("topics.options", model, TOPIC_MODELS[model], given)
            unguided &= not config.topics.seeding
            seeded |= bool(config.topics.seed_words)
        for name, task in config.tasks.items():
            for classifier, given in task.options.items():
                place = f"tasks.{name}.options.{classifier}"
                faults |= _faults(place, classifier, CLASSIFIERS[classifier].make, given)
    if seeded and unguided:
        faults['topics.seed_words guide no model of this experiment; use topics.model = "lda"'] = None
    if faults:
        where = experiment.folder / CONFIG_NAME
        raise ConfigError("\n".join(f"{fault} ({where})" for fault in faults))


def _faults(place: str, model: str, function: Any, given: Mapping[str, Any]) -> dict[str, None]:
    known = set(inspect.signature(function).parameters) - GIVEN if function else set()  # an average has none
    told = ", ".join(sorted(known)) or "none"
    return {
        f"{place}.{name} is not an option of {model}; its options: {told}": None for name in given if name not in known
    }
