"""The stages on one model of a task: LSA that models share, then the model's own scores and choices, nobody else's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.labels.rules import rules_of
from newsangle.runs.task_rows_stage import stored_split, stored_units, weights_of
from newsangle.runs.task_text_stage import stored_text
from newsangle.runs.task_units import TaskUnits
from newsangle.stance.blind_scores import (
    BlindScores,
    Dealt,
    LeftOut,
    Step,
    deal,
    deal_split,
    fold_steps,
    lsa_rows,
    score_folds,
    score_split,
    split_steps,
    split_views,
)
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.fit import Variant, variants_of
from newsangle.stance.model_fit import Member, ModelFit, fit_model, fit_step
from newsangle.stance.readings import Sources
from newsangle.stance.split_fit import SplitFit, told_in_split
from newsangle.stats.classification import METRICS

Part = Mapping[str, Any]
Files = Mapping[str, Path]
Upstream = Mapping[str, dict[str, Any]]
Values = Mapping[str, Any]


def task_lsa_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """LSA coordinates for every set of folds left out, or every `of`th of them from number `share` on: `lsa_…`.

    `on`: `folds`, or `split` for the folds of the split that the scores are of.
    """
    units = stored_units(part["name"], part["task"], upstream["rows"])
    text = stored_text(upstream["text"])
    views = _views(part, units, upstream["rows"])[part["share"] :: part["of"]]
    return {_lsa_name(number, left): lsa_rows(text, dealt, left) for number, dealt, left in views}


def _views(part: Part, units: TaskUnits, rows: Values) -> list[tuple[int, Dealt, LeftOut]]:
    """Every set of folds left out: number of the split's fold (0 for the task's own folds), rows dealt, folds."""
    n_classes = len(part["task"]["classes"])
    if part["on"] == "folds":
        dealt = deal(units.codes, units.folds, n_classes, units.taught)
        return [(0, dealt, left) for left in dealt.views(range(dealt.n_folds))]
    several = deal_split(stored_split(rows), units.codes, units.folds, n_classes, units.taught)
    return [(i, dealt, left) for i, dealt in enumerate(several) for left in split_views(dealt)]


def _lsa_name(number: int, left_out: LeftOut) -> str:
    return "_".join(str(i) for i in ("lsa", number, *left_out))


def task_model_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """What one model says of each row, by options chosen inside the folds; see `newsangle.stance.model_fit`.

    Needs the rows; for an average its members (`member_<model>`), otherwise the text, and the LSA where it is read.
    Beside what it says it keeps its blind scores, from which averages are made.
    """
    units = stored_units(part["name"], part["task"], upstream["rows"])
    rows, n_classes, model = upstream["rows"], len(part["task"]["classes"]), part["model"]
    metric, on_split = METRICS[part["metric"]], part["on"] == "split"
    dealt = deal(units.codes, units.folds, n_classes, units.taught)
    split = stored_split(rows)
    several = deal_split(split, units.codes, units.folds, n_classes, units.taught) if on_split else [dealt]
    steps = split_steps(split, several) if on_split else fold_steps(dealt)
    stored: dict[str, Any] = {}
    if CLASSIFIERS[model].members:
        members = {m: _member(m, upstream[f"member_{m}"], steps) for m in CLASSIFIERS[model].members}
    else:
        tried = {model: variants_of(model, {model: part["options"]})}
        lsa = _lsa(upstream, several, on_split=on_split)
        sources = Sources(stored_text(upstream["text"]), _rule_scores(part, units))
        if on_split:
            scores = score_split(sources, split, several, tried, part["seed"], lsa=lsa)[model]
        else:
            scores = score_folds(sources, dealt, tried, part["seed"], lsa=lsa[0])[model]
        members = {model: Member(tried[model], scores)}
        stored = _scores(members[model])
    if on_split:
        fits = [fit_step(model, members, step, i, units.codes, metric) for i, step in enumerate(steps)]
        told = told_in_split(fits, steps, len(units.codes))
        return stored | {"predicted": told.predicted, "inner": list(told.inner)}
    fit = fit_model(model, members, steps, units.codes, n_classes, weights=weights_of(units), metric=metric)
    return stored | {
        "predicted": fit.predicted,
        "probability": fit.probability,
        "scores": fit.scores,
        "inner": list(fit.inner),
        "options": list(fit.options),
        "value": fit.value,
        "final_options": fit.final_options,
    }


def _rule_scores(part: Part, units: TaskUnits) -> npt.NDArray[np.float64] | None:
    """What the keyword rules say, where the model reads them."""
    rules = rules_of(part["task"]) if "rules" in CLASSIFIERS[part["model"]].reads else None
    if rules is None:
        return None
    return rules.scores(units.rows["text"].tolist(), part["task"]["classes"], units.targets)


def _lsa(upstream: Upstream, several: Sequence[Dealt], *, on_split: bool) -> list[dict[LeftOut, npt.NDArray[Any]]]:
    """The LSA coordinates that were learned before, by the folds left out, for each time that the rows are dealt."""
    known = {k: v for name, values in upstream.items() if name.startswith("lsa") for k, v in values.items()}
    found = []
    for i, dealt in enumerate(several):
        views = split_views(dealt) if on_split else dealt.views(range(dealt.n_folds))
        found.append({left: known[_lsa_name(i, left)] for left in views if known})
    return found


def _scores(member: Member) -> dict[str, Any]:
    """The blind scores of a model, all steps in one array each."""
    scores = member.scores
    return {
        "variants": [dict(variant.options) for variant in member.variants],
        "once": np.concatenate([s.once for s in scores], axis=1),
        "once_scale": np.concatenate([s.once_scale for s in scores], axis=1),
        "twice": np.concatenate([s.twice for s in scores], axis=1),
        "twice_scale": np.concatenate([s.twice_scale for s in scores], axis=1),
    }


def _member(model: str, values: Values, steps: Sequence[Step]) -> Member:
    """The blind scores of a model, as its stage stored them."""
    once, twice = (np.cumsum([0, *sizes]) for sizes in zip(*((len(s.test), len(s.known)) for s in steps), strict=True))
    scores = [
        BlindScores(
            values["once"][:, once[i] : once[i + 1]],
            values["once_scale"][:, once[i] : once[i + 1]],
            values["twice"][:, twice[i] : twice[i + 1]],
            values["twice_scale"][:, twice[i] : twice[i + 1]],
        )
        for i in range(len(steps))
    ]
    return Member([Variant(model, tuple(sorted(options.items()))) for options in values["variants"]], scores)


def stored_fit(values: Values) -> ModelFit:
    """What a model says in the task's folds, as its stage stored it."""
    return ModelFit(
        values["predicted"],
        values["probability"],
        values["scores"],
        tuple(values["inner"]),
        tuple(values["options"]),
        values["value"],
        values["final_options"],
    )


def stored_split_fit(values: Values) -> SplitFit:
    """What a model says in the folds of the split that is reported, as its stage stored it."""
    return SplitFit(values["predicted"], tuple(values["inner"]))
