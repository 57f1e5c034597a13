"""Which words does each text use? Document-term matrices, n-grams, phrases."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsangle.features.vectorizers import CountVectorizer, TfidfVectorizer

__all__ = ["CountVectorizer", "TfidfVectorizer"]


def __getattr__(name: str) -> Any:
    # Looked up when first used: scikit-learn takes a second to import.
    if name not in __all__:
        raise AttributeError(f"module 'newsangle.features' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("newsangle.features.vectorizers"), name)


def __dir__() -> list[str]:
    return __all__
