"""Does the house stand as HOUSE says? Rooms import upwards only, and only the named rooms touch what they may."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "newsangle"
ROOMS = ["stats", "corpus", "labels", "features", "topics", "stance", "coverage", "figures", "runs"]
# Rooms that import no other room, and pairs that don't know each other.
ALONE = {"stats", "figures"}
STRANGERS = {("topics", "stance"), ("stance", "topics")}
# The ground floor has no imports of ours: everybody may raise, compile kernels, share work.
GROUND = {"errors", "compiled", "shards"}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


def _rooms_of(path: Path) -> set[str]:
    return {name.split(".")[1] for name in _imports(path) if name.startswith("newsangle.")}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_above_it(room: str) -> None:
    allowed = set() if room in ALONE else set(ROOMS[: ROOMS.index(room)])
    allowed -= {b for a, b in STRANGERS if a == room}
    for path in sorted((PACKAGE / room).rglob("*.py")):
        strange = _rooms_of(path) - allowed - {room} - GROUND
        assert not strange, f"{path.relative_to(PACKAGE)} imports {sorted(strange)}"


def test_every_folder_of_the_package_is_a_room_of_the_list() -> None:
    assert sorted(p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__") == sorted(ROOMS)


def test_only_figures_imports_matplotlib() -> None:
    guilty = [p for p in PACKAGE.rglob("*.py") if any(name.split(".")[0] == "matplotlib" for name in _imports(p))]
    assert guilty
    assert {p.relative_to(PACKAGE).parts[0] for p in guilty} == {"figures"}


def test_only_corpus_labels_and_runs_touch_the_disk() -> None:
    """`Path`, `open`, `read_*` and `to_*` of pandas, and numpy's load and save, outside of the rooms that may."""
    writers = {"open", "read_csv", "read_parquet", "to_parquet", "to_csv", "read_text", "write_text", "savez", "save"}
    for room in set(ROOMS) - {"corpus", "labels", "runs"}:
        for path in (PACKAGE / room).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            used = {
                n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
            }
            used |= {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
            assert not used & writers, f"{path.relative_to(PACKAGE)} calls {sorted(used & writers)}"
            assert "pathlib" not in _imports(path), path


def test_nothing_unpickles_and_nothing_draws_on_global_random_state() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert not _imports(path) & {"pickle", "joblib", "dill", "cloudpickle", "shelve", "random"}, path
        text = path.read_text(encoding="utf-8")
        assert "np.random.seed" not in text, path


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {p.name: n for p in PACKAGE.rglob("*.py") if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400}
    assert not long


def test_the_words_of_the_config_are_the_rows_of_the_tables() -> None:
    from typing import get_args

    from newsangle.runs.config import ClassifierName, FigureName, MetricName, TopicModel
    from newsangle.runs.pictures import BUILDERS
    from newsangle.stance.classifiers import CLASSIFIERS
    from newsangle.stats.classification import METRICS
    from newsangle.topics.models import TOPIC_MODELS

    assert list(get_args(MetricName)) == list(METRICS)
    assert list(get_args(TopicModel)) == list(TOPIC_MODELS)
    assert list(get_args(ClassifierName)) == list(CLASSIFIERS)
    assert list(get_args(FigureName)) == list(BUILDERS)
