"""Which code was each unit given? Annotation files joined to passages by article, offsets and hash, or not at all.

A *row* is what a task predicts: a passage, or a passage × target. Annotation files hold ids, offsets, hashes and
codes, never sentences, so the passage's SHA-1 is the proof that coder and model read the same text.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from newsangle.corpus.hints import parted_otherwise
from newsangle.corpus.passages import passage_hash
from newsangle.errors import DataError

KEY = ["article_id", "start", "end"]
POOL, TRAINING = "pool", "training"


def read_table(path: Path, needed: Sequence[str]) -> pd.DataFrame:
    """What does an annotation file or sampling frame hold? All text, `start` and `end` integers, and `row`.

    `row` counts as a spreadsheet does: the header is row 1, blank rows count and are left out. Raises DataError for a
    missing or unreadable file, a missing column, rows longer than the header, and offsets that are not whole numbers.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the name, on the command line or in the config") from None
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}); check its permissions") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        raise DataError(f"{path}: row {row}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    if parted := parted_otherwise(text.split("\n", 1)[0].split(",")):
        raise DataError(f"{path}: {parted}")
    try:
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, skip_blank_lines=False)
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        reason = str(error).strip().splitlines()[0]
        raise DataError(f"{path}: can't be read as CSV ({reason}); repair or export it again") from None
    if not isinstance(table.index, pd.RangeIndex):  # pandas would take the first column for names of the rows
        raise DataError(f"{path}: row 2 has more fields than the header; name every column or remove the extra commas")
    missing = [name for name in [*KEY, "sha1", *needed] if name not in table.columns]
    if missing:
        raise DataError(f"{path}: column {missing[0]!r} is missing; the file has {', '.join(table.columns)}")
    blank = (table == "").all(axis=1)
    table = table.assign(row=range(2, len(table) + 2)).loc[~blank].reset_index(drop=True)
    for name in ("start", "end"):
        wrong = table.loc[~table[name].str.fullmatch(r"[0-9]{1,12}")]
        if len(wrong):
            first = wrong.iloc[0]
            raise DataError(f"{path}: row {first['row']}: {name} = {first[name]!r} is not a character offset")
        table[name] = table[name].astype("int64")
    return table


def task_rows(passages: pd.DataFrame, path: Path | None = None, *, target_column: str | None = None) -> pd.DataFrame:
    """Which rows does a task predict? All passages, or those (passage × target) that a frame file lists.

    Returns the passages' columns plus `target` (None without targets), in canonical order: the passages' order, then
    target. Raises DataError for rows that name no passage of the corpus, whose hash differs, or that repeat.
    """
    if path is None:
        return passages.assign(target=None).reset_index(drop=True)
    table = read_table(path, [target_column] if target_column else [])
    table = table.rename(columns={target_column: "target"}) if target_column else table.assign(target=None)
    matched = _match(passages, table, path)
    repeated = matched.duplicated([*KEY, "target"])
    if repeated.any():
        first = matched.loc[repeated].iloc[0]
        raise DataError(f"{path}: row {first['row']}: passage {first['passage_id']} is listed twice; keep one row")
    columns = [*passages.columns, "target"]
    return matched.sort_values(["position", "target"], kind="stable")[columns].reset_index(drop=True)


def row_strata(rows: pd.DataFrame, path: Path, *, target_column: str | None = None) -> pd.Series | None:
    """Which stratum of the sampling frame does each row of a task lie in? None where the file tells no strata.

    `path`: the file that lists the task's rows, or the corpus's passages. None too where some row has no stratum there.
    Raises DataError as `read_table` does.
    """
    table = read_table(path, [target_column] if target_column else [])
    if "stratum" not in table.columns:
        return None
    table = table.rename(columns={target_column: "target"}) if target_column else table
    key = [*KEY, "target"] if target_column else KEY
    listed = table[[*key, "stratum"]].drop_duplicates(key)
    found = rows[key].merge(listed, on=key, how="left", validate="many_to_one")["stratum"]
    return None if (found.isna() | (found == "")).any() else found.set_axis(rows.index)


def join_codes(
    rows: pd.DataFrame,
    path: Path,
    *,
    column: str,
    classes: Sequence[str],
    target_column: str | None = None,
    pi_column: str | None = "pi",
) -> pd.DataFrame:
    """Which of the task's rows are coded, as what, and with which inclusion probability?

    Returns `rows` with `coded` (class or None), `pi` (float, NaN where not coded) and `taught` (class or None): rows
    whose column `pool` says `training` were picked because they teach much, not drawn, so they have no inclusion
    probability, may be learned from, and are in no score and no share. They stand in `taught`, never in `coded`.
    Raises DataError, naming file and row, for a code that is not a class, a passage or target that the task doesn't
    have, a wrong hash, a row coded twice, a `pi` outside (0, 1] or on a row of the training pool, and other pools.
    """
    table = read_table(path, [column, *([target_column] if target_column else [])])
    table = table.rename(columns={target_column: "target"}) if target_column else table.assign(target=None)
    unknown = table.loc[~table[column].isin(list(classes))]
    if len(unknown):
        first = unknown.iloc[0]
        if not first[column].strip():
            gaps = int((table[column].str.strip() == "").sum())
            raise DataError(
                f"{path}: row {first['row']}: {column} is empty, as in {gaps} of {len(table)} rows; code them all, for "
                "a sample with gaps is not the one that was drawn"
            )
        raise DataError(f"{path}: row {first['row']}: {column} = {first[column]!r} is not one of {', '.join(classes)}")
    teaches = _training_pool(table, path, pi_column)
    if pi_column is not None and pi_column in table.columns:
        pi = pd.to_numeric(table[pi_column], errors="coerce")
        wrong = table.loc[~((pi > 0) & (pi <= 1)) & ~teaches]
        if len(wrong):
            first = wrong.iloc[0]
            raise DataError(
                f"{path}: row {first['row']}: {pi_column} = {first[pi_column]!r} is not a probability in (0, 1]"
            )
        table["pi_value"] = pi
    else:
        table["pi_value"] = float("nan")
    table["coded"] = table[column].where(~teaches, None)
    table["taught"] = table[column].where(teaches, None)
    matched = _match(rows.drop(columns="target").drop_duplicates("passage_id"), table, path)
    repeated = matched.duplicated([*KEY, "target"])
    if repeated.any():
        first = matched.loc[repeated].iloc[0]
        raise DataError(f"{path}: row {first['row']}: passage {first['passage_id']} is coded twice; keep one code")
    codes = matched[["passage_id", "target", "coded", "taught", "pi_value", "row"]].rename(columns={"pi_value": "pi"})
    joined = rows.merge(codes, on=["passage_id", "target"], how="left", validate="one_to_one")
    lost = codes.loc[~codes["row"].isin(joined["row"])]
    if len(lost):
        first = lost.iloc[0]
        raise DataError(
            f"{path}: row {first['row']}: the task has no row for {first['passage_id']} × {first['target']}"
        )
    for name in ("coded", "taught"):
        joined[name] = joined[name].astype(object).where(joined[name].notna(), None)
    return joined.drop(columns="row")


def _training_pool(table: pd.DataFrame, path: Path, pi_column: str | None) -> pd.Series:
    """Which rows of a file are of the training pool? Raises DataError for other pools and for such a row with a pi."""
    if POOL not in table.columns:
        return pd.Series(False, index=table.index)
    strange = table.loc[~table[POOL].isin(["", TRAINING])]
    if len(strange):
        first = strange.iloc[0]
        raise DataError(
            f"{path}: row {first['row']}: {POOL} = {first[POOL]!r} is no pool; write {TRAINING} for passages that were "
            "picked to learn from, leave it empty for passages that were drawn"
        )
    teaches = table[POOL] == TRAINING
    if pi_column is not None and pi_column in table.columns:
        drawn = table.loc[teaches & (table[pi_column] != "")]
        if len(drawn):
            first = drawn.iloc[0]
            raise DataError(
                f"{path}: row {first['row']}: {POOL} = {TRAINING} has {pi_column} = {first[pi_column]!r}; a picked "
                f"passage has no inclusion probability, leave {pi_column} empty"
            )
    return teaches


def _match(passages: pd.DataFrame, table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Each table row with its passage's columns and position; the row order of `table` is kept."""
    known = passages.assign(position=range(len(passages)))
    own = [name for name in table.columns if name in ("sha1", "row", "target", "coded", "taught", "pi_value")]
    matched = table[[*KEY, *own]].merge(known, on=KEY, how="left", validate="many_to_one")
    absent = matched.loc[matched["position"].isna()]
    if len(absent):
        first = absent.iloc[0]
        place = f"{first['article_id']}:{first['start']}-{first['end']}"
        raise DataError(
            f"{path}: row {first['row']}: {place} is no passage of this corpus; "
            "code the passages that `corpus.passages` of the config makes or lists"
        )
    found = [passage_hash(text) for text in matched["text"]]
    wrong = matched.loc[matched["sha1"] != pd.Series(found, index=matched.index)]
    if len(wrong):
        first = wrong.iloc[0]
        raise DataError(
            f"{path}: row {first['row']}: sha1 {first['sha1']!r} is not the hash of passage {first['passage_id']}; "
            "the codes were made on another text"
        )
    return matched
