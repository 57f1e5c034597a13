"""Which of a run's codes may be slips? The label-error list of a task, from its cross-fitted predictions."""

import numpy as np
import pandas as pd

from newsangle.errors import DataError
from newsangle.labels.suspects import label_errors
from newsangle.runs.folder import Run


def doubtful_codes(run: Run, task: str) -> pd.DataFrame:
    """Coded rows that the model, never having seen them, is confident are of another class; surest first.

    Returns passage_id, target, name, coded, suggested, p_coded, p_suggested. Raises DataError where nothing is coded.
    """
    classes = list(run.config["tasks"][task]["classes"])
    said = run.predictions
    coded = said.loc[(said["task"] == task) & said["coded"].notna()].reset_index(drop=True)
    if not len(coded):
        raise DataError(f"{run.path}: task {task} has no codes to doubt; code some passages first (label plan)")
    number = {name: k for k, name in enumerate(classes)}
    codes = np.array([number[c] for c in coded["coded"]], dtype=np.int64)
    chances = coded[[f"p_{c}" for c in classes]].to_numpy(dtype=np.float64)
    rows, says, _ = label_errors(codes, chances)
    table = coded.iloc[rows].reset_index(drop=True)
    names = [
        f"{p} × {t}" if isinstance(t, str) else str(p)
        for p, t in zip(table["passage_id"], table["target"], strict=True)
    ]
    return pd.DataFrame(
        {
            "passage_id": table["passage_id"],
            "target": table["target"],
            "name": names,
            "coded": table["coded"],
            "suggested": [classes[k] for k in says],
            "p_coded": chances[rows, codes[rows]],
            "p_suggested": chances[rows, says],
        }
    )
