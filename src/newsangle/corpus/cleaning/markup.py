"""How are the bytes of a page read, and a page that is nested too deep?"""

import codecs
import re

from newsangle.errors import DataError

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}encoding=[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
_FIRST_BYTES = 8_192  # browsers look no further than 1,024; many pages declare later
_MOST_BAD = 0.001  # share of bytes that may be wrong before the declaration is
_DEEPEST = 120  # lxml stops at 256, and trafilatura recurses
_SKIPPED = re.compile(r"<(script|style|noscript|template)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^<>]*?(/?)>")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "section",
        "article",
        "table",
        "tr",
        "td",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "main",
        "pre",
    ]
)


def decode_page(data: bytes, encoding: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Which characters do a page's bytes spell, and what was wrong with its declaration?

    In this order: byte-order mark, `encoding`, the page's own declaration, UTF-8. Text that is UTF-8 with signs beyond
    ASCII is never anything else, so it wins over another declaration, with a note. Where the declared encoding leaves
    up to one byte in a thousand unexplained those become U+FFFD, with a note; where more, DataError.

    >>> decode_page('<meta charset="iso-8859-1">é'.encode())[1]
    ('declared iso-8859-1, is UTF-8',)
    """
    if not data.strip(b"\0 \t\r\n"):
        raise DataError("this page is empty; leave it out")
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _replaced(data[len(mark) :], name)
    found = _DECLARED.search(data[:_FIRST_BYTES])
    declared = encoding or ((found[1] or found[2]).decode("ascii") if found else "")
    if encoding and b"\0" in data and _codec(encoding).startswith(("utf-16", "utf-32")):
        return _replaced(data, _codec(encoding))  # such bytes may be UTF-8 as well, full of NULs
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _as_declared(data, declared, error)
    if declared and not text.isascii() and _codec(declared) not in ("utf-8", ""):
        return text, (f"declared {declared}, is UTF-8",)
    return text, ()


def _codec(name: str) -> str:
    """Python's name of an encoding; Latin-1 and ASCII are cp1252 on the web (WHATWG encoding standard)."""
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return ""
    return "cp1252" if codec in ("iso8859-1", "ascii", "latin-1") else codec


def _as_declared(data: bytes, declared: str, error: UnicodeDecodeError) -> tuple[str, tuple[str, ...]]:
    codec = _codec(declared) if declared else ""
    if declared and not codec:
        raise DataError(
            f'this page declares the charset "{declared}", which is none; pass --encoding with the right one'
        )
    if not declared:
        raise DataError(
            f"byte {error.start} (0x{data[error.start]:02x}) of this page is not UTF-8 and the page declares no "
            "charset; pass --encoding with the one it was written in, for example cp1252"
        )
    return _replaced(data, codec)


def _replaced(data: bytes, codec: str) -> tuple[str, tuple[str, ...]]:
    text = data.decode(codec, errors="replace")
    before = data.count("\ufffd".encode()) if codec == "utf-8" else 0
    bad = text.count("\ufffd") - before
    if bad > max(1, _MOST_BAD * len(data)):
        raise DataError(
            f"{bad:,} bytes of this page, the first at {_first_bad(data, codec)}, are not {codec} as declared; "
            "pass --encoding with the one it was written in, for example cp1252"
        )
    return text, (f"{bad} byte{'s' if bad > 1 else ''} not {codec}, replaced",) if bad > 0 else ()


def _first_bad(data: bytes, codec: str) -> int:
    try:
        data.decode(codec)
    except UnicodeDecodeError as error:
        return error.start
    return 0


def flatten(html: str) -> str:
    """The page without the tags deeper than 120; their paragraphs stay paragraphs.

    >>> page = flatten("<div>" * 500 + "deep" + "</div>" * 500)
    >>> page.count("<div>"), "deep" in page
    (120, True)
    """
    bare = _SKIPPED.sub(" ", html)
    kept: list[str] = []
    depth = hidden = position = 0
    for match in _TAG.finditer(bare):
        name = match[2].lower()
        if name in _VOID or match[3]:
            continue
        kept.append(bare[position : match.start()])
        position = match.end()
        if not match[1]:
            if depth >= _DEEPEST:
                hidden += 1
                kept.append("<p>" if name in _BLOCKS else " ")
                continue
            depth += 1
        elif hidden:
            hidden -= 1
            kept.append(" ")
            continue
        else:
            depth = max(depth - 1, 0)
        kept.append(match[0])
    kept.append(bare[position:])
    return "".join(kept)
