"""Do codes come back from an annotation tool as they were, and is a coder's file of other passages turned away?"""

import json

import numpy as np
import pandas as pd
import pytest

from newsangle.corpus.passages import passage_hash
from newsangle.errors import ConfigError, DataError
from newsangle.labels.coders import side_by_side, take_codes
from newsangle.labels.exchange import format_of, label_config
from newsangle.labels.sheet import read_sheet, sheet_bytes, write_new

CLASSES = ["flood", "vote", "none"]
# What bites: ids like numbers, a class like a missing value, quotes, line breaks, line separators.
TEXTS = ['He said "no".', "Two\nlines, one\u2028separator", 'Unbalanced " quote', "Erdoğan – “naïve”", "=1+1"]


def make_sheet(codes=("flood", "", "none", "vote", "")):
    return pd.DataFrame(
        {
            "article_id": ["007", "007", "NA", "1e3", "5"],
            "start": [0, 40, 0, 0, 7],
            "end": [30, 80, 9, 12, 12],
            "sha1": [passage_hash(text) for text in TEXTS],
            "actor": ["oss", "oss", "lind", "oss", "lind"],
            "stratum": ["s0001", "s0002", "", "s0001", "s0001"],
            "pool": ["", "", "training", "", ""],
            "pi": ["0.07298712947589217", "1.0", "", "0.10", "0.3333333333333333"],
            "frame": list(codes),
            "frame_ann": ["flood", "vote", "", "vote", ""],
            "text": TEXTS,
        }
    )


def saved(tmp_path, table, name="sheet.csv"):
    path = tmp_path / name
    path.write_bytes(sheet_bytes(table))
    return path


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl"])
def test_a_round_trip_loses_nothing(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    sheet = make_sheet()
    kind = format_of(path)
    write_new(path, kind.write(sheet, "frame"))
    back = kind.read(path, "frame", None)
    assert set(back.columns) == {*sheet.columns, "row"}
    pd.testing.assert_frame_equal(back[sheet.columns], sheet, check_dtype=False)
    again = tmp_path / f"y{suffix}"
    write_new(again, kind.write(back[sheet.columns], "frame"))
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl"])
def test_a_coders_codes_go_into_the_sheet_and_all_else_stays_the_sheets_own(tmp_path, suffix):
    sheet = read_sheet(saved(tmp_path, make_sheet()), ["frame"])
    path = tmp_path / f"x{suffix}"
    kind = format_of(path)
    # The coder has only the empty rows, in another order, and a tool that mangled pi.
    part = make_sheet(("", "vote", "", "", "none")).iloc[[4, 1]].assign(pi="0.1")
    path.write_bytes(kind.write(part, "frame"))
    filled = take(sheet, kind.read(path, "frame", None), tmp_path)
    assert filled["frame"].tolist() == ["flood", "vote", "none", "vote", "none"]
    pd.testing.assert_frame_equal(filled.drop(columns="frame"), sheet.drop(columns="frame"))
    second = take(sheet, kind.read(path, "frame", None), tmp_path, into="frame_bob")
    assert second["frame_bob"].tolist() == ["", "vote", "", "", "none"]
    assert second["frame"].tolist() == sheet["frame"].tolist()


def take(sheet, coded, tmp_path, **changes):
    names = {"column": "frame", "classes": CLASSES, "target_column": "actor"} | changes
    return take_codes(sheet, coded, sheet_path=tmp_path / "sheet.csv", path=tmp_path / "coder.csv", **names)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"article_id": "7"}, "row 3: 7:40-80 × oss is no passage of .*sheet.csv; it is the file of another sheet"),
        ({"end": 81}, "row 3: 007:40-81 × oss is no passage"),
        ({"actor": "lind"}, "row 3: 007:40-80 × lind is no passage"),
        ({"sha1": "0" * 12}, "row 3: sha1 '000000000000' of 007:40-80 × oss is '[0-9a-f]{12}' in .*; the texts differ"),
        ({"text": "Two lines"}, "row 3: the text of 007:40-80 × oss was changed"),
        ({"frame": "Vote"}, "row 3: frame = 'Vote' is not one of flood, vote, none"),
        ({"frame": ""}, "leaves 1 of 5 rows of .*sheet.csv without a code, the first row 3"),
        (
            {"article_id": "5", "start": 7, "end": 12, "actor": "lind", "sha1": passage_hash("=1+1"), "text": ""},
            "row 6: 5:7-12",
        ),
    ],
)
def test_a_coders_file_with_other_passages_or_codes_is_turned_away_in_one_line(tmp_path, change, message):
    sheet = read_sheet(saved(tmp_path, make_sheet()), ["frame"])
    coded = make_sheet(("flood", "vote", "none", "vote", "none"))
    for name, value in change.items():
        coded.loc[1, name] = value
    coded = read_sheet(saved(tmp_path, coded, "coder.csv"), ["frame"])
    with pytest.raises(DataError, match=f"coder.csv: {message}") as error:
        take(sheet, coded, tmp_path)
    assert "\n" not in str(error.value)
    if change == {"frame": ""}:
        assert take(sheet, coded, tmp_path, unfinished=True)["frame"].tolist() == ["flood", "", "none", "vote", "none"]


def test_a_code_that_is_there_already_is_not_written_over(tmp_path):
    sheet = read_sheet(saved(tmp_path, make_sheet()), ["frame"])
    coded = read_sheet(saved(tmp_path, make_sheet(("vote", "vote", "none", "vote", "none")), "coder.csv"), ["frame"])
    with pytest.raises(DataError, match=r"007:0-30 × oss: coded 'vote', but frame = 'flood' in .*sheet.csv, row 2"):
        take(sheet, coded, tmp_path)
    with pytest.raises(ConfigError, match=r"sheet.csv: exists already and is never written over"):
        write_new(tmp_path / "sheet.csv", b"")
    assert read_sheet(tmp_path / "sheet.csv")["frame"].tolist() == make_sheet()["frame"].tolist()


def test_a_file_as_label_studio_exports_it_is_read_cancelled_annotations_left_out(tmp_path):
    def annotation(code, who, cancelled=False, column="frame"):
        result = [{"id": "x", "from_name": column, "to_name": "text", "type": "choices", "value": {"choices": [code]}}]
        return {"id": 1, "completed_by": who, "was_cancelled": cancelled, "result": result, "lead_time": 4.2}

    sheet = make_sheet()
    tasks = json.loads(format_of(tmp_path / "x.json").write(sheet, "frame"))
    for i, task in enumerate(tasks):
        task |= {"id": i, "predictions": [], "annotations": [annotation("none", 3, True), annotation("vote", 7)]}
    path = tmp_path / "x.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    assert format_of(path).read(path, "frame", None)["frame"].tolist() == ["vote"] * 5
    tasks[1]["annotations"].append(annotation("flood", {"id": 8, "email": "bob@example.org"}))
    path.write_text(json.dumps(tasks), encoding="utf-8")
    with pytest.raises(DataError, match=r"row 2: has 2 annotations \(by 7, 8\); .*--annotator"):
        format_of(path).read(path, "frame", None)
    found = format_of(path).read(path, "frame", "bob@example.org")
    assert found["frame"].tolist() == ["", "flood", "", "", ""]
    assert label_config("frame", ["a", 'b"c']).count("<Choice ") == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.json", "{", "row 1: is no JSON"),
        ("x.json", "{}", "is no list of tasks"),
        ("x.json", '[{"text": "a", "frame": "vote"}]', "row 1: has no data; export it from Label Studio as JSON"),
        ("x.json", '[{"data": {"text": "a"}}]', "row 1: article_id is missing"),
        ("x.json", "[]", "holds no passage"),
        ("x.jsonl", '{"text": "a", "label": ["a", "b"]}', r"row 1: has 2 codes \(a, b\)"),
        ("x.jsonl", "\n[]\n", "row 2: is no JSON object"),
        (
            "x.jsonl",
            '{"article_id": "1", "start": "a", "end": 2, "sha1": "b"}',
            "row 1: start = 'a' is not a character",
        ),
    ],
)
def test_a_file_of_another_kind_is_named_with_its_row(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=f"{name}: {message}"):
        format_of(path).read(path, "frame", None)


def test_files_that_are_missing_unknown_or_clash_are_named(tmp_path):
    with pytest.raises(ConfigError, match=r"x.xlsx: .xlsx is no format of codes; end the name with .csv"):
        format_of(tmp_path / "x.xlsx")
    with pytest.raises(DataError, match=r"gone.jsonl: no such file"):
        format_of(tmp_path / "gone.jsonl").read(tmp_path / "gone.jsonl", "frame", None)
    with pytest.raises(DataError, match="column 'label' is a name that doccano uses itself"):
        format_of(tmp_path / "x.jsonl").write(make_sheet().assign(label="x"), "frame")


def test_doccanos_metadata_is_read_from_a_field_of_its_own_too(tmp_path):
    path = tmp_path / "x.jsonl"
    meta = {"article_id": "007", "start": 0, "end": 30, "sha1": passage_hash(TEXTS[0])}
    path.write_text(json.dumps({"id": 4, "data": TEXTS[0], "label": ["vote"], "meta": meta}) + "\n", encoding="utf-8")
    [record] = format_of(path).read(path, "frame", None).to_dict("records")
    assert record == meta | {"text": TEXTS[0], "frame": "vote", "row": 1}


def test_coders_stand_side_by_side_whether_in_one_file_or_in_several(tmp_path):
    ann, bob = ["flood", "vote", "none", "", "vote"], ["flood", "none", "none", "vote", "vote"]
    base = make_sheet().drop(columns=["frame_ann"])
    one = saved(tmp_path, base.assign(frame_ann=ann, frame_bob=bob), "one.csv")
    together = side_by_side([(one, read_sheet(one))], column="frame", target_column="actor")
    files = [saved(tmp_path, base.assign(frame=codes), f"{name}.csv") for name, codes in (("ann", ann), ("bob", bob))]
    files[1].write_bytes(sheet_bytes(base.assign(frame=bob).iloc[::-1]))
    apart = side_by_side([(p, read_sheet(p)) for p in files], column="frame", target_column="actor")
    assert together.classes == apart.classes == ("flood", "none", "vote")
    np.testing.assert_array_equal(together.codes, apart.codes)
    np.testing.assert_array_equal(together.codes, [[0, 0], [2, 1], [1, 1], [-1, 2], [2, 2]])
    assert (together.names, apart.names) == (("frame_ann", "frame_bob"), ("ann", "bob"))


def test_one_coder_an_unknown_class_and_another_sheet_are_turned_away(tmp_path):
    path = saved(tmp_path, make_sheet())
    table = read_sheet(path)
    with pytest.raises(ConfigError, match=r"sheet.csv: has 1 columns that begin with frame_, two coders are needed"):
        side_by_side([(path, table)], column="frame", target_column="actor")
    two = table.assign(frame_bob=["flood", "vote", "", "Vote", ""])
    with pytest.raises(DataError, match=r"sheet.csv: row 5: frame_bob = 'Vote' is not one of flood, vote, none"):
        side_by_side([(path, two)], column="frame", target_column="actor", classes=CLASSES)
    other = table.assign(article_id="999")
    with pytest.raises(DataError, match=r"other.csv: row 2: 999:0-30 × oss is no passage of .*sheet.csv"):
        side_by_side([(path, table), (tmp_path / "other.csv", other)], column="frame", target_column="actor")
    with pytest.raises(DataError, match=r"other.csv: column 'frame' is missing"):
        side_by_side([(path, table), (tmp_path / "other.csv", table.drop(columns="frame"))], column="frame")
