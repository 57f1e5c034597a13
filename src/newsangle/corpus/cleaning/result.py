"""What comes out of cleaning one article? Kept blocks, dropped pieces with a reason, metadata; nothing disappears."""

from dataclasses import dataclass
from typing import Literal, get_args

Section = Literal["title", "heading", "body", "comment"]
Reason = Literal[
    "navigation",
    "share",
    "donation",
    "bare amount",
    "link or address",
    "newsletter",
    "cookie notice",
    "advertisement",
    "related stories",
    "caption",
    "comment section",
    "reader name",
    "disclaimer",
    "metadata line",
    "repeated",
    "outside the story",
    "decoration",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True)
class Block:
    """A kept paragraph, line or piece of one: raw[start:end], e-mail addresses and readers' names starred.

    Stars are one for one, so that an offset into `text` plus `start` is an offset into the raw text.
    """

    start: int
    end: int
    text: str
    section: Section


@dataclass(frozen=True)
class Dropped:
    """A piece that was not kept, and why. `text` is starred like a block's, and wholly for a reader's name."""

    start: int
    end: int
    text: str
    reason: Reason


@dataclass(frozen=True)
class Passage:
    """A unit to be labelled and predicted: whole sentences, offsets and stars as in blocks."""

    start: int
    end: int
    text: str
    section: Section


@dataclass(frozen=True)
class Metadata:
    """What an article says about itself; "" where it says nothing that can be relied on.

    `date` is YYYY-MM-DD; `date_rule` names the rule that found it or, where `date` is "", why there is none
    ("ambiguous: 05/06/2020 …"). `origin` is who wrote it first where that isn't the outlet ("Articles by", a wire
    dateline, "originally published"). Each `_rule` names the rule that found its value; "given" is the caller's own.
    """

    title: str = ""
    date: str = ""
    date_rule: str = ""
    outlet: str = ""
    outlet_rule: str = ""
    author: str = ""
    author_rule: str = ""
    origin: str = ""
    origin_rule: str = ""
    url: str = ""


@dataclass(frozen=True)
class Language:
    """An ISO 639-1 code and the detector's probability for it; code "und" where there is too little text to tell."""

    code: str
    confidence: float


@dataclass(frozen=True)
class Cleaned:
    """One article after cleaning: every non-blank character of the raw text is in one block or one dropped piece.

    Blocks and dropped pieces each stand in the order of the text. `notes` says what had to be done to read the text
    (a wrong charset, nesting too deep). `offsets_into` says what offsets count: the raw text, or for HTML the text
    taken out of the page.
    """

    title: str
    blocks: tuple[Block, ...]
    dropped: tuple[Dropped, ...]
    metadata: Metadata
    notes: tuple[str, ...] = ()
    offsets_into: Literal["raw", "extracted"] = "raw"

    @property
    def text(self) -> str:
        """The article itself: body and headings, parted by blank lines; neither title nor comments."""
        return "\n\n".join(block.text for block in self.blocks if block.section in ("body", "heading"))

    @property
    def comments(self) -> str:
        """What readers wrote below it, without their names, parted by blank lines."""
        return "\n\n".join(block.text for block in self.blocks if block.section == "comment")
