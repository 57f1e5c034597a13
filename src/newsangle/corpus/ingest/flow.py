"""From raw files to a corpus: read, clean, group, write; what is done is kept, and nothing is lost without a word."""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from newsangle.corpus.dates import date_patterns
from newsangle.corpus.hints import one_sign
from newsangle.corpus.ingest.chunks import Chunks, hold, key_of, remove, source_digest
from newsangle.corpus.ingest.drafts import explained, learn, prepared_records
from newsangle.corpus.ingest.inputs import check_paths
from newsangle.corpus.ingest.read import check_reading, read_paths
from newsangle.corpus.ingest.records import Limits, Reading, Reject, counted
from newsangle.corpus.ingest.result import Ingested
from newsangle.corpus.ingest.stages import Settings, first_stage, pool, second_stage
from newsangle.corpus.ingest.write import write_corpus
from newsangle.errors import ConfigError, DataError

_EVERY = 2.0  # seconds between two lines of progress


def ingest(
    paths: Sequence[str | Path],
    out: str | Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    format: str | None = None,
    date_format: str | None = None,
    language: str | None = None,
    jobs: int = 1,
    skip_bad: bool = False,
    limits: Limits | None = None,
    progress: Callable[[str], None] | None = None,
    written: Callable[[Ingested], None] | None = None,
) -> Ingested:
    """Which articles do these raw files hold? Cleaned, dated, grouped into stories, one corpus file out of all.

    `paths`: files (the rows of READERS, also packed as .gz, .bz2, .zst or in a .zip), folders of such files, "-" for
    standard input. `out`: the corpus as Parquet, beside it rejects.jsonl (NAME.rejects.jsonl where the corpus isn't
    called corpus.parquet); without it both lie in a folder of their own in the system's temporary files. `columns` maps
    our names (text or html, article_id, title, outlet, date, author, url, language, origin) to the files'. `encoding`:
    of files that don't declare one; None is UTF-8, strictly. `delimiter`: between the columns of .csv files, one sign
    or "tab"; None is a comma, and .tsv files have tabs. `format`: of standard input and of files without a known
    ending. `language`: an ISO 639-1 code to keep. `jobs`: processes; the corpus doesn't depend on it. `written` is
    called with the result before damage is judged.

    Records seen = articles + rejects. Batches that are done lie beside `out` until the corpus is written: the same call
    after an interruption goes on from there. Memory doesn't grow with the files, only with the number of articles (some
    3 kB each while copies are looked for).

    Raises DataError where records are damaged or there is no article (after everything else has been written; not with
    `skip_bad`), ConfigError for options that can't be carried out and paths where nothing is, MachineError where the
    disk says no.
    """
    how = Reading(dict(columns or {}), encoding, format, limits or Limits(), one_sign(delimiter, "delimiter"))
    check_reading(how)
    date_patterns(date_format)
    if not paths:
        raise ConfigError("nothing to ingest: name files or folders, or - for standard input")
    check_paths(paths)
    final = _target(out)
    rejects_path = final.with_name("rejects.jsonl" if final.name == "corpus.parquet" else f"{final.stem}.rejects.jsonl")
    tell = progress or (lambda line: None)
    with _workplace(final) as folder:
        chunks = Chunks(folder)
        settings = Settings(date_format, source_digest())
        seen = read_paths(paths, how, leave_out=[final, rejects_path, folder])
        with pool(jobs) as executor:
            meter = _Meter("read", tell)
            keys = first_stage(seen, settings, chunks, meter.add, executor=executor, jobs=jobs)
            records = meter.end()
            learned, learned_key = learn(chunks, keys)
            meter = _Meter("cleaned", tell)
            whole_key = key_of(settings, learned_key)
            cleaned = second_stage(keys, learned, whole_key, chunks, meter.add, executor=executor, jobs=jobs)
            meter.end()
        tell("looking for copies")
        counts, first_bad = write_corpus(
            chunks, cleaned, language, final, rejects_path, records=records, keep_empty=skip_bad
        )
        remove(folder)
    found = Ingested(final, rejects_path, counts, first_bad, whole=bool(counts.articles or skip_bad))
    if written is not None:
        written(found)
    if not skip_bad:
        _judge(found)
    return found


def _judge(found: Ingested) -> None:
    counts = found.counts
    stay = f"{counted(counts.articles, 'article')} {'is' if counts.articles == 1 else 'are'} kept in {found.path}"
    kept = stay if counts.articles else "no corpus was written"
    if counts.bad:
        which = f"{counts.bad:,} of {counted(counts.seen, 'record')} {'is' if counts.bad == 1 else 'are'} damaged"
        first = f"the first: {found.first_bad}; all are listed in" if counts.bad > 1 else f"{found.first_bad}; it is in"
        raise DataError(f"{which}, {first} {found.rejects_path}, {kept}; --skip-bad accepts that")
    if not counts.articles:
        raise DataError(
            f"no article was found in {counted(counts.seen, 'record')}, {kept}; {found.rejects_path} says why; "
            "--skip-bad accepts that"
        )


def _target(out: str | Path | None) -> Path:
    if out is None:
        return Path(tempfile.mkdtemp(prefix="newsangle-ingest-")) / "corpus.parquet"
    final = Path(out)
    if final.suffix != ".parquet":
        raise ConfigError(f'out = "{final}": a corpus is written as Parquet; let the name end in .parquet')
    if final.is_dir():
        raise ConfigError(f'out = "{final}" is a folder; name a file in it')
    return final


@contextlib.contextmanager
def _workplace(final: Path) -> Iterator[Path]:
    """The folder of what is done, beside the corpus; it outlives an interruption and is held by one process."""
    folder = final.with_name(f".{final.stem}.ingest")
    lock = hold(folder)
    ours = (folder / "lock").stat()
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            names = {path.name for path in folder.iterdir()}
            if names == {"lock"} and os.path.samestat((folder / "lock").stat(), ours):
                remove(folder)  # while it is held: a lock that is taken away later could be somebody else's
        lock.release()


def explain_paths(
    paths: Sequence[str | Path],
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    format: str | None = None,
    date_format: str | None = None,
    colour: bool = False,
) -> Iterator[str]:
    """What is kept and dropped of each record of these files, and why? One piece of text a record; writes no corpus."""
    how = Reading(dict(columns or {}), encoding, format, delimiter=one_sign(delimiter, "delimiter"))
    check_reading(how)
    date_patterns(date_format)
    check_paths(paths)
    with tempfile.TemporaryDirectory(prefix="newsangle-") as folder:
        chunks = Chunks(Path(folder))
        seen = read_paths(paths, how)
        settings = Settings(date_format, source_digest(), keep_pages=True)
        keys = first_stage(seen, settings, chunks, lambda records: None)
        learned, _ = learn(chunks, keys)
        for value, here in (item for key in keys for item in prepared_records(chunks, key, learned)):
            if "reject" in value:
                yield f"! {Reject(**value['reject']).told()}"
            else:
                record = "" if value["record"] is None else f", record {value['record']}"
                yield f"# {value['source']}{record}\n{explained(value, here, colour)}"


class _Meter:
    """Counts records and tells, every few seconds, how many there are and how many a second."""

    def __init__(self, what: str, tell: Callable[[str], None]) -> None:
        self._what, self._tell = what, tell
        self._count, self._start = 0, time.monotonic()
        self._told = self._start

    def add(self, records: int) -> None:
        self._count += records
        now = time.monotonic()
        if now - self._told >= _EVERY:
            self._told = now
            self._tell(f"{self._line(now)}")

    def end(self) -> int:
        self._tell(self._line(time.monotonic()))
        return self._count

    def _line(self, now: float) -> str:
        rate = self._count / max(now - self._start, 1e-9)
        return f"{self._what} {counted(self._count, 'record')}, {rate:,.0f} a second"
