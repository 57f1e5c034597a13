import hashlib

import numpy as np
import pandas as pd
import pytest

from newsangle.errors import DataError
from newsangle.labels.codes import join_codes, read_table, row_strata, task_rows

TEXTS = {("007", 0, 10): "River rose", ("007", 11, 20): "Vote held", ("NA", 0, 4): "Rain"}
CLASSES = ["flood", "vote", "None"]


@pytest.fixture
def passages():
    return pd.DataFrame(
        {
            "passage_id": [f"{a}:{s}-{e}" for a, s, e in TEXTS],
            "article_id": [a for a, _, _ in TEXTS],
            "start": [s for _, s, _ in TEXTS],
            "end": [e for _, _, e in TEXTS],
            "text": list(TEXTS.values()),
            "title": ["Flood", "Flood", "Dry"],
            "outlet": ["Post", "Post", "Herald"],
            "group": ["g1", "g1", "g2"],
        }
    )


def sha1(key):
    return hashlib.sha1(TEXTS[key].encode()).hexdigest()[:12]


FIRST, SECOND, THIRD = TEXTS


def line(key, *fields, digest=None):
    return [key[0], str(key[1]), str(key[2]), digest or sha1(key), *fields]


def write(tmp_path, *lines, header=("article_id", "start", "end", "sha1", "pi", "frame")):
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(",".join(cells) for cells in [header, *lines]) + "\n", encoding="utf-8")
    return path


def join(passages, path, **changes):
    return join_codes(task_rows(passages), path, **({"column": "frame", "classes": CLASSES} | changes))


def test_codes_find_their_passage_by_article_and_offsets_in_any_order_of_the_file(passages, tmp_path):
    # Articles called "007" and "NA" and a class called "None" are text, not numbers or missing values.
    lines = [line(THIRD, "0.25", "None"), line(FIRST, "1", "flood")]
    for path in (write(tmp_path, *lines), write(tmp_path, *lines[::-1])):
        joined = join(passages, path)
        assert joined["passage_id"].tolist() == passages["passage_id"].tolist()
        assert joined["coded"].tolist() == ["flood", None, "None"]
        np.testing.assert_array_equal(joined["pi"], [1.0, np.nan, 0.25])
        assert joined["text"].tolist() == list(TEXTS.values())


def test_the_order_of_the_passages_is_kept(passages, tmp_path):
    joined = join(passages.iloc[[2, 0, 1]], write(tmp_path, line(FIRST, "1", "flood")))
    assert joined["coded"].tolist() == [None, "flood", None]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            [line(SECOND, "1", "vote", digest="0" * 12)],
            "row 3: sha1 '000000000000' is not the hash of passage 007:11-20",
        ),
        ([["007", "11", "19", "0" * 12, "1", "vote"]], "row 3: 007:11-19 is no passage of this corpus"),
        ([["7", "11", "20", sha1(SECOND), "1", "vote"]], "row 3: 7:11-20 is no passage of this corpus"),
        ([line(SECOND, "1", "Vote")], "row 3: frame = 'Vote' is not one of flood, vote, None"),
        ([line(SECOND, "1", ""), line(FIRST, "1", " ")], "row 3: frame is empty, as in 2 of 3 rows; code them all"),
        ([line(SECOND, "1", "vote"), line(FIRST, "1", "flood")], "row 4: passage 007:0-10 is coded twice"),
        ([line(SECOND, "1", "vote"), line(FIRST, "1", "vote")], "row 4: passage 007:0-10 is coded twice"),
        ([line(SECOND, "0", "vote")], r"row 3: pi = '0' is not a probability in \(0, 1\]"),
        ([line(SECOND, "1.001", "vote")], "row 3: pi = '1.001' is not a probability"),
        ([line(SECOND, "-0.5", "vote")], "row 3: pi = '-0.5' is not a probability"),
        ([line(SECOND, "", "vote")], "row 3: pi = '' is not a probability"),
        ([line(SECOND, "nan", "vote")], "row 3: pi = 'nan' is not a probability"),
        ([line(SECOND, "half", "vote")], "row 3: pi = 'half' is not a probability"),
        ([["007", "11.0", "20", sha1(SECOND), "1", "vote"]], "row 3: start = '11.0' is not a character offset"),
        ([["007", "11", "-20", sha1(SECOND), "1", "vote"]], "row 3: end = '-20' is not a character offset"),
        ([["007", "11", "", sha1(SECOND), "1", "vote"]], "row 3: end = '' is not a character offset"),
        ([["007", "11", "9" * 30, sha1(SECOND), "1", "vote"]], "row 3: end = '9{30}' is not a character offset"),
        ([["007", "11", "20"]], "row 3: frame is empty, as in 1 of 2 rows"),
    ],
)
def test_a_wrong_row_is_named_with_file_row_and_value(passages, tmp_path, lines, message):
    path = write(tmp_path, line(FIRST, "0.5", "flood"), *lines)
    with pytest.raises(DataError, match=f"labels.csv: {message}") as error:
        join(passages, path)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(str(path))


def test_rows_count_as_in_a_spreadsheet_blank_ones_included(passages, tmp_path):
    path = write(tmp_path, line(FIRST, "1", "flood"), [""], line(SECOND, "1", "war"), [""])
    with pytest.raises(DataError, match="row 4: frame = 'war'"):
        join(passages, path)
    good = join(passages, write(tmp_path, line(FIRST, "1", "flood"), [""], [",,,,,"], line(SECOND, "1", "vote"), [""]))
    assert good["coded"].tolist() == ["flood", "vote", None]


@pytest.mark.parametrize("name", ["article_id", "start", "end", "sha1", "frame"])
def test_a_missing_column_is_named_beside_those_that_are_there(passages, tmp_path, name):
    header = [h if h != name else "else" for h in ("article_id", "start", "end", "sha1", "pi", "frame")]
    with pytest.raises(DataError, match=f"labels.csv: column '{name}' is missing; the file has .*else"):
        join(passages, write(tmp_path, line(FIRST, "1", "flood"), header=header))


def test_without_a_column_of_inclusion_probabilities_they_are_unknown_not_one(passages, tmp_path):
    path = write(tmp_path, line(FIRST, "flood"), header=("article_id", "start", "end", "sha1", "frame"))
    assert join(passages, path)["pi"].isna().all()


def test_a_label_column_called_like_a_column_of_the_passages_is_still_the_labels(passages, tmp_path):
    # "group" of the file says vote; the passages' own "group" is the syndication group g1 and has to stay.
    path = write(tmp_path, line(FIRST, "1", "vote"), header=("article_id", "start", "end", "sha1", "pi", "group"))
    joined = join(passages, path, column="group")
    assert joined["coded"].tolist() == ["vote", None, None]
    assert joined["group"].tolist() == ["g1", "g1", "g2"]


def test_a_file_that_is_not_utf_8_names_row_and_byte_however_long_it_is(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_bytes(b"article_id,start,end,sha1\n" + b"007,0,10,aaaaaaaaaaaa\n" * 30_000 + b"caf\xe9,0,1,b\n")
    with pytest.raises(DataError, match=f"labels.csv: row 30002: byte {26 + 22 * 30_000 + 3} is not UTF-8"):
        read_table(path, [])


def test_a_byte_order_mark_as_spreadsheets_write_it_is_no_part_of_the_first_name(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_bytes("article_id,start,end,sha1\r\nü1,0,10,aaaaaaaaaaaa\r\n".encode("utf-8-sig"))
    assert read_table(path, [])["article_id"].tolist() == ["ü1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "can't be read as CSV"),
        ("article_id,start,end,sha1\n1,0,9,a\n2,0,9,a,b,c\n", "can't be read as CSV .*line 3"),
        ("article_id,start,end,sha1\n1,0,9,a,b\n2,0,9,a,b\n", "row 2 has more fields than the header"),
        ('article_id,start,end,sha1\n1,0,9,"a\n2,0,9,a\n', "can't be read as CSV"),
        (
            "article_id;start;end;sha1;text\n1;0;9;a;One, two\n",
            "its columns are parted by semicolons",
        ),
    ],
)
def test_a_broken_file_is_refused_not_half_read(tmp_path, content, message):
    path = tmp_path / "labels.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=f"labels.csv: {message}"):
        read_table(path, [])


def test_a_file_that_is_not_there_or_not_a_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.csv: no such file"):
        read_table(tmp_path / "gone.csv", [])
    with pytest.raises(DataError, match="can't be read"):
        read_table(tmp_path, [])


POOL_HEADER = ("article_id", "start", "end", "sha1", "pool", "pi", "frame")


def test_passages_of_the_training_pool_are_taught_but_never_coded(passages, tmp_path):
    lines = [line(FIRST, "", "0.5", "flood"), line(SECOND, "training", "", "vote")]
    joined = join(passages, write(tmp_path, *lines, header=POOL_HEADER))
    assert joined["coded"].tolist() == ["flood", None, None]
    assert joined["taught"].tolist() == [None, "vote", None]
    np.testing.assert_array_equal(joined["pi"], [0.5, np.nan, np.nan])
    # Without the column everything is coded, as ever.
    joined = join(passages, write(tmp_path, line(FIRST, "0.5", "flood")))
    assert joined["taught"].tolist() == [None, None, None]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (("training", "0.5", "vote"), "row 3: pool = training has pi = '0.5'; a picked passage has no inclusion"),
        (("Training", "", "vote"), "row 3: pool = 'Training' is no pool; write training"),
        (("", "", "vote"), "row 3: pi = '' is not a probability"),
        (("training", "", "war"), "row 3: frame = 'war' is not one of"),
        (("training", "", ""), "row 3: frame is empty"),
    ],
)
def test_a_picked_passage_is_not_taken_for_a_drawn_one_nor_the_other_way_round(passages, tmp_path, cells, message):
    path = write(tmp_path, line(FIRST, "", "0.5", "flood"), line(SECOND, *cells), header=POOL_HEADER)
    with pytest.raises(DataError, match=f"labels.csv: {message}") as error:
        join(passages, path)
    assert "\n" not in str(error.value)


def test_a_passage_is_of_one_pool_only(passages, tmp_path):
    lines = [line(FIRST, "", "0.5", "flood"), line(FIRST, "training", "", "flood")]
    with pytest.raises(DataError, match="row 3: passage 007:0-10 is coded twice"):
        join(passages, write(tmp_path, *lines, header=POOL_HEADER))


TARGET_HEADER = ("article_id", "start", "end", "sha1", "actor")


def test_a_task_on_targets_has_the_rows_of_its_frame_in_the_order_of_passages_then_targets(passages, tmp_path):
    path = write(tmp_path, line(THIRD, "oss"), line(FIRST, "oss"), line(FIRST, "lind"), header=TARGET_HEADER)
    rows = task_rows(passages, path, target_column="actor")
    assert list(zip(rows["passage_id"], rows["target"], strict=True)) == [
        ("007:0-10", "lind"),
        ("007:0-10", "oss"),
        ("NA:0-4", "oss"),
    ]
    assert rows.columns.tolist() == [*passages.columns, "target"]


def test_a_code_belongs_to_its_passage_and_target(passages, tmp_path):
    frame = write(tmp_path, line(FIRST, "oss"), line(FIRST, "lind"), line(THIRD, "oss"), header=TARGET_HEADER)
    rows = task_rows(passages, frame, target_column="actor")
    header = (*TARGET_HEADER, "pi", "frame")
    path = write(tmp_path, line(FIRST, "oss", "0.5", "vote"), line(THIRD, "oss", "1", "flood"), header=header)
    assert join_codes(rows, path, column="frame", classes=CLASSES, target_column="actor")["coded"].tolist() == [
        None,
        "vote",
        "flood",
    ]
    path = write(tmp_path, line(FIRST, "oss", "1", "vote"), line(THIRD, "lind", "1", "flood"), header=header)
    with pytest.raises(DataError, match=r"labels.csv: row 3: the task has no row for NA:0-4 × lind"):
        join_codes(rows, path, column="frame", classes=CLASSES, target_column="actor")
    path = write(tmp_path, *[line(FIRST, "oss", "1", code) for code in ("vote", "flood")], header=header)
    with pytest.raises(DataError, match="row 3: passage 007:0-10 is coded twice"):
        join_codes(rows, path, column="frame", classes=CLASSES, target_column="actor")


def test_a_frame_that_lists_a_row_twice_or_a_passage_unknown_is_refused(passages, tmp_path):
    with pytest.raises(DataError, match="row 3: passage 007:0-10 is listed twice"):
        task_rows(
            passages,
            write(tmp_path, line(FIRST, "oss"), line(FIRST, "oss"), header=TARGET_HEADER),
            target_column="actor",
        )
    with pytest.raises(DataError, match="row 2: 007:0-9 is no passage"):
        path = write(tmp_path, ["007", "0", "9", sha1(FIRST), "oss"], header=TARGET_HEADER)
        task_rows(passages, path, target_column="actor")


def test_a_task_without_a_frame_has_every_passage_as_its_row(passages):
    rows = task_rows(passages)
    assert rows["passage_id"].tolist() == passages["passage_id"].tolist()
    assert rows["target"].isna().all()


def test_a_sentence_outside_ascii_is_hashed_as_utf_8(tmp_path):
    text = "Erdoğan – “naïve”"
    digest = hashlib.sha1(text.encode()).hexdigest()[:12]
    one = pd.DataFrame({"passage_id": ["1:0-17"], "article_id": ["1"], "start": [0], "end": [17], "text": [text]})
    path = write(tmp_path, ["1", "0", "17", digest, "1", "vote"])
    assert join(one, path)["coded"].tolist() == ["vote"]


def test_strata_are_read_from_the_file_that_lists_the_rows(tmp_path):
    rows = pd.DataFrame({"article_id": ["1", "1", "2"], "start": [0, 5, 0], "end": [4, 9, 4]}, index=[4, 5, 6])
    file = tmp_path / "frame.csv"
    file.write_text("article_id,start,end,sha1,stratum\n2,0,4,x,dry\n1,0,4,x,wet\n1,5,9,x,dry\n1,5,9,x,dry\n")
    found = row_strata(rows, file)
    assert found.to_dict() == {4: "wet", 5: "dry", 6: "dry"}
    file.write_text("article_id,start,end,sha1,stratum\n1,0,4,x,wet\n1,5,9,x,dry\n")
    assert row_strata(rows, file) is None  # article 2 has none
    file.write_text("article_id,start,end,sha1\n1,0,4,x\n")
    assert row_strata(rows, file) is None


def test_strata_of_targets_are_kept_apart(tmp_path):
    rows = pd.DataFrame({"article_id": "1", "start": 0, "end": 4, "target": ["us", "assad"]})
    file = tmp_path / "frame.csv"
    file.write_text("article_id,start,end,sha1,who,stratum\n1,0,4,x,assad,loud\n1,0,4,x,us,quiet\n")
    found = row_strata(rows, file, target_column="who")
    assert found.tolist() == ["quiet", "loud"]
