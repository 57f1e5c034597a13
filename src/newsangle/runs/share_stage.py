"""The stage on a task's shares: whatever of them takes bootstraps and intervals, so that a report only draws."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.coverage.share_table import TaskShares, task_shares
from newsangle.coverage.shares import predicted_shares, week_of
from newsangle.stats.reliability import reliability_bins

_PREDICTED = "predicted_"


def shares_stage(
    part: Mapping[str, Any], files: Mapping[str, Path], upstream: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Shares corrected by the codes (`table`, `contrasts`, `trends`: see `newsangle.coverage.share_table`), predicted
    shares of each slice (`predicted_…`), and with codes the bins of `reliability`."""
    predictions, task, classes, seed = (
        upstream["task"]["predictions"],
        part["task"],
        part["task"]["classes"],
        part["seed"],
    )
    keys: dict[str, Any] = {"all": None, "outlet": predictions["outlet"], "week": week_of(predictions["date"])}
    if task["targets"]:
        keys["target"] = predictions["target"]
    groups, chances = predictions["group"].tolist(), [f"p_{c}" for c in classes]
    membership = predictions[chances].to_numpy(dtype=np.float64)
    if task["labels"] is None:  # a rule has no probabilities
        membership = _one_hot(predictions["predicted"], classes)
    found = {
        _PREDICTED + slice_name: predicted_shares(membership, groups, classes, by, seed=seed)
        for slice_name, by in keys.items()
        if by is None or by.notna().any()
    }
    coded = predictions.loc[predictions["coded"].notna()]
    if len(coded):
        weights = None if coded["pi"].isna().any() else 1 / coded["pi"].to_numpy(dtype=np.float64)
        together = coded["group"].tolist()
        found[f"{_PREDICTED}coded"] = predicted_shares(
            _one_hot(coded["coded"], classes),
            together,
            classes,
            coded["target"] if task["targets"] else None,
            weights=weights,
            seed=seed,
        )
        found["reliability"] = _reliability(coded, classes, weights)
    corrected = task_shares(part["name"], predictions.assign(**dict(zip(chances, membership.T, strict=True))), classes)
    return found | {"table": corrected.table, "contrasts": corrected.contrasts, "trends": corrected.trends}


def _reliability(coded: pd.DataFrame, classes: Sequence[str], weights: npt.NDArray[np.float64] | None) -> pd.DataFrame:
    """Of the coded rows with a probability of a class, how many are coded so? (a row a class and bin)"""
    number = {name: i for i, name in enumerate(classes)}
    bins = reliability_bins(
        coded[[f"p_{c}" for c in classes]].to_numpy(dtype=np.float64),
        np.array([number[c] for c in coded["coded"]], dtype=np.int64),
        coded["group"].tolist(),
        weights,
        seed=0,
    )
    rows = [
        {"class": classes[b.label], "bin": i, "predicted": b.predicted, "share": b.coded}
        | {"low": b.interval.low, "high": b.interval.high, "n": b.n}
        for i, b in enumerate(bins)
    ]
    return pd.DataFrame(rows)


def _one_hot(labels: pd.Series, classes: Sequence[str]) -> npt.NDArray[np.float64]:
    return np.stack([(labels == c).to_numpy(dtype=np.float64) for c in classes], axis=1)


def stored_predicted(values: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Predicted shares by slice, as their stage stored them."""
    return {k.removeprefix(_PREDICTED): v for k, v in values.items() if k.startswith(_PREDICTED)}


def stored_shares(values: Mapping[str, Any]) -> TaskShares:
    """The corrected shares, as their stage stored them."""
    return TaskShares(values["table"], values["contrasts"], values["trends"])
