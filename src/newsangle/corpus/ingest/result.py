"""What did an ingest bring? The corpus, the rejects, and counts that add up."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from newsangle.corpus.ingest.records import Reject

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Counts:
    """What became of every record: `seen` = `articles` + `bad` + `left_out`.

    `comments`: sections of readers' comments, rows of their own beside the articles'. `undated`: articles without a
    date; `unreadable_dates`: those of them whose record says something that names no day. `undecodable`: bytes that are
    no characters of the declared encoding. `stories`: syndication groups.
    """

    seen: int = 0
    articles: int = 0
    bad: int = 0
    left_out: int = 0
    comments: int = 0
    undated: int = 0
    unreadable_dates: int = 0
    undecodable: int = 0
    stories: int = 0

    @property
    def rejects(self) -> int:
        """Records that are not kept."""
        return self.bad + self.left_out

    def told(self) -> str:
        """The conservation law and what else is worth a line."""
        law = (
            f"{self.seen:,} records seen = {self.articles:,} articles + {self.rejects:,} rejects "
            f"({self.bad:,} damaged, {self.left_out:,} left out)"
        )
        more = [f"{self.stories:,} stories"]
        for number, what in (
            (self.comments, "comment sections kept apart"),
            (self.undated, "undated"),
            (self.unreadable_dates, "dates unreadable"),
            (self.undecodable, "bytes not in the declared encoding"),
        ):
            if number:
                more.append(f"{number:,} {what}")
        return f"{law}; {', '.join(more)}"


@dataclass(frozen=True)
class Ingested:
    """A corpus made from raw files: where it lies and what became of every record.

    `first_bad` is the first damaged record, in one line. `corpus` and `rejects` are read when they are asked for.
    """

    path: Path
    rejects_path: Path
    counts: Counts
    first_bad: str | None

    @cached_property
    def corpus(self) -> "pd.DataFrame":
        """The corpus: one row an article, and one with section "comment" for readers' comments below it."""
        import pandas as pd

        return pd.read_parquet(self.path)

    @cached_property
    def rejects(self) -> tuple[Reject, ...]:
        """What was seen and not kept, in the order of the files."""
        with self.rejects_path.open(encoding="utf-8") as file:
            return tuple(Reject(**json.loads(line)) for line in file)
