"""Topics: models, and what they are worth."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsangle.topics.coherence_measures import coherence
    from newsangle.topics.lda import LDA
    from newsangle.topics.match import stability
    from newsangle.topics.naming import name_topics

# Looked up when first used: importing the room loads no heavy library.
_HOMES = {
    "LDA": "newsangle.topics.lda",
    "coherence": "newsangle.topics.coherence_measures",
    "name_topics": "newsangle.topics.naming",
    "stability": "newsangle.topics.match",
}

__all__ = ["LDA", "coherence", "name_topics", "stability"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'newsangle.topics' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
