from newsangle.features.boilerplate import blank, blank_all, boilerplate

BODIES = [f"The {word} broke near the mill and {other} fled." for word in ("dyke", "dam", "lock") for other in "ABCDEF"]


def corpus():
    """Eighteen stories in each of two outlets; one ends each with a line of its own, both say "near the mill"."""
    post = [f"{body} Follow the Post on Chirper." for body in BODIES]
    texts, outlets = post + BODIES, ["Post"] * len(post) + ["Herald"] * len(BODIES)
    return texts, outlets, [f"{i}" for i in range(len(texts))]


def test_a_line_that_only_one_outlet_adds_is_boilerplate_and_shared_words_are_not():
    found = boilerplate(*corpus())
    assert set(found) == {"Post"}
    assert {"follow the post", "the post on", "post on chirper"} <= set(found["Post"])
    assert "near the mill" not in found["Post"]


def test_copies_of_one_story_make_no_boilerplate():
    texts, outlets, _ = corpus()
    assert boilerplate(texts, outlets, ["one story"] * len(texts)) == {}


def test_an_outlet_s_favourite_phrase_in_the_middle_of_its_articles_stays():
    long = "It rains here and there as the days go by and on. " * 12
    texts = [f"{long} {body} The grave flood peril rises. {long}" for body in BODIES]
    assert "grave flood peril" not in boilerplate(texts, ["Post"] * 18, [f"{i}" for i in range(18)]).get("Post", [])


def test_what_is_blanked_keeps_every_offset():
    text = "ORVIA: The Orvia Post's dyke broke, the orvia  post said. Follow us now"
    clean = blank(text, ["follow us now"], "Orvia Post")
    assert len(clean) == len(text)
    assert clean.split() == ["ORVIA:", "The", "dyke", "broke,", "the", "said."]


def test_capitals_of_a_name_are_a_name_of_their_own_but_its_words_are_not():
    assert blank("ABC's news: abc News at ABC. News!", [], "ABC News").split() == ["news:", "at", ".", "News!"]
    assert blank("China Daily on China", [], "China Daily").split() == ["on", "China"]


def test_each_text_loses_the_lines_of_its_own_outlet_only():
    texts = ["Share on Mail now", "Share on Mail now", "Share on Mail now"]
    assert [t.split() for t in blank_all(texts, ["Post", "Herald", None], {"Post": ["share on mail"]})] == [
        ["now"], texts[1].split(), texts[2].split(),
    ]  # fmt: skip
