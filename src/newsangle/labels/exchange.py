"""How do codes get into an annotation tool and back? CSV, Label Studio's JSON and doccano's JSONL, nothing lost.

Every column of a sheet travels with its passage; the code travels as the tool's own label. Numbers keep their digits.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from newsangle.errors import ConfigError, DataError
from newsangle.labels.codes import KEY, read_table
from newsangle.labels.sheet import sheet_bytes

_RESERVED = ("id", "label", "labels", "data", "Comments", "annotations", "meta")  # what doccano puts beside ours


@dataclass(frozen=True)
class Format:
    """One way to exchange codes: how a sheet is written, how a coder's file is read."""

    name: str
    write: Callable[[pd.DataFrame, str], bytes]
    read: Callable[[Path, str, str | None], pd.DataFrame]


def format_of(path: Path) -> Format:
    """Which format does a file's ending stand for? Raises ConfigError for others."""
    if path.suffix not in FORMATS:
        told = ", ".join(f"{suffix} ({row.name})" for suffix, row in FORMATS.items())
        raise ConfigError(f"{path}: {path.suffix or 'no ending'} is no format of codes; end the name with {told}")
    return FORMATS[path.suffix]


def label_config(column: str, classes: Sequence[str]) -> str:
    """The labelling interface to paste into Label Studio's settings."""
    from xml.sax.saxutils import quoteattr

    choices = "".join(f"<Choice value={quoteattr(c)}/>" for c in classes)
    head = f'<View><Text name="text" value="$text"/><Choices name={quoteattr(column)} toName="text" choice="single">'
    return f"{head}{choices}</Choices></View>"


def _write_csv(table: pd.DataFrame, column: str) -> bytes:
    return sheet_bytes(table)


def _read_csv(path: Path, column: str, annotator: str | None) -> pd.DataFrame:
    return read_table(path, [column])


def _records(table: pd.DataFrame, column: str) -> list[tuple[dict[str, Any], str]]:
    names = [name for name in table.columns if name not in (column, "row")]
    cells = table[names].to_dict("records")
    fields = [{str(k): int(v) if k in ("start", "end") else str(v) for k, v in record.items()} for record in cells]
    return list(zip(fields, table[column].tolist(), strict=True))


def _write_label_studio(table: pd.DataFrame, column: str) -> bytes:
    tasks = []
    for fields, code in _records(table, column):
        choice = {"from_name": column, "to_name": "text", "type": "choices", "value": {"choices": [code]}}
        tasks.append({"data": fields, "annotations": [{"result": [choice]}] if code else []})
    return (json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode()


def _read_label_studio(path: Path, column: str, annotator: str | None) -> pd.DataFrame:
    tasks = _parse(path, _text(path), 1)
    if not isinstance(tasks, list):
        raise DataError(f"{path}: is no list of tasks; export it from Label Studio as JSON (not JSON-MIN)")
    records = []
    for row, task in enumerate(tasks, start=1):
        data = task.get("data") if isinstance(task, dict) else None
        if not isinstance(data, dict):
            raise DataError(f"{path}: row {row}: has no data; export it from Label Studio as JSON (not JSON-MIN)")
        done = [a for a in task.get("annotations") or [] if not a.get("was_cancelled")]
        if annotator is not None:
            done = [a for a in done if annotator in _who(a)]
        if len(done) > 1:
            who = ", ".join(sorted({next(iter(_who(a)), "?") for a in done}))
            raise DataError(
                f"{path}: row {row}: has {len(done)} annotations (by {who}); import one coder's at a time with "
                "--annotator ID"
            )
        results = [r for a in done for r in a.get("result", []) if r.get("from_name") == column]
        codes = [c for r in results for c in r.get("value", {}).get("choices", [])]
        records.append(_record(path, row, data, codes, column))
    return _table(path, records, column)


def _who(annotation: dict[str, Any]) -> list[str]:
    by = annotation.get("completed_by")
    if isinstance(by, dict):
        return [str(by[name]) for name in ("id", "email") if name in by]
    return [] if by is None else [str(by)]


def _write_doccano(table: pd.DataFrame, column: str) -> bytes:
    clash = [name for name in table.columns if name in _RESERVED and name != column]
    if clash:
        raise DataError(f"column {clash[0]!r} is a name that doccano uses itself; rename it in the sheet")
    lines = []
    for fields, code in _records(table, column):
        text = {"text": fields.pop("text", "")}
        lines.append(json.dumps(text | {"label": [code] if code else []} | fields, ensure_ascii=False))
    return ("\n".join(lines) + "\n").encode()


def _read_doccano(path: Path, column: str, annotator: str | None) -> pd.DataFrame:
    records = []
    # Not splitlines: a line separator inside of a passage ends no line of JSONL.
    for row, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        found = _parse(path, line, row)
        if not isinstance(found, dict):
            raise DataError(f"{path}: row {row}: is no JSON object; export it from doccano as JSONL")
        meta = found.get("meta")
        fields = {k: v for k, v in found.items() if k not in _RESERVED} | (meta if isinstance(meta, dict) else {})
        if "text" not in fields and isinstance(found.get("data"), str):
            fields["text"] = found["data"]
        label = found.get("label", found.get("labels", []))
        codes = label if isinstance(label, list) else [label] if label else []
        records.append(_record(path, row, fields, codes, column))
    return _table(path, records, column)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; name the file that the coder sent back") from None
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}); check its permissions") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not UTF-8; export the file as UTF-8") from None


def _parse(path: Path, text: str, row: int) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except ValueError as error:
        raise DataError(f"{path}: row {row}: is no JSON ({error}); export it again") from None


def _record(path: Path, row: int, fields: dict[str, Any], codes: Sequence[Any], column: str) -> dict[str, Any]:
    if len(codes) > 1:
        told = ", ".join(map(str, codes))
        raise DataError(f"{path}: row {row}: has {len(codes)} codes ({told}); one passage gets one, repair it there")
    missing = [name for name in [*KEY, "sha1"] if name not in fields]
    if missing:
        raise DataError(f"{path}: row {row}: {missing[0]} is missing; export the sheet's own project, all fields")
    record: dict[str, Any] = {name: value if isinstance(value, str) else str(value) for name, value in fields.items()}
    for name in ("start", "end"):
        if not record[name].isascii() or not record[name].isdigit():
            raise DataError(f"{path}: row {row}: {name} = {record[name]!r} is not a character offset")
        record[name] = int(record[name])
    return record | {column: str(codes[0]) if codes else "", "row": row}


def _table(path: Path, records: Sequence[dict[str, Any]], column: str) -> pd.DataFrame:
    if not records:
        raise DataError(f"{path}: holds no passage; export it again")
    table = pd.DataFrame(records).fillna("")
    return table.astype({name: "int64" if name in ("start", "end", "row") else "str" for name in table.columns})


FORMATS = {
    ".csv": Format("CSV", _write_csv, _read_csv),
    ".json": Format("Label Studio", _write_label_studio, _read_label_studio),
    ".jsonl": Format("doccano", _write_doccano, _read_doccano),
}
