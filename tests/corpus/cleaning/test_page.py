"""Are web pages read whole, whatever their charset and however deep they are nested?"""

import pytest

from newsangle.corpus.cleaning import extract_html
from newsangle.corpus.cleaning.markup import decode_page, flatten
from newsangle.errors import DataError

STORY = [
    "The mill at Ash has burned down, and nobody knows how the fire could begin there in the night.",
    "It was built in 1911 by the grandfather of the miller, who carried every stone up from the river.",
    "The miller, her café and her three cats are safe; the flour of the whole valley is gone for this year.",
]


def page(inner: str = "", head: str = "") -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in STORY)
    menu = "<nav><ul><li><a href='/'>Home</a></li></ul></nav>"
    return (
        f"<html><head><title>Old mill burns down</title>{head}</head><body>{menu}"
        f"<article><h1>Old mill burns down</h1>{paragraphs}{inner}</article><footer>Contact us</footer></body></html>"
    )


def test_the_story_is_found_with_its_metadata_and_without_scripts() -> None:
    head = (
        '<meta property="og:site_name" content="Ash Ledger"><meta name="author" content="Jane Doe">'
        '<meta property="article:published_time" content="2020-05-03T08:00:00Z"><style>p { color: red }</style>'
    )
    cleaned = extract_html(
        page("<script>var hidden = 'tracker';</script><style>h1 { top: 0 }</style><p>Share this article</p>", head)
    )
    assert cleaned.text.split("\n\n") == STORY
    assert (cleaned.title, cleaned.metadata.date, cleaned.metadata.date_rule) == (
        "Old mill burns down",
        "2020-05-03",
        "page metadata",
    )
    assert (cleaned.metadata.outlet, cleaned.metadata.author) == ("Ash Ledger", "Jane Doe")
    assert cleaned.offsets_into == "extracted"


@pytest.mark.parametrize("tag", ["div", "span", "b", "section"])
def test_text_nested_five_thousand_deep_is_read_and_so_is_what_follows(tag: str) -> None:
    deep = (
        f"<{tag}>" * 5_000
        + "<p>Deep down in the cellar the oldest of the millstones is still warm to the hand.</p>"
        + f"</{tag}>" * 5_000
    )
    cleaned = extract_html(
        page(deep + "<p>The insurance pays for the roof, and for nothing that was under it, she said.</p>")
    )
    assert "Deep down in the cellar" in cleaned.text
    assert "The insurance pays" in cleaned.text
    assert cleaned.notes == ("tags nested too deep to be read were taken out",)


def test_shallow_pages_are_not_touched() -> None:
    assert extract_html(page()).notes == ()
    assert flatten(page()) == page()


@pytest.mark.parametrize(
    ("declared", "written", "notes"),
    [
        ("utf-8", "utf-8", ()),
        ("iso-8859-1", "cp1252", ()),
        ("windows-1252", "cp1252", ()),
        ("iso-8859-1", "utf-8", ("declared iso-8859-1, is UTF-8",)),
    ],
)
def test_bytes_are_read_as_declared_and_a_wrong_declaration_is_told(declared: str, written: str, notes: tuple) -> None:
    data = page(head=f'<meta charset="{declared}">').encode(written)
    cleaned = extract_html(data)
    assert "café" in cleaned.text
    assert cleaned.notes == notes


def test_utf8_that_is_cp1252_is_an_error_that_says_so() -> None:
    with pytest.raises(DataError, match="are not utf-8"):
        decode_page(b'<meta charset="utf-8">' + "café ".encode("cp1252") * 300)


def test_no_charset_is_guessed() -> None:
    data = page().encode("cp1252")
    with pytest.raises(DataError, match="pass --encoding"):
        extract_html(data)
    assert "café" in extract_html(data, encoding="cp1252").text
    with pytest.raises(DataError, match="which is none"):
        extract_html(page(head='<meta charset="x-nonsense">').encode("cp1252"))


def test_one_bad_byte_is_replaced_and_told() -> None:
    data = page(head='<meta charset="utf-8">').encode().replace(b"1911", b"19\xff1")
    assert extract_html(data).notes == ("1 byte not utf-8, replaced",)


def test_byte_order_marks_win() -> None:
    for codec in ("utf-8-sig", "utf-16"):
        assert "café" in extract_html(page(head='<meta charset="iso-8859-1">').encode(codec)).text


@pytest.mark.parametrize(
    "data", ["", "<html></html>", b"", b"\0\0\0", "<html><body><p>Share on Facebook</p></body></html>"]
)
def test_a_page_without_a_story_is_an_error_of_one_line(data: str | bytes) -> None:
    with pytest.raises(DataError) as caught:
        extract_html(data)
    assert "\n" not in str(caught.value)
