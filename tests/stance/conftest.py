"""A small task with known structure: invented sentences on floods, votes and clocks, a few of them coded."""

import random
from dataclasses import dataclass

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from newsangle.features.design import TaskText, count_task_text

WORDS = {
    0: ["river", "flood", "dyke", "rain", "boats", "water"],
    1: ["ballot", "vote", "party", "turnout", "election", "board"],
    2: ["clock", "museum", "concert", "keeper", "loaf", "train"],
}
SHARED = ["the", "town", "said", "on", "monday", "report", "of", "new"]


@dataclass(frozen=True)
class Task:
    """Rows with texts, codes (−1 where not coded), folds, rule scores, and the class that each row truly has."""

    texts: list[str]
    codes: np.ndarray
    folds: np.ndarray
    rules: np.ndarray
    truth: np.ndarray

    @property
    def text(self) -> TaskText:
        return count_task_text(self.texts, min_df=1, char_ngrams=(3, 3))


def invented(truth, seed, clear=2):
    """Texts of eight words, `clear` of them from the words of their class, the others shared or from any class."""
    rng = random.Random(seed)
    every = [w for words in WORDS.values() for w in words]
    texts = []
    for k in truth:
        words = rng.choices(WORDS[int(k)], k=clear) + rng.choices(SHARED, k=5) + rng.choices(every, k=1)
        rng.shuffle(words)
        texts.append(" ".join(words))
    return texts


def make_task(n=150, n_folds=4, seed=0, coded=0.6, n_classes=3):
    rng = np.random.default_rng(seed)
    truth = rng.choice(n_classes, size=n, p=np.array([0.3, 0.2, 0.5])[:n_classes] / np.sum([0.3, 0.2, 0.5][:n_classes]))
    texts = invented(truth, seed)
    codes = np.where(rng.random(n) < coded, truth, -1)
    rules = np.array(
        [[sum(w in t.split() for w in WORDS[k][:2]) + 0.5 * (k == 2) for k in range(n_classes)] for t in texts]
    )
    return Task(texts, codes, rng.permutation(n) % n_folds, rules, truth)


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    """As in a run: two threads on matrices this small only wait for each other when the machine is busy."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session")
def draw_task():
    """How a task is made: n rows, folds, share of coded rows, classes."""
    return make_task
