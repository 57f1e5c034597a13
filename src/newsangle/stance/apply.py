"""What does a stored model say of new texts, and which words made it say so? Arrays and names in, no estimator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from newsangle.features.ngrams import count_known, weigh
from newsangle.features.targets import SentenceSpans, target_views
from newsangle.labels.rules import Rule, RuleSet
from newsangle.stance.calibration import Calibration
from newsangle.stance.classifiers import all_classes
from newsangle.stance.linear import STORED, LinearModel

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Applied:
    """What a stored model says of each text.

    `scores`, `probabilities`: rows × classes; `predicted`: the class with the largest score. `contributions` (rows ×
    columns): what each term adds to the score of the predicted class, less what it adds to the mean of the classes
    seen; with the `offset` a row sums to its score less that mean. Empty for models that weigh no words.
    `terms`: the columns' names, as (block, term).
    """

    scores: Array
    probabilities: Array
    predicted: Ints
    contributions: sp.csr_matrix
    offset: Array
    terms: list[tuple[str, str]]


def apply_model(
    arrays: Mapping[str, npt.NDArray[Any]],
    about: Mapping[str, Any],
    texts: Sequence[str],
    targets: Sequence[str] | None = None,
    *,
    spans: SentenceSpans | None = None,
    topics: Array | None = None,
) -> Applied:
    """Scores, probabilities and reasons of new texts by the model that `model_arrays` stored.

    arrays, about: as in `model/TASK.npz` and `model/TASK.json` of a run. Tasks on targets need each text's target and
    sentence `spans` (`newsangle.corpus.sentences.sentence_spans`); models that read topics need `topics` (rows ×
    topics). Raises ValueError where one is missing, or a target is none of the task's.
    """
    number, n_classes = _target_numbers(about, targets), len(about["classes"])
    design = design_of(arrays, about, texts, targets, spans=spans) if "coef" in arrays else None
    classes = np.asarray(arrays["classes"], dtype=np.int64) if "classes" in arrays else np.arange(n_classes)
    terms = [(block, term) for block, found in about.get("terms", {}).items() for term in found]
    terms += [("is", name) for name in about.get("targets", {})]
    reasons, offset = sp.csr_matrix((len(texts), len(terms))), np.zeros(len(texts))
    if design is not None:
        model = linear_model(arrays)
        raw = model.scores(design, number, topics)
        reasons, offset = model.contributions(design, raw.argmax(axis=1), number, topics)
    elif "log_share" in arrays:
        raw = np.tile(arrays["log_share"], (len(texts), 1))
    else:
        raw = _rules(about).scores(texts, about["classes"], targets)
    scores = all_classes(raw, classes, n_classes)
    if "calibration_scale" in arrays:
        calibration = Calibration(
            float(arrays["calibration_scale"][0]), arrays["calibration_slope"], arrays["calibration_intercept"]
        )
        probabilities = calibration.probabilities(scores)
    else:
        probabilities = np.full(scores.shape, np.nan)  # a rule that was checked against no codes has none
    return Applied(scores, probabilities, scores.argmax(axis=1), reasons, offset, terms)


def design_of(
    arrays: Mapping[str, npt.NDArray[Any]],
    about: Mapping[str, Any],
    texts: Sequence[str],
    targets: Sequence[str] | None = None,
    *,
    spans: SentenceSpans | None = None,
) -> sp.csr_matrix:
    """The design's rows of new texts: n-gram blocks side by side, then the target's indicator."""
    number = _target_numbers(about, targets)
    parts = []
    for weight, (name, terms) in zip(arrays["block_weights"], about["terms"].items(), strict=True):
        read = texts
        if name == "target":
            if targets is None or spans is None:
                raise ValueError("a model on targets needs each text's target, and sentence spans")
            read = target_views(texts, targets, about["targets"], spans)
        ngrams = about["text"]["char_ngrams" if name == "char" else "word_ngrams"]
        counts = count_known(read, terms, analyzer="char_wb" if name == "char" else "word", n=ngrams)
        parts.append(weigh(counts, arrays[f"idf_{name}"]) * weight)
    if number is not None:
        n = len(texts)
        indicator = np.full(n, float(arrays["target_indicator"][0]))
        parts.append(sp.csr_matrix((indicator, (np.arange(n), number)), shape=(n, len(about["targets"]))))
    return sp.csr_matrix(sp.hstack(parts))


def linear_model(arrays: Mapping[str, npt.NDArray[Any]]) -> LinearModel:
    """The weights among the arrays."""
    found = {field: arrays[name] for field, name in STORED.items() if name in arrays}
    found = {field: np.asarray(array, dtype=np.float64) for field, array in found.items()}
    return LinearModel(**found, log_normalised="log_normalised" in arrays)


def _target_numbers(about: Mapping[str, Any], targets: Sequence[str] | None) -> Ints | None:
    names = list(about.get("targets", {}))
    if not names:
        return None
    if targets is None:
        raise ValueError(f"the model is about targets; give one a text, of {', '.join(names)}")
    strange = [t for t in targets if t not in names]
    if strange:
        raise ValueError(f"target {strange[0]!r} is none of {', '.join(names)}")
    return np.array([names.index(t) for t in targets], dtype=np.int64)


def _rules(about: Mapping[str, Any]) -> RuleSet:
    rules = about["rules"]
    found = tuple(Rule(r["label"], tuple(r["all"]), tuple(r["none"])) for r in rules["rules"])
    return RuleSet(found, rules["default"], rules["aliases"] | about["targets"])
