"""How is a number written down? One flat record per number: what, of what, how much, between which limits."""

import math
from typing import Any

FIELDS = (
    "task",
    "target",
    "slice",
    "split",
    "model",
    "metric",
    "value",
    "low",
    "high",
    "interval",
    "n",
    "seed",
    "vary",
    "reason",
)


def record(
    *,
    task: str,
    model: str,
    metric: str,
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    interval: str | None = None,
    n: int | None = None,
    seed: int | None = None,
    target: str | None = None,
    slice: str = "all",
    split: str | None = None,
    vary: str = "",
    reason: str | None = None,
) -> dict[str, Any]:
    """One metric record; numbers that are not finite become null, and a null value needs its `reason`.

    Rounded here and nowhere else, to ten significant digits, so that the last digits of a sum never differ.
    """
    fields: dict[str, Any] = dict(zip(FIELDS, (task, target, slice, split, model, metric), strict=False))
    fields |= {"value": rounded(value), "low": rounded(low), "high": rounded(high), "interval": interval}
    if fields["value"] is None and reason is None:
        reason = "not defined on these rows"
    return fields | {"n": n, "seed": seed, "vary": vary, "reason": reason}


def rounded(value: float | None) -> float | None:
    """A number to ten significant digits; None for none, and for one that isn't finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.10g}") + 0.0  # −0 becomes 0: equal numbers, equal bytes
