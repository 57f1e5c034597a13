"""What does a web page say about itself: title, author, outlet, address, date? trafilatura's readers, and no more."""

import contextlib
import re
from datetime import date
from typing import Any

from newsangle.corpus.cleaning.result import Metadata

NO_DATE = "no date in the page's metadata"
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HOST = re.compile(r"https?://(?:www\.|w[0-9]+\.)?(?P<host>[^/]+)")


def page_metadata(tree: Any, url: str | None) -> Metadata:
    """What do meta tags, JSON-LD and, where these are silent, title, byline and links of this page say?

    trafilatura's `extract_metadata` asks the same readers in the same order, and also for categories, tags and licence:
    a third of its time, for what no corpus of ours holds. The date is the one in the page's metadata, the day it was
    first published; it is never guessed from the text. Head, scripts, styles and drawings are taken out of the tree.
    """
    # Imported here: trafilatura takes half a second to import and most commands never see a page.
    from courlan import extract_domain
    from htmldate import find_date
    from trafilatura import metadata as readers

    said = readers.examine_meta(tree)
    if said.author and " " not in said.author:
        said.author = None  # an account, no name
    with contextlib.suppress(Exception):  # JSON of any shape stands there; what the tags say is kept
        said = readers.extract_meta_json(tree, said)
    said.title = said.title or readers.extract_title(tree)
    said.url = said.url or readers.extract_url(tree, url)
    said.hostname = extract_domain(said.url, fast=True) if said.url else said.hostname
    said.date = find_date(tree, extensive_search=False, original_date=True, url=said.url)
    said.sitename = _outlet(said.sitename or readers.extract_sitename(tree), said.url)
    # What follows looks at every node, several times; these hold no text and have been read.
    for element in [*tree.iter("script", "style", "link", "meta", "svg"), *tree.iterchildren("head")]:
        element.drop_tree()
    said.author = said.author or readers.extract_author(tree)
    said.clean_and_trim()
    day, outlet, author = (_plain(value) for value in (said.date, said.sitename or said.hostname, said.author))
    dated = _is_day(day)
    return Metadata(
        title=_plain(said.title),
        date=day if dated else "",
        date_rule="page metadata" if dated else NO_DATE,
        outlet=outlet,
        outlet_rule="page metadata" if outlet else "",
        author=author,
        author_rule="page metadata" if author else "",
        url=url or _plain(said.url),
    )


def _outlet(name: str | None, url: str | None) -> str | None:
    """The site's name without the @ of an account and with a capital; else the host of the page's address."""
    if name:
        name = name.lstrip("@")
        return name.title() if name and "." not in name and not name[0].isupper() else name
    host = _HOST.match(url) if url else None
    return host["host"] if host else None


def _is_day(text: str) -> bool:
    """Is this a day on which something may have been published? What pages say needn't be in any calendar."""
    if _ISO.fullmatch(text) is None:
        return False
    try:
        return 1600 <= date.fromisoformat(text).year < 2200
    except ValueError:
        return False


def _plain(value: object) -> str:
    return " ".join(str(value).split()) if value else ""
