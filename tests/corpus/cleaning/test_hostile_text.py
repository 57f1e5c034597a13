"""Does cleaning take time that grows with the text, whatever the text is made of?"""

import time

import pytest

from newsangle.corpus.cleaning import clean_document
from newsangle.corpus.cleaning.markup import flatten
from newsangle.corpus.cleaning.repetition import _words

LONG = "word " * 30 + ".\n\n3 comments\n\n"


def readers(n: int) -> str:
    name = "Jane D{0}oe\n2 days ago\n\nI said so to Jane D{0}oe, Jane of the mill and Jane.\n\nReply\n\n"
    return LONG + "".join(name.format(number) for number in range(n // 80))


@pytest.mark.parametrize(
    "made",
    [
        lambda n: "a." * (n // 2) + "@",
        lambda n: "a" * n + " @",
        readers,
        lambda n: ("Aord " * 14 + "end.\n" + "x y\n") * (n // 79),
        lambda n: ".’" * (n // 2),
        lambda n: "Aa of " * (n // 6),
        lambda n: "a" + " \n" * (n // 2) + "b",
    ],
)
def test_twice_the_text_takes_no_more_than_about_twice_the_time(made) -> None:  # type: ignore[no-untyped-def]
    """Four times the text: sixteen times the time where each part is held against each other one."""

    def seconds(n: int) -> float:
        text = made(n)
        start = time.process_time()
        clean_document(text)
        return time.process_time() - start

    few, many = (min(seconds(n) for _ in range(2)) for n in (75_000, 300_000))
    assert many < 9 * max(few, 0.02)


def test_addresses_are_looked_for_in_time_that_grows_with_the_sentence() -> None:
    start = time.process_time()
    assert _words("a" * 100_000 + " b @ c") == ["a" * 100_000, "b", "c"]
    assert _words("mail a.b@c.example or see http://x.example/y now") == ["mail", "or", "see", "now"]
    assert time.process_time() - start < 1  # each letter as a start took nine seconds


def test_a_page_of_scripts_that_never_end_is_flattened_in_time_that_grows_with_it() -> None:
    start = time.process_time()
    for part in ("<script ", "<!-- ", "<style>a"):
        flatten("<div>" * 300 + part * 100_000)
    assert time.process_time() - start < 3  # each looked for its end to the page's end
    page = "<div>" * 200 + "<SCRIPT>one</script >two<!-- three -->four<style>five" + "</div>" * 200
    flat = flatten(page)
    assert "two" in flat and "four" in flat and "one" not in flat and "three" not in flat and "five" in flat
