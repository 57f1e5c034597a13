"""What does a passage say about *this* target? The part of the features that tells one target's row from another's."""

import re
from collections.abc import Callable, Mapping, Sequence

SentenceSpans = Callable[[str], list[tuple[int, int]]]

TARGET, OTHER = "xtargetx", "xotherx"


def target_views(
    texts: Sequence[str],
    targets: Sequence[str],
    aliases: Mapping[str, str],
    spans: SentenceSpans,
) -> list[str]:
    """What is said in the sentences that name the target? Its names become `xtargetx`, other targets' `xotherx`.

    `aliases` maps each target to the regular expression of its names; `spans` gives a text's sentences. A passage
    that doesn't name its target gives "".
    """
    own = {name: re.compile(pattern) for name, pattern in aliases.items()}
    rest = {
        name: re.compile("|".join(f"(?:{p})" for other, p in aliases.items() if other != name) or r"(?!)")
        for name in aliases
    }
    out = []
    for text, target in zip(texts, targets, strict=True):
        sentences = [s for s in (text[a:b] for a, b in spans(text)) if own[target].search(s)]
        out.append(" ".join(rest[target].sub(OTHER, own[target].sub(TARGET, s)) for s in sentences))
    return out
