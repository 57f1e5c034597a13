"""What of a text or a page is the story? Cleaning, metadata, language and passages of one article at a time."""

from newsangle.corpus.cleaning.clean import clean_document
from newsangle.corpus.cleaning.explain import explain
from newsangle.corpus.cleaning.language import detect_language, languages_of
from newsangle.corpus.cleaning.page import extract_html
from newsangle.corpus.cleaning.passages import passages_of
from newsangle.corpus.cleaning.repetition import Repeated, learn_repetition
from newsangle.corpus.cleaning.result import Block, Cleaned, Dropped, Language, Metadata, Passage

__all__ = [
    "Block",
    "Cleaned",
    "Dropped",
    "Language",
    "Metadata",
    "Passage",
    "Repeated",
    "clean_document",
    "detect_language",
    "explain",
    "extract_html",
    "languages_of",
    "learn_repetition",
    "passages_of",
]
