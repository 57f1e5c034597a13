"""Do the limits hold the true share as often as they say? Simulated corpora with known shares."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from share_worlds import Cell, Design, classify_and_count_holds, faults, make_world, simulate

from newsangle.coverage.estimate import estimate_share
from newsangle.labels.plan import plan_codes

FEW = [
    Cell(n=100, prevalence=0.1),
    Cell(n=300, prevalence=0.05, classifier="bad"),
    Cell(n=300, prevalence=0.3, classifier="miscalibrated"),
    Cell(n=300, prevalence=0.1, alike=0.8, copied=0.5, cue=1.0),
]
MANY = [
    *(Cell(n=n, prevalence=p) for n in (40, 100, 300, 700) for p in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)),
    *(Cell(n=300, prevalence=p, classifier="bad") for p in (0.02, 0.1, 0.3, 0.5)),
    *(Cell(n=300, prevalence=p, classifier="miscalibrated") for p in (0.02, 0.1, 0.3)),
    *(Cell("equal", n=100, prevalence=p) for p in (0.05, 0.2, 0.5)),
    *(Cell(n=n, prevalence=p, alike=0.8, copied=0.5, cue=1.0) for n in (100, 300) for p in (0.05, 0.3)),
    Cell(n=100, prevalence=0.1, stories=60),
    Cell(n=300, prevalence=0.1, classifier="cross-fitted"),
    *(Cell(n=n, prevalence=0.2, classifier="sure") for n in (100, 300)),
]


@pytest.mark.parametrize("cell", FEW, ids=lambda cell: cell.name)
def test_the_limits_hold_the_true_share_and_are_no_wider_than_those_of_the_coded_sample(cell):
    [(key, result)] = simulate(cell, draws=300).items()
    assert not faults(cell, key, result)


@pytest.mark.parametrize(("prevalence", "found", "spared"), [(0.2, 0.87, 0.87), (0.5, 0.76, 0.98)])
def test_counting_what_an_87_percent_accurate_classifier_says_misses_the_true_share(prevalence, found, spared):
    # Which stories are drawn again has nothing to do with how often the classifier is wrong.
    rng = np.random.default_rng(8)
    right, held, corrected = [], [], []
    for _ in range(12):
        world = make_world(rng, Cell(prevalence=prevalence))
        lucky = rng.random(len(world.y)) < np.where(world.y == 1, found, spared)
        f = np.where(lucky == (world.y == 1), 0.9, 0.1)
        right.append(lucky.mean())
        held.append(classify_and_count_holds(f, world.story, float(world.y.mean())))
        design = Design(world, Cell(n=300))
        coded = np.where(design.draw(rng), world.y, np.nan)
        ours = estimate_share(f, coded, design.pi, world.story, stratum=world.stratum)
        corrected.append(ours.low <= world.y.mean() <= ours.high)
    assert np.mean(right) == pytest.approx(0.87, abs=0.01)
    assert np.mean(held) == 0.0
    assert np.mean(corrected) > 0.8


@pytest.mark.parametrize(("n", "prevalence", "missed", "size"), [(150, 0.2, 0.05, 1), (200, 0.2, 0.05, 4)])
def test_limits_hold_where_the_classifier_is_sure_and_hardly_ever_wrong(n, prevalence, missed, size):
    """Few samples hold one of its errors; `size` passages a story, misread together."""
    rng = np.random.default_rng(5)
    held = []
    for _ in range(300):
        story = np.repeat(np.arange(2000 // size), size)
        y = rng.random(2000 // size) < prevalence
        found = y & (rng.random(2000 // size) >= missed)
        f = np.where(found, 0.99, 0.01)[story]
        taken = np.isin(story, rng.choice(2000 // size, n // size, replace=False))
        coded = np.where(taken, y[story], np.nan)
        ours = estimate_share(f, coded, np.full(2000, n / 2000), story)
        held.append(ours.low <= y.mean() <= ours.high)
    assert np.mean(held) > 0.93


@pytest.mark.slow
def test_the_limits_hold_the_true_share_in_every_cell():
    found = [fault for cell in MANY for key, result in simulate(cell).items() for fault in faults(cell, key, result)]
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_the_limits_hold_the_true_share_of_every_outlet():
    cell = Cell(n=700, prevalence=0.1)
    results = simulate(cell, by_outlet=True)
    assert len([r for r in results.values() if r.numbers >= 100]) >= 7
    found = [fault for key, result in results.items() for fault in faults(cell, key, result)]
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("by_story", [True, False])
def test_limits_hold_where_old_and_new_codes_were_made_one_sample(by_story):
    """`label plan` draws beside old codes and gives all of them one π; the share is estimated from both together."""
    n, rng = 2000, np.random.default_rng(3)
    story = np.arange(n) // 4
    mood = 0.6 * rng.standard_normal(n // 4)[story] + 0.8 * rng.standard_normal(n)
    y = mood > np.quantile(mood, 0.85)
    f = expit(1.5 * (1.5 * y + rng.standard_normal(n)) - 1.125 + np.log(0.15 / 0.85))
    known = {"passage_id": np.arange(n).astype(str), "outlet": np.where(story % 3, "Post", "Herald"), "target": None}
    known |= {"date": pd.Timestamp("2031-01-01"), "group": story.astype(str), "taught": None}
    known |= {"predicted": np.where(f > 0.5, "flood", "other"), "p_flood": f, "p_other": 1 - f}
    held = []
    for draw in range(100):
        rng = np.random.default_rng([draw, 9])
        q = np.full(n, 0.1) if by_story else np.where(f > 0.3, 0.3, 0.06)
        old = np.isin(story, rng.choice(n // 4, n // 40, replace=False)) if by_story else rng.random(n) < q
        code = pd.Series(np.where(old, np.where(y, "flood", "other"), None), dtype=object)
        rows = pd.DataFrame(known | {"coded": code, "pi": np.where(old, q, np.nan)})
        plan = plan_codes(rows, ["flood", "other"], n=80, seed=draw)
        old[plan.drawn] = True
        ours = estimate_share(f, np.where(old, y, np.nan), plan.pi, story)
        held.append(ours.low <= y.mean() <= ours.high)
    assert np.mean(held) > 0.91
