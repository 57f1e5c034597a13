"""Invented corpora whose true shares are known, coded samples drawn from them, and how often the limits hold the truth.

Stories of several passages resemble themselves, some run as copies in several outlets, words that give a class away
make strata, and a sample takes stories first and then passages by stratum, as the flagship's does.
"""

import zlib
from dataclasses import dataclass, fields

import numpy as np
from scipy.special import expit, logit

from newsangle.coverage.estimate import ENOUGH_OF_EACH, FittedShare, fit_share
from newsangle.stats.bootstrap import bootstrap_interval

DRAWS_PER_WORLD = 50
SECOND_STAGE = np.array([0.117, 0.7, 1.0])  # the flagship's: passages without a cue, with one, with both
OUTLET_SIZES = np.array([30, 22, 16, 11, 8, 5, 4, 3, 1]) / 100


@dataclass(frozen=True)
class Cell:
    """One cell of the simulation: what the corpus is like, how it is sampled, how good the classifier is."""

    design: str = "two-stage"  # or "equal": every passage with the same chance
    n: int = 300  # passages coded, on average
    prevalence: float = 0.1
    classifier: str = "good"  # good, bad, miscalibrated, constant, cross-fitted, sure (1 % misread)
    alike: float = 0.3  # how much passages of a story resemble each other (0 … 1)
    copied: float = 0.15  # share of the stories that run in several outlets
    cue: float = 1.8  # how much the strata tell of the class, in standard deviations
    stories: int = 400

    @property
    def name(self) -> str:
        """What isn't as usual, in words."""
        usual = Cell()
        own = [f for f in fields(self) if f.name in ("design", "n", "prevalence", "classifier")]
        other = [f for f in fields(self) if f not in own and getattr(self, f.name) != getattr(usual, f.name)]
        return ", ".join(f"{f.name} {getattr(self, f.name)}" for f in [*own, *other])


@dataclass(frozen=True)
class World:
    """A corpus: classes, scores and probabilities of a classifier, stories, strata, outlets, one entry a passage."""

    y: np.ndarray
    score: np.ndarray
    f: np.ndarray
    story: np.ndarray
    stratum: np.ndarray
    outlet: np.ndarray
    fold: np.ndarray


def make_world(rng: np.random.Generator, cell: Cell) -> World:
    """A corpus as the cell says."""
    sizes = 1 + rng.poisson(rng.gamma(1.2, 5.0, cell.stories))
    runs = np.where(rng.random(cell.stories) < cell.copied, 2 + rng.poisson(1.0, cell.stories), 1)
    story = np.repeat(np.arange(cell.stories), sizes)

    def shared(part: float) -> np.ndarray:
        own = rng.standard_normal(len(story))
        return np.sqrt(part) * rng.standard_normal(cell.stories)[story] + np.sqrt(1 - part) * own

    taste = shared(cell.alike)
    y = taste > np.quantile(taste, 1 - cell.prevalence)
    skill = 0.7 if cell.classifier == "bad" else 2.5
    score = skill * y + shared(0.2)
    f = expit(logit(cell.prevalence) + skill * score - skill**2 / 2)
    if cell.classifier == "miscalibrated":
        f = expit(1.2 + 1.8 * logit(np.clip(f, 1e-9, 1 - 1e-9)))
    if cell.classifier == "constant":
        f = np.full(len(y), cell.prevalence)
    if cell.classifier == "sure":
        strange = shared(0.8)
        f = np.where(y ^ (strange > np.quantile(strange, 0.99)), 0.99, 0.01)
    words = cell.cue * y + rng.standard_normal(len(y))
    stratum = np.digitize(words, np.quantile(words, [0.8, 0.94]))
    begin = np.cumsum(sizes) - sizes
    article_story = np.repeat(np.arange(cell.stories), runs)
    rows = np.concatenate([np.arange(begin[s], begin[s] + sizes[s]) for s in article_story])
    outlet = np.repeat(rng.choice(len(OUTLET_SIZES), len(article_story), p=OUTLET_SIZES), sizes[article_story])
    fold = rng.integers(5, size=cell.stories)[story]
    return World(y[rows] * 1.0, score[rows], f[rows], story[rows], stratum[rows], outlet, fold[rows])


class Design:
    """How are passages drawn? `pi` of every passage; `draw` says which come to be coded."""

    def __init__(self, world: World, cell: Cell) -> None:
        self.world, self.equal = world, cell.design == "equal"
        self.stories = int(world.story.max()) + 1
        if self.equal:
            self.pi = np.full(len(world.y), min(cell.n / len(world.y), 1.0))
            return
        second = SECOND_STAGE[world.stratum]
        self.first = round(min(1.0, cell.n / second.sum()) * self.stories)
        self.second, self.pi = second, self.first / self.stories * second

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Which passages are coded?"""
        if self.equal:
            return rng.random(len(self.pi)) < self.pi
        taken = np.zeros(self.stories, dtype=bool)
        taken[rng.choice(self.stories, self.first, replace=False)] = True
        return taken[self.world.story] & (rng.random(len(self.pi)) < self.second)


def refitted(world: World, known: np.ndarray, pi: np.ndarray) -> np.ndarray:
    """Probabilities whose calibration was learned from the codes of the other folds, as a run does."""
    out = np.empty(len(world.y))
    for k in range(5):
        seen = known & (world.fold != k)
        x, y, w = world.score[seen], world.y[seen], 1 / pi[seen]
        w = w / w.mean()
        a = b = 0.0
        for _ in range(12):  # Newton, with the ridge of a logistic regression with C = 1
            p = expit(a + b * x)
            slope, v = w * (y - p), w * p * (1 - p)
            g = np.array([slope.sum(), (slope * x).sum() - b])
            h = np.array([[v.sum() + 1e-6, (v * x).sum()], [(v * x).sum(), (v * x * x).sum() + 1.0]])
            da, db = np.linalg.solve(h, g)
            a, b = float(np.clip(a + da, -12, 12)), float(np.clip(b + db, -12, 12))
        here = world.fold == k
        out[here] = expit(a + b * world.score[here])
    return out


@dataclass(frozen=True)
class Result:
    """Of the draws that gave a number: how many there were, in which share of them the limits held the truth (ours, and
    those of the coded sample alone), mean widths, how often the predictions were used; and the naive interval's
    coverage over worlds."""

    numbers: int
    coverage: float
    coverage_alone: float
    width: float
    width_alone: float
    used: float
    naive: float


def simulate(cell: Cell, *, draws: int = 2000, seed: int = 5, by_outlet: bool = False) -> dict[str, Result]:
    """How often do the limits hold the truth? By outlet, or for the whole corpus ("all")."""
    rng = np.random.default_rng([seed, zlib.crc32(cell.name.encode())])
    keys = [str(k) for k in range(len(OUTLET_SIZES))] if by_outlet else ["all"]
    held: dict[str, list[tuple[float, ...]]] = {key: [] for key in keys}
    naive: dict[str, list[bool]] = {key: [] for key in keys}
    for start in range(0, draws, DRAWS_PER_WORLD):
        world = make_world(rng, cell)
        design = Design(world, cell)
        parts = {key: np.flatnonzero(world.outlet == int(key)) if by_outlet else slice(None) for key in keys}
        truth = {key: float(world.y[rows].mean()) if len(world.y[rows]) else np.nan for key, rows in parts.items()}
        for key, rows in parts.items():
            if len(world.y[rows]):
                naive[key].append(classify_and_count_holds(world.f[rows], world.story[rows], truth[key]))
        for _ in range(min(DRAWS_PER_WORLD, draws - start)):
            known = design.draw(rng)
            f = refitted(world, known, design.pi) if cell.classifier == "cross-fitted" else world.f
            coded = np.where(known, world.y, np.nan)
            for key, rows in parts.items():
                if not len(world.y[rows]):
                    continue
                story, stratum = world.story[rows], world.stratum[rows]
                own = fit_share(f[rows], coded[rows], design.pi[rows], story, stratum=stratum)
                if not np.isnan(own.result.low):
                    held[key].append(_held(own, truth[key], f[rows], coded[rows], design.pi[rows], story, stratum))
    return {key: _summary(held[key], naive[key]) for key in keys}


def _held(own: FittedShare, truth: float, f, coded, pi, story, stratum) -> tuple[float, ...]:
    used = own.result.method.startswith("corrected")
    # A constant prediction says nothing: what is left is the coded sample alone.
    alone = fit_share(np.zeros(len(f)), coded, pi, story, stratum=stratum).result if used else own.result
    r = own.result
    holds, holds_alone = r.low <= truth <= r.high, alone.low <= truth <= alone.high
    return holds, holds_alone, r.high - r.low, alone.high - alone.low, used


def _summary(held: list[tuple[float, ...]], naive: list[bool]) -> Result:
    means = np.mean(held, axis=0) if held else np.full(5, np.nan)
    return Result(len(held), *(float(x) for x in means), naive=float(np.mean(naive)) if naive else np.nan)


def classify_and_count_holds(f: np.ndarray, story: np.ndarray, truth: float) -> bool:
    """Does the usual interval (bootstrap over stories of the share predicted) hold the true share?"""
    _, group = np.unique(story, return_inverse=True)
    if group.max() < ENOUGH_OF_EACH:
        return True
    sums = np.stack([np.bincount(group, f > 0.5), np.bincount(group)], axis=1)
    limits = bootstrap_interval(sums, lambda s: s[:, 0] / s[:, 1], n_draws=500)
    return bool(limits.low <= truth <= limits.high)


def faults(cell: Cell, key: str, result: Result) -> list[str]:
    """What speaks against the method in this cell? Coverage plus two Monte Carlo errors under 93 %, or limits more than
    5 % wider than those of the coded sample alone."""
    found = []
    if result.numbers < 100:
        return found
    error = np.sqrt(0.95 * 0.05 / result.numbers)
    if not result.coverage + 2 * error >= 0.93:
        found.append(f"{cell.name} [{key}]: coverage {result.coverage:.3f} of {result.numbers}")
    if not result.width <= 1.05 * result.width_alone:
        found.append(
            f"{cell.name} [{key}]: {result.width / result.width_alone:.3f} × as wide as the coded sample alone"
        )
    return found


def grid() -> list[Cell]:
    """The cells of the benchmark: everything crossed for the flagship's design, less for the others."""
    some = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
    cells = [Cell(n=n, prevalence=p) for n in (40, 100, 300, 700) for p in some]
    cells += [Cell(n=300, prevalence=p, classifier=c) for p in some for c in ("bad", "miscalibrated")]
    cells += [Cell("equal", 100, p) for p in (0.05, 0.2, 0.5)]
    cells += [Cell(n=300, prevalence=p, classifier="cross-fitted") for p in (0.05, 0.2)]
    cells += [Cell(n=n, prevalence=p, classifier="sure") for n in (100, 300) for p in (0.1, 0.3)]
    cells += [
        Cell(n=n, prevalence=p, alike=0.8, copied=0.5, cue=1.0) for n in (40, 100, 300) for p in (0.02, 0.05, 0.1, 0.3)
    ]
    cells += [Cell(n=300, classifier="constant")]
    few = [Cell(d, n, 0.1, stories=g) for d in ("two-stage", "equal") for n, g in ((40, 30), (100, 60))]
    return cells + few
