"""`newsangle label …`: plan, queue, exchange and check codes. Parse, call, print."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from newsangle.errors import ConfigError

label = typer.Typer(help="Codes: plan, queue, exchange, check them.", no_args_is_help=True)

Where = Annotated[
    Path,
    typer.Argument(
        metavar="WHERE",
        help="A run: runs/EXPERIMENT/ID, or an experiment folder, which is run as by newsangle run (runs/ keeps it).",
    ),
]
Task = Annotated[str | None, typer.Option("--task", help="Which task, where there are several.")]
Runs = Annotated[Path, typer.Option("--runs", help="Where run folders are, and go.")]
Folder = Annotated[Path | None, typer.Option("--experiment", help="The run's experiment, if not experiments/NAME.")]
Out = Annotated[Path, typer.Option("--out", help="The file to write; never written over.")]
RUNS = Path("runs")


class Level(StrEnum):
    """How far apart are two classes?"""

    nominal = "nominal"
    ordinal = "ordinal"
    interval = "interval"


@label.command()
def plan(
    where: Where,
    task: Task = None,
    half_width: Annotated[
        float | None, typer.Option(min=0.001, max=0.5, help="Shares over all outlets within ± this (0.03: 3 points).")
    ] = None,
    half_width_by_outlet: Annotated[
        float | None, typer.Option(min=0.001, max=0.5, help="Shares of each outlet within ± this.")
    ] = None,
    n: Annotated[int | None, typer.Option("--n", min=1, help="Draw so many instead.")] = None,
    classes: Annotated[
        list[str] | None, typer.Option("--class", help="Only this class counts; repeatable (default: all).")
    ] = None,
    periods: Annotated[int, typer.Option(min=1, help="Into how many periods the dates are cut.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Another seed draws another sample.")] = 0,
    old_alone: Annotated[
        bool, typer.Option("--old-alone", help="Codes that were no random sample of these rows count for themselves.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the sheet; without it only the numbers.")] = None,
    runs: Runs = RUNS,
    experiment: Folder = None,
) -> None:
    """Draw the passages to code next, a probability sample with pi, so that shares are known within ± a half-width."""
    if (n is None) == (half_width is None and half_width_by_outlet is None):
        raise ConfigError(
            "label plan: say how precise (--half-width 0.03, --half-width-by-outlet 0.1) or how many (--n)"
        )
    from newsangle.labels.draw import planned_sheet
    from newsangle.labels.plan import plan_codes
    from newsangle.labels.sheet import read_sheet, sheet_bytes, write_new
    from newsangle.runs.coding import load_coding
    from newsangle.runs.coding_text import plan_lines, sheet_lines

    coding = load_coding(where, task, runs=runs, experiment=experiment)
    strange = [c for c in classes or [] if c not in coding.classes]
    if strange:
        raise ConfigError(f"--class {strange[0]}: is not one of {', '.join(coding.classes)}")
    drawn = plan_codes(
        coding.rows,
        coding.classes,
        n=n,
        half_width=half_width,
        outlet_half_width=half_width_by_outlet,
        wanted=classes or [],
        n_periods=periods,
        seed=seed,
        old_alone=old_alone,
    )
    for line in plan_lines(coding, drawn):
        typer.echo(line)
    if out is None or not len(drawn.drawn):
        typer.echo("Nothing was written." if len(drawn.drawn) else "The codes there are suffice; nothing was written.")
        return
    before = read_sheet(coding.file) if coding.file is not None else None
    column, target_column = coding.column, coding.target_column
    sheet = planned_sheet(coding.rows, drawn, column=column, target_column=target_column, before=before, seed=seed)
    write_new(out, sheet_bytes(sheet))
    for line in sheet_lines(out, int((sheet[coding.column] == "").sum()), coding.column, coding.classes):
        typer.echo(line)


@label.command()
def queue(
    where: Where,
    out: Out,
    n: Annotated[int, typer.Option("--n", min=1, help="How many.")] = 50,
    task: Task = None,
    runs: Runs = RUNS,
    experiment: Folder = None,
) -> None:
    """Pick the passages that teach most: a training pool, learned from, but in no score and no share."""
    import numpy as np

    from newsangle.labels.draw import queued_sheet
    from newsangle.labels.queue import queue_codes
    from newsangle.labels.sheet import read_sheet, sheet_bytes, write_new
    from newsangle.runs.coding import load_coding
    from newsangle.runs.coding_text import sheet_lines

    coding = load_coding(where, task, runs=runs, experiment=experiment)
    rule = coding.rows["rule"].tolist() if coding.task.rules is not None else None
    found = queue_codes(coding.rows, coding.classes, n, rule=rule)
    before = read_sheet(coding.file) if coding.file is not None else None
    places = found["position"].to_numpy(dtype=np.int64)
    column, target_column = coding.column, coding.target_column
    sheet = queued_sheet(coding.rows, places, column=column, target_column=target_column, before=before)
    write_new(out, sheet_bytes(sheet))
    typer.echo(
        f"{coding.name}: {n} passages of {n} syndication groups, mean uncertainty {found['uncertainty'].mean():.2f}, "
        f"the rules disagree on {int(found['rule_disagrees'].sum())}"
    )
    for line in sheet_lines(out, n, coding.column, coding.classes):
        typer.echo(line)


@label.command("export")
def export_(
    where: Where,
    sheet: Annotated[Path, typer.Argument(help="A coding sheet or annotation file (CSV).")],
    out: Annotated[Path, typer.Option("--out", help="x.csv, x.json (Label Studio) or x.jsonl (doccano).")],
    task: Task = None,
    all_: Annotated[bool, typer.Option("--all", help="Coded rows too, with their codes.")] = False,
    blind: Annotated[bool, typer.Option("--blind", help="All rows, without codes: for a second coder.")] = False,
    runs: Runs = RUNS,
    experiment: Folder = None,
) -> None:
    """Hand the uncoded rows of a sheet, with their texts, to coders or to an annotation tool."""
    from newsangle.errors import DataError
    from newsangle.labels.draw import fill_texts
    from newsangle.labels.exchange import format_of, label_config
    from newsangle.labels.sheet import read_sheet, write_new
    from newsangle.runs.coding import load_coding

    kind = format_of(out)
    coding = load_coding(where, task, runs=runs, experiment=experiment)
    needed = [coding.column, *([coding.target_column] if coding.target_column else [])]
    table = read_sheet(sheet, needed)
    if not (all_ or blind):
        table = table.loc[table[coding.column] == ""].reset_index(drop=True)
        if not len(table):
            raise DataError(f"{sheet}: every row is coded; --blind hands all to a second coder, --all keeps the codes")
    table = fill_texts(table, coding.rows, coding.target_column)
    if blind:
        coders = [name for name in table.columns if name.startswith(f"{coding.column}_")]
        table = table.drop(columns=coders).assign(**{coding.column: ""})
    write_new(out, kind.write(table, coding.column))
    typer.echo(f"{out}: {len(table):,} passages, {kind.name}")
    if kind.name == "Label Studio":
        typer.echo(f"labelling interface: {label_config(coding.column, coding.classes)}")


@label.command("import")
def import_(
    where: Where,
    file: Annotated[Path, typer.Argument(help="What the coder sent: x.csv, x.json (Label Studio), x.jsonl (doccano).")],
    sheet: Annotated[Path, typer.Option("--sheet", help="The sheet that was handed out.")],
    out: Out,
    task: Task = None,
    coder: Annotated[str | None, typer.Option(help="One of several coders: fills column COLUMN_NAME.")] = None,
    annotator: Annotated[str | None, typer.Option(help="Whose annotations, by id or mail (Label Studio).")] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Keep what is there though rows lack codes.")
    ] = False,
    keep_text: Annotated[bool, typer.Option("--text", help="Leave the texts in.")] = False,
    runs: Runs = RUNS,
) -> None:
    """Take a coder's codes over into the sheet: same passages, same texts, known classes, or nothing is written."""
    from newsangle.labels.coders import take_codes
    from newsangle.labels.exchange import format_of
    from newsangle.labels.sheet import read_sheet, sheet_bytes, write_new
    from newsangle.runs.coding import choose_task, find_run

    kind = format_of(file)
    run = find_run(where, runs)
    name = choose_task(run, task)
    config = run.config["tasks"][name]
    column, target = config["labels"]["column"] if "labels" in config else name, config.get("target_column")
    needed = [column, *([target] if target else [])]
    filled = take_codes(
        read_sheet(sheet, needed),
        kind.read(file, column, annotator),
        sheet_path=sheet,
        path=file,
        column=column,
        classes=config["classes"],
        target_column=target,
        into=f"{column}_{coder}" if coder else None,
        unfinished=unfinished,
    )
    if not keep_text and "text" in filled.columns:
        filled = filled.drop(columns="text")
    write_new(out, sheet_bytes(filled))
    aim = f"{column}_{coder}" if coder else column
    typer.echo(f"{out}: {int((filled[aim] != '').sum()):,} of {len(filled):,} rows have a code in column {aim}")


@label.command()
def agreement(
    files: Annotated[list[Path], typer.Argument(help="One file with a column a coder, or a file a coder.")],
    column: Annotated[str, typer.Option("--column", help="The column of the codes (coders: COLUMN_NAME).")],
    target_column: Annotated[
        str | None, typer.Option(help="The column of the target, where there are targets.")
    ] = None,
    coder_columns: Annotated[str | None, typer.Option(help="The coders' columns, with commas between.")] = None,
    classes: Annotated[str | None, typer.Option(help="The classes, in order, with commas between.")] = None,
    level: Annotated[Level, typer.Option(help="ordinal and interval need --classes.")] = Level.nominal,
    group: Annotated[str, typer.Option(help="Column of what is drawn whole in the bootstrap.")] = "article_id",
    text: Annotated[bool, typer.Option("--text", help="Show the beginning of each disputed passage.")] = False,
    merge: Annotated[Path | None, typer.Option(help="Write codes all agree on; empty where they don't.")] = None,
) -> None:
    """Krippendorff's alpha of coders, by class too, and every passage they disagree about."""
    if level is not Level.nominal and classes is None:
        raise ConfigError(f"--level {level}: the order of the classes must be known; give --classes a,b,c")
    from newsangle.labels.coders import side_by_side
    from newsangle.labels.sheet import read_sheet, sheet_bytes, write_new
    from newsangle.runs.coding_text import agreement_lines, disagreements, merged, snippet

    extra = [group, *([target_column] if target_column else []), *(["text"] if text else [])]
    tables = [(path, read_sheet(path, extra if i == 0 else [])) for i, path in enumerate(files)]
    coders = side_by_side(
        tables,
        column=column,
        target_column=target_column,
        classes=classes.split(",") if classes else None,
        columns=coder_columns.split(",") if coder_columns else None,
    )
    groups = coders.units[group].tolist()
    for line in agreement_lines(coders, groups, level.value, target_column):
        typer.echo(line)
    if text:
        for i in disagreements(coders):
            typer.echo(f"row {coders.units['row'].iloc[i]}:\n{snippet(coders.units['text'].iloc[i])}")
    if merge is not None:
        done = merged(coders, column)
        write_new(merge, sheet_bytes(done))
        typer.echo(
            f"{merge}: {int((done[column] == '').sum())} of {len(done)} rows are to be decided in column {column}"
        )


@label.command()
def errors(
    where: Where,
    task: Task = None,
    most: Annotated[int, typer.Option(min=1, help="How many are shown.")] = 20,
    text: Annotated[bool, typer.Option("--text", help="Show the beginning of each passage.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the whole list as CSV, without texts.")] = None,
    runs: Runs = RUNS,
    experiment: Folder = None,
) -> None:
    """List codes that a model which never saw them is confident about otherwise: read these again."""
    from newsangle.labels.sheet import sheet_bytes, write_new
    from newsangle.runs.coding import choose_task, find_run, load_coding
    from newsangle.runs.coding_text import suspect_lines
    from newsangle.runs.doubtful import doubtful_codes

    run = find_run(where, runs)
    name = choose_task(run, task)
    found = doubtful_codes(run, name)
    few = f"; the surest {min(most, len(found))}:\n" if len(found) else ""
    typer.echo(f"{name}: {len(found)} codes to read again{few}")
    shown, texts = found.head(most), None
    if text:
        rows = load_coding(where, name, runs=runs, experiment=experiment).rows
        known = dict(zip(rows["passage_id"], rows["text"], strict=True))
        texts = [known[p] for p in shown["passage_id"]]
    for line in suspect_lines(shown, texts) if len(shown) else []:
        typer.echo(line)
    if out is not None:
        columns = ["passage_id", "target", "coded", "suggested", "p_coded", "p_suggested"]
        write_new(out, sheet_bytes(found[columns].fillna({"target": ""})))
        typer.echo(f"{out}: {len(found)} rows")
