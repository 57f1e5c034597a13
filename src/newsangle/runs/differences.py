"""In what do runs differ? Config keys, input files, package versions and code, from what each run says of itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from newsangle.runs.vary import labelled_points

Kind = Literal["config", "input", "version", "code"]


@dataclass(frozen=True)
class Difference:
    """One thing that isn't the same in all runs: its `kind`, its `key`, and what each run has (None: nothing)."""

    kind: Kind
    key: str
    values: tuple[Any, ...]


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Which keys does a config set, as `--set` writes them? A list of tables is numbered from 1.

    >>> flat({"topics": {"model": "nmf", "options": {}}, "rules": [{"label": "flood"}], "seed": 3})
    {'topics.model': 'nmf', 'rules[1].label': 'flood', 'seed': 3}
    """
    found: dict[str, Any] = {}
    for name, value in config.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{key}.")
        elif isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            for i, entry in enumerate(value):
                found |= flat(entry, f"{key}[{i + 1}].")
        else:
            found[key] = value
    return found


def points(config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each point of `vary` sets, by its label; none where nothing is varied."""
    vary = config.get("vary", {})
    return dict(labelled_points(vary)) if vary else {}


def differences(configs: Sequence[Mapping[str, Any]], manifests: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """What isn't the same in all of these runs? `configs`: flat. In the order of the configs, then inputs, versions,
    code; inputs by their SHA-256."""
    found = _differing("config", configs)
    found += _differing("input", [m.get("inputs", {}) for m in manifests])
    versions = [{"newsangle": m.get("newsangle")} | m.get("versions", {}) for m in manifests]
    found += _differing("version", [v | {"processor": m.get("cpu")} for v, m in zip(versions, manifests, strict=True)])
    return found + _differing("code", [{"newsangle's source": m.get("source")} for m in manifests])


def _differing(kind: Kind, tables: Sequence[Mapping[str, Any]]) -> list[Difference]:
    keys = dict.fromkeys(key for table in tables for key in table)
    rows = (Difference(kind, key, tuple(table.get(key) for table in tables)) for key in keys)
    return [row for row in rows if any(not same(value, row.values[0]) for value in row.values[1:])]


def same(first: Any, second: Any) -> bool:
    """Are two values of a config the same? True is not 1, and 1 is not 1.0."""
    return type(first) is type(second) and bool(first == second)


def told(value: Any) -> str:
    """A value of a config for people; a dash for none."""
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(told(v) for v in value) if value else "(empty)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def brief(difference: Difference, value: Any, most: int = 28) -> str:
    """What one run has, in a few characters: `topics.n_topics=20`, `labels.csv 3f2a91`.

    Where the value is long, what all runs have alike stands as an ellipsis.
    """
    if difference.kind != "config":
        what = "code" if difference.kind == "code" else difference.key
        shown = "–" if value is None else str(value) if difference.kind == "version" else str(value)[:6]
        return f"{what} {shown}"
    if value is None:
        return f"{difference.key} not set"
    return f"{difference.key}={own(difference, value, most)}"


def own(difference: Difference, value: Any, most: int) -> str:
    """A value in at most so many characters; of a long one, what not all runs have comes first."""
    text = " ".join(told(value).split())
    if len(text) <= most:
        return text
    others = [v for v in difference.values if v is not None]
    if all(isinstance(v, list) for v in others):
        entries = [told(v) for v in value if not all(v in other for other in others)]
        text = ", ".join(["…", *entries]) if entries else "… (no others)"
    else:
        texts = [" ".join(told(v).split()) for v in others]
        alike = next((i for i, signs in enumerate(zip(*texts, strict=False)) if len(set(signs)) > 1), 0)
        start = max(0, alike - 6)  # a few signs of what is alike show where one is
        text = ("…" if start else "") + text[start:]
    return text if len(text) <= most else f"{text[: most - 1]}…"


def grouped(found: Sequence[Difference], fewest: int = 4) -> list[tuple[Difference, tuple[Difference, ...]]]:
    """The differences, a table that some runs lack and the others have alike as one row (`topics.*`, "9 keys").

    Each row with those that it stands for; none where it is one of them itself.
    """
    rows: dict[str, list[Difference]] = {}
    for difference in found:
        names = difference.key.split(".") if difference.kind == "config" else []
        tables = (".".join(names[:depth]) + "." for depth in range(1, len(names)))
        lacking = (t for t in tables if len(below := _below(found, t)) >= fewest and _lacked(below))
        rows.setdefault(next(lacking, difference.key), []).append(difference)
    made: list[tuple[Difference, tuple[Difference, ...]]] = []
    for key, members in rows.items():
        if len(members) == 1:
            made.append((members[0], ()))
            continue
        values = tuple(None if members[0].values[i] is None else f"{len(members)} keys" for i in _runs(members))
        made.append((Difference("config", f"{key}*", values), tuple(members)))
    return made


def _below(found: Sequence[Difference], table: str) -> list[Difference]:
    return [d for d in found if d.kind == "config" and d.key.startswith(table)]


def _runs(members: Sequence[Difference]) -> range:
    return range(len(members[0].values))


def _lacked(members: Sequence[Difference]) -> bool:
    """Does each run have all of these keys, as the others have them, or none, and some none?"""
    sides = [tuple(json.dumps(member.values[i]) for member in members) for i in _runs(members)]
    none = tuple("null" for _ in members)
    return none in sides and len({side for side in sides if side != none}) == 1
