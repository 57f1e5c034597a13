"""An invented frame of passages with known classes: what a run would know about it, and what coders would say."""

import numpy as np
import pandas as pd

CLASSES = ["flood", "vote"]


def make_rows(n=300, share=0.15, seed=0, skill=1.5):
    """Rows of three outlets in articles of three passages; `skill` 0: probabilities that know nothing."""
    rng = np.random.default_rng(seed)
    article = np.arange(n) // 3
    logit = np.log(share / (1 - share)) + rng.normal(0, skill, size=n // 3 + 1)[article]
    chance = 1 / (1 + np.exp(-logit))
    truth = np.where(rng.random(n) < chance, 0, 1)
    rows = pd.DataFrame(
        {
            "passage_id": [f"{a:03d}:{i % 3 * 50}-{i % 3 * 50 + 40}" for i, a in enumerate(article)],
            "article_id": [f"{a:03d}" for a in article],
            "start": [i % 3 * 50 for i in range(n)],
            "end": [i % 3 * 50 + 40 for i in range(n)],
            "target": None,
            "outlet": [["Post", "Herald", "Radio"][a % 3 if a % 5 else 0] for a in article],
            "date": pd.to_datetime("2031-03-01") + pd.to_timedelta(article % 20, unit="D"),
            "group": [f"g{a:03d}" for a in article],
            "text": [f"Passage {i} of article {a}." for i, a in enumerate(article)],
            "predicted": [CLASSES[int(c < 0.4)] for c in chance],
            "p_flood": chance,
            "p_vote": 1 - chance,
            "coded": None,
            "taught": None,
            "pi": np.nan,
        }
    )
    rows["coded"] = rows["coded"].astype(object)
    return rows, truth


def with_codes(rows, truth, chosen, pi):
    """The rows after `chosen` were coded; `pi`: one a row of the frame, or None where it isn't known."""
    coded = np.array([CLASSES[t] for t in truth], dtype=object)
    inside = np.isin(np.arange(len(rows)), chosen)
    return rows.assign(
        coded=pd.Series(np.where(inside, coded, None), dtype=object),
        pi=np.where(inside, np.nan if pi is None else pi, np.nan),
    )
