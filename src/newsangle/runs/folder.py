"""What is in a run's folder? Written once, whole or not at all; read back only if every byte is as written."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from newsangle.errors import DataError, IntegrityError, MachineError
from newsangle.runs.digests import digest
from newsangle.runs.files import published_folder
from newsangle.runs.records import FIELDS

MANIFEST = "manifest.json"


def publish(folder: Path, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Write a run's files and, last, the manifest with their hashes and sizes; all of it appears at once.

    `about`: what else the manifest tells (inputs, seeds, versions). Raises MachineError where the disk refuses.
    """
    manifest: dict[str, Any] = dict(about)
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in sorted(files.items())
    }
    manifest["checksum"] = digest(manifest)
    with published_folder(folder) as temporary:
        for name, data in sorted(files.items()):
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (temporary / MANIFEST).write_bytes(json_bytes(manifest))


def json_bytes(value: Any) -> bytes:
    """A JSON value as the bytes of a file: readable, keys as given, no NaN."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def read_manifest(folder: Path) -> dict[str, Any]:
    """What does the manifest of a run say? Raises DataError for no run, IntegrityError for a damaged manifest,
    MachineError for one that can't be read."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        stated = manifest.pop("checksum")
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{folder}: no run is there ({MANIFEST} is missing); newsangle list runs shows them") from None
    except OSError as error:
        raise unreadable(folder / MANIFEST, error) from None
    except (ValueError, KeyError, AttributeError):
        raise IntegrityError(f"{folder / MANIFEST}: damaged; delete the run's folder and run again") from None
    if digest(manifest) != stated:
        raise IntegrityError(f"{folder / MANIFEST}: its checksum is wrong; delete the run's folder and run again")
    return manifest


def verify(folder: Path) -> dict[str, Any]:
    """Is every file of the run as it was written? Returns the manifest; IntegrityError names the first fault."""
    manifest = read_manifest(folder)
    for name in manifest["files"]:
        _read(folder, manifest, name)
    known = {*manifest["files"], MANIFEST}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts):
            continue  # what a file manager or a notebook leaves behind
        if path.is_file() and inside.as_posix() not in known:
            raise IntegrityError(f"{path}: not part of the run; keep your own files outside of run folders")
    return manifest


def _read(folder: Path, manifest: Mapping[str, Any], name: str) -> bytes:
    try:
        data = (folder / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise IntegrityError(f"{folder / name}: missing; delete the run's folder and run again") from None
    except OSError as error:  # the run may be as it was: nobody is told to delete it
        raise unreadable(folder / name, error) from None
    if hashlib.sha256(data).hexdigest() != manifest["files"][name]["sha256"]:
        raise IntegrityError(f"{folder / name}: changed since it was written; delete the run's folder and run again")
    return data


def unreadable(path: Path, error: OSError) -> MachineError:
    """The error for what may be as it was, but can't be read now."""
    return MachineError(f"{path}: can't be read ({error.strerror}); check its permissions and the disk")


@dataclass(frozen=True)
class Run:
    """One finished run. Tables are read, and their bytes checked, when they are asked for.

    `.metrics`: one row a number (see `newsangle.runs.records`). `.predictions`: one row a passage (× target), of the
    selected model. `.shares`: how much of the coverage has each class, with limits (`newsangle.coverage.share_table`);
    `.share_contrasts`: differences between outlets; `.share_trends`: change by week. `.topics`: one entry a topic model
    with its topics. `.config`: the resolved config as a dict.
    """

    path: Path
    manifest: dict[str, Any] = field(repr=False)

    def read(self, name: str) -> bytes:
        """The bytes of one of the run's files. Raises IntegrityError if they are not those that were written."""
        if name not in self.manifest["files"]:
            raise DataError(f"{self.path}: has no file {name!r}; it has {', '.join(self.manifest['files'])}")
        return _read(self.path, self.manifest, name)

    @cached_property
    def config(self) -> dict[str, Any]:
        """The resolved config, `--set` and defaults included."""
        import tomllib

        return tomllib.loads(self.read("config.toml").decode())

    @cached_property
    def metrics(self) -> Any:
        """All scores as a pandas table."""
        import pandas as pd

        return pd.DataFrame(json.loads(self.read("metrics.json")), columns=list(FIELDS))

    @cached_property
    def predictions(self) -> Any:
        """Predictions of the selected model as a pandas table; empty where the experiment has no task."""
        return self._table("predictions.parquet")

    @cached_property
    def shares(self) -> Any:
        """Shares by class, slice and count, corrected by the codes where they can be; a pandas table."""
        return self._table("shares.parquet")

    @cached_property
    def share_contrasts(self) -> Any:
        """Differences between outlets' shares as a pandas table; empty without codes."""
        return self._table("share_contrasts.parquet")

    @cached_property
    def share_trends(self) -> Any:
        """Change of shares by week as a pandas table; empty without codes."""
        return self._table("share_trends.parquet")

    def _table(self, name: str) -> Any:
        import pandas as pd

        return pd.read_parquet(io.BytesIO(self.read(name)))

    @cached_property
    def predictions_by_model(self) -> Any:
        """What each model said of each coded row, cross-fitted, as a pandas table."""
        import pandas as pd

        return pd.read_parquet(io.BytesIO(self.read("predictions_by_model.parquet")))

    @cached_property
    def comparisons(self) -> dict[str, list[dict[str, Any]]]:
        """Which models differ beyond chance? By task, one entry a pair, see `newsangle.stats.differences`."""
        found: dict[str, list[dict[str, Any]]] = json.loads(self.read("comparisons.json"))
        return found

    @cached_property
    def topics(self) -> list[dict[str, Any]]:
        """Topic models with their topics: words, weights, share, NPMI."""
        found: list[dict[str, Any]] = json.loads(self.read("topics.json"))
        return found

    def predict(self, passages: Any) -> Any:
        """What do this run's models say of other passages? See `newsangle.runs.predict.predict_passages`."""
        from newsangle.runs.predict import predict_passages

        return predict_passages(self, passages)

    @cached_property
    def contrast(self) -> Any:
        """Words and topics that separate outlets, periods or classes as a pandas table: one row a contrast, term and
        side, `kind` word or topic. Raises DataError where the experiment compares nothing."""
        import pandas as pd

        return pd.read_parquet(io.BytesIO(self.read("contrast.parquet")))

    @property
    def figures(self) -> dict[str, Path]:
        """Where is each figure? SVG files by name."""
        names = [n for n in self.manifest["files"] if n.startswith("figures/") and n.endswith(".svg")]
        return {Path(n).stem: self.path / n for n in names}

    @property
    def report(self) -> Path:
        """Where is the report?"""
        return self.path / "report.html"


def finished_runs(folder: Path, pattern: str = "*/*") -> list[Path]:
    """Where are the runs in a folder of runs, or (`*`) of one experiment? Half of one, still being written, is none."""
    found = sorted(path.parent for path in folder.glob(f"{pattern}/{MANIFEST}"))
    return [path for path in found if not path.name.startswith(".")]


def load_run(path: str | Path) -> Run:
    """Which run is in this folder? Accepts `runs/EXPERIMENT/ID`, or `runs/EXPERIMENT` where it holds a single run.

    Raises DataError where there is none (or several), IntegrityError where the manifest was damaged.
    """
    folder = Path(path)
    if not (folder / MANIFEST).exists() and folder.is_dir():
        runs = finished_runs(folder, "*")
        if len(runs) == 1:
            folder = runs[0]
        elif runs:
            raise DataError(f"{folder}: holds {len(runs)} runs; name one: {', '.join(p.name for p in runs)}")
    return Run(folder, read_manifest(folder))
