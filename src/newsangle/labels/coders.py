"""Did a coder code the passages of the sheet, with the classes of the task? Checked before anything is taken over."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.corpus.passages import passage_hash
from newsangle.errors import ConfigError, DataError
from newsangle.labels.codes import KEY
from newsangle.labels.sheet import row_names


def take_codes(
    sheet: pd.DataFrame,
    coded: pd.DataFrame,
    *,
    sheet_path: Path,
    path: Path,
    column: str,
    classes: Sequence[str],
    target_column: str | None = None,
    into: str | None = None,
    unfinished: bool = False,
) -> pd.DataFrame:
    """The sheet with a coder's codes in it; everything else, `pi` and `pool` above all, stays the sheet's own.

    `into`: the column that gets them, if it isn't `column` (one of several coders); rows that have their code in
    `column` already may then be missing. Raises DataError, naming file, row
    and value, for a passage that the sheet doesn't have, another text (hash), a passage twice, a code that is no class,
    a row coded otherwise in the sheet, and, unless `unfinished`, for rows that are left without a code.
    """
    check_passages(sheet, coded, sheet_path=sheet_path, path=path, target_column=target_column)
    wrong = coded.loc[~coded[column].isin(["", *classes])]
    if len(wrong):
        first = wrong.iloc[0]
        raise DataError(
            f"{path}: row {first['row']}: {column} = {first[column]!r} is not one of {', '.join(classes)}; "
            "correct it in the file"
        )
    aim = into or column
    before = sheet[aim] if aim in sheet.columns else pd.Series("", index=sheet.index, dtype="str")
    given = dict(zip(_keys(coded, target_column), coded[column], strict=True))
    new = pd.Series([given.get(key, "") for key in _keys(sheet, target_column)], index=sheet.index, dtype="str")
    clash = sheet.loc[(before != "") & (new != "") & (before != new)]
    if len(clash):
        row = clash.index[0]
        name = row_names(sheet.loc[[row]], target_column)[0]
        raise DataError(
            f"{path}: {name}: coded {new[row]!r}, but {aim} = {before[row]!r} in {sheet_path}, row "
            f"{sheet.loc[row, 'row']}; import a second coder with --coder NAME"
        )
    filled = sheet.assign(**{aim: before.where(before != "", new)})
    empty = filled.loc[(filled[aim] == "") & (filled[column] == "")]
    if len(empty) and not unfinished:
        raise DataError(
            f"{path}: leaves {len(empty)} of {len(sheet)} rows of {sheet_path} without a code, the first row "
            f"{empty.iloc[0]['row']}; code them all (--unfinished keeps what is there)"
        )
    return filled


def check_passages(
    sheet: pd.DataFrame, coded: pd.DataFrame, *, sheet_path: Path, path: Path, target_column: str | None
) -> None:
    """Are all passages of a coder's file those of the sheet, each once? Raises DataError for the first that isn't."""
    hashes = dict(zip(_keys(sheet, target_column), sheet["sha1"], strict=True))
    seen: dict[tuple[object, ...], int] = {}
    if target_column is not None and target_column not in coded.columns:
        raise DataError(f"{path}: column {target_column!r} is missing; codes of this task belong to passage and target")
    names = row_names(coded, target_column)
    texts = coded["text"] if "text" in coded.columns else pd.Series("", index=coded.index)
    cells = zip(_keys(coded, target_column), names, coded["sha1"], texts, coded["row"], strict=True)
    for key, name, digest, text, row in cells:
        if key not in hashes:
            raise DataError(f"{path}: row {row}: {name} is no passage of {sheet_path}; it is the file of another sheet")
        if digest != hashes[key]:
            raise DataError(
                f"{path}: row {row}: sha1 {digest!r} of {name} is {hashes[key]!r} in {sheet_path}; the texts differ"
            )
        if text and digest not in (passage_hash(text), passage_hash(text.replace("\r\n", "\n"))):
            raise DataError(f"{path}: row {row}: the text of {name} was changed (hash {digest} before); code it again")
        if key in seen:
            raise DataError(f"{path}: row {row}: {name} stands in row {seen[key]} already; keep one code")
        seen[key] = row


@dataclass(frozen=True)
class Coders:
    """Codes of several coders side by side: `codes` units × coders, class numbers, −1 where a coder gave none.

    `units`: the passages, with `row` (of the first file that has them); `names`: the coders.
    """

    units: pd.DataFrame
    names: tuple[str, ...]
    classes: tuple[str, ...]
    codes: npt.NDArray[np.int64]


def side_by_side(
    files: Sequence[tuple[Path, pd.DataFrame]],
    *,
    column: str,
    target_column: str | None = None,
    classes: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> Coders:
    """Who coded what? One file with a column for each coder, or one file a coder with the same passages.

    In one file the coders' columns are `columns`, or all whose name begins with `column` and `_`. Without `classes` all
    codes that occur are classes, in alphabetical order. An empty cell is no code. Raises DataError for passages that
    the first file doesn't have, for hashes that differ, and for codes that are no class; ConfigError where there are no
    two coders.
    """
    path, first = files[0]
    if len(files) == 1:
        names = list(columns) if columns else [n for n in first.columns if n.startswith(f"{column}_")]
        absent = [name for name in names if name not in first.columns]
        if absent:
            raise DataError(f"{path}: column {absent[0]!r} is missing; the file has {_listed(first)}")
        if len(names) < 2:
            raise ConfigError(
                f"{path}: has {len(names)} columns that begin with {column}_, two coders are needed; name them with "
                f"--coder-columns, or give one file a coder (the file has {_listed(first)})"
            )
        values = [first[name].tolist() for name in names]
        rows = [first["row"].tolist() for _ in names]
        check_passages(first, first, sheet_path=path, path=path, target_column=target_column)
    else:
        names, values, rows = [p.stem for p, _ in files], [], []
        if len(set(names)) < len(names):
            names = [str(p) for p, _ in files]
        for other, table in files:
            if column not in table.columns:
                raise DataError(f"{other}: column {column!r} is missing; the file has {_listed(table)}")
            check_passages(first, table, sheet_path=path, path=other, target_column=target_column)
            cells = zip(table[column], table["row"], strict=True)
            given = dict(zip(_keys(table, target_column), cells, strict=True))
            found = [given.get(key, ("", 0)) for key in _keys(first, target_column)]
            values.append([code for code, _ in found])
            rows.append([row for _, row in found])
    known = list(classes) if classes else sorted({code for codes in values for code in codes if code})
    number = {name: i for i, name in enumerate(known)} | {"": -1}
    for i, codes in enumerate(values):
        for code, row in zip(codes, rows[i], strict=True):
            if code not in number:
                where = files[0][0] if len(files) == 1 else files[i][0]
                what = names[i] if len(files) == 1 else column
                raise DataError(f"{where}: row {row}: {what} = {code!r} is not one of {', '.join(known)}")
    numbers = np.array([[number[code] for code in codes] for codes in values], dtype=np.int64).T
    return Coders(first, tuple(names), tuple(known), numbers)


def _keys(table: pd.DataFrame, target_column: str | None) -> list[tuple[object, ...]]:
    names = [*KEY, *([target_column] if target_column else [])]
    return list(table[names].itertuples(index=False, name=None))


def _listed(table: pd.DataFrame) -> str:
    return ", ".join(name for name in table.columns if name != "row")
