"""What do JSON Lines and JSON files hold? Strictly JSON: a key twice or half a line is named, not mended."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from newsangle.corpus.ingest.columns import BODIES, Unmapped, resolve, to_record
from newsangle.corpus.ingest.decode import Undecodable, decode, is_wide, lines, not_text
from newsangle.corpus.ingest.records import Reading, Reject, Seen
from newsangle.corpus.ingest.streams import Member


class _NotJson(Exception):
    pass


class _Twice(_NotJson):
    """It is JSON, but says two things at once."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(key for key, _ in pairs)  # not list.count: a hostile object has a million keys
        twice = next(key for key in found if times[key] > 1)
        shown = twice if twice.isidentifier() and len(twice) < 40 else "…"
        raise _Twice(f'the key "{shown}" is there twice')
    return found


def _parse(text: str) -> Any:
    try:
        # NaN and Infinity are no JSON, but Python's json writes them for what is missing: missing they are.
        return json.loads(text, object_pairs_hook=_object, parse_constant=lambda _: None)
    except RecursionError:
        raise _NotJson("is nested too deeply") from None
    except ValueError as error:
        raise _NotJson(f"is not JSON ({error})") from None


def read_jsonl(member: Member, how: Reading) -> Iterator[Seen]:
    """One article a line."""
    known: dict[tuple[str, ...], dict[str, str]] = {}
    record = 0
    for line in lines(member.stream, how.encoding, how.limits.record_bytes):
        if line.problem is None and not line.text.strip():
            continue
        record += 1
        if line.problem:
            yield Reject(member.shown, record, line.number, None, line.problem)
            continue
        try:
            item = _parse(line.text)
        except _NotJson as error:
            whole = line.text.endswith("\n") or isinstance(error, _Twice)
            cut = "" if whole else "; the last line has no end, the file may be cut"
            yield Reject(member.shown, record, line.number, None, f"{error}{cut}")
            continue
        yield _article(member.shown, record, line.number, item, how, known, line.undecodable)
    if record == 0:
        yield Reject(member.shown, None, None, None, "is empty")


def read_json(member: Member, how: Reading) -> Iterator[Seen]:
    """Articles in an array, in the one array of an object, as arrays of columns, or one article."""
    most = how.limits.whole_bytes
    raw = member.stream.read(most + 1)

    def reject(reason: str) -> Reject:
        return Reject(member.shown, None, None, None, reason)

    if len(raw) > most:
        yield reject(f"is longer than {most:,} bytes; write one object a line and name it .jsonl")
        return
    if not raw.strip():
        yield reject("is empty")
        return
    problem = None if is_wide(how.encoding) else not_text(raw[:64])
    if problem:
        yield reject(problem)
        return
    try:
        whole = _parse(decode(raw, how.encoding).text)
    except (Undecodable, _NotJson) as error:
        yield reject(f"{error}; one object a line is called .jsonl" if isinstance(error, _NotJson) else str(error))
        return
    items = _items(whole, how)
    if isinstance(items, str):
        yield reject(items)
        return
    known: dict[tuple[str, ...], dict[str, str]] = {}
    for record, item in enumerate(items, start=1):
        yield _article(member.shown, record, None, item, how, known, 0)


def _items(whole: Any, how: Reading) -> list[Any] | str:
    if isinstance(whole, list):
        return whole or "holds an empty array"
    if not isinstance(whole, dict):
        return f"holds {_called(whole)}, no articles"
    if any(isinstance(whole.get(how.columns.get(body, body)), str) for body in BODIES):
        return [whole]  # whatever else it holds: its pictures or comments are no articles
    of_objects = [
        key for key, value in whole.items() if isinstance(value, list) and value and isinstance(value[0], dict)
    ]
    if len(of_objects) == 1:
        found: list[Any] = whole[of_objects[0]]
        return found
    if len(of_objects) > 1:
        return "holds several arrays of objects; write the articles alone"
    arrays = {key: value for key, value in whole.items() if isinstance(value, list)}
    if arrays and len(arrays) == len(whole) and how.columns.get("text", "text") in arrays:
        if len({len(value) for value in arrays.values()}) > 1:
            return "its arrays are not equally long"
        return [dict(zip(arrays, row, strict=True)) for row in zip(*arrays.values(), strict=True)]
    return [whole]


def _article(
    source: str,
    record: int,
    line: int | None,
    item: Any,
    how: Reading,
    known: dict[tuple[str, ...], dict[str, str]],
    undecodable: int,
) -> Seen:
    if not isinstance(item, dict):
        return Reject(source, record, line, None, f"is {_called(item)}, no object")
    if len(item) > how.limits.columns:
        return Reject(source, record, line, None, f"has {len(item):,} keys, at most {how.limits.columns:,} are read")
    keys = tuple(item)
    used = known.get(keys)
    if used is None:
        # A record may lack what another one has; only a record without any text can't be used.
        wanted = {ours: theirs for ours, theirs in how.columns.items() if ours in ("text", "html") or theirs in item}
        try:
            used = resolve(keys, wanted)
        except Unmapped as error:
            return Reject(source, record, line, None, str(error))
        if len(known) < 1000 and len(keys) <= 100:  # to spare time, not to fill the memory
            known[keys] = used
    values = {ours: item[theirs] for ours, theirs in used.items()}
    return to_record(source, record, line, values, how.limits, undecodable=undecodable)


def _called(value: Any) -> str:
    names = {list: "an array", str: "a string", bool: "true or false", type(None): "null", dict: "an object"}
    return names.get(type(value), "a number")
