"""Does the model read more than the words that the keyword rules name?"""

from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.labels.masking import share_masked, vocabularies
from newsangle.labels.rules import RuleSet
from newsangle.runs.check_records import Judge
from newsangle.runs.check_subject import Subject
from newsangle.runs.records import record
from newsangle.stats.splits import Split

Ints = npt.NDArray[np.int64]
RULE, ON_RULES, ON_CODES, MASKED, READS_MASKED = (
    "keyword_rules",
    "trained_on_rules",
    "trained_on_codes",
    "trained_on_codes_masked",
    "trained_on_codes_reads_masked",
)
BOTH = "both vocabularies"
MOST_TAUGHT = 20_000
NO_BOTH = "no coded passage holds the words of two classes"


def keyword_records(subject: Subject, rules: RuleSet, split: Split) -> list[dict[str, Any]]:
    """Rule alone, trained on rules, trained on codes, trained on codes with rule words masked; all on the codes.

    `macro_f1_keyword_check` and `f1_keyword_check[class]`, on all coded rows and on those that hold the words of two
    classes or more; `keyword_reliance` (trained on codes − the same, taught and read with rule words masked) and
    `keyword_reliance_as_trained` (one model, taught on full text: reading full − reading masked text), also by class;
    `agreement_with_rules`: macro-F1 against the rule's verdicts; `share_of_words_masked`.
    """
    units, judge = subject.units, subject.judge(split.name)
    texts, classes = units.rows["text"].tolist(), subject.task["classes"]
    n = len(texts)
    full, masked = np.arange(n), n + np.arange(n)
    verdicts = rules.scores(texts, classes, units.targets).argmax(axis=1).astype(np.int64)
    [on_rules] = subject.decisions(taught_by_rules(verdicts, subject.seed), split)
    on_codes, reads_masked = subject.decisions(units.codes, split, learn=full, reads=[full, masked])
    [without] = subject.decisions(units.codes, split, learn=masked, reads=[masked])
    decisions = {
        RULE: np.where(split.tested(n), verdicts, -1),
        ON_RULES: on_rules,
        ON_CODES: on_codes,
        MASKED: without,
        READS_MASKED: reads_masked,
    }
    both = vocabularies(texts, rules, classes, units.targets).sum(axis=1) >= 2
    # The rule's verdict is no code: what is scored against it is agreement.
    by_rule = Judge(
        judge.task, judge.split, np.where(units.coded, verdicts, -1), judge.groups, judge.classes, judge.seed
    )
    records = []
    for model, numbers in decisions.items():
        records.append(judge.score("macro_f1_keyword_check", model, numbers))
        records.append(judge.score("macro_f1_keyword_check", model, numbers, rows=both, part=BOTH, reason=NO_BOTH))
        for i, c in enumerate(classes):
            records.append(judge.score(f"f1_keyword_check[{c}]", model, numbers, function=judge.class_f1(i)))
        if model != RULE:
            records.append(by_rule.score("agreement_with_rules", model, numbers))
    for metric, other in (("keyword_reliance", without), ("keyword_reliance_as_trained", reads_masked)):
        records.append(judge.difference(metric, subject.model, on_codes, other))
        records.append(judge.difference(metric, subject.model, on_codes, other, rows=both, part=BOTH, reason=NO_BOTH))
        for i, c in enumerate(classes):
            told = f"{metric}[{c}]"
            records.append(judge.difference(told, subject.model, on_codes, other, function=judge.class_f1(i)))
    named = list(subject.task["targets"])
    shares = [share_masked(texts[i], rules, targets=named) for i in np.flatnonzero(units.coded)]
    records.append(
        record(
            task=judge.task,
            model=RULE,
            metric="share_of_words_masked",
            value=float(np.nanmean(shares)),
            interval="mean over coded rows: no spread",
            n=len(shares),
            seed=judge.seed,
            split=judge.split,
        )
    )
    return records


def taught_by_rules(verdicts: Ints, seed: int, most: int = MOST_TAUGHT) -> Ints:
    """Which verdicts teach? All, or where there are more than `most` as many at random; the others become −1.

    A model needs no more to copy a rule, and a hundred thousand passages would take the checks an hour.
    """
    if len(verdicts) <= most:
        return verdicts
    out = np.full(len(verdicts), -1, dtype=np.int64)
    drawn = np.random.default_rng([seed, most]).permutation(len(verdicts))[:most]
    out[drawn] = verdicts[drawn]
    return out
