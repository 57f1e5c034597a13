"""Which passages does a cleaned article hold? Paragraphs where it has them, else windows of whole sentences."""

from collections.abc import Iterator, Sequence

from newsangle.corpus.cleaning.result import Block, Cleaned, Passage, Section


def passages_of(cleaned: Cleaned, min_words: int = 40, max_words: int = 80) -> list[Passage]:
    """Which passages does this article hold, in the order of the text?

    The title is a passage of its own, and so is each reader's comment (cut like an article, if it is long). A heading
    goes with the text below it. No passage reaches across a dropped piece, and each is text[start:end] of what was
    cleaned. How many words a passage has: see `corpus.passages.split_passages`. Raises ConfigError for limits that
    can't be met.

    >>> from newsangle.corpus.cleaning.clean import clean_document
    >>> cleaned = clean_document("Dam bursts\\n\\nThe dam at Ash burst. Gen. Doe came. It rained on the U.S. Army.")
    >>> [(passage.section, passage.text) for passage in passages_of(cleaned, 4, 8)]
    [('title', 'Dam bursts'), ('body', 'The dam at Ash burst. Gen. Doe came.'), ('body', 'It rained on the U.S. Army.')]
    """
    # Imported here: it brings pandas, which processes that only clean never need.
    from newsangle.corpus.passages import pack_paragraphs

    found: list[Passage] = []
    for section, stretch in _stretches(cleaned, min_words):
        offset = stretch[0].start
        # Blanks between blocks are written as line ends, one for one: offsets stay those of the raw text.
        text = ""
        for block in stretch:
            text += "\n" * (block.start - offset - len(text)) + block.text
        paragraphs = [(block.start - offset, block.end - offset) for block in stretch]
        if section == "title":
            spans = [(0, len(text))]
        else:
            spans = pack_paragraphs(text, paragraphs, min_words=min_words, max_words=max_words)
        found += [Passage(offset + start, offset + end, text[start:end], section) for start, end in spans]
    return found


def _stretches(cleaned: Cleaned, min_words: int) -> Iterator[tuple[Section, Sequence[Block]]]:
    """Blocks that may share passages: the title alone, each comment alone, body up to a dropped piece or a heading."""
    cuts = sorted(piece.start for piece in cleaned.dropped)
    stretch: list[Block] = []
    words = 0
    position = 0
    for block in cleaned.blocks:
        crossed = False
        while position < len(cuts) and cuts[position] < block.start:
            crossed = True
            position += 1
        alone = block.section in ("title", "comment")
        if stretch and (crossed or alone or (block.section == "heading" and words >= min_words)):
            yield "body", stretch
            stretch = []
        if alone:
            yield block.section, [block]
            continue
        words = words + len(block.text.split()) if stretch else len(block.text.split())
        stretch.append(block)
    if stretch:
        yield "body", stretch
