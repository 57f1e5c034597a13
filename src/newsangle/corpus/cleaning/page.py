"""What of a web page is the story? trafilatura finds the text, our rules look over its lines; nothing lost silently."""

from dataclasses import dataclass
from typing import Any

from newsangle.corpus.cleaning.clean import clean_extracted
from newsangle.corpus.cleaning.markup import decode_page, flatten
from newsangle.corpus.cleaning.page_comments import with_comments
from newsangle.corpus.cleaning.page_lines import comment_boxes, comment_lines
from newsangle.corpus.cleaning.page_metadata import NO_DATE, page_metadata
from newsangle.corpus.cleaning.result import Cleaned, Metadata
from newsangle.errors import DataError


def extract_html(data: str | bytes, url: str | None = None, *, encoding: str | None = None) -> Cleaned:
    """Which text is the story of this page, and what does the page say about it?

    Bytes are decoded as their byte-order mark, `encoding` (what the server or the caller declared) or the page's own
    declaration says; `notes` tells where that was wrong. Pages nested deeper than lxml reads are flattened first. The
    date is the one in the page's metadata, never guessed from its text. Offsets count characters of the text taken out
    of the page; readers' comments follow behind it. Raises DataError where the data hold no page, no text, or bytes
    that no declaration explains.

    Source: Barbaresi (2021), Trafilatura: A Web Scraping Library and Command-Line Tool for Text Discovery.
    """
    html, notes = decode_page(data, encoding) if isinstance(data, bytes) else (data, ())
    found = page_text(html, url)
    cleaned = clean_extracted(found.text, found.metadata, found.headings, (*notes, *found.notes))
    cleaned = with_comments(cleaned, len(found.text), found.comments)
    if not cleaned.text:
        raise DataError(f"{url or 'this page'} holds no article text; leave it out, or give the text itself")
    return cleaned


@dataclass(frozen=True)
class PageText:
    """What is taken out of a page: its story, lines as paragraphs, headings, what the page says about itself.

    `comments`: the lines of its boxes of readers' comments, as from `page_lines.comment_lines`.
    """

    text: str
    metadata: Metadata
    headings: frozenset[str]
    notes: tuple[str, ...]
    comments: tuple[tuple[str, str], ...] = ()


def page_text(html: str, url: str | None = None) -> PageText:
    """Which text does the extractor find on this page? The slow half of `extract_html`. Raises DataError for none."""
    # Imported here: trafilatura takes half a second to import and most commands never see a page.
    from trafilatura import bare_extraction

    tree, noted = page_tree(html)
    comments = tuple(comment_lines(comment_boxes(tree)))  # now, for the extractor takes them out of the tree
    try:
        about = page_metadata(tree, url)
    except (TypeError, ValueError):  # from the depths of its readers; the text may be well
        about, noted = (
            Metadata(date_rule=NO_DATE, url=url or ""),
            (*noted, "its metadata can't be read"),
        )
    # Chosen on every second page of the benchmark (benchmarks/html_extraction.py), reported on the others.
    document: Any = bare_extraction(
        tree,
        url=url or about.url or None,
        favor_precision=True,
        include_comments=False,
    )
    if document is None or not (document.text or "").strip():
        raise DataError(f"{url or 'this page'} holds no article text; leave it out, or give the text itself")
    headings = frozenset(" ".join(head.itertext()).strip() for head in document.body.iter("head"))
    text = "\n\n".join(line for line in document.text.split("\n") if line.strip())
    return PageText(text, about, headings, noted, comments)


def page_tree(html: str) -> tuple[Any, tuple[str, ...]]:
    """The page as a tree, and what had to be done to it."""
    tree, complaints = _parse(html, huge=False)
    if not any("RESOURCE_LIMIT" in complaint for complaint in complaints):
        return tree, ()
    # The parser stops at such a place and leaves out all that follows.
    tree, complaints = _parse(flatten(html), huge=True)
    if any("RESOURCE_LIMIT" in complaint for complaint in complaints):
        raise DataError(f"this page can't be read whole ({complaints[0]}); give the text itself")
    return tree, ("tags nested too deep to be read were taken out",)


def _parse(html: str, huge: bool) -> tuple[Any, list[str]]:
    from lxml import etree
    from lxml.html import HtmlElement, HTMLParser, fromstring
    from trafilatura.utils import repair_faulty_html

    parser = HTMLParser(
        collect_ids=False,
        default_doctype=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=huge,
    )
    # lxml.html asks a Python function for the class of every node that is touched; here all are of one class.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    mended = repair_faulty_html(html, html[:50].lower())
    try:
        tree = fromstring(mended.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise DataError(
            f"this page is no HTML that can be read ({error}); leave it out, or give the text itself"
        ) from None
    return tree, [f"{entry.type_name}: {entry.message}" for entry in parser.error_log]
