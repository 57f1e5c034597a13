"""Do the notebooks run, define nothing, and carry no output?"""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from newsangle import MachineError
from newsangle.corpus.sources import fetch_source

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ALL = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
# What Jupyter's own libraries warn of.
QUIET = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::RuntimeWarning")


def _execute(path: Path, timeout: int) -> dict[str, list[nbformat.NotebookNode]]:
    """What each code cell shows, by cell id, progress lines left out."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": path.parent}}
    NotebookClient(notebook, timeout=timeout, kernel_name="python3", resources=where).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {cell.id: [o for o in cell.outputs if o.output_type != "stream"] for cell in cells}


@ALL
def test_a_notebook_defines_nothing_and_is_stored_without_output(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)
            kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
            assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, kinds)]


@ALL
@QUIET
def test_a_notebook_runs_on_any_finished_run(path: Path, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSANGLE_EXPERIMENT", str(finished.parents[2] / "orvia"))
    monkeypatch.setenv("NEWSANGLE_RUNS", str(finished.parents[1]))
    assert sum(map(len, _execute(path, timeout=120).values())) >= 6


@pytest.mark.slow
@QUIET
@pytest.mark.parametrize("name", ["quickstart_lee", "turkish_offensive_vs_isis"])
def test_the_notebooks_run_on_the_experiments_that_ship(
    name: str, tmp_path: Path, common_home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first has no codes, outlets, dates or targets; the second has them all, a filter and a sampling frame."""
    try:
        fetch_source("news_articles" if name == "turkish_offensive_vs_isis" else "lee")
    except MachineError as error:
        pytest.skip(f"the corpus can't be fetched: {error}")
    monkeypatch.setenv("NEWSANGLE_EXPERIMENT", str(ROOT / "experiments" / name))
    monkeypatch.setenv("NEWSANGLE_RUNS", str(tmp_path / "runs"))
    shown = {path.stem: _execute(path, timeout=1200) for path in NOTEBOOKS}
    # The corpus notebook shows the passages that the run predicted, not other ones.
    assert shown["01_corpus"]["01-11"][-1]["data"]["text/plain"] == "True"
    if name == "turkish_offensive_vs_isis":
        [by_target] = shown["03_frames_and_stance"]["03-06"]
        assert all(target in by_target["data"]["text/plain"] for target in ("assad", "kurds", "russia", "turkey", "us"))
