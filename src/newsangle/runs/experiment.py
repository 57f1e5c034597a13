"""Which experiment is meant, and is its config sound? TOML in, checked config out, or every fault with its line."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from newsangle.errors import ConfigError
from newsangle.runs.config import ExperimentConfig, IngestConfig
from newsangle.runs.vary import labelled_points

CONFIG_NAME = "config.toml"


@dataclass(frozen=True)
class Experiment:
    """A checked config: its `name`, the `folder` that its files are relative to, and one `points` entry per
    combination of `vary` (label such as "topics.model=nmf", config); the first point is the one shown in detail.
    `given`: what was set from outside of the file."""

    name: str
    folder: Path
    config: ExperimentConfig
    points: tuple[tuple[str, ExperimentConfig], ...]
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> list[str]:
        """Which named corpora do its points read? In alphabetical order."""
        return sorted({config.corpus.source for _, config in self.points if config.corpus.source})

    def file(self, name: str) -> Path:
        """Where is a file that the config names? Relative to the experiment's folder. Raises ConfigError."""
        try:
            return self.folder / Path(name).expanduser()
        except RuntimeError:  # ~ is nobody's that this machine knows
            raise ConfigError(f"{name}: there is no such home folder; write the path in full") from None


def load_experiment(path: str | Path, overrides: Mapping[str, Any] | Sequence[str] = ()) -> Experiment:
    """Which experiment does this folder or TOML file describe, with some keys set differently?

    `overrides`: {"topics.n_topics": 30} or ["topics.n_topics=30"] (values as in TOML; text needs no quotes).
    Raises ConfigError, one line a fault: file, line, key, value and what would do.
    """
    place = Path(path)
    file, raw, data = _read(place)
    given = dict(overrides) if isinstance(overrides, Mapping) else dict(_parse_setting(s) for s in overrides)
    for key, value in given.items():
        _set(data, key, value)
        if isinstance(data.get("vary"), dict):
            data["vary"].pop(key, None)  # a pinned axis is no longer compared
    config = _validate(data, file, raw, given)
    points = []
    for label, chosen in labelled_points(config.vary):
        point = tomllib.loads(raw)
        point.pop("vary", None)
        for key, value in {**given, **chosen}.items():
            _set(point, key, value)
        points.append((label, _validate(point, file, raw, {**given, **{f"vary.{k}": v for k, v in chosen.items()}})))
        twin = next((other for other, config in points[:-1] if config == points[-1][1]), None)
        if twin is not None:
            raise ConfigError(f"{file}: vary: {label} is the same as {twin}; name each value once")
    name = place.resolve().name if place.is_dir() else place.parent.resolve().name if _is_plain(place) else place.stem
    try:
        name.encode()
    except UnicodeEncodeError:  # it stands in the manifest and the log
        raise ConfigError(f"{place}: its name holds what is no character of UTF-8; rename it") from None
    return Experiment(name, file.parent, config, tuple(points), given)


def load_ingest(path: str | Path) -> IngestConfig:
    """What does the table [ingest] of this config say? The rest of it isn't looked at. Raises ConfigError."""
    file, raw, data = _read(Path(path))
    try:
        return IngestConfig.model_validate(data.get("ingest", {}))
    except ValidationError as error:
        found = [dict(fault) | {"loc": ("ingest", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise ConfigError("\n".join(dict.fromkeys(_fault(fault, file, raw, {}) for fault in found))) from None


def _read(place: Path) -> tuple[Path, str, dict[str, Any]]:
    """The config's file, its text and its tables."""
    file = place / CONFIG_NAME if place.is_dir() else place
    try:
        raw = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        what = f"no {CONFIG_NAME} in it" if place.is_dir() else "no such folder or file"
        raise ConfigError(f"{place}: {what}; name an experiment folder (newsangle list shows them)") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{file}: can't be read ({error.strerror}); check the path and its permissions") from None
    try:
        data = tomllib.loads(raw)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None
    return file, raw, data


def _is_plain(place: Path) -> bool:
    return place.name == CONFIG_NAME


def _parse_setting(setting: str) -> tuple[str, Any]:
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set {setting!r}: write KEY=VALUE, such as topics.n_topics=30")
    try:
        return key.strip(), tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), text


def _set(data: dict[str, Any], dotted: str, value: Any) -> None:
    *tables, last = dotted.split(".")
    here = data
    for name in tables:
        here = here.setdefault(name, {})
        if not isinstance(here, dict):
            raise ConfigError(f"{dotted}: {name} is a value, not a table; name a key of the config")
    here[last] = value


def _validate(data: dict[str, Any], file: Path, raw: str, given: Mapping[str, Any]) -> ExperimentConfig:
    try:
        return ExperimentConfig.model_validate(data)
    except ValidationError as error:
        faults = [_fault(dict(fault), file, raw, given) for fault in error.errors(include_url=False)]
        raise ConfigError("\n".join(dict.fromkeys(faults))) from None


def _fault(fault: dict[str, Any], file: Path, raw: str, given: Mapping[str, Any]) -> str:
    """One fault in one line: key, value, what would do, and where."""
    location = tuple(part for part in fault["loc"] if part != "[key]")
    key = ".".join(str(part) for part in location) or "the experiment"
    where = _where(location, file, raw, given)
    value = fault["input"]
    shown = f' = "{value}"' if isinstance(value, str) else "" if isinstance(value, dict | list) else f" = {value}"
    kind, message = fault["type"], fault["msg"].removeprefix("Value error, ").replace(" after validation", "")
    if kind == "extra_forbidden":
        allowed, last = _keys_beside(location), str(location[-1])
        near = difflib.get_close_matches(last, allowed, n=1)
        elsewhere = [name for name in _dotted_keys() if name.rpartition(".")[2] == last][:3]
        hint = f"did you mean {' or '.join(elsewhere + near)}?"
        if not near and (len(location) > 1 or not elsewhere):
            hint = f"keys there: {', '.join(allowed)}" + "".join(f"; elsewhere there is {name}" for name in elsewhere)
        return f"{key} is not a key of the config; {hint} ({where})"
    if kind == "missing":
        return f"{key} is missing; add it ({where})"
    if kind == "literal_error":
        choices = re.sub(r"'([^']*)'", r"\1", fault["ctx"]["expected"]).replace(" or ", ", ")
        return f"{key}{shown} is not a choice; choose from {choices} ({where})"
    return f"{key}{shown}: {message[0].lower() + message[1:]} ({where})"


def _where(location: Sequence[Any], file: Path, raw: str, given: Mapping[str, Any]) -> str:
    """Where was this key, or a part of what it holds, written? In `given` "vary.KEY" is the value of an axis."""
    key = ".".join(str(part) for part in location)
    sources = {}
    for name in given:
        axis = name.startswith("vary.") and key != name and not key.startswith("vary")
        told = f"--set {name}"
        if axis:
            told = "--set vary" if "vary" in given else f"vary in {file}"
        sources[name.removeprefix("vary.") if axis else name] = told
    whole = [told for name, told in sources.items() if key == name or key.startswith(f"{name}.")]
    if whole:
        return whole[-1]
    line = find_line(raw, location)
    parts = [told for name, told in sources.items() if not key or name.startswith(f"{key}.")]
    return ", with ".join([f"{file}:{line}" if line else f"{file}", *dict.fromkeys(parts)])


def _dotted_keys() -> list[str]:
    """All keys that a config can have, a name of the user's as NAME."""
    schema = ExperimentConfig.model_json_schema()

    def within(here: dict[str, Any], before: str) -> Iterator[str]:
        for name, inner in here.get("properties", {}).items():
            yield before + name
            table = _follow(schema, inner)
            yield from within(table, f"{before}{name}.")
            if named := _any_key(table):
                yield from within(_follow(schema, named), f"{before}{name}.NAME.")

    return list(within(schema, ""))


def _keys_beside(location: Sequence[Any]) -> list[str]:
    """Which keys does the config know in the table that this location lies in?"""
    schema = ExperimentConfig.model_json_schema()
    here: dict[str, Any] = schema
    for part in location[:-1]:
        here = _follow(schema, here)
        here = here.get("properties", {}).get(part) or _any_key(here) or here.get("items") or {}
    here = _follow(schema, here)
    return sorted(here.get("properties", {}))


def _any_key(here: dict[str, Any]) -> Any:
    """The schema of a table whose keys are names of the user's."""
    return here.get("additionalProperties") or next(iter(here.get("patternProperties", {}).values()), None)


def _follow(schema: dict[str, Any], here: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in here or "anyOf" in here:
        if "anyOf" in here:
            here = next((o for o in here["anyOf"] if "$ref" in o or _any_key(o)), {})
        else:
            here = schema["$defs"][here["$ref"].rsplit("/", 1)[1]]
    return here


_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")


def find_line(raw: str, location: Sequence[Any]) -> int | None:
    """On which line of a TOML text is this key, else the first thing in it, else the closest table around it? Counted
    from 1; None for the top.
    """
    wanted = tuple(str(part) for part in location)
    best, best_length = None, 0
    inside = None  # [task.frame] is all there is of a key task
    table: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    fence = None
    for number, line in enumerate(raw.split("\n"), start=1):
        if fence is not None:
            fence = None if fence in line else fence
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _split_key(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, str(counts[table]))
            path = table
        elif key:
            path = (*table, *_split_key(key[1]))
        else:
            continue
        if wanted[: len(path)] == path and len(path) > best_length:
            best, best_length = number, len(path)
        if inside is None and path[: len(wanted)] == wanted:
            inside = number
        for quotes in ("'''", '"""'):
            if line.count(quotes) % 2:
                fence = quotes
    return best if best_length == len(wanted) else inside or best


def _split_key(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in text.split("."))
