"""Which lines does a page show, and in what kind of box does each stand? For readers' comments and for --explain."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newsangle.corpus.cleaning.comments import tells_when
from newsangle.corpus.cleaning.result import Reason

_HIDDEN = frozenset(["script", "style", "noscript", "template", "head", "svg", "iframe", "object", "textarea"])
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub "
        "sup time tt u var wbr img picture source label",
    )
)
# What boxes of a page are called, by the words of tag, class, id and role; the first that matches counts.
_BOXES: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    ("cookie notice", re.compile(r"cookie|consent|gdpr")),
    ("newsletter", re.compile(r"newsletter|subscri|sign-?up|mailing-?list")),
    ("donation", re.compile(r"donat|patreon|crowdfund|support-us")),
    ("share", re.compile(r"\bshar(?:e|ing)|social|addthis|sharedaddy|\bfollow")),
    ("advertisement", re.compile(r"\bads?\b|\badvert|sponsor|\bpromo|\bbanner")),
    ("caption", re.compile(r"caption|\bcredits?\b")),
    ("related stories", re.compile(r"relat|recommend|read-?more|\bmore\b|popular|trending|teaser|also-?read|latest")),
    ("metadata line", re.compile(r"byline|author|dateline|timestamp|\b(?:date|time|meta|tags?|category|published)\b")),
    (
        "navigation",
        re.compile(
            r"\b(?:nav\w*|menu\w*|breadcrumbs?|header|footer|aside|sidebar|widget|masthead|top-?bar|toolbar|search"
            r"|pagination|skip|log-?in|form|button|select)\b"
        ),
    ),
)
_COMMENTS = re.compile(
    r"(?!(?:no|has|with|show|hide|open|closed)-)(?:[a-z0-9]+[-_]+)*(?:comments?|commentlist|disqus|dsq|livefyre)"
    r"(?:[-_]*(?:area|list|section|threads?|body|content|text|wrap|wrapper|container|box|block|holder|inner|item|items"
    r"|tree|feed|region|main|module|[0-9]+))*"
)
_MAYBE_COMMENTS = ("div", "section", "ol", "ul", "aside", "details")
# Comments on other stories, beside this one: no part of it, but readers' names all the same.
_OF_OTHERS = re.compile(r"recent|latest|newest|popular|most|widget")
# In a comment, by the words of the boxes around a line, the innermost first: who wrote it, what is no words of theirs.
_PARTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("said", re.compile(r"comment-?(?:content|body|text)|\bmessage\b|\bentry-content\b")),
    (
        "name",
        re.compile(r"author|\b(?:user|member|poster|profile|nick|display)-?name\b|\b(?:fn|vcard|commenter|user)\b"),
    ),
    (
        "button",
        re.compile(
            r"\b(?:reply|meta\w*|date|time|timestamp|ago|vote\w*|likes?|rating|action\w*|report|flag|button|count|h[1-6]"
            r"|toolbar|permalink|login|avatar|pagination)\b"
        ),
    ),
)
# WordPress calls the whole comment after its writer.
_WHOLE_COMMENT = re.compile(r"\b(?:comment-author-\S+|by-?post-?author|by-?user)")
_FORM = re.compile(r"^form\b|\bcomment-?form\b|\brespond\b")
_LONGEST_NAME = 12  # words; the same for a button


@dataclass(frozen=True)
class Line:
    """A line as a reader sees it: a run of text that no box of the page interrupts; and what its box is called for."""

    text: str
    box: Reason | None


def page_lines(tree: Any, outside: frozenset[Any] = frozenset()) -> Iterator[Line]:
    """Which lines does this page show, in order? Those inside the boxes of `outside` are left out."""
    for text, named in _lines(tree, outside):
        yield Line(text, _of_box(named))


def comment_boxes(tree: Any) -> list[Any]:
    """Which boxes of this page hold readers' comments, by what they are called? The outermost ones."""
    found: dict[Any, None] = {}
    for element in tree.iter(*_MAYBE_COMMENTS):  # ten times as fast as one XPath over all elements
        tokens = f"{element.get('id') or ''} {element.get('class') or ''}".lower()
        if not ("comment" in tokens or "disqus" in tokens or "dsq" in tokens or "livefyre" in tokens):
            continue
        if any(map(_COMMENTS.fullmatch, _called(element))) and found.keys().isdisjoint(element.iterancestors()):
            found[element] = None
    return list(found)


def comment_lines(boxes: list[Any]) -> list[tuple[str, str]]:
    """Which lines do these boxes of comments hold? (text, kind), by what the boxes around each line are called.

    Kinds: "name" (of a reader), "button" (and whatever else is no words of a reader), "said".
    """
    found: list[tuple[str, str]] = []
    for box in boxes:
        others = any(_OF_OTHERS.search(token) for token in _called(box))
        for text, named in _lines(box, frozenset()):
            found.append((text, "name" if others else _part(text, named[1:])))
    return found


def _called(element: Any) -> list[str]:
    return f"{element.get('id') or ''} {element.get('class') or ''}".lower().replace("_", "-").split()


def _part(text: str, named: list[str]) -> str:
    if any(map(_FORM.search, named)):
        return "button"
    short = text.count(" ") < _LONGEST_NAME
    for words in reversed(named):
        bare = _WHOLE_COMMENT.sub("", words)
        for part, pattern in _PARTS:
            if pattern.search(bare):
                # "Jane Doe of Ash wrote on 3 May 2020 at 12:15 in answer to the comment above:" is a name for all that.
                return part if short or (part == "name" and (text.endswith(":") or tells_when(text))) else "said"
    return "said"


def _of_box(named: list[str]) -> Reason | None:
    for words in reversed(named):
        for reason, pattern in _BOXES:
            if pattern.search(words):
                return reason
    return None


def _lines(top: Any, outside: frozenset[Any]) -> Iterator[tuple[str, list[str]]]:
    """Lines, and the words by which the boxes around each are called, the outermost first."""
    from lxml import etree

    named: list[str] = []
    line: list[str] = []
    line_named: list[str] = []

    def flush() -> Iterator[tuple[str, list[str]]]:
        text = " ".join("".join(line).split())
        line.clear()
        if text:
            yield text, list(line_named)

    def add(text: str | None) -> None:
        if text:
            if not line or not "".join(line).strip():
                line_named[:] = named
            line.append(text)

    walker = etree.iterwalk(top, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        if event in ("comment", "pi"):
            add(element.tail)
            continue
        tag = element.tag if isinstance(element.tag, str) else ""
        inline = tag in _INLINE
        if event == "start":
            if not inline:
                yield from flush()
            named.append(_words(element, tag))
            if tag in _HIDDEN or element in outside:
                walker.skip_subtree()
            else:
                add(element.text)
            continue
        if not inline:
            yield from flush()
        named.pop()
        if element is not top:
            add(element.tail)
    yield from flush()


def _words(element: Any, tag: str) -> str:
    """What this box is called, in small letters, "topBar" and "top_bar" as "top-bar"."""
    said = " ".join(value for name in ("class", "id", "role", "itemprop", "rel") if (value := element.get(name)))
    said = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", said[:400]).replace("_", "-").lower()
    return f"{tag} {said}"
