"""The loop of `randomisation_z`: one saddlepoint a test, found by Newton's method inside a bracket."""

import math
from typing import Any

import numpy as np

from newsangle.compiled import kernels

compiled = kernels(__file__)

_STEPS = 200


@compiled
def _cumulants(
    values: Any, kinds: Any, weights: Any, first: int, last: int, sign: Any, t: Any, mean: Any, rest: Any, variance: Any
) -> Any:
    """K(t), K'(t), K''(t) of Σ f·r, where f is 0, ¼, ½, ¾, 1 with the weights of its kind; exact for groups listed."""
    k0 = mean * rest * t + 0.5 * variance * t * t
    k1 = mean * rest + variance * t
    k2 = variance
    for i in range(first, last):
        r, w = sign * values[i], weights[kinds[i]]
        x = t * r
        # The largest of the five powers is divided out: nothing overflows.
        e = math.exp(-0.25 * abs(x))
        e2 = e * e
        if x > 0.0:
            p0, p1, p2, p3, p4 = w[0] * e2 * e2, w[1] * e2 * e, w[2] * e2, w[3] * e, w[4]
            k0 += x
        else:
            p0, p1, p2, p3, p4 = w[0], w[1] * e, w[2] * e2, w[3] * e2 * e, w[4] * e2 * e2
        total = p0 + p1 + p2 + p3 + p4
        first_moment = (0.25 * p1 + 0.5 * p2 + 0.75 * p3 + p4) / total
        second_moment = (0.0625 * p1 + 0.25 * p2 + 0.5625 * p3 + p4) / total
        k0 += math.log(total)
        k1 += r * first_moment
        k2 += r * r * (second_moment - first_moment * first_moment)
    return k0, k1, k2


@compiled
def saddlepoints(
    values: Any, observed: Any, rest_sum: Any, rest_variance: Any, kinds: Any, weights: Any, starts: Any, half: Any
) -> Any:
    """z of each observed sum; see `randomisation_z`."""
    w = weights[0]
    mean = 0.25 * w[1] + 0.5 * w[2] + 0.75 * w[3] + w[4]
    out = np.zeros(len(observed))
    for test in range(len(observed)):
        sign = 1.0 if observed[test] >= 0.0 else -1.0
        goal = sign * observed[test] - half
        first, last, rest, variance = starts[test], starts[test + 1], sign * rest_sum[test], rest_variance[test]
        _, k1, k2 = _cumulants(values, kinds, weights, first, last, sign, 0.0, mean, rest, variance)
        if goal <= 0.0 or k2 <= 0.0:
            continue
        if goal - k1 < 1e-3 * math.sqrt(k2):  # so near the middle that r* is 0 / 0
            out[test] = sign * max(0.0, goal - k1) / math.sqrt(k2)
            continue
        low, high, t, k0 = 0.0, math.inf, (goal - k1) / k2, 0.0
        for _ in range(_STEPS):
            k0, k1, k2 = _cumulants(values, kinds, weights, first, last, sign, t, mean, rest, variance)
            if abs(k1 - goal) <= 1e-10 * goal:
                break
            if k1 < goal:
                low = t
            else:
                high = t
            following = t + (goal - k1) / k2 if k2 > 0.0 else math.inf
            if not low < following < high:
                following = 2.0 * t if high == math.inf else 0.5 * (low + high)
            if following == t or following > 1e6:
                break
            t = following
        r = math.sqrt(max(2.0 * (t * goal - k0), 0.0))
        u = t * math.sqrt(k2)
        out[test] = sign * max(0.0, r + math.log(u / r) / r) if r > 0.0 and u > 0.0 else sign * r
    return out
