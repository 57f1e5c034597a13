"""How do records become drafts of articles, batch by batch? In this process or in several; the results don't differ."""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from typing import Any

from newsangle.corpus.cleaning import Repeated
from newsangle.corpus.cleaning.repetition import RepeatedHere, Row, Sentences, gathered
from newsangle.corpus.ingest.chunks import Chunks, key_of
from newsangle.corpus.ingest.drafts import NoArticle, finish, name_languages, packed, prepare, prepared_records
from newsangle.corpus.ingest.records import RawRecord, Reject, Seen
from newsangle.errors import MachineError

_MOST_COST = 256  # of a batch: a text counts 1, a page 8, for it takes that much longer
_PAGE_COST = 8
_MOST_CHARACTERS = 4_000_000

Values = list[dict[str, Any]]


@dataclass(frozen=True)
class Settings:
    """What, beside the records, decides about the results of a batch; part of their key.

    `keep_pages`: pages stay with their drafts, so that what isn't in the text can be shown.
    """

    date_format: str | None
    source: str
    keep_pages: bool = False


def batches(seen: Iterable[Seen]) -> Iterator[list[Seen]]:
    """The records in runs that are worth handing to another process and small enough to be lost to Ctrl-C."""
    batch: list[Seen] = []
    cost = characters = 0
    for item in seen:
        batch.append(item)
        if isinstance(item, RawRecord):
            cost += _PAGE_COST if item.kind == "html" else 1
            characters += len(item.body)
        if cost >= _MOST_COST or characters >= _MOST_CHARACTERS or len(batch) >= 4 * _MOST_COST:
            yield batch
            batch, cost, characters = [], 0, 0
    if batch:
        yield batch


def prepare_batch(batch: list[Seen], settings: Settings) -> tuple[Values, Sentences]:
    """Each record cleaned by what it shows alone, with its place, and the sentences of all; rejects pass through."""
    found: Values = []
    rows: list[list[Row]] = []
    for item in batch:
        cut: list[Row] = []
        if isinstance(item, Reject):
            found.append({"reject": asdict(item)})
        else:
            place = {"source": item.source, "record": item.record, "line": item.line, "undecodable": item.undecodable}
            try:
                if settings.keep_pages and item.kind == "html":
                    place["page"] = item.body
                prepared, cut = prepare(item, settings.date_format)
                found.append(place | prepared)
            except NoArticle as error:
                found.append(_reject(place, error))
        rows.append(cut)
    name_languages(item["draft"] for item in found if "draft" in item)
    return found, gathered(rows)


def finish_batch(values: Iterable[tuple[dict[str, Any], RepeatedHere | None]]) -> Values:
    """Each prepared record cleaned with what the whole corpus shows to be repeated."""
    found: Values = []
    for item, here in values:
        if "reject" in item:
            found.append(item)
            continue
        place = {name: item[name] for name in ("source", "record", "line", "undecodable")}
        try:
            found.append(place | finish(item, here))
        except NoArticle as error:
            found.append(_reject(place, error))
    name_languages(item for item in found if "reject" not in item)
    return found


def _reject(place: dict[str, Any], error: NoArticle) -> dict[str, Any]:
    reject = Reject(place["source"], place["record"], place["line"], None, str(error), bad=error.bad)
    return {"reject": asdict(reject)}


def batch_key(batch: list[Seen], settings: Settings) -> str:
    """Under which key stands what is made from these records?"""
    # The bodies apart: the repr of a long text costs more than its hash.
    bare = [replace(item, body="") if isinstance(item, RawRecord) else item for item in batch]
    return key_of(settings, bare, *(item.body for item in batch if isinstance(item, RawRecord)))


def _first(chunks: Chunks, key: str, batch: list[Seen], settings: Settings) -> int:
    values, sentences = prepare_batch(batch, settings)
    chunks.save(key, values, packed(values, sentences))
    return len(batch)


def _second(chunks: Chunks, key: str, before: str, learned: Repeated | str) -> int:
    known = _read_learned(chunks, learned) if isinstance(learned, str) else learned
    values = finish_batch(prepared_records(chunks, before, known))
    chunks.save(key, values)
    return len(values)


@lru_cache(maxsize=1)
def _read_learned(chunks: Chunks, key: str) -> Repeated:
    """What the parent has learned: read once by each process, not sent with every batch."""
    values = chunks.load(key)
    if values is None:
        raise MachineError(f"{chunks.path(key)}: has been changed or removed; run the same command again")
    return Repeated(**{name: frozenset(hashes) for name, hashes in values[0].items()})


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers


@contextmanager
def pool(jobs: int) -> Iterator[Any]:
    """Worker processes, started with the first batch and ended whatever happens; None for one job."""
    if jobs <= 1:
        yield None
        return
    from loky import ProcessPoolExecutor

    executor = ProcessPoolExecutor(max_workers=jobs, initializer=_start_worker)
    try:
        yield executor
    finally:
        executor.shutdown(kill_workers=True)


def first_stage(
    seen: Iterable[Seen],
    settings: Settings,
    chunks: Chunks,
    done: Callable[[int], None],
    *,
    executor: Any = None,
    jobs: int = 1,
) -> list[str]:
    """Every batch prepared and kept; the keys, in order. What is kept already is not made again."""
    work = ((batch_key(batch, settings), batch) for batch in batches(seen))
    calls = ((key, (_first, chunks, key, batch, settings)) for key, batch in work)
    return list(_in_order(calls, chunks, executor, jobs, done))


def second_stage(
    keys: list[str],
    learned: Repeated,
    learned_key: str,
    chunks: Chunks,
    done: Callable[[int], None],
    *,
    executor: Any = None,
    jobs: int = 1,
) -> list[str]:
    """Every batch cleaned and kept; the keys, in order."""
    told: Repeated | str = learned
    if executor is not None:
        told = key_of("learned", learned_key)
        chunks.save(told, [{part.name: sorted(getattr(learned, part.name)) for part in fields(learned)}])
    work = ((key_of("cleaned", before, learned_key), before) for before in keys)
    calls = ((key, (_second, chunks, key, before, told)) for key, before in work)
    return list(_in_order(calls, chunks, executor, jobs, done))


def _in_order(
    calls: Iterable[tuple[str, tuple[Any, ...]]],
    chunks: Chunks,
    executor: Any,
    jobs: int,
    done: Callable[[int], None],
) -> Iterator[str]:
    """Carries out the calls whose result isn't kept yet, few at a time, so that memory stays flat."""
    running: deque[tuple[str, Any]] = deque()
    for key, (function, *arguments) in calls:
        kept = chunks.load(key)
        if kept is not None:
            running.append((key, len(kept)))
        elif executor is None:
            running.append((key, function(*arguments)))
        else:
            running.append((key, executor.submit(function, *arguments)))
        while len(running) > 2 * jobs:
            yield _result(running.popleft(), done)
    while running:
        yield _result(running.popleft(), done)


def _result(item: tuple[str, Any], done: Callable[[int], None]) -> str:
    key, result = item
    if not isinstance(result, int):
        from loky.process_executor import TerminatedWorkerError

        try:
            result = result.result()
        except TerminatedWorkerError:
            raise MachineError("a worker process was ended, perhaps for want of memory; try --jobs 1") from None
    done(result)
    return key
