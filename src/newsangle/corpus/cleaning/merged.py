"""Which sentences inside a paragraph are no part of the story? Disclaimers and appeals merged with body text."""

import re
from collections.abc import Iterator

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
# For ASCII the same as _WORD, and three times as fast.
_BLANKED = {code: " " for code in range(128) if not chr(code).isalpha()}
_CRUDE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s*")
_GLUED = re.compile(
    r"[.!?][\"'”’)]*(?=(?:Disclaimer|Copyright|All rights|The views|The opinions|Views expressed|Opinions expressed|"
    r"This article|This story|Originally|Read more|Also read|Read also|See also|Subscribe|Sign up|Follow|Click|Support|"
    r"Donate|Photo|For more)\b|©)"
)


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
    words = _words(sentence)
    for number in _possible(sentence, words):
        at_start, sets = _NEEDED[number]
        if number != _RIGHTS and at_start and sets[0].isdisjoint(words[:2]):
            continue
        reason, pattern = _COMPILED[number]
        if pattern.search(sentence):
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


def merged_sentences(text: str) -> list[tuple[int, int, Reason]]:
    """Which sentences of this paragraph are no part of the story? (start, end, reason), offsets into `text`.

    One sentence between two of a disclaimer goes with them; all else is kept.
    """
    # Quick looks, at the words and at roughly cut sentences: cutting them well costs more, and hardly ever is there
    # anything to find.
    if not _possible(text, _words(text)):
        return []
    if all(sentence_reason(piece) is None for piece in _CRUDE.split(text) if piece):
        return []
    found = [(start, end, sentence_reason(text[start:end])) for start, end in sentences_of(text)]
    for number in range(1, len(found) - 1):
        start, end, reason = found[number]
        if reason is None and found[number - 1][2] == "disclaimer" == found[number + 1][2]:
            found[number] = (start, end, "disclaimer")
    return [(start, end, reason) for start, end, reason in found if reason is not None]
