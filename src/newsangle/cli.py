"""The command line: parse, call, print. What goes wrong is one line on standard error and an exit code."""

import contextlib
import io
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from newsangle import __version__
from newsangle.cli_label import label
from newsangle.cli_store import A_RUN, SOME_RUNS, RunsFolder, gc, verify
from newsangle.errors import DataError, MachineError, NewsangleError, machine_errors

if TYPE_CHECKING:
    from newsangle.runs.folder import Run


class _Terminated(KeyboardInterrupt):
    """SIGTERM, as batch systems and `kill` send it: it ends a command as Ctrl-C does."""


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Do what was asked; a command that is stopped says so (Typer ends without a word)."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise _stopped(stop) from None


def _stopped(stop: KeyboardInterrupt, kept: str = "") -> typer.Exit:
    _say(f"newsangle: stopped{kept}")
    return typer.Exit(128 + (signal.SIGTERM if isinstance(stop, _Terminated) else signal.SIGINT))


KEPT = "; what was finished is kept, the same command goes on from there"

app = typer.Typer(
    cls=_Commands,
    help="Reproducible experiments that compare how the news covers something.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="Corpora: fetch them into the data folder.", no_args_is_help=True)
app.add_typer(data, name="data")
app.add_typer(label, name="label")
app.command()(verify)
app.command()(gc)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"newsangle {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None: ...


@app.command()
def run(
    experiments: Annotated[list[Path], typer.Argument(help="Experiment folders or TOML files.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a config key; repeatable.")
    ] = None,
    runs: RunsFolder = Path("runs"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes side by side; results don't depend on it.")] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(envvar="NEWSANGLE_SCHEDULER", metavar="tcp://HOST:PORT", help="Dask workers do the jobs instead."),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would be computed and why; compute nothing.")] = False,
    track: Annotated[bool, typer.Option("--track", help="Mirror each run to MLflow, as newsangle track does.")] = False,
) -> None:
    """Run experiments; what is up to date is found, not run again."""
    from newsangle.runs.experiment import load_experiment
    from newsangle.runs.flow import check_all, run_loaded
    from newsangle.runs.headline import headline

    if plan:
        from newsangle.runs.why import plan_text, planned_run

        for path in experiments:
            typer.echo(plan_text(planned_run(path, settings or [], runs=runs)))
        return
    # A config that can't be carried out stops everything before anything starts.
    loaded = [load_experiment(path, settings or []) for path in experiments]
    if len(loaded) > 1:  # a single one is checked as it begins
        check_all(loaded, runs=runs)
    uri = None
    if track:
        from newsangle.runs.tracking import tracking_uri

        uri = tracking_uri()
    code = 0
    try:
        for experiment in loaded:
            try:
                found = run_loaded(experiment, runs=runs, jobs=jobs, scheduler=scheduler)
            except NewsangleError as error:  # the others are run all the same
                _tell(error)
                code = code or error.exit_code
                continue
            typer.echo(headline(found))
            for label, reason in found.manifest.get("failed", {}).items():
                typer.echo(f"newsangle: {label}: {reason}", err=True)
                code = code or DataError.exit_code
            if uri is not None:
                try:
                    _mirror(found, uri)
                except NewsangleError as error:  # the run is there; `track` tries again
                    _tell(error)
                    code = code or error.exit_code
    except KeyboardInterrupt as stop:
        raise _stopped(stop, KEPT) from None
    if code:
        raise typer.Exit(code)


@app.command()
def ingest(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, folders, or - for standard input.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="The corpus, as Parquet; rejects.jsonl lies beside it.")] = Path(
        "corpus.parquet"
    ),
    columns: Annotated[
        list[str] | None, typer.Option(metavar="OURS=THEIRS", help="Column of a table, as text=body; repeatable.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of files that don't declare one; else UTF-8.")] = None,
    delimiter: Annotated[
        str | None, typer.Option(metavar="SIGN", help='Between the columns of a CSV, as ";" or tab; else a comma.')
    ] = None,
    format: Annotated[str | None, typer.Option(help="Of standard input and files of unknown ending.")] = None,
    date_format: Annotated[str | None, typer.Option(help="Of a date column, as D/M/YYYY.")] = None,
    language: Annotated[str | None, typer.Option(help="Keep articles in this language only, as en.")] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A config (or its folder) whose table [ingest] says the same.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes side by side; the corpus doesn't depend on it.")] = 1,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Damaged records are no error.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what is kept and dropped, and why; write nothing.")
    ] = False,
) -> None:
    """Make a corpus of raw files: text, Markdown, HTML, JSON, CSV, Parquet, WARC, packed or not."""
    from newsangle.corpus.ingest.columns import parse_columns
    from newsangle.corpus.ingest.flow import explain_paths
    from newsangle.corpus.ingest.flow import ingest as ingest_paths

    mapping = parse_columns(columns or [])
    if config is not None:
        from newsangle.runs.experiment import load_ingest

        written = load_ingest(config)
        mapping = {**{str(ours): theirs for ours, theirs in written.columns.items()}, **mapping}
        encoding, delimiter, format = (
            encoding or written.encoding,
            delimiter or written.delimiter,
            format or written.format,
        )
        date_format, language = date_format or written.date_format, language or written.language
    try:
        if explain:
            told = explain_paths(
                paths,
                columns=mapping,
                encoding=encoding,
                delimiter=delimiter,
                format=format,
                date_format=date_format,
                colour=sys.stdout.isatty(),
            )
            for text in told:
                typer.echo(f"{text}\n")
            return
        ingest_paths(
            paths,
            out,
            columns=mapping,
            encoding=encoding,
            delimiter=delimiter,
            format=format,
            date_format=date_format,
            language=language,
            jobs=jobs,
            skip_bad=skip_bad,
            progress=lambda line: typer.echo(line, err=True),
            written=lambda found: typer.echo(found.told()),
        )
    except KeyboardInterrupt as stop:
        raise _stopped(stop, "" if explain else KEPT) from None


@app.command("list")
def list_(
    what: Annotated[
        str | None, typer.Argument(help="experiments, corpora, models, metrics or runs; all if left out")
    ] = None,
    experiment: Annotated[str | None, typer.Argument(help="With runs: of this experiment alone.")] = None,
    runs: RunsFolder = Path("runs"),
) -> None:
    """Show experiments, corpora, models, metrics and runs.

    Of a run's files, config and scores are checked against their hashes, the others for being there and as long as
    they were: what else was changed, newsangle verify finds.
    """
    from newsangle.runs.listing import listing

    typer.echo(listing(what, experiments=Path("experiments"), runs=runs, experiment=experiment))


@app.command()
def report(
    name: Annotated[str, typer.Argument(metavar="RUN", help=A_RUN)],
    runs: RunsFolder = Path("runs"),
) -> None:
    """Check every file of a run; print its headline and report path."""
    from newsangle.runs.find import find_run
    from newsangle.runs.folder import verify
    from newsangle.runs.headline import headline

    found = find_run(name, runs)
    verify(found.path)
    typer.echo(headline(found))


@app.command()
def compare(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN RUN…", help=SOME_RUNS),
    ],
    model: Annotated[str, typer.Option(help="Which model of each run is tested.")] = "selected",
    html: Annotated[Path | None, typer.Option(help="Write a page, too, with all scores and the figures.")] = None,
    runs: RunsFolder = Path("runs"),
) -> None:
    """What differs between runs, in config and results, and do their classifiers differ beyond chance?"""
    from newsangle.runs.compare_text import compare as compare_all
    from newsangle.runs.compare_text import compared_text
    from newsangle.runs.find import find_run

    found = compare_all([find_run(name, runs) for name in names], model=model)
    typer.echo(compared_text(found))
    if html is not None:
        from newsangle.runs.compare_page import write_page

        write_page(found, html)
        typer.echo(f"\npage: {html}")


@app.command()
def track(
    names: Annotated[list[str], typer.Argument(metavar="RUN…", help=SOME_RUNS)],
    uri: Annotated[
        str | None, typer.Option(help="MLflow's store; else MLFLOW_TRACKING_URI, else sqlite:///mlflow.db.")
    ] = None,
    runs: RunsFolder = Path("runs"),
) -> None:
    """Mirror finished runs to MLflow; what is there already is left as it is."""
    from newsangle.runs.find import find_run
    from newsangle.runs.tracking import tracking_uri

    where = tracking_uri(uri)
    for found in [find_run(name, runs) for name in names]:
        _mirror(found, where)


def _mirror(found: "Run", uri: str) -> None:
    from newsangle.runs.tracking import mirror_run, shown

    mirrored = mirror_run(found, uri)
    how = "mirrored" if mirrored.added else "already there"
    typer.echo(f"{found.path}: {how}, {shown(uri)} run {mirrored.mlflow_run}")


@app.command()
def predict(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder: runs/EXPERIMENT/ID.")],
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="A corpus by name, or a file of articles.")],
    out: Annotated[Path, typer.Option("--out", help="Where predictions go: .parquet or .csv.")],
    columns: Annotated[
        list[str] | None, typer.Option("--column", "--columns", metavar="OURS=THEIRS", help="As text=body; repeatable.")
    ] = None,
) -> None:
    """Apply the models of a run to other articles: class, probabilities, deciding words, topics, how strange."""
    from newsangle.errors import ConfigError
    from newsangle.runs.folder import load_run
    from newsangle.runs.predict import predict_corpus

    named = {}
    for setting in columns or []:
        ours, sign, theirs = setting.partition("=")
        if not sign:
            raise ConfigError(f"--column {setting}: write OURS=THEIRS, such as text=body")
        named[ours] = theirs
    typer.echo(predict_corpus(load_run(path), corpus, out, columns=named or None))


@app.command()
def schema() -> None:
    """Print the JSON Schema of experiment configs, for editors."""
    import json

    from newsangle.runs.config import ExperimentConfig

    typer.echo(json.dumps(ExperimentConfig.model_json_schema(), indent=1))


@data.command("get")
def data_get(
    name: Annotated[str, typer.Argument(help="A corpus (newsangle list corpora).")],
    from_: Annotated[Path | None, typer.Option("--from", help="A copy that you have already.")] = None,
) -> None:
    """Fetch a corpus into the data folder, verified; nothing is fetched twice."""
    from newsangle.corpus.sources import fetch_source

    typer.echo(fetch_source(name, local=from_, progress=lambda line: typer.echo(line, err=True)))


def _tell(error: NewsangleError) -> None:
    for line in str(error).splitlines():
        _say(f"newsangle: {line}")


def main() -> None:
    """The entry point: runs the command line and turns errors into one line and an exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a sign that the terminal hasn't, or a path that is no UTF-8
        sys.stdout.reconfigure(errors="backslashreplace")
    _listen_to_sigterm()
    try:
        try:
            app()
        except OSError as error:  # from where no path is known: the output itself, or a temporary file
            with machine_errors(Path(error.filename or "standard output or a temporary file")):
                raise
    except NewsangleError as error:
        _tell(error)
        sys.exit(error.exit_code)
    except MemoryError:
        _say("newsangle: not enough memory; close other programs, use fewer --jobs or another machine, and run again")
        sys.exit(MachineError.exit_code)
    except Exception as error:
        if os.environ.get("NEWSANGLE_DEBUG"):
            raise
        told = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        _say(f"newsangle: {told}: this is our bug; NEWSANGLE_DEBUG=1 shows where, please report it")
        sys.exit(1)


def _listen_to_sigterm() -> None:
    """From now on SIGTERM stops the command as Ctrl-C does, unless somebody wants it otherwise already."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        return
    here = os.getpid()

    def terminate(number: int, frame: FrameType | None) -> None:
        if os.getpid() != here:  # a fork of this process has nothing to tell
            os._exit(128 + number)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it comes twice where a batch system ends a group
        raise _Terminated

    signal.signal(signal.SIGTERM, terminate)


def _say(line: str) -> None:
    """Last words: where even standard error can't be written, the exit code has to do."""
    with contextlib.suppress(OSError):
        typer.echo(line, err=True)


if __name__ == "__main__":
    main()
