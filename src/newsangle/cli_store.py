"""The commands on what is kept: is a run whole, what can go."""

from pathlib import Path
from typing import Annotated

import typer

A_RUN = "A run's folder, or the first signs of its ID: 14ee, or NAME/14ee where experiments share it."
SOME_RUNS = "Folders, or the first signs of the IDs: 14ee, or NAME/14ee."
RunsFolder = Annotated[Path, typer.Option("--runs", help="Where run folders go.")]


def verify(
    name: Annotated[str, typer.Argument(metavar="RUN", help=A_RUN)],
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Compute everything again in a clean place and compare every byte.")
    ] = False,
    experiment: Annotated[
        Path | None,
        typer.Option(help="Folder of the experiment's own files, for --rerun; experiments/NAME if left out."),
    ] = None,
    runs: RunsFolder = Path("runs"),
) -> None:
    """Check that every byte of a run, and of what it was made from, is as it was written.

    A damaged intermediate result is set aside: the run stands without it.
    """
    from newsangle.runs.find import find_run
    from newsangle.runs.verify import verified_text, verify_run

    path = find_run(name, runs).path
    typer.echo(verified_text(path, verify_run(path, rerun=rerun, experiment=experiment)))


def gc(
    runs: Annotated[list[Path] | None, typer.Option("--runs", help="Folders with runs, beside those known.")] = None,
    forget: Annotated[
        list[Path] | None,
        typer.Option("--forget", metavar="FOLDER", help="A known folder with runs that was deleted on purpose."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
) -> None:
    """Remove intermediate results that no run refers to, and what was set aside as damaged or left unfinished.

    Every folder that has held runs of this store has to be there: nothing is removed before.
    """
    from newsangle.runs.gc import collect_garbage, garbage_text

    typer.echo(garbage_text(collect_garbage(runs or None, forget=forget or (), dry_run=dry_run), dry_run=dry_run))
