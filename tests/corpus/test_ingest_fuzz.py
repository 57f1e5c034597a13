"""Damaged at random, seeded: nothing raises, nothing is lost without a word."""

import random
from pathlib import Path

import pytest
from raw_files import jsonl_bytes, rows, valid_files

from newsangle.corpus.ingest.flow import ingest
from newsangle.corpus.ingest.read import read_paths
from newsangle.corpus.ingest.records import Limits, RawRecord, Reading

MUTANTS = 2000
_NASTY = [
    b"\0",
    b'"',
    b"\n",
    b"\r",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"{",
    b"]",
    b"<",
    b"\xe2\x80\xa8",
    b"9" * 400,
    b"PAR1",
]


def mutant(content: bytes, draw: random.Random) -> bytes:
    """The content with one to four damages of six kinds."""
    found = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(found) + 1)
        kind = draw.randrange(6)
        if kind == 0 and found:
            found[place % len(found)] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del found[place : place + draw.randint(1, 40)]
        elif kind == 2:
            found[place:place] = draw.choice(_NASTY)
        elif kind == 3:
            found[place:place] = bytes(draw.randrange(256) for _ in range(draw.randint(1, 30)))
        elif kind == 4:
            other = draw.randrange(len(found) + 1)
            found[place:place] = found[other : other + draw.randint(1, 300)]
        elif draw.random() < 0.3:
            del found[place:]
    return bytes(found)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_thousand_mutants_of_valid_files_raise_nothing_and_lose_nothing(tmp_path: Path) -> None:
    draw = random.Random(20310301)
    originals = list(valid_files().items())
    how = Reading(limits=Limits(free_bytes=2_000_000))
    records = bad = 0
    for folder in (tmp_path / f"{n:02}" for n in range(MUTANTS // 100)):
        folder.mkdir()
        seen = 0
        for number in range(100):
            name, (content, _) = originals[number % len(originals)]
            path = folder / f"{number:02}-{name}"
            path.write_bytes(mutant(content, draw))
            found = list(read_paths([path], how))
            assert found, f"{path} was not even named"
            seen += len(found)
            records += sum(isinstance(item, RawRecord) for item in found)
        result = ingest([folder], tmp_path / "out" / "corpus.parquet", skip_bad=True, limits=how.limits)
        counts = result.counts
        assert counts.seen == seen == counts.articles + counts.bad + counts.left_out
        assert counts.articles == (result.corpus["section"] == "body").sum() and counts.rejects == len(result.rejects)
        bad += counts.bad
    assert records > MUTANTS // 2 and bad > MUTANTS // 4  # there was something to keep and something to name


def test_one_flipped_byte_of_a_jsonl_file_costs_the_record_it_is_in_and_no_other(tmp_path: Path) -> None:
    content = jsonl_bytes()
    ends = [n for n, byte in enumerate(content) if byte == 10]
    path = tmp_path / "a.jsonl"
    for place in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[place] ^= 0x80  # no byte of ASCII text stays one
        path.write_bytes(damaged)
        found = list(read_paths([path], Reading()))
        number = sum(end < place for end in ends)
        kept = {item.fields["article_id"] for item in found if isinstance(item, RawRecord)}
        touched = {number} if place not in ends else {number, number + 1}
        assert kept == {row["article_id"] for n, row in enumerate(rows()) if n not in touched}
        assert len(found) == len(rows()) - (place in ends[:-1])
