"""Which passages is an article cut into? Whole sentences of about 40 to 80 words, or what a sampling frame lists."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from newsangle.corpus.hints import nearest
from newsangle.corpus.order import canonical_order
from newsangle.corpus.records import read_records
from newsangle.corpus.sentences import sentence_spans
from newsangle.errors import ConfigError, DataError

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_FRAME_COLUMNS = ("article_id", "start", "end", "sha1")
_BLOCK = 10_000  # articles that are cut at once
_SLACK = 1.25  # a passage may be this much longer than max_words where the alternative is a stub

Span = tuple[int, int]


def passage_hash(text: str) -> str:
    """Which hash tells that a passage is the one that was coded? The first 12 hex digits of the SHA-1 of its UTF-8."""
    return hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def split_passages(text: str, *, min_words: int = 40, max_words: int = 80) -> list[Span]:
    """Where does each passage of this article begin and end? Offsets into `text`; every non-blank is in exactly one.

    A passage is one or more whole sentences, up to `max_words` words (runs of non-blanks). A single longer sentence
    stays whole; a stub of fewer than `min_words` joins its neighbour when both together stay within 1.25 ×
    `max_words`. No passage crosses a blank line unless a paragraph beside it has fewer than `min_words`. Raises
    ConfigError for limits that cannot be met.

    >>> text = "One two three. Four five six. Seven eight nine ten. Eleven."
    >>> [text[a:b] for a, b in split_passages(text, min_words=4, max_words=6)]
    ['One two three. Four five six.', 'Seven eight nine ten. Eleven.']
    """
    return pack_paragraphs(text, paragraph_spans(text), min_words=min_words, max_words=max_words)


def pack_paragraphs(text: str, paragraphs: Sequence[Span], *, min_words: int, max_words: int) -> list[Span]:
    """Where does each passage begin and end, where the paragraphs are known? As `split_passages`, in their order."""
    if not 1 <= min_words <= max_words:
        raise ConfigError(f"min_words = {min_words}, max_words = {max_words}: need 1 <= min_words <= max_words")
    passages: list[Span] = []
    for block in _blocks(text, paragraphs, min_words):
        passages.extend(_pack(text, block, min_words, max_words))
    return passages


def paragraph_spans(text: str) -> list[Span]:
    """Where does each paragraph begin and end? Paragraphs are parted by blank lines.

    >>> paragraph_spans("Head\\n\\nBody one\\nbody two")
    [(0, 4), (6, 23)]
    """
    cuts = [0]
    for match in _BLANK_LINE.finditer(text):
        cuts += [match.start(), match.end()]
    cuts.append(len(text))
    return [(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=True) if text[start:end].strip()]


def _blocks(text: str, paragraphs: Sequence[Span], min_words: int) -> list[list[Span]]:
    """Sentences that may share passages: a short paragraph goes with the next one, the last with the one before."""
    blocks: list[list[Span]] = []
    open_words = min_words
    for start, end in paragraphs:
        sentences = [(start + a, start + b) for a, b in sentence_spans(text[start:end])]
        if open_words >= min_words:
            blocks.append([])
            open_words = 0
        blocks[-1] += sentences
        open_words += _words(text, (start, end))
    if len(blocks) > 1 and open_words < min_words:
        blocks[-2:] = [blocks[-2] + blocks[-1]]
    return blocks


def _pack(text: str, sentences: Sequence[Span], min_words: int, max_words: int) -> list[Span]:
    most = int(_SLACK * max_words)
    packed: list[tuple[Span, int]] = []
    for sentence in sentences:
        words = _words(text, sentence)
        if packed:
            (start, _), held = packed[-1]
            if held + words <= (most if held < min_words else max_words):
                packed[-1] = ((start, sentence[1]), held + words)
                continue
        packed.append((sentence, words))
    if len(packed) > 1:
        ((start, _), held), ((_, end), words) = packed[-2:]
        if words < min_words and held + words <= most:
            packed[-2:] = [((start, end), held + words)]
    return [span for span, _ in packed]


def _words(text: str, span: Span) -> int:
    return len(text[span[0] : span[1]].split())


def passages_table(articles: pd.DataFrame, *, min_words: int = 40, max_words: int = 80) -> pd.DataFrame:
    """Which passages do these articles hold? One row a passage, in the order of `articles`, then of the text.

    `articles` needs article_id, text, title, outlet, date and group; an article without text has no passage. Columns
    back: passage_id ("ARTICLE:START-END"), article_id, start, end, text, title, outlet, date, group.
    """
    blocks = []
    for first in range(0, max(len(articles), 1), _BLOCK):  # Python's strings and spans of one block at a time
        block = articles.iloc[first : first + _BLOCK]
        spans = [split_passages(text, min_words=min_words, max_words=max_words) for text in block["text"]]
        positions = [position for position, found in enumerate(spans) for _ in found]
        blocks.append(_table(block, positions, [span for found in spans for span in found]))
    return blocks[0] if len(blocks) == 1 else pd.concat(blocks, ignore_index=True)


def frame_rows(path: Path) -> pd.DataFrame:
    """Which passages does this sampling frame or label file list? Its columns as text, start and end as numbers.

    Rows keep the order of the file. Raises DataError, naming file and row, for a missing column, an offset that is no
    whole number, an end not after its start, a SHA-1 that is not 12 hex digits, or a row that is broken.
    """
    found = read_records(path)
    for column in _FRAME_COLUMNS:
        if column not in found.columns:
            raise DataError(f'{path}: there is no column "{column}"{nearest(column, found.columns)}; a frame needs it')
    if found.rejects:
        raise DataError(f"{path}: row {found.rejects[0].row}: {found.rejects[0].reason}; mend or remove the row")
    rows = [
        {column: "" if value is None else str(value) for column, value in record.items()} for _, record in found.rows
    ]
    for number, row in enumerate(rows, start=1):
        for column in ("start", "end"):
            if not re.fullmatch(r"[0-9]{1,12}", row[column]):
                raise DataError(f'{path}: row {number}: {column} = "{row[column]}" is not a whole number of characters')
        if int(row["start"]) >= int(row["end"]):
            raise DataError(f"{path}: row {number}: start {row['start']} is not before end {row['end']}")
        if not re.fullmatch(r"[0-9a-f]{12}", row["sha1"]):
            raise DataError(f'{path}: row {number}: sha1 = "{row["sha1"]}" is not 12 hex digits of a SHA-1')
    table = pd.DataFrame(rows, columns=list(found.columns), dtype=str)
    return table.assign(start=table["start"].astype("int64"), end=table["end"].astype("int64"))


def passages_from_frame(articles: pd.DataFrame, frame_path: Path) -> pd.DataFrame:
    """Which passages does this frame cut out of these articles? Checked by hash, so that no offset is off by one.

    The frame's columns are article_id, start, end (character offsets into the article's text) and sha1 (first 12 hex
    digits of the SHA-1 of the passage in UTF-8); others are ignored, and a passage listed twice comes back once. Rows
    and columns come back as from `passages_table`, in canonical order. Raises DataError with file, row and article for
    an unknown article, offsets outside its text, or a hash that differs.
    """
    frame = frame_rows(frame_path)
    ids = articles["article_id"].tolist()
    texts = articles["text"].tolist()
    at = {article_id: position for position, article_id in enumerate(ids)}
    chosen: dict[tuple[int, int, int], None] = {}
    rank = {position: place for place, position in enumerate(canonical_order(ids))}
    rows = zip(frame["article_id"], frame["start"].tolist(), frame["end"].tolist(), frame["sha1"], strict=True)
    for number, (article_id, start, end, sha1) in enumerate(rows, start=1):
        where = f'{frame_path}: row {number}: article "{article_id}"'
        if article_id not in at:
            raise DataError(f"{where} is not in the corpus; give the corpus that the frame was made from")
        text = texts[at[article_id]]
        if end > len(text):
            raise DataError(
                f"{where} has {len(text)} characters, the passage ends at {end}; the text has changed since the "
                "frame was made: use the file it was made from, or make the frame again"
            )
        digest = passage_hash(text[start:end])
        if digest != sha1:
            raise DataError(
                f"{where} {start}-{end} has SHA-1 {digest}, the frame says {sha1}; the text has changed since the "
                "frame was made: use the file it was made from, or make the frame again"
            )
        chosen[(at[article_id], start, end)] = None
    ordered = sorted(chosen, key=lambda span: (rank[span[0]], span[1], span[2]))
    return _table(articles, [position for position, _, _ in ordered], [(start, end) for _, start, end in ordered])


def _table(articles: pd.DataFrame, positions: Sequence[int], spans: Sequence[Span]) -> pd.DataFrame:
    texts = articles["text"].tolist()
    ids = articles["article_id"].tolist()
    cells = list(zip(positions, spans, strict=True))
    table = pd.DataFrame(
        {
            "passage_id": pd.Series(
                [f"{ids[position]}:{start}-{end}" for position, (start, end) in cells], dtype="str"
            ),
            "article_id": pd.Series([ids[position] for position in positions], dtype="str"),
            "start": pd.Series([start for start, _ in spans], dtype="int64"),
            "end": pd.Series([end for _, end in spans], dtype="int64"),
            "text": pd.Series([texts[position][start:end] for position, (start, end) in cells], dtype="str"),
        }
    )
    rest = articles[["title", "outlet", "date", "group"]].iloc[list(positions)].reset_index(drop=True)
    return pd.concat([table, rest], axis=1)
