"""Which sentences inside a paragraph are no part of the story? Disclaimers and appeals merged with body text."""

import re
from collections.abc import Iterator, Sequence

from newsangle.corpus.cleaning.result import Reason
from newsangle.corpus.cleaning.sentence_patterns import SENTENCES
from newsangle.corpus.sentences import sentence_spans

_COMPILED = tuple((reason, re.compile("|".join(forms), re.IGNORECASE)) for reason, _, forms in SENTENCES)
# Which words each pattern needs: one of each set; and whether the first set's must begin the sentence.
_NEEDED = tuple(
    (needed.startswith("^"), tuple(frozenset(words.strip(" ^").split()) for words in needed.split("/")))
    for _, needed, _ in SENTENCES
)
_NUMBERS_OF: dict[str, tuple[int, ...]] = {
    word: tuple(number for number, (_, sets) in enumerate(_NEEDED) if word in sets[0])
    for word in sorted({word for _, sets in _NEEDED for word in sets[0]})
}
_KEYS = frozenset(_NUMBERS_OF)
_RIGHTS = 0  # the pattern that also looks for ©
_WORD = re.compile(r"[a-z]+")
# Signs of print that are no letters. With blanks for them, one for one, most texts are ASCII.
_PRINTED = "’‘“”„«»–—…•·\u00a0\u200b£€©®"
# For ASCII the same as _WORD, and three times as fast.
_BLANKED = {code: " " for code in range(128) if not chr(code).isalpha()}
_FIRST_WORDS = re.compile(r"[^a-z]*([a-z]+)(?:[^a-z]+([a-z]+))?")
_CRUDE = re.compile(r"[.!?…][\"'”’)\]]*\s*")
_GLUED = re.compile(
    r"[.!?][\"'”’)]*(?=(?:Disclaimer|Copyright|All rights|The views|The opinions|Views expressed|Opinions expressed|"
    r"This article|This story|Originally|Read more|Also read|Read also|See also|Subscribe|Sign up|Follow|Click|Support|"
    r"Donate|Photo|For more)\b|©)"
)


def bare(text: str) -> str:
    """The text in small letters with a blank for every sign that is no letter, one for one; "" where it isn't ASCII.

    >>> bare("On 3 May – it’s said – 12 left.")
    'on   may   it s said      left '
    """
    if not text.isascii():
        for sign in _PRINTED:
            text = text.replace(sign, " ")
    return text.lower().translate(_BLANKED) if text.isascii() else ""


def _words(text: str) -> list[str]:
    lowered = text.lower()
    return lowered.translate(_BLANKED).split() if lowered.isascii() else _WORD.findall(lowered)


def sentence_reason(sentence: str) -> Reason | None:
    """Why is this sentence no part of a story? None where nothing says so.

    >>> sentence_reason("The views expressed in this article are the author's own.")
    'disclaimer'
    >>> sentence_reason("The views expressed by the general surprised his allies.") is None
    True
    """
    return _reason(sentence, _possible(sentence, _words(sentence)))


def _reason(sentence: str, possible: Sequence[int]) -> Reason | None:
    """Which reason do the first of these patterns give?"""
    first = _FIRST_WORDS.match(sentence.lower())
    begins = first.groups() if first else ()
    likely = [number for number in possible if not _NEEDED[number][0] or not _NEEDED[number][1][0].isdisjoint(begins)]
    if not likely:
        return None
    sure = _possible(sentence, _words(sentence))
    for number in likely:
        reason, pattern = _COMPILED[number]
        if number in sure and pattern.search(sentence):
            return reason
    return None


def _possible(text: str, words: list[str]) -> list[int]:
    """Which patterns may match somewhere in this text, going by its words?"""
    found = {number for word in _KEYS.intersection(words) for number in _NUMBERS_OF[word]}
    if "©" in text:
        found.add(_RIGHTS)
    return [
        number
        for number in sorted(found)
        if number == _RIGHTS or not any(some.isdisjoint(words) for some in _NEEDED[number][1][1:])
    ]


def may_be_glued(text: str) -> bool:
    """May a sentence of this text be glued to the next without a blank? If not, `sentence_spans` finds them all."""
    return _GLUED.search(text) is not None


def sentences_of(text: str) -> Iterator[tuple[int, int]]:
    """Where does each sentence stand, also where a page glued one to the next without a blank?"""
    if not may_be_glued(text):
        yield from sentence_spans(text)
        return
    for start, end in sentence_spans(text):
        first = start
        for match in _GLUED.finditer(text, start, end):
            if match.end() < end:
                yield first, match.end()
                first = match.end()
        yield first, end


def _roughly(text: str) -> Iterator[str]:
    """The text cut after every stop."""
    start = 0
    for match in _CRUDE.finditer(text):
        yield text[start : match.start() + 1]
        start = match.end()
    yield text[start:]


def merged_sentences(text: str, words: list[str] | None = None) -> list[tuple[int, int, Reason]]:
    """Which sentences of this paragraph are no part of the story? (start, end, reason), offsets into `text`.

    `words`: those of the paragraph as `bare` parts them, where they are known.
    One sentence between two of a disclaimer goes with them; all else is kept.
    """
    # Quick looks, at the words and at roughly cut sentences: cutting them well costs more, and hardly ever is there
    # anything to find.
    possible = _possible(text, _words(text) if words is None else words)
    if not possible or all(_reason(piece, possible) is None for piece in _roughly(text)):
        return []
    found = [(start, end, sentence_reason(text[start:end])) for start, end in sentences_of(text)]
    for number in range(1, len(found) - 1):
        start, end, reason = found[number]
        if reason is None and found[number - 1][2] == "disclaimer" == found[number + 1][2]:
            found[number] = (start, end, "disclaimer")
    return [(start, end, reason) for start, end, reason in found if reason is not None]
