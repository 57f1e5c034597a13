"""Is this tree legal? Each object, run and file as it was or as it shall be, whole or absent, and nothing else."""

import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

# Relative path → what is there: kind and mode, and the bytes of a file or the target of a link.
Tree = dict[str, tuple[str, bytes]]


def read_tree(root: Path, ignore: Callable[[str], bool] = lambda path: False) -> Tree:
    """All that lies below this folder, links not followed; `ignore` is asked for each relative path."""
    found: Tree = {}
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            if ignore(relative):
                if name in folders:
                    folders.remove(name)
                continue
            mode = path.lstat().st_mode
            kind = f"{stat.filemode(mode)}"
            if stat.S_ISLNK(mode):
                found[relative] = (kind, os.fsencode(path.readlink()))
            elif stat.S_ISREG(mode):
                found[relative] = (kind, path.read_bytes())
            else:
                found[relative] = (kind, b"")
    return found


def differences(found: Tree, wanted: Tree) -> list[str]:
    """In which paths do these trees differ, and how?"""
    told = [f"{path} is left over" for path in sorted(found.keys() - wanted.keys())]
    told += [f"{path} is missing" for path in sorted(wanted.keys() - found.keys())]
    for path in sorted(found.keys() & wanted.keys()):
        if found[path] != wanted[path]:
            what = "mode" if found[path][1] == wanted[path][1] else "content"
            told.append(f"{path}: another {what} ({found[path][0]}, {wanted[path][0]})")
    return told


def illegal(found: Tree, old: Tree, new: Tree, unit: Callable[[str], str | None]) -> list[str]:
    """Which units are neither as they were nor as they shall be?

    unit: relative path → the name of what appears or vanishes as a whole, None for what may be there at any time
    (folders above units, temporary names).
    """
    now, before, after = (_by_unit(tree, unit) for tree in (found, old, new))
    told = []
    for name in sorted(now.keys() | before.keys() | after.keys()):
        legal = (before.get(name, {}), after.get(name, {}))
        if now.get(name, {}) not in legal:
            closest = differences(now.get(name, {}), legal[1])
            told.append(f"{name} is neither old nor new: {'; '.join(closest[:3])}")
    return told


def _by_unit(tree: Tree, unit: Callable[[str], str | None]) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    for path, what in tree.items():
        name = unit(path)
        if name is not None:
            found.setdefault(name, {})[path] = what
    return found


def without_chance(tree: Tree, random: re.Pattern[str]) -> Mapping[str, tuple[str, bytes]]:
    """The tree with the random part of temporary names taken out: equal states of two runs look equal."""
    return {random.sub("·", path): what for path, what in tree.items()}
