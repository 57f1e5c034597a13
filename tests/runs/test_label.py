"""`newsangle label …` as a person uses it: plan, code, queue, code, run; and what is said when something is wrong."""

import csv
import shutil
import sys

import numpy as np
import pytest

import newsangle
from newsangle.cli import main
from newsangle.labels.sheet import read_sheet
from newsangle.runs.progress import Progress


@pytest.fixture
def label(monkeypatch, capsys):
    """Runs `newsangle label ARGUMENTS` in this process; returns exit code, output and errors."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["newsangle", "label", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    return run


@pytest.fixture
def orvia(finished, tmp_path):
    """A copy of the finished run's experiment, and the run."""
    return shutil.copytree(finished.parents[2] / "orvia", tmp_path / "orvia"), finished


def records(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def fill(path, to):
    """Code the empty rows of a sheet by what the text is about, as a person would."""
    rows = records(path)
    for row in rows:
        if not row["frame"]:
            text = row["text"].casefold()
            flood = sum(word in text for word in ("flood", "dyke", "boats"))
            vote = sum(word in text for word in ("election", "vot", "ballot", "candidate", "parliament"))
            row["frame"] = "other" if flood == vote == 0 else "flood" if flood > vote else "election"
    write(to, rows)


def test_plan_code_queue_code_and_run(label, orvia, tmp_path):
    folder, run = orvia
    at = ("--experiment", folder)
    code, told, _ = label("plan", run, "--half-width", "0.02", *at)
    assert code == 0
    assert "Nothing was written." in told
    assert "all outlets" in told
    code, told, errors = label("plan", run, "--n", "12", "--out", folder / "sheet.csv", *at)
    assert (code, errors) == (0, "")
    assert f"{folder / 'sheet.csv'}: 12 rows to code; write flood, election, other into column frame" in told
    assert "Old and new codes are one sample" in told
    label("plan", run, "--n", "12", "--out", folder / "again.csv", *at)
    assert (folder / "again.csv").read_bytes() == (folder / "sheet.csv").read_bytes()
    sheet = read_sheet(folder / "sheet.csv")
    old = read_sheet(folder / "labels.csv")
    assert len(sheet) == len(old) + 12
    assert sheet["frame"].tolist()[12:] == old["frame"].tolist()
    pi = sheet["pi"].astype(float)
    assert pi.between(0, 1, inclusive="right").all()
    assert (1 / pi).sum() == pytest.approx(120, rel=0.05)
    # A coder sees neither the predicted class nor the outlet in the name of the stratum.
    assert sheet["stratum"][:12].str.fullmatch(r"s\d{4}").all()

    fill(folder / "sheet.csv", tmp_path / "coder.csv")
    code, told, errors = label(
        "import", run, tmp_path / "coder.csv", "--sheet", folder / "sheet.csv", "--out", folder / "codes.csv"
    )
    assert (code, errors) == (0, "")
    assert f"{len(sheet)} of {len(sheet)} rows have a code in column frame" in told
    assert "text" not in read_sheet(folder / "codes.csv").columns
    slip = records(folder / "codes.csv")
    slip[40]["frame"] = {"flood": "election", "election": "other", "other": "flood"}[slip[40]["frame"]]
    write(folder / "codes2.csv", slip)

    quiet = {"runs": tmp_path / "runs", "progress": Progress(quiet=True), "jobs": 1}
    second = newsangle.run_experiment(
        folder, {"tasks.frame.labels.file": "codes2.csv", "figures": [], "topics.seeds": 1}, **quiet
    )
    _doubts(label, second, slip[40], folder, tmp_path)
    coded = second.predictions.dropna(subset="coded")
    assert len(coded) == len(old) + 12
    np.testing.assert_allclose(sorted(coded["pi"]), sorted(pi))

    code, told, _ = label("queue", second.path, "--n", "8", "--out", folder / "queue.csv", *at)
    assert code == 0
    assert "8 passages of 8 syndication groups" in told
    queue = read_sheet(folder / "queue.csv")
    assert queue["pool"].tolist() == ["training"] * 8 + [""] * len(sheet)
    assert (queue["pi"][:8] == "").all()
    pool = {f"{r['article_id']}:{r['start']}-{r['end']}" for r in queue[:8].to_dict("records")}
    assert not pool & set(coded["passage_id"])
    fill(folder / "queue.csv", folder / "more.csv")
    third = newsangle.run_experiment(
        folder, {"tasks.frame.labels.file": "more.csv", "figures": [], "topics.seeds": 1}, **quiet
    )
    again = third.predictions.dropna(subset="coded")
    assert again["passage_id"].tolist() == coded["passage_id"].tolist()  # the pool is in no score and no share
    assert third.predictions.set_index("passage_id").loc[sorted(pool), "pi"].isna().all()
    assert set(third.metrics.query("task == 'frame' and metric == 'macro_f1'")["n"]) == {len(coded)}
    before, after = (r.predictions.set_index("passage_id")["p_flood"] for r in (second, third))
    assert (before.loc[again["passage_id"]] != after.loc[again["passage_id"]]).any()  # but it taught something
    # What was picked may still be drawn later: it keeps its code and leaves the pool.
    code, _, _ = label("plan", third.path, "--n", "18", "--out", folder / "third.csv", *at)
    assert code == 0
    whole = read_sheet(folder / "third.csv")
    assert (whole["pool"] == "").all()
    assert (whole["frame"] == "").sum() == 120 - len(sheet) - 8
    assert (whole["pi"] != "").all()


def _doubts(label, run, slip, folder, tmp_path):
    """The code that was flipped leads the list of doubtful codes; texts are shown only when asked for."""
    name = f"{slip['article_id']}:{slip['start']}-{slip['end']}"
    code, told, _ = label("errors", run.path, "--most", "3", "--out", tmp_path / "doubtful.csv")
    assert code == 0
    assert told.splitlines()[4].split()[:2] == [name, slip["frame"]]
    assert "report" not in told
    listed = records(tmp_path / "doubtful.csv")
    assert listed[0]["passage_id"] == name
    assert "text" not in listed[0]
    code, told, _ = label("errors", run.path, "--most", "1", "--text", "--experiment", folder)
    assert "report" in told.splitlines()[-1]


def test_export_hands_out_the_uncoded_rows_or_all_of_them_blind(label, orvia, tmp_path):
    folder, run = orvia
    at = ("--experiment", folder)
    label("plan", run, "--n", "6", "--out", tmp_path / "sheet.csv", *at)
    for name, *more in (("a.csv",), ("a.json",), ("a.jsonl",), ("b.csv", "--blind"), ("c.csv", "--all")):
        code, told, errors = label("export", run, tmp_path / "sheet.csv", "--out", tmp_path / name, *more, *at)
        assert (code, errors) == (0, ""), errors
        assert f"{96 if more else 6} passages" in told
    assert "<Choice value=" in label("export", run, tmp_path / "sheet.csv", "--out", tmp_path / "d.json", *at)[1]
    assert (read_sheet(tmp_path / "b.csv")["frame"] == "").all()
    assert (read_sheet(tmp_path / "c.csv")["frame"] != "").sum() == 90
    assert (read_sheet(tmp_path / "c.csv")["text"] != "").all()
    # A second coder codes the shipped labels blind; both stand beside each other.
    code, _, errors = label("export", run, folder / "labels.csv", "--out", tmp_path / "blind.csv", "--blind", *at)
    assert (code, errors) == (0, "")
    fill(tmp_path / "blind.csv", tmp_path / "bob.csv")
    code, _, errors = label(
        "import",
        run,
        tmp_path / "bob.csv",
        "--sheet",
        folder / "labels.csv",
        "--out",
        tmp_path / "two.csv",
        "--coder",
        "bob",
    )
    assert (code, errors) == (0, "")
    code, told, _ = label("agreement", tmp_path / "two.csv", "--column", "frame", "--coder-columns", "frame,frame_bob")
    assert code == 0
    assert "90 passages, coders frame, frame_bob" in told


def test_agreement_of_several_files_lists_disputes_without_text_and_merges_what_is_agreed(label, orvia, tmp_path):
    folder, _ = orvia
    rows = records(folder / "labels.csv")
    other = {"frame": "flood" if rows[3]["frame"] != "flood" else "other"}
    write(tmp_path / "ann.csv", rows)
    write(tmp_path / "bob.csv", [row | other if i == 3 else row for i, row in enumerate(rows)])
    files = (tmp_path / "ann.csv", tmp_path / "bob.csv")
    code, told, _ = label("agreement", *files, "--column", "frame", "--merge", tmp_path / "merged.csv")
    assert code == 0
    disputed = f"{rows[3]['article_id']}:{rows[3]['start']}-{rows[3]['end']}"
    assert "1 passages with different codes" in told
    assert f"5    {disputed}" in told
    assert "98.9" in told  # 89 of 90
    merged = read_sheet(tmp_path / "merged.csv")["frame"].tolist()
    assert merged == [row["frame"] if i != 3 else "" for i, row in enumerate(rows)]
    # In one file what was decided stays, and the rest is filled where the coders agree.
    two = [row | {"frame_ann": row["frame"], "frame_bob": row["frame"]} for row in rows]
    two[0] |= {"frame_bob": ""}
    two[1] |= {"frame": "other"}
    two[2] |= {"frame": ""}
    write(tmp_path / "two.csv", two)
    label("agreement", tmp_path / "two.csv", "--column", "frame", "--merge", tmp_path / "merged2.csv")
    decided = read_sheet(tmp_path / "merged2.csv")["frame"].tolist()
    assert decided == [row["frame"] if i != 1 else "other" for i, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("plan", "{run}"), 2, "label plan: say how precise"),
        (("plan", "{run}", "--n", "3", "--half-width", "0.1"), 2, "label plan: say how precise"),
        (
            ("plan", "{run}", "--n", "999", "--experiment", "{folder}"),
            3,
            "999 passages can't be drawn: 30 of 120 have no",
        ),
        (
            ("plan", "{run}", "--n", "3"),
            3,
            "its experiment isn't in experiments/orvia; name its folder with --experiment",
        ),
        (("plan", "{run}", "--n", "3", "--task", "topic"), 2, "has the tasks frame; topic is none of them"),
        (
            ("plan", "{run}", "--n", "3", "--class", "war", "--experiment", "{folder}"),
            2,
            "--class war: is not one of flood",
        ),
        (("plan", "{folder}/nowhere", "--n", "3"), 3, "no run is there"),
        (
            ("queue", "{run}", "--n", "99", "--out", "q.csv", "--experiment", "{folder}"),
            3,
            "99 passages can't be queued",
        ),
        (
            ("export", "{run}", "{folder}/labels.csv", "--out", "x.csv", "--experiment", "{folder}"),
            3,
            "every row is coded",
        ),
        (("export", "{run}", "{folder}/labels.csv", "--out", "x.doc"), 2, "x.doc: .doc is no format of codes"),
        (
            ("import", "{run}", "gone.json", "--sheet", "{folder}/labels.csv", "--out", "x.csv"),
            3,
            "gone.json: no such file",
        ),
        (("agreement", "{folder}/labels.csv", "--column", "frame"), 2, "two coders are needed"),
        (("agreement", "gone.csv", "--column", "frame"), 3, "gone.csv: no such file"),
        (("agreement", "x.csv", "--column", "frame", "--level", "ordinal"), 2, "give --classes a,b,c"),
    ],
)
def test_what_is_wrong_is_one_line_and_an_exit_code(label, orvia, monkeypatch, tmp_path, arguments, code, message):
    folder, run = orvia
    monkeypatch.chdir(tmp_path)
    found, _, told = label(*(a.replace("{run}", str(run)).replace("{folder}", str(folder)) for a in arguments))
    assert found == code, told
    assert message in told
    assert told.count("\n") == 1
    assert not list(tmp_path.glob("*.csv"))


def test_articles_that_changed_since_the_run_and_codes_of_another_frame_are_noticed(label, orvia, tmp_path):
    folder, run = orvia
    labels = (folder / "labels.csv").read_text(encoding="utf-8")
    (folder / "labels.csv").write_text(labels.replace(",0.75,", ",0.25,"), encoding="utf-8")
    arguments = ("plan", run, "--n", "3", "--experiment", folder)
    code, _, told = label(*arguments)
    assert (code, told.count("\n")) == (3, 1)
    assert "the 90 codes weigh up to 360 rows (sum of 1/pi), there are 120" in told
    code, told, _ = label(*arguments, "--old-alone", "--out", tmp_path / "x.csv")
    assert code == 0
    assert "Old codes speak for themselves alone" in told
    assert set(read_sheet(tmp_path / "x.csv")["pi"][3:]) == {"1.0"}
    with (folder / "articles.csv").open("a", encoding="utf-8") as file:
        file.write("999,Late,A late report of rain.,Radio Tolm,2031-03-30\n")
    code, _, told = label(*arguments)
    assert code == 3
    assert "articles.csv: is not the file that" in told
