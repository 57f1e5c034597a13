"""Which lines of an article are not part of the story, and why? Each line by its form, then by where it stands."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from newsangle.corpus.cleaning.comments import comments_begin
from newsangle.corpus.cleaning.patterns import (
    byline,
    ends_in_credit,
    is_date_line,
    is_menu,
    is_trail,
    line_reason,
    sounds_like_an_outlet,
    supported_name,
    weak_reason,
)
from newsangle.corpus.cleaning.phrases import LISTS_BEGIN
from newsangle.corpus.cleaning.result import Reason
from newsangle.corpus.cleaning.units import Unit, key_of

_MOST_WORDS = 30  # a longer line is no button
_BIO = re.compile(
    r"(?P<name>[^\W\d_a-z][\w.'’-]*(?: [^\W\d_a-z][\w.'’-]*){1,3})"
    r" (?:is|was|has|writes|covers|reports|joined|works)\b.{0,400}",
    re.DOTALL,
)
_BIO_WORDS = re.compile(
    r"\b(?:reporter|correspondent|journalist|editor|writer|columnist|freelance|author of|contributor|fellow at|"
    r"professor of|based in|covers|"
    r"graduate of|follow (?:him|her|them)|tweets|twitter|@\w+)",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"(?:\b[^\W\d_]\.[^\W\d_]|\b(?:Inc|Jr|Sr|Ltd|Co|Corp|St|etc))\.$")  # "… leaves the U.S."
_NUMBER = re.compile(r"[0-9][0-9.,' ]*")
_NO_PAGE: frozenset[Reason | None] = frozenset({None, "bare amount", "caption", "decoration"})
_MARKDOWN_LINKS = re.compile(r"(?:!?\[[^\]\n]*\]\([^()\s]*\)\s*)+")
_TWO_SENTENCES = re.compile(r"[^\W\d_A-Z]{2}[.!?][\"'”’]? +[^\W\d_a-z]")
# A title may begin like a link to a film or a caption; where nothing else can be the title, it is one.
_TITLE_ANYWAY: frozenset[Reason | None] = frozenset({"related stories", "caption"})


@dataclass
class Verdicts:
    """What each unit is: a reason to drop it or None; where title, story and comments stand (-1, or len, for none)."""

    reasons: list[Reason | None]
    title: int = -1
    first: int = 0
    last: int = -1
    comments: int = 0
    page: bool = False
    bylines: list[int] = field(default_factory=list)


def judge(units: Sequence[Unit], title: str = "") -> Verdicts:
    """Which units are no part of the story? `title` is the title, where it is known from elsewhere."""
    reasons = [reason_by_form(unit) for unit in units]
    start = next((n for n, unit in enumerate(units) if reasons[n] is None and _is_text(unit)), 0)
    comments = comments_begin(units, [reason is not None for reason in reasons], start)
    first, last = _story(units, reasons, comments)
    verdicts = Verdicts(reasons, -1, first, last, comments)
    verdicts.page = _is_page(units, reasons)
    if verdicts.page:
        _runs(units, verdicts)
    _find_title(units, verdicts, title)
    _edges(units, verdicts)
    _lists(units, verdicts)
    _captions(units, verdicts)
    if verdicts.page:
        _around(units, verdicts)
    _portraits(units, verdicts)
    return verdicts


def _is_page(units: Sequence[Unit], reasons: Sequence[Reason | None]) -> bool:
    """Does anything show that a page surrounds the story? If not, no line is dropped for where it stands alone."""
    if any(reason not in _NO_PAGE for reason in reasons):
        return True
    return sum(weak_reason(unit.key) is not None for unit in units) >= 3


def reason_by_form(unit: Unit) -> Reason | None:
    """Why is this line no part of a story, wherever it stands? None where nothing says so."""
    if unit.words > _MOST_WORDS or (unit.ends and unit.words > 25):
        return "caption" if unit.words <= 60 and ends_in_credit(unit.text) else None
    if unit.text[0] in "![" and _MARKDOWN_LINKS.fullmatch(unit.text):
        return "link or address"
    reason = line_reason(unit.key) if unit.key or len(unit.text) < 40 else None
    if reason is None and unit.words <= 60 and ends_in_credit(unit.text):
        return "caption"
    if reason is None and not unit.ends and (is_trail(unit.text) or is_menu(unit.text)):
        return "navigation"
    return reason


def _is_text(unit: Unit) -> bool:
    """Is this surely running text: long, and ending as sentences do?"""
    return unit.long and (unit.ends or unit.words >= 40 or unit.text.endswith(":"))


def _story(units: Sequence[Unit], reasons: Sequence[Reason | None], limit: int) -> tuple[int, int]:
    """Between which units does the story stand? The stretch with most sentences and fewest lines that are none.

    The heaviest run of consecutive units, where a paragraph weighs up to 6, a short sentence 1.5, a line that is no
    sentence -1 and a known line of the page -0.3 (Bentley 1984, maximum subarray). However long a list inside a
    story is, it weighs no more than -10.
    """
    best = (0.0, 0, limit - 1)
    weight, start, below = 0.0, 0, 0.0
    for number in range(limit):
        unit = units[number]
        gain = -0.3 if reasons[number] is not None else _weight(unit)
        if gain < 0:
            gain = max(gain, -10 - below)
            below += gain
        else:
            below = 0.0
        if weight <= 0:
            weight, start, below = 0.0, number, 0.0
        weight += gain
        if weight > best[0]:
            best = (weight, start, number)
    return best[1], best[2]


def _weight(unit: Unit) -> float:
    if _is_text(unit):
        return min(unit.words / 8, 6.0) if unit.words > 3 else 3.0
    return 1.5 if unit.ends and unit.words >= 4 else 0.5 if unit.ends or unit.listed else -1.0


def _runs(units: Sequence[Unit], verdicts: Verdicts) -> None:
    """Five and more short lines in a row, without a full stop and of three words or so, are a menu."""
    number = 0
    while number < verdicts.comments:
        beyond = number
        while (
            beyond < verdicts.comments
            and not units[beyond].ends
            and units[beyond].words <= 8
            and not units[beyond].marks
        ):
            beyond += 1
        run = range(number, beyond)
        if len(run) >= 5 and sum(units[n].words for n in run) <= 3.5 * len(run):
            for n in run:
                if units[n].words <= 5 and not is_date_line(units[n].key):
                    verdicts.reasons[n] = verdicts.reasons[n] or "navigation"
        number = max(beyond, number + 1)


def _find_title(units: Sequence[Unit], verdicts: Verdicts, given: str) -> None:
    reasons = verdicts.reasons
    if given.strip():
        wanted = key_of(given)
        same = [number for number, unit in enumerate(units[: verdicts.comments]) if unit.key == wanted]
        if same:
            verdicts.title = same[0]
            for number in same[1:]:
                reasons[number] = "repeated"
            reasons[same[0]] = None
        return
    header = range(min(verdicts.first + 1, verdicts.comments, len(units)))
    usable = [number for number in header if reasons[number] is None and _can_be_title(units[number])]
    marked = [number for number in usable if units[number].marks]
    chosen = marked[0] if marked else -1
    if chosen < 0:
        for position, number in enumerate(usable):
            other = usable[position + 1 :]
            if verdicts.page and any(units[n].words >= 4 for n in other) and _is_masthead(units, reasons, number):
                continue
            chosen = number
            break
    if chosen < 0:
        anyway = [n for n in header if reasons[n] in _TITLE_ANYWAY and units[n].words >= 4 and _can_be_title(units[n])]
        if not anyway or (anyway[0] > 0 and units[anyway[0] - 1].key in LISTS_BEGIN):
            return
        chosen = anyway[0]
    reasons[chosen] = None
    verdicts.title = chosen
    for number in range(min(chosen, verdicts.first) if verdicts.page else 0):
        reasons[number] = reasons[number] or "outside the story"
    for number in range(chosen + 1, verdicts.comments):
        if units[number].key == units[chosen].key:
            reasons[number] = "repeated"


def _can_be_title(unit: Unit) -> bool:
    if (
        not unit.key
        or not 2 <= unit.words <= 40
        or is_date_line(unit.key)
        or byline(unit.text)
        or supported_name(unit.text)
    ):
        return False
    if unit.words > 20 and _TWO_SENTENCES.search(unit.text):
        return False
    text = unit.text.rstrip("\"'”’»)")
    if text.endswith(("…", "。", ":", ",", ";")) or (text.endswith(".") and not _ABBREVIATED.search(text)):
        return False
    return weak_reason(unit.key) is None


def _is_masthead(units: Sequence[Unit], reasons: Sequence[Reason | None], number: int) -> bool:
    unit = units[number]
    if unit.words > 3:
        return sounds_like_an_outlet(unit.text)
    beside = [other for other in (number - 1, number + 1) if 0 <= other < len(units)]
    return (
        unit.text.isupper()
        or (number + 1 < len(units) and units[number + 1].gap == 1)
        or any(reasons[other] is not None or weak_reason(units[other].key) is not None for other in beside)
    )


def _edges(units: Sequence[Unit], verdicts: Verdicts) -> None:
    """What is dropped at an edge of the story, or beside other lines that are dropped, but kept inside it."""
    reasons = verdicts.reasons
    asked = [supported_name(unit.text) for unit in units]
    times = Counter(asked)
    weak = [weak_reason(unit.key) for unit in units]
    sure = list(reasons)
    lone = [reason not in (None, "bare amount") for reason in reasons]
    elsewhere = "\n".join(unit.text for unit, reason in zip(units, reasons, strict=True) if reason is not None)
    for number, unit in enumerate(units[: verdicts.comments]):
        if number == verdicts.title:
            continue
        outside = not verdicts.first <= number <= verdicts.last
        beside = [other for other in (number - 1, number + 1) if 0 <= other < len(units) and other != verdicts.title]
        among = any(sure[other] is not None or weak[other] is not None for other in beside)
        if (
            reasons[number] == "bare amount"
            and _NUMBER.fullmatch(unit.key)
            and not any(lone[other] for other in beside)
        ):
            reasons[number] = None  # a year, a number that heads a part, an attendance
        elif reasons[number] is not None:
            continue
        elif weak[number] is not None and (outside or among):
            reasons[number] = weak[number]
        elif asked[number] and (outside or among or times[asked[number]] > 1 or asked[number] in elsewhere):
            reasons[number] = "donation"
        elif outside and is_date_line(unit.key):
            reasons[number] = "metadata line"
        elif byline(unit.text) and (number <= verdicts.first + 1 or outside):
            reasons[number] = "metadata line"
            verdicts.bylines.append(number)
        elif number and units[number - 1].key in ("by", "author", "written by") and not unit.ends and unit.words <= 8:
            reasons[number] = reasons[number - 1] = "metadata line"
            verdicts.bylines.append(number)
    _menu_runs(units, verdicts, weak)


def _menu_runs(units: Sequence[Unit], verdicts: Verdicts, weak: Sequence[Reason | None]) -> None:
    """Three or more short lines in a row without a full stop, half of them known menu entries, are a menu."""
    number = 0
    limit = verdicts.comments
    while number < limit:
        beyond = number
        while beyond < limit and units[beyond].words <= 4 and not units[beyond].ends and beyond != verdicts.title:
            beyond += 1
        run = range(number, beyond)
        known = sum(weak[n] is not None or verdicts.reasons[n] == "navigation" for n in run)
        if len(run) >= 3 and 2 * known >= len(run):
            for n in run:
                verdicts.reasons[n] = verdicts.reasons[n] or "navigation"
        number = max(beyond, number + 1)


def _lists(units: Sequence[Unit], verdicts: Verdicts) -> None:
    """Headlines under "Related stories" and its like are dropped up to the next running text."""
    reasons = verdicts.reasons
    number = 0
    while number < verdicts.comments:
        if units[number].key not in LISTS_BEGIN or reasons[number] is None:
            number += 1
            continue
        beyond = number + 1
        tight = beyond < len(units) and units[beyond].gap == 1
        while beyond < verdicts.comments and _is_headline(units[beyond]) and beyond != verdicts.title:
            if tight and beyond > number + 1 and units[beyond].gap > 1:
                break
            beyond += 1
        items = list(range(number + 1, beyond))
        before_text = beyond <= verdicts.last and beyond < verdicts.comments
        if not tight and before_text and items:
            # The last short line before the story goes on may be the story's own heading.
            longest = max(units[n].words for n in items)
            if len(items) > 1 and units[items[-1]].words <= 6 and units[items[-1]].words < longest - 1:
                items.pop()
        for n in items:
            reasons[n] = reasons[n] or "related stories"
        number = beyond


def _is_headline(unit: Unit) -> bool:
    ends = unit.ends and unit.text.rstrip("\"'”’»)").endswith((".", "…", "。"))
    return unit.words <= 22 and (not ends or unit.words <= 3)


def _captions(units: Sequence[Unit], verdicts: Verdicts) -> None:
    """A line right above a line that holds a picture's credit alone is that picture's caption."""
    reasons = verdicts.reasons
    for number in range(1, min(verdicts.comments, len(units))):
        unit, above = units[number], units[number - 1]
        alone = reasons[number] == "caption" and unit.gap == 1 and unit.words <= 8
        apart = above.gap != 1 or (number > 1 and reasons[number - 2] == "caption")
        if alone and apart and reasons[number - 1] is None and number - 1 != verdicts.title and above.words <= 40:
            reasons[number - 1] = "caption"


def _around(units: Sequence[Unit], verdicts: Verdicts) -> None:
    """Before and after the story: standfirst and last lines are kept, writers' portraits and loose headlines not."""
    reasons = verdicts.reasons
    loose = [n for n in range(verdicts.title + 1, verdicts.first) if reasons[n] is None]
    if len(loose) > 3:
        for n in loose:
            if units[n].words < 6:
                reasons[n] = "outside the story"
    if verdicts.last < 0 or units[verdicts.last].text.endswith(":"):
        return
    after = range(verdicts.last + 1, verdicts.comments)
    while after and (units[after[0]].gap == 1 or units[after[0]].listed) and reasons[after[0]] is None:
        after = after[1:]  # the last lines of a verse or a list
    loose = [n for n in after if reasons[n] is None]
    among = any(reasons[n] is not None for n in after)
    for n in loose:
        if units[n].ends or len(loose) > 2 or (among and (len(loose) > 1 or units[n].words < 6)):
            reasons[n] = "outside the story"


def _portraits(units: Sequence[Unit], verdicts: Verdicts) -> None:
    """A paragraph about somebody who is named above the story, near its end, is the writer's portrait."""
    reasons = verdicts.reasons
    above = [units[n].text for n in range(verdicts.first) if reasons[n] is not None and units[n].words <= 12]
    above += [units[n].text for n in verdicts.bylines]
    for number in range(max(verdicts.last - 6, verdicts.first + 1), verdicts.comments):
        unit = units[number]
        about = units[number - 1].key.startswith("about the ") and reasons[number - 1] is not None
        portrait = _BIO.fullmatch(unit.text) if reasons[number] is None and unit.words <= 80 else None
        signed = portrait is not None and any(portrait["name"] in line for line in above)
        if reasons[number] is None and (about or (signed and _BIO_WORDS.search(unit.text))):
            reasons[number] = "metadata line"
