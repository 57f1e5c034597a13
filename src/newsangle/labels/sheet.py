"""What does a coding sheet look like? A CSV, annotation file and sheet at once: ids, offsets, hash, codes, maybe text.

Columns: `article_id, start, end, sha1`, the target where the task has targets, `stratum`, `pool` (`training`, or empty
for passages that were drawn), `pi`, the codes, `text` where someone is to read it, and whatever else a file brought.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from newsangle.corpus.passages import passage_hash
from newsangle.errors import ConfigError, MachineError
from newsangle.labels.codes import KEY, POOL, read_table


def sheet_columns(column: str, target_column: str | None, others: Sequence[str] = ()) -> list[str]:
    """The columns of a sheet in the order in which they are written; `others` of an earlier file before the text."""
    first = [*KEY, "sha1", *([target_column] if target_column else []), "stratum", POOL, "pi", column]
    return [*first, *(name for name in others if name not in {*first, "text", "row"}), "text"]


def sheet_rows(
    rows: pd.DataFrame, column: str, target_column: str | None, *, pool: str, pi: Sequence[str], stratum: Sequence[str]
) -> pd.DataFrame:
    """Rows of a task as empty rows of a sheet, all text. `pi`, `stratum`: one a row, as they are to be written."""
    table = pd.DataFrame({name: rows[name].astype(str).to_numpy(dtype=object) for name in KEY})
    table["sha1"] = [passage_hash(text) for text in rows["text"]]
    if target_column:
        table[target_column] = rows["target"].to_numpy(dtype=object)
    table = table.assign(stratum=list(stratum), **{POOL: pool}, pi=list(pi), text=rows["text"].to_numpy(dtype=object))
    table[column] = ""
    return table[sheet_columns(column, target_column)]


def stack(sheets: Sequence[pd.DataFrame], column: str, target_column: str | None) -> pd.DataFrame:
    """Several sheets under one header; cells that a sheet doesn't have are empty. `row` of files read is dropped."""
    others = dict.fromkeys(name for sheet in sheets for name in sheet.columns)
    columns = sheet_columns(column, target_column, list(others))
    whole = pd.concat([sheet.astype(object) for sheet in sheets], ignore_index=True).reindex(columns=columns)
    return whole.fillna("").astype(str)


def read_sheet(path: Path, needed: Sequence[str] = ()) -> pd.DataFrame:
    """What does a sheet hold? As `read_table`, every cell text but `start`, `end` and `row`."""
    return read_table(path, needed)


def row_names(table: pd.DataFrame, target_column: str | None) -> list[str]:
    """How is each row called in a message? `article:start-end`, with ` × target` where there are targets."""
    names = [f"{a}:{s}-{e}" for a, s, e in zip(*(table[name] for name in KEY), strict=True)]
    if target_column is None:
        return names
    return [f"{name} × {target}" for name, target in zip(names, table[target_column], strict=True)]


def write_new(path: Path, data: bytes) -> None:
    """Write a file that isn't there yet: codes are hours of work, so nothing is ever written over.

    Raises ConfigError where the file exists, MachineError where the disk refuses.
    """
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise ConfigError(f"{path}: exists already and is never written over; name another file") from None
    except OSError as error:
        raise MachineError(f"{path}: can't be written: {error.strerror}; check the path") from None


def sheet_bytes(table: pd.DataFrame) -> bytes:
    """A sheet as the bytes of a CSV file; where it holds text, with a byte order mark for spreadsheets to see UTF-8."""
    import io

    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    columns = [name for name in table.columns if name != "row"]
    writer.writerow(columns)
    writer.writerows(table[columns].itertuples(index=False, name=None))
    return buffer.getvalue().encode("utf-8-sig" if "text" in columns else "utf-8")
