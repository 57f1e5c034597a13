"""What did an ingest bring? The corpus, the rejects, and counts that add up."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from newsangle.corpus.ingest.records import Reject, counted

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
            f"{counted(self.seen, 'record')} seen = {counted(self.articles, 'article')} + "
            f"{counted(self.rejects, 'reject')} ({self.bad:,} damaged, {self.left_out:,} left out)"
        )
        more = [counted(self.stories, "story", "stories")]
        if self.comments:
            more.append(f"{counted(self.comments, 'comment section')} kept apart")
        if self.undated:
            more.append(f"{self.undated:,} undated")
        if self.unreadable_dates:
            more.append(f"{counted(self.unreadable_dates, 'date')} unreadable")
        if self.undecodable:
            more.append(f"{counted(self.undecodable, 'byte')} not in the declared encoding")
        return f"{law}; {', '.join(more)}"


@dataclass(frozen=True)
class Ingested:
    """A corpus made from raw files: where it lies and what became of every record.

    `first_bad` is the first damaged record, in one line. `whole`: was a corpus written? One without an article is only
    where that was asked for. `corpus` and `rejects` are read when they are asked for.
    """

    path: Path
    rejects_path: Path
    counts: Counts
    first_bad: str | None
    whole: bool = True

    def told(self) -> str:
        """The counts, and what was written."""
        return "\n".join([self.counts.told(), *([str(self.path)] if self.whole else []), str(self.rejects_path)])

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
