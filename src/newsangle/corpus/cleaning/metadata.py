"""What does an article say about itself: title, author, outlet, origin, date?"""

from collections.abc import Sequence
from dataclasses import replace

from newsangle.corpus.cleaning.result import Metadata
from newsangle.corpus.cleaning.units import Unit
from newsangle.corpus.cleaning.verdicts import Verdicts


def metadata_of(units: Sequence[Unit], verdicts: Verdicts, given: Metadata) -> Metadata:
    """What do these lines say about the article?"""
    title = given.title or (units[verdicts.title].text if verdicts.title >= 0 else "")
    return replace(given, title=title)
