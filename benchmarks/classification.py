"""How good are our classifiers on public data sets, beside published numbers?

    python benchmarks/classification.py --choose DATA [NAME …]   # candidates, in training data alone
    python benchmarks/classification.py DATA [NAME …]            # the choice, on the test part

Both write results/classification.json.

DATA: a folder with the data sets (or NEWSANGLE_BENCHMARK_DATA); a set that isn't there is skipped and named. The first
candidate of a set is the choice that `--choose` led to; it was written down before the test part was read. Sets without
an official test part are scored in grouped cross-validation with a model fixed beforehand.
"""

import argparse
import json
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import classification_data as data_sets
import classification_tweets as tweets
import numpy as np
import numpy.typing as npt
from classification_data import TARGETS, Data
from threadpoolctl import threadpool_limits

from newsangle.features.design import Block, TaskText, count_task_text
from newsangle.features.ngrams import count_ngrams
from newsangle.stance.classifiers import CLASSIFIERS, Classifier, all_classes, logreg, raw_scores
from newsangle.stance.fit import Variant, fit_and_score, scores_of
from newsangle.stance.readings import Sources, View
from newsangle.stats.bootstrap import bootstrap_interval
from newsangle.stats.classification import accuracy, f1, group_confusions, macro_f1
from newsangle.stats.folds import group_folds

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Score = Callable[[Array], Array]
HERE = Path(__file__).resolve().parent
WORD_OR_SIGN = r"(?u)\b\w[\w'’]*\b|[^\w\s]"


@dataclass(frozen=True)
class Setup:
    """A way to classify a set: what is read, by which row of CLASSIFIERS (or one of our own), with which options.

    `each_target`: one fit a target on its codes alone; terms still come from all rows in sight.
    """

    label: str
    read: Callable[[Data], Sources]
    model: str | Classifier
    options: dict[str, Any] = field(default_factory=dict)
    each_target: bool = False


@dataclass(frozen=True)
class Question:
    """A data set, the ways to classify it (the first is the choice), what is measured, and what others reached.

    `deals`: how often candidates go through all five folds, each time dealt anew; 0 for two folds of one deal.
    """

    load: Callable[[Path], Data]
    setups: Sequence[Setup]
    metrics: dict[str, str]
    published: list[dict[str, Any]]
    asked: dict[str, float] = field(default_factory=dict)
    deals: int = 0
    note: str = ""


def plain(word: tuple[int, int] = (1, 2), char: tuple[int, int] = (3, 5), char_weight: float = 0.5) -> Any:
    """Words and characters, as tasks on passages read them."""

    def read(data: Data) -> Sources:
        return Sources(count_task_text(data.texts, word_ngrams=word, char_ngrams=char, char_weight=char_weight))

    return read


def without_stop_words(data: Data) -> Sources:
    """Single words but for scikit-learn's list of English stop words."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    words = re.compile(r"(?u)\b\w\w+\b")
    texts = [" ".join(w for w in words.findall(t.lower()) if w not in ENGLISH_STOP_WORDS) for t in data.texts]
    return Sources(count_task_text(texts, word_ngrams=(1, 1), char_weight=0))


def persons(*, lexicon: bool) -> Any:
    """A sentence around a marked person: masked words and characters, windows, the sides, and (VADER) word valences."""

    def read(data: Data) -> Sources:
        masked = [_masked(text, spans) for text, spans in zip(data.texts, data.spans, strict=True)]
        tokens = [[t.lower() for t in re.findall(WORD_OR_SIGN, m)] for m in masked]
        first = [_masked(text, spans[:1]) for text, spans in zip(data.texts, data.spans, strict=True)]
        sided, near = [_window(t, 4, sided=True) for t in tokens], [_window(t, 10, sided=False) for t in tokens]
        blocks = (
            Block("word", count_ngrams(masked, n=(1, 2), min_df=2, token_pattern=WORD_OR_SIGN), 1.0),
            Block("char", count_ngrams(masked, analyzer="char_wb", n=(3, 5), min_df=2), 1.0),
            Block("sided", count_ngrams(sided, n=(1, 2), min_df=2, token_pattern=r"\S+"), 0.7),
            Block("near", count_ngrams(near, n=(1, 3), min_df=2, token_pattern=r"\S+"), 0.7),
            Block("left", count_ngrams([m.split("xtargetx")[0] for m in first], n=(1, 2), min_df=2), 0.5),
            Block("right", count_ngrams([m.split("xtargetx", 1)[1] for m in first], n=(1, 2), min_df=2), 0.5),
            Block("near_char", count_ngrams(near, analyzer="char_wb", n=(2, 5), min_df=2), 0.7),
        )
        valences = _valences(tokens) if lexicon else None
        return Sources(TaskText(blocks, None, 0, 2), None, None if valences is None else lambda seen: valences)

    return read


def _masked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    out, last = "", 0
    for a, b in spans:
        if a >= last:
            out, last = f"{out}{text[last:a]} xtargetx ", b
    return out + text[last:]


def _window(tokens: list[str], k: int, *, sided: bool) -> str:
    parts = []
    for i, token in enumerate(tokens):
        if token == "xtargetx":
            left, right = tokens[max(0, i - k) : i], tokens[i + 1 : i + 1 + k]
            parts += [*(f"l_{w}" if sided else w for w in left), *(f"r_{w}" if sided else w for w in right)]
    return " ".join(parts)


NOT = {"not", "n't", "no", "never", "without", "neither", "nor", "cannot", "hardly"}
NOT |= {f"{w}n{q}t" for w in ("do", "does", "did", "is", "was", "wo", "ca", "could") for q in "'’"}


def _valences(tokens: list[list[str]]) -> Array:
    """Sums of word valences (Hutto and Gilbert 2014) on each side of the target within 3, 6, 12 and all words."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    lexicon = SentimentIntensityAnalyzer().lexicon
    rows = []
    for words in tokens:
        places = [i for i, w in enumerate(words) if w == "xtargetx"]
        sign = [-0.7 if NOT & set(words[max(0, i - 3) : i]) else 1.0 for i in range(len(words))]
        v = np.array([lexicon.get(w, 0.0) * s for w, s in zip(words, sign, strict=True)])
        at = np.arange(len(words))
        distance = np.min([np.abs(at - p) for p in places], axis=0)
        good, bad = np.maximum(v, 0), np.maximum(-v, 0)
        row = []
        for k in (3, 6, 12, 10_000):
            for side in (at < places[0], at > places[0]):
                row += [part[(distance <= k) & side].sum() for part in (good, bad)]
        rows.append([*row, (v / (1 + distance)).sum(), good.max(), bad.max(), v.sum()])
    return np.tanh(np.array(rows) / 4)


def run_setup(setup: Setup, sources: Sources, data: Data, seen: npt.NDArray[np.bool_], wanted: Rows) -> Rows:
    """Classes of the wanted rows by a model that learned terms, weights and classes from the rows in sight."""
    n, codes = len(data.classes), np.where(seen, data.codes, -1)
    if setup.each_target:
        target, out = np.array(data.targets), np.empty(len(data.codes), dtype=np.int64)
        variant = Variant(str(setup.model), tuple(sorted(setup.options.get(str(setup.model), {}).items())))
        for name in sorted(set(target)):
            mine = wanted[target[wanted] == name]
            scored = fit_and_score(sources, np.where(target == name, codes, -1), seen, [mine], [variant], 0)
            out[mine] = scores_of([scored[variant]], 0, n, is_average=False).argmax(axis=1)
        return out[wanted]
    if isinstance(setup.model, Classifier):
        view = View(sources, seen, np.flatnonzero(seen), wanted)
        train = int(seen.sum())
        estimator = setup.model.make(0, **setup.options).fit(view.read(setup.model, 0, train), codes[seen])
        return all_classes(raw_scores(estimator, view.read(setup.model, train)), estimator.classes_, n).argmax(axis=1)
    members = CLASSIFIERS[setup.model].members
    variants = [Variant(m, tuple(sorted(setup.options.get(m, {}).items()))) for m in members or (setup.model,)]
    scored = fit_and_score(sources, codes, seen, [wanted], variants, 0)
    return scores_of([scored[v] for v in variants], 0, n, is_average=bool(members)).argmax(axis=1)


def per_target(data: Data, rows: Rows, predicted: Rows) -> Array:
    """Confusions (groups × targets × C × C), a group a row: for metrics that average over targets."""
    names, n = list(TARGETS), len(data.classes)
    out = np.zeros((len(rows), len(names), n, n))
    target = [names.index(data.targets[r]) for r in rows] if data.targets else [0] * len(rows)
    out[np.arange(len(rows)), target, data.codes[rows], predicted] = 1
    return out


def favor_against(confusion: Array) -> Array:
    """SemEval-2016 task 6: mean of the F1 of favor and of against; `none` counts through the others' errors."""
    return f1(confusion)[..., 1:].mean(axis=-1)


SCORES: dict[str, Score] = {"accuracy": accuracy, "macro_f1": macro_f1}


def score(data: Data, rows: Rows, predicted: Rows, metric: str) -> dict[str, float]:
    """A metric with its 95 % interval: bootstrap over groups."""
    if metric in SCORES:
        table = group_confusions(data.codes[rows], predicted, [data.groups[r] for r in rows], len(data.classes))
        function = SCORES[metric]
    else:
        table = per_target(data, rows, predicted)

        def function(c: Array) -> Array:
            return favor_against(c).mean(axis=-1) if metric == "averaged_over_targets" else favor_against(c.sum(-3))

    shape = table.shape[1:]
    flat = table.reshape(len(table), -1)
    interval = bootstrap_interval(flat, lambda s: function(s.reshape(-1, *shape)), seed=0)
    return {"value": float(function(table.sum(axis=0))), "low": interval.low, "high": interval.high}


def minus_majority(data: Data, rows: Rows, predicted: Rows) -> dict[str, float]:
    """Accuracy less that of the majority class, paired, with its interval."""
    most = np.full(len(rows), np.bincount(data.codes).argmax())
    groups = [data.groups[r] for r in rows]
    pair = [group_confusions(data.codes[rows], p, groups, len(data.classes)) for p in (predicted, most)]
    table = np.stack(pair, axis=1)

    def difference(c: Array) -> Array:
        return accuracy(c[..., 0, :, :]) - accuracy(c[..., 1, :, :])

    shape = table.shape[1:]
    interval = bootstrap_interval(table.reshape(len(table), -1), lambda s: difference(s.reshape(-1, *shape)), seed=0)
    return {"value": float(difference(table.sum(axis=0))), "low": interval.low, "high": interval.high}


SVM = Setup("linear_svc, words 1–2", plain(char_weight=0), "linear_svc")
NB_SVM = {"complement_nb": {"alpha": 0.1}, "linear_svc": {"C": 0.3}}
TWO = {"per_target": {"C": 1.0}, "target_words": {"C": 1.0}}
ONE = {"per_target": {"C": 2.0}}
UNWEIGHTED = {"per_target": {"C": 20.0, "balanced": False}}
VALENCED = Classifier(logreg, ("tfidf", "topics"))
ACC, MACRO = {"accuracy": "accuracy"}, {"macro_f1": "macro-F1"}
SEMEVAL = "Mohammad et al. 2016, SemEval-2016 task 6"
TEXT_GCN = "Yao et al. 2019, AAAI (Text GCN), full headers"


def ng(stripped: bool) -> Callable[[Path], Data]:
    """The loader of 20 Newsgroups."""
    return lambda folder: data_sets.newsgroups(folder, stripped=stripped)


NG = (
    Setup("nb_svm, words without stop words", without_stop_words, "nb_svm", NB_SVM),
    Setup("nb_svm, words", plain((1, 1), char_weight=0), "nb_svm", NB_SVM),
    Setup("nb_svm, words 1–2", plain(char_weight=0), "nb_svm", NB_SVM),
)
QUESTIONS: dict[str, Question] = {
    "tweeteval_stance": Question(
        data_sets.tweeteval_stance,
        (
            Setup("per_target, C = 2, characters first", tweets.characters_first, "per_target", ONE, True),
            Setup("the same, passages' n-grams", tweets.task_text, "per_target", ONE, True),
            Setup("the same, classes not weighted", tweets.characters_first, "per_target", UNWEIGHTED, True),
            Setup("the same, read as in the first look", tweets.first_look, "per_target", ONE, True),
            Setup("first look: per_target_average, C = 1", tweets.first_look, "per_target_average", TWO),
        ),
        {"pooled": "F1 favor/against, pooled", "averaged_over_targets": "F1 favor/against, averaged over targets"},
        [
            {"what": "SVM n-grams, pooled", "value": 0.673, "by": "Barbieri et al. 2020 (TweetEval)"},
            {"what": "RoBERTa-base, pooled", "value": 0.68, "by": "Barbieri et al. 2020 (TweetEval)"},
            {"what": "TimeLMs, pooled", "value": 0.729, "by": "TweetEval leaderboard"},
            {"what": "SVM n-grams, pooled", "value": 0.6898, "by": SEMEVAL},
            {"what": "best entry, pooled", "value": 0.6782, "by": SEMEVAL},
            {"what": "majority, pooled", "value": 0.6522, "by": SEMEVAL},
            {"what": "SVM n-grams, averaged over targets", "value": 0.5801, "by": SEMEVAL},
        ],
        {"pooled": 0.6898},
        deals=3,
        note="second look, recipe chosen in training folds after the first look failed",
    ),
    "newsmtsc_rw": Question(
        data_sets.newsmtsc,
        (
            Setup("n-grams around the person and word valences, logistic regression", persons(lexicon=True), VALENCED),
            Setup("n-grams around the person, logistic regression", persons(lexicon=False), "logreg"),
            Setup("logreg, sentence alone", plain(char_weight=0), "logreg"),
        ),
        MACRO,
        [{"what": "GRU-TSC (neural)", "value": 0.831, "by": "Hamborg and Donnay 2021, EACL"}],
        {"macro_f1": 0.68},
    ),
    "20newsgroups_stripped": Question(ng(stripped=True), NG, ACC, [], {"accuracy": 0.72}),
    "20newsgroups_headers": Question(
        ng(stripped=False),
        NG,
        ACC,
        [
            {"what": "TF-IDF + logistic regression", "value": 0.8319, "by": TEXT_GCN},
            {"what": "Text GCN", "value": 0.8634, "by": TEXT_GCN},
        ],
        {"accuracy": 0.865},
    ),
    "bbc": Question(data_sets.bbc, (SVM,), ACC | MACRO, []),
    "re3d_source": Question(data_sets.re3d, (SVM,), ACC | MACRO, []),
    "fa_kes_credibility": Question(data_sets.fa_kes, (Setup("logreg", plain(), "logreg"),), ACC | MACRO, []),
}


def measure(name: str, question: Question, data: Data) -> dict[str, Any]:
    """The choice on the official test part, or in grouped cross-validation where there is none."""
    setup, began, load = question.setups[0], time.perf_counter(), os.getloadavg()[0]
    cpu = time.process_time()
    sources = setup.read(data)
    if data.train.all():
        coded = [data.classes[c] for c in data.codes]
        folds = group_folds(data.groups, coded, n_folds=5, seed=0)
        rows, predicted = np.arange(len(data.codes)), np.empty(len(data.codes), dtype=np.int64)
        for k in range(5):
            predicted[folds == k] = run_setup(setup, sources, data, folds != k, np.flatnonzero(folds == k))
    else:
        rows = np.flatnonzero(~data.train)
        predicted = run_setup(setup, sources, data, data.train, rows)
    result: dict[str, Any] = {"name": name, "model": setup.label, "options": setup.options}
    result |= {"n_train": int(data.train.sum()), "n_scored": len(rows), "groups": len({data.groups[r] for r in rows})}
    result["how"] = "grouped 5-fold cross-validation" if data.train.all() else "official test part"
    result |= {"seconds": round(time.perf_counter() - began, 1), "cpu_seconds": round(time.process_time() - cpu, 1)}
    result["load_before"] = round(load, 2)
    result["scores"] = {m: score(data, rows, predicted, m) | {"is": told} for m, told in question.metrics.items()}
    if name == "fa_kes_credibility":
        gain = minus_majority(data, rows, predicted)
        better = "better" if gain["low"] > 0 else "no better"
        result |= {"accuracy_minus_majority": gain, "verdict": f"{better} than the majority class"}
    noted = {"note": question.note} if question.note else {}
    return result | noted | {"published": question.published, "asked": question.asked}


def choose(name: str, question: Question, data: Data) -> list[dict[str, Any]]:
    """Every candidate in grouped five-fold cross-validation inside the training part: two folds, or `deals` times all.

    With deals a score is that of all rows out of fold; mean, lowest and highest over the deals.
    """
    rows = np.flatnonzero(data.train)
    inside = Data(
        [data.texts[r] for r in rows],
        data.codes[rows],
        data.classes,
        [data.groups[r] for r in rows],
        np.ones(len(rows), dtype=bool),
        [data.targets[r] for r in rows] if data.targets else None,
        [data.spans[r] for r in rows] if data.spans else [],
    )
    coded = [inside.classes[c] for c in inside.codes]
    if inside.targets:
        coded = [f"{target} {code}" for target, code in zip(inside.targets, coded, strict=True)]
    out = []
    for setup in question.setups:
        sources, parts = setup.read(inside), []
        for deal in range(max(question.deals, 1)):
            folds, predicted = group_folds(inside.groups, coded, n_folds=5, seed=deal), np.zeros(len(rows), np.int64)
            wanted = [np.flatnonzero(folds == k) for k in range(5 if question.deals else 2)]
            for k, part in enumerate(wanted):
                predicted[part] = run_setup(setup, sources, inside, folds != k, part)
            scored = [np.concatenate(wanted)] if question.deals else wanted
            parts += [[score(inside, r, predicted[r], m)["value"] for m in question.metrics] for r in scored]
        found: dict[str, Any] = {"name": name, "candidate": setup.label}
        for metric, values in zip(question.metrics, np.transpose(parts), strict=True):
            found[metric] = round(float(values.mean()), 4)
            if question.deals:
                found[f"{metric}_range"] = [round(float(values.min()), 4), round(float(values.max()), 4)]
        out.append(found)
        print(json.dumps(found), flush=True)
    return out


def main() -> None:
    """Measure or choose; the JSON keeps the results of sets that weren't asked for."""
    parser = argparse.ArgumentParser(description="Classifiers on public data sets")
    parser.add_argument("data", nargs="?", default=os.environ.get("NEWSANGLE_BENCHMARK_DATA"))
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--choose", action="store_true")
    given = parser.parse_args()
    if not given.data:
        raise SystemExit("skipped: name the folder of the data sets, or set NEWSANGLE_BENCHMARK_DATA")
    path = HERE / "results" / "classification.json"
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in given.names or QUESTIONS:
        question = QUESTIONS[name]
        try:
            data = question.load(Path(given.data))
        except FileNotFoundError as error:
            print(f"{name}: skipped, {error.filename} isn't there")
            continue
        part = kept.setdefault(name, {})
        with threadpool_limits(limits=1):
            part["choice" if given.choose else "result"] = (choose if given.choose else measure)(name, question, data)
        if not given.choose:
            print(json.dumps(part["result"]["scores"]), part["result"].get("verdict", ""), flush=True)
        kept["versions"] = {p: version(p) for p in ("newsangle", "numpy", "scipy", "scikit-learn")}
        path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
