"""Which files are meant? Folders are walked in one order, each file is read once, and what is no file is named."""

import itertools
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsangle.corpus.hints import nearest
from newsangle.corpus.ingest.records import Reject, shown
from newsangle.errors import ConfigError

STDIN = "-"
_MOST_NAMES = 10_000  # of a folder, among which a hint is looked for
_NOT_A_FILE = {
    stat.S_IFIFO: "a pipe; send it to standard input and name -",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

Identity = tuple[int, int]


@dataclass(frozen=True)
class Input:
    """One file to read: `path` None is standard input; `named` files were asked for, the others found in a folder."""

    path: Path | None
    shown: str
    named: bool = True


def check_paths(paths: Sequence[str | Path]) -> None:
    """Is there something at each of these paths? Raises ConfigError that names each one that leads nowhere.

    What can't be read, or vanishes later, is damage of that file; a path that never led anywhere is a slip of the pen.
    """
    if "" in paths:  # Path("") would be the folder we stand in; it is rather a variable that isn't set
        raise ConfigError('a path is empty (""); name files or folders, or . for this folder')
    wrong = [path for path in paths if str(path) != STDIN and not _is_there(Path(path))]
    if wrong:
        raise ConfigError("\n".join(f"{shown(path)} {_slip(Path(path))}" for path in wrong))


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the name
        return False
    except OSError:
        return True
    return True


def _slip(path: Path) -> str:
    """What is wrong with this path: which part of it isn't there, and what is called nearly so?"""
    if path.is_symlink():
        return "is a link that leads nowhere; name the file itself"
    part = next((parent for parent in reversed(path.parents) if not _is_there(parent)), path)
    try:
        with os.scandir(part.parent) as found:
            names = sorted(shown(entry.name) for entry in itertools.islice(found, _MOST_NAMES))
    except (OSError, ValueError):
        names = []
    what = "" if part == path else f" (there is no {shown(part)})"
    return f"does not exist{what}{nearest(shown(part.name), names) or '; check the path'}"


def find_inputs(paths: Sequence[str | Path], *, leave_out: Sequence[Path] = ()) -> Iterator[Input | Reject]:
    """Which files do these paths name? Files, folders (with all below them) and "-" for standard input.

    The order is that of the names' bytes, whatever the order of `paths`. A file that is reached twice (by a link, or
    named twice) is read once. `leave_out`: files and folders of ours, such as the corpus that is being written.
    """
    ours = {found for path in leave_out if (found := _identity(path)) is not None}
    met: dict[Identity, str] = {}
    for path in sorted({os.fsencode(path) for path in paths}):
        if path == STDIN.encode():
            yield Input(None, "standard input")
        else:
            yield from _walk(Path(os.fsdecode(path)), ours, met)


def _identity(path: Path) -> Identity | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino)


def _walk(top: Path, ours: set[Identity], met: dict[Identity, str]) -> Iterator[Input | Reject]:
    stack = [(top, True)]
    while stack:
        path, named = stack.pop()
        name = shown(path)
        try:
            found = path.stat()
            identity = (found.st_dev, found.st_ino)
            if identity in ours:
                continue
            if not named and path.name.startswith("."):
                yield Reject(name, None, None, None, "a hidden file or folder", bad=False)
                continue
            if identity in met:
                yield Reject(name, None, None, None, f"the same as {met[identity]}, read once", bad=False)
                continue
            met[identity] = name
            if stat.S_ISDIR(found.st_mode):
                children = sorted(os.listdir(path), key=os.fsencode, reverse=True)  # noqa: PTH208 (names, not paths)
                if not children and named:
                    yield Reject(name, None, None, None, "an empty folder; it should hold articles")
                stack.extend((path / child, False) for child in children)
            elif stat.S_ISREG(found.st_mode):
                yield Input(path, name, named)
            else:
                what = _NOT_A_FILE.get(stat.S_IFMT(found.st_mode), "no regular file")
                yield Reject(name, None, None, None, f"not a file but {what}")
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            yield Reject(name, None, None, None, _why(error, path))


def _why(error: OSError | ValueError, path: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return "a link that leads nowhere" if path.is_symlink() else "is not there any more"
    reason = getattr(error, "strerror", None) or str(error)
    return f"can't be read ({reason}); check its permissions"
