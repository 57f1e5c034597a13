"""What of a text or a page is the story? Cleaning, metadata, language and passages of one article at a time."""

from newsangle.corpus.cleaning.clean import clean_document
from newsangle.corpus.cleaning.explain import explain
from newsangle.corpus.cleaning.repetition import Repeated, learn_repetition
from newsangle.corpus.cleaning.result import Block, Cleaned, Dropped, Language, Metadata

__all__ = [
    "Block",
    "Cleaned",
    "Dropped",
    "Language",
    "Metadata",
    "Repeated",
    "clean_document",
    "explain",
    "learn_repetition",
]
