"""Small raw files for the tests of ingest: valid ones of every format, all invented."""

import bz2
import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow
import pyarrow.parquet

STORIES = [
    (
        "Mill bridge closed after flood",
        (
            "The mill bridge at Orvia was closed on Monday after the river rose. Engineers will look at its "
            "piers before the weekend, the council said."
        ),
    ),
    (
        "Council votes for a new tram",
        (
            "The council voted by nine to four for a tram from the station to the harbour. Work begins in May and "
            "is to last three years, according to the mayor."
        ),
    ),
    (
        "Bakers end their strike",
        (
            "Bakers in the old town went back to work after eleven days. Their union took an offer of five per cent "
            "and a day off at midsummer, both sides told the press."
        ),
    ),
]


def rows() -> list[dict[str, str]]:
    return [
        {"article_id": f"00{n}", "title": title, "outlet": "Orvia Post", "date": f"2031-03-0{n}", "text": text}
        for n, (title, text) in enumerate(STORIES, start=1)
    ]


def csv_bytes(delimiter: str = ",") -> bytes:
    def cell(value: str) -> str:
        return '"' + value.replace('"', '""') + '"'

    lines = [delimiter.join(rows()[0])]
    lines += [delimiter.join(cell(value) for value in row.values()) for row in rows()]
    return ("\n".join(lines) + "\n").encode()


def jsonl_bytes() -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows()).encode()


def parquet_bytes() -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows()), sink)
    return sink.getvalue()


def html_bytes(number: int = 0, head: str = '<meta charset="utf-8">') -> bytes:
    title, text = STORIES[number]
    first, second = text.split(". ", 1)
    return (
        f"<!doctype html><html><head>{head}<title>{title}</title><script>var x = '<p>no</p>';</script>"
        f"<style>p {{ color: red }}</style></head><body><article><h1>{title}</h1><p>{first}.</p><p>{second}</p>"
        "</article></body></html>"
    ).encode()


def warc_record(kind: str, url: str, body: bytes, *, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + body + b"\r\n\r\n"


def http(body: bytes, *, status: str = "200 OK", kind: str = "text/html; charset=utf-8", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body


def warc_bytes() -> bytes:
    records = [warc_record("warcinfo", "", b"software: test")]
    for number in range(3):
        url = f"http://post.example/{number}"
        records += [
            warc_record("request", url, b"GET / HTTP/1.1\r\nHost: post.example\r\n\r\n"),
            warc_record("response", url, http(html_bytes(number))),
        ]
    return b"".join(records)


def zip_bytes(members: list[tuple[str, bytes]]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return sink.getvalue()


def zstd(content: bytes) -> bytes:
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def text_bytes(number: int = 0) -> bytes:
    return f"{STORIES[number][0]}\n\n{STORIES[number][1]}\n".encode()


def valid_files() -> dict[str, tuple[bytes, int]]:
    """Name → (content, articles in it), one of every format and packing."""
    return {
        "a.txt": (text_bytes(0), 1),
        "b.md": (b"---\ntitle: Tram\noutlet: Orvia Post\n---\n" + text_bytes(1), 1),
        "c.html": (html_bytes(2), 1),
        "d.jsonl": (jsonl_bytes(), 3),
        "e.json": (json.dumps(rows()).encode(), 3),
        "f.csv": (csv_bytes(), 3),
        "g.tsv": (csv_bytes("\t"), 3),
        "h.parquet": (parquet_bytes(), 3),
        "i.warc": (warc_bytes(), 3),
        "j.jsonl.gz": (gzip.compress(jsonl_bytes()), 3),
        "k.csv.bz2": (bz2.compress(csv_bytes()), 3),
        "l.jsonl.zst": (zstd(jsonl_bytes()), 3),
        "m.zip": (zip_bytes([("x/a.txt", text_bytes(1)), ("x/b.jsonl", jsonl_bytes())]), 4),
        "n.warc.gz": (b"".join(gzip.compress(part) for part in _warc_parts()), 3),
    }


def _warc_parts() -> list[bytes]:
    return [b"WARC/1.0" + part for part in warc_bytes().split(b"WARC/1.0")[1:]]


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
