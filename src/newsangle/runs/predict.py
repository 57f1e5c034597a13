"""What do the models of a run say of other passages? Stored arrays applied; nothing is fitted and nothing unpickled."""

import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from newsangle.corpus.load import load_corpus
from newsangle.corpus.passages import passage_hash
from newsangle.corpus.sentences import sentence_spans
from newsangle.errors import DataError, machine_errors
from newsangle.features.matrix import term_vectorizer
from newsangle.features.targets import OTHER, TARGET
from newsangle.runs.folder import Run
from newsangle.stance.apply import Applied, apply_model
from newsangle.stance.domain import domain_of, outside
from newsangle.topics.foldin import fold_in

ROWS_AT_ONCE = 2000
WORDS = 5
CARRIED = ["passage_id", "article_id", "start", "end", "title", "outlet", "date", "group"]
CROSS_FITTED, BY_MODEL = "cross-fitted", "model"


def predict_passages(run: Run, passages: pd.DataFrame | Sequence[str]) -> pd.DataFrame:
    """Which class does the run's final model give each passage, how surely, because of which words?

    passages: texts, or a table with `text` and any of passage_id, article_id, start, end, title, outlet, date, group,
    which are carried along. Returns one row a task and passage (× each target that the passage names): task, what was
    carried, target, predicted, p_CLASS (calibrated; NaN for rules), `words` (up to five that spoke most for the class),
    `source`: "model", or "cross-fitted" for passages of the run itself (same text, same target), which keep the
    prediction that never saw their code, without words where the final model says another class; `unseen`, `distance`,
    `strange` (see `newsangle.stance.domain`), and topic_1, topic_2 … (shares, in the order of the report; NaN without a
    known word). Rows stay in the order given.
    Raises DataError for a table without texts, a run without tasks and topics, and a run of an older newsangle.
    """
    with threadpool_limits(limits=1):  # more threads would move the last digits
        return _predict(run, _table(passages))


def _predict(run: Run, table: pd.DataFrame) -> pd.DataFrame:
    tasks = list(run.config.get("tasks", {}))
    topics = _topic_shares(run, table["text"].tolist())
    if not tasks and topics is None:
        raise DataError(f"{run.path}: has neither tasks nor topics; there is nothing to predict with")
    parts = [_task(run, name, table, topics) for name in tasks] or [table.drop(columns="text").assign(task=None)]
    found = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0].reset_index(drop=True)
    if topics is not None:
        columns = {f"topic_{k + 1}": topics[found["row"].to_numpy(), k] for k in range(topics.shape[1])}
        found = pd.concat([found, pd.DataFrame(columns, index=found.index)], axis=1)
    return found.drop(columns="row")


def predict_corpus(run: Run, corpus: str | Path, out: Path, *, columns: Mapping[str, str] | None = None) -> str:
    """Predict every passage of a corpus (a name, or a file of articles) into a Parquet or CSV file; returns a summary.

    Articles are cut into passages as the run's config says; its filter isn't applied. Raises DataError for another
    suffix, MachineError where the file can't be written.
    """
    if out.suffix not in (".parquet", ".csv"):
        raise DataError(f"{out}: write .parquet or .csv")
    cut = run.config["corpus"].get("passages", {})
    words = {name: cut[name] for name in ("min_words", "max_words") if name in cut}
    passages = load_corpus(corpus, columns=columns, **words).passages
    found = predict_passages(run, passages)
    with machine_errors(out):
        temporary = out.with_name(f".{out.name}.part")
        if out.suffix == ".csv":
            found.to_csv(temporary, index=False)
        else:
            found.to_parquet(temporary, index=False)
        temporary.replace(out)
    return _summary(found, len(passages), out)


def _summary(found: pd.DataFrame, n: int, out: Path) -> str:
    lines = []
    for task, part in found.groupby("task", sort=False):
        counts = part["predicted"].value_counts()
        told = ", ".join(f"{c} {k}" for c, k in counts.items())
        own = int((part["source"] == CROSS_FITTED).sum())
        lines.append(f"{task}: {told}" + (f"; {own} rows are of the run itself and keep its prediction" if own else ""))
        strange = int(part["strange"].sum())
        if strange > 0.1 * len(part):
            lines.append(
                f"warning: {strange} of {len(part)} rows are unlike the passages that {task} was learned from (column "
                "strange; about 5 in 100 would be by chance): code a sample before you quote a share"
            )
    return "\n".join([f"{n} passages, {len(found)} rows: {out}", *lines])


def _table(passages: pd.DataFrame | Sequence[str]) -> pd.DataFrame:
    if not isinstance(passages, pd.DataFrame):
        if isinstance(passages, str):
            raise DataError("passages are one text: pass a list of texts, or a table with a column text")
        try:
            passages = pd.DataFrame({"text": list(passages)})
        except TypeError:
            kind = type(passages).__name__
            raise DataError(
                f"passages are a {kind}: pass a list of texts, or a table such as corpus.passages"
            ) from None
    if "text" not in passages.columns:
        raise DataError(f"passages have no column 'text'; they have {', '.join(map(str, passages.columns))}")
    texts = passages["text"]
    if not all(isinstance(text, str) for text in texts):
        raise DataError("passages: column text holds something that is no text; leave such rows out")
    kept = passages[[name for name in CARRIED if name in passages.columns]].reset_index(drop=True)
    if "passage_id" not in kept:
        kept.insert(0, "passage_id", [str(i) for i in range(len(kept))])
    return kept.assign(text=texts.to_numpy(dtype=object), row=np.arange(len(kept)))


def _task(run: Run, name: str, table: pd.DataFrame, topics: npt.NDArray[np.float64] | None) -> pd.DataFrame:
    about = json.loads(run.read(f"model/{name}.json"))
    arrays = _arrays(run, f"model/{name}.npz")
    rows = _with_targets(table, about["targets"])
    texts = rows["text"].tolist()
    targets = rows["target"].tolist() if about["targets"] else None
    shares = None if topics is None else np.nan_to_num(topics[rows["row"].to_numpy()])
    parts = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        here = slice(start, start + ROWS_AT_ONCE)
        parts.append(
            apply_model(
                arrays,
                about,
                texts[here],
                None if targets is None else targets[here],
                spans=sentence_spans,
                topics=None if shares is None else shares[here],
            )
        )
    classes = np.array(about["classes"], dtype=object)
    empty = np.zeros((0, len(classes)))
    predicted = np.concatenate([p.predicted for p in parts]) if parts else np.zeros(0, dtype=np.int64)
    chances = np.concatenate([p.probabilities for p in parts]) if parts else empty
    found = rows.drop(columns="text").assign(predicted=classes[predicted], source=BY_MODEL)
    found.insert(0, "task", name)
    for i, c in enumerate(classes):
        found[f"p_{c}"] = np.round(chances[:, i], 10)  # beyond, digits depend on how many passages come at once
    found["words"] = [words for part in parts for words in deciding_words(part)]
    _keep_own(run, name, found, texts)
    domain = _arrays(run, f"model/{name}_domain.npz")
    if domain:
        seen = outside(domain_of(domain, about["domain_terms"]), texts)
        return found.assign(
            unseen=np.round(seen.unseen, 10), distance=np.round(seen.distance, 10), strange=seen.strange
        )
    return found.assign(unseen=np.nan, distance=np.nan, strange=False)


def _with_targets(table: pd.DataFrame, targets: Mapping[str, str]) -> pd.DataFrame:
    """One row a passage, or one a passage and each target that it names."""
    if not targets:
        return table.assign(target=None)
    named = [
        table.loc[[bool(re.search(p, text)) for text in table["text"]]].assign(target=t) for t, p in targets.items()
    ]
    return pd.concat(named).sort_values("row", kind="stable").reset_index(drop=True)


def _keep_own(run: Run, task: str, found: pd.DataFrame, texts: Sequence[str]) -> None:
    """Rows of the run itself get its cross-fitted prediction back: by the text's hash and the target, and the passage's
    id where several passages have one text. Words that spoke for another class than the one put back go."""
    own = run.predictions.loc[lambda t: t["task"] == task]
    if "sha1" not in own.columns:
        raise DataError(f"{run.path}: was made by an older newsangle; run the experiment again")
    place: dict[tuple[str, ...], int] = {}
    rows = zip(own["sha1"], own["target"].fillna(""), own["passage_id"], strict=True)
    for i, (digest, target, passage) in enumerate(rows):
        place.setdefault((digest, target), i)
        place[digest, target, passage] = i
    asked = zip(map(passage_hash, texts), found["target"].fillna(""), found["passage_id"], strict=True)
    at = np.array([place.get((d, t, p), place.get((d, t), -1)) for d, t, p in asked], dtype=np.int64)
    mine = np.flatnonzero(at >= 0)
    before = found["predicted"].to_numpy()
    for name in ["predicted", *(name for name in found.columns if name.startswith("p_"))]:
        column = found[name].to_numpy(copy=True)
        column[mine] = own[name].to_numpy()[at[mine]]
        found[name] = column
    found.loc[mine, "source"] = CROSS_FITTED
    found.loc[before != found["predicted"].to_numpy(), "words"] = ""


def deciding_words(applied: Applied) -> list[str]:
    """Which words spoke most for the class of each row? Up to five, heaviest first; character n-grams aren't shown."""
    shown = np.array([block in ("word", "target") for block, _ in applied.terms], dtype=np.bool_)
    names = [term.replace(TARGET, "[target]").replace(OTHER, "[other target]") for _, term in applied.terms]
    out = []
    for i in range(applied.contributions.shape[0]):
        row = applied.contributions[[i]]
        order = [k for k in np.argsort(-row.data, kind="stable") if row.data[k] > 0 and shown[row.indices[k]]]
        words = dict.fromkeys(names[row.indices[k]] for k in order)
        out.append(", ".join(list(words)[:WORDS]))
    return out


def _topic_shares(run: Run, texts: Sequence[str]) -> npt.NDArray[np.float64] | None:
    """Topic shares of the texts, folded into the run's topics; None without topics that are word distributions."""
    if "model/topics.json" not in run.manifest["files"]:
        return None
    about = json.loads(run.read("model/topics.json"))
    if not about["has_word_distributions"]:
        return None
    vectorizer = term_vectorizer(stop_words="none", min_df=1, max_df=1.0, phrases=about.get("phrases", ()))
    vectorizer.set_params(vocabulary={term: i for i, term in enumerate(about["terms"])})
    counts = vectorizer.transform(texts).tocsr().astype(np.int64)
    components = _arrays(run, "model/topics.npz")["components"]
    return fold_in(components, counts, alpha=run.config["topics"]["alpha"])


def _arrays(run: Run, name: str) -> dict[str, npt.NDArray[Any]]:
    if name not in run.manifest["files"]:
        return {}
    with np.load(io.BytesIO(run.read(name)), allow_pickle=False) as file:
        return {key: file[key] for key in file.files}
