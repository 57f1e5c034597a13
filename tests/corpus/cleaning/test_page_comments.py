"""Are readers' words below a page kept apart from its story, without their names, and is the rest told with reasons?"""

from pathlib import Path

import pytest
from raw_files import put

from newsangle.corpus.cleaning import extract_html
from newsangle.corpus.cleaning.markup import decode_page
from newsangle.corpus.cleaning.page import page_text
from newsangle.corpus.cleaning.page_rest import left_out
from newsangle.corpus.ingest.flow import explain_paths, ingest

STORY = [
    "The mill at Ash has burned down, and nobody knows how the fire could begin there in the night.",
    "It was built in 1911 by the grandfather of the miller, who carried every stone up from the river.",
    "The miller and her three cats are safe; the flour of the whole valley is gone for this year, she said.",
]
NAMES = ("Rivermouth", "tansy", "Wilhelmina", "Oddsocks")
# As WordPress writes them: the whole comment is called after its writer, and so is the box of the name.
COMMENTS = """
<div id="comments" class="comments-area"><h2 class="comments-title">2 thoughts on the mill</h2>
<ol class="comment-list">
<li class="comment byuser comment-author-rivermouth depth-1">
<div class="comment-author vcard"><cite class="fn">Rivermouth
Joe</cite> <span class="says">says:</span></div><div class="comment-meta"><a href="#1">May 3, 2031 at 7:12 am</a></div>
<p>They should have built it of stone, as the old one was.</p><p>My mail is tansy@mail.example if you need a cart.</p>
<div class="reply"><a href="#r">Reply</a></div></li>
<li class="comment"><div class="comment-author vcard"><b class="fn">Wilhelmina Oddsocks</b> of Upper Ash, who has lived
by the river for a long time, wrote on May 4, 2031 at 9:10 pm:</div><div class="comment-content"><p>Rivermouth Joe is
right about the stone, and I say that as somebody who carried some of it.</p></div></li></ol>
<div id="respond" class="comment-respond"><h3>Leave a Reply</h3><form class="comment-form">
<p>Want to join the talk about this?</p><p class="comment-form-author"><label>Name *</label><input></p></form></div>
</div>"""
RECENT = """<aside class="widget"><div class="recent-comments"><ul>
<li>Wilhelmina: What I always wanted to say.</li></ul></div></aside>"""


def page(below: str = "", above: str = "") -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in STORY)
    return (
        f"<html><head><title>Old mill burns down</title></head><body><nav><ul><li><a href='/'>Home</a></li><li>Town"
        f"</li></ul></nav>{above}<article><h1>Old mill burns down</h1>{paragraphs}</article>{below}<footer><p>Hill"
        "side Press, 12 Mill Lane</p></footer></body></html>"
    )


def test_words_of_readers_are_comment_blocks_behind_the_story_and_their_names_are_nowhere() -> None:
    cleaned = extract_html(page(COMMENTS + RECENT))
    assert cleaned.text.split("\n\n") == STORY
    assert cleaned.comments.split("\n\n") == [
        "They should have built it of stone, as the old one was.",
        "My mail is ****************** if you need a cart.",
        "************** is right about the stone, and I say that as somebody who carried some of it.",
    ]
    everything = "".join(piece.text for piece in (*cleaned.blocks, *cleaned.dropped))
    assert not any(name in everything for name in NAMES)
    ends = [0]
    for piece in sorted((*cleaned.blocks, *cleaned.dropped), key=lambda piece: piece.start):
        assert piece.start >= ends[-1] and piece.end - piece.start == len(piece.text)
        ends.append(piece.end)


@pytest.mark.parametrize(
    "below",
    [
        COMMENTS[COMMENTS.index('<div id="respond"') : -7],
        '<section class="comments"><p>There are no comments here, be the first to say what you think.</p></section>',
        RECENT,
        '<div class="no-comments"><p>On May 3, 2031 we closed the comments below this story for good.</p></div>',
        "",
    ],
)
def test_a_form_or_a_list_of_comments_on_other_stories_is_no_comment(below: str) -> None:
    assert extract_html(page(below)).comments == ""


def test_a_story_that_stands_in_a_box_called_after_comments_is_no_comment() -> None:
    """Themes write "comments-open" at the whole page."""
    html = page().replace("<body>", '<body class="comments">').replace("<article>", '<article class="comments-open">')
    cleaned = extract_html(html)
    assert cleaned.text.split("\n\n") == STORY and cleaned.comments == ""


def test_every_line_that_is_left_out_of_a_page_is_told_with_a_reason_in_the_order_of_the_page() -> None:
    related = '<div class="related-posts"><p>Older stories about fire</p></div>'
    share = "<p>Share this article</p>"
    boxes = '<div class="cookie-bar">We are fond of them here</div><p>A line that nothing says a word about</p>'
    html = page(share + related + boxes + COMMENTS, above="<header>Hillside Press</header>")
    text = page_text(html).text
    found = left_out(html, text, "Old mill burns down")
    assert [(piece.reason, piece.text) for piece in found] == [
        ("navigation", "Home"),
        ("navigation", "Town"),
        ("navigation", "Hillside Press"),
        ("share", "Share this article"),
        ("related stories", "Older stories about fire"),
        ("cookie notice", "We are fond of them here"),
        ("outside the story", "A line that nothing says a word about"),
        ("navigation", "Hillside Press, 12 Mill Lane"),
    ]
    assert [piece.after for piece in found] == [0] * 3 + [len(text)] * 5


def test_comments_that_no_box_is_called_after_are_told_without_a_word_of_theirs() -> None:
    below = (
        "<div><p>3 Comments</p><p>Leave a comment</p><div>Rivermouth Joe</div><div>2 days ago</div>"
        "<div>They should have built it of stone, as Wilhelmina says every year.</div></div>"
    )
    html = page(below)
    told = " ".join(piece.text for piece in left_out(html, page_text(html).text))
    assert "built it of stone" not in told and not any(name in told for name in NAMES)


def test_ingest_and_explain_agree_about_the_comments_of_pages(tmp_path: Path) -> None:
    folder = put(tmp_path / "raw", {"a.html": page(COMMENTS).encode()})
    found = ingest([folder], tmp_path / "corpus.parquet")
    assert found.corpus["section"].tolist() == ["body", "comment"] and found.counts.comments == 1
    assert found.corpus["text"][0].split("\n\n") == STORY
    [told] = explain_paths([folder])
    for line in (*STORY, *found.corpus["text"][1].split("\n\n")):
        assert line in told
    assert "- navigation      Home · Town" in told and told.count("Old mill burns down") == 1
    everything = told + found.corpus.to_csv() + found.rejects_path.read_text()
    assert not any(name in everything for name in NAMES)


def test_each_visible_line_of_a_page_is_kept_or_told() -> None:
    """Of every word that a reader sees, one of them tells."""
    html, _ = decode_page(page(COMMENTS + RECENT).encode())
    cleaned = extract_html(html)
    found = page_text(html)
    told = " ".join([*(piece.text for piece in left_out(html, found.text)), found.text, cleaned.title])
    told += " ".join(piece.text for piece in (*cleaned.blocks, *cleaned.dropped))
    for word in ("Home", "Town", "Old", "1911", "carried", "thoughts", "7:12", "stone", "Reply", "Want", "Lane"):
        assert word in told
