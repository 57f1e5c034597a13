"""How does MLflow name what a run holds? Config, scores, inputs as parameters, metrics, tags within its limits."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsangle.runs.differences import flat, points, told
from newsangle.runs.digests import digest
from newsangle.runs.folder import Run

LONGEST_KEY, LONGEST_PARAM, LONGEST_TAG = 250, 6000, 8000
_FORBIDDEN = re.compile(r"[^\w.\- :/]")  # what MLflow takes in no name


@dataclass(frozen=True)
class Mirrored:
    """What MLflow is given of a run, or of one point of its `vary`: parameters, metrics and tags."""

    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]


def whole(run: Run, records: Sequence[Mapping[str, Any]]) -> Mirrored:
    """The run itself: its config, the scores that belong to no single point, and what it was made from."""
    config, manifest = run.config, run.manifest
    axes = config.get("vary", {})
    settings = {k: v for k, v in flat(config).items() if k not in axes}  # what is compared has no one value
    labels = set(points(config))
    mine = [r for r in records if not axes or r["vary"] not in labels]
    tags = {
        "newsangle.checksum": digest(manifest),
        "newsangle.version": manifest["newsangle"],
        "newsangle.source": manifest["source"],
        "mlflow.note.content": f"**{config['title']}**\n\n{config['question']}",
        "mlflow.source.name": "newsangle",
    }
    if "cpu" in manifest:
        tags["newsangle.processor"] = manifest["cpu"]
    if failed := manifest.get("failed", {}):
        tags["newsangle.failed"] = f"{len(failed)} of {len(labels)} points: {'; '.join(failed)}"
    tags |= {f"newsangle.input.{name}": sha256 for name, sha256 in manifest.get("inputs", {}).items()}
    tags |= {f"newsangle.package.{name}": version for name, version in manifest.get("versions", {}).items()}
    return Mirrored(_params(settings), _metrics(mine), _named(tags, LONGEST_TAG))


def one_point(run: Run, records: Sequence[Mapping[str, Any]], label: str) -> Mirrored:
    """One point of `vary`: the config with its values, and its own scores or why it failed."""
    settings = {k: v for k, v in flat(run.config).items() if not k.startswith("vary.")} | points(run.config)[label]
    reason = run.manifest.get("failed", {}).get(label)
    tags = {} if reason is None else _named({"newsangle.failed": reason}, LONGEST_TAG)
    return Mirrored(_params(settings), _metrics([r for r in records if r["vary"] == label]), tags)


def _params(settings: Mapping[str, Any]) -> dict[str, str]:
    return _named({key: told(value) for key, value in settings.items()}, LONGEST_PARAM)


def _metrics(records: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """TASK/METRIC/MODEL, its limits as TASK/METRIC/MODEL.lower and .upper; what has no value is left out."""
    found: dict[str, float] = {}
    for r in records:
        part = "" if r["slice"] == "all" or r["task"] == "topics" else r["slice"]
        name = re.sub(r"\[(.*)\]$", r"/\1", r["metric"])  # f1[flood] → f1/flood
        key = "/".join(text for text in (r["task"], name, r["model"], r["target"] or "", part) if text)
        for end, value in (("", r["value"]), (".lower", r["low"]), (".upper", r["high"])):
            if value is not None and r["value"] is not None:
                found.setdefault(f"{key}{end}", value)
    return _named(found, None)


def _named(values: Mapping[str, Any], longest: int | None) -> dict[str, Any]:
    """With keys that MLflow takes, each once, and texts that are not too long for it."""
    named: dict[str, Any] = {}
    for key, value in values.items():
        clean = _FORBIDDEN.sub("_", key.replace("=", ":")).strip("/")
        if len(clean) > LONGEST_KEY or clean in named or ".." in clean or "//" in clean:
            clean = f"{clean.replace('..', '_').replace('//', '/')[: LONGEST_KEY - 9]}_{digest(key)[:8]}"
        if longest is not None and len(value) > longest:
            value = f"{value[: longest - 40]}… (in full: config.toml)"
        named[clean] = value
    return named
