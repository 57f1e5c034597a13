"""What does an article say about itself: title, author, outlet, origin and date, each by a rule that is named?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from newsangle.corpus.cleaning.patterns import (
    byline,
    line_reason,
    sounds_like_an_outlet,
    supported_name,
    weak_reason,
)
from newsangle.corpus.cleaning.result import Metadata
from newsangle.corpus.cleaning.textdates import Day, day_in
from newsangle.corpus.cleaning.units import Unit, key_of
from newsangle.corpus.cleaning.verdicts import Verdicts

_NAME = (
    r"(?:[Tt]he )?[^\W\d_a-z][\w.&'’-]*(?: (?:of|for|the|on|and|&|de|der|du|la|al)(?= [^\W\d_a-z])"
    r"| [^\W\d_a-z][\w.&'’-]*){0,6}"
)
_LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "published label",
        re.compile(r"(?i)\b(?:published|posted|date|issued|released|created|first published)\b(?! by)"),
    ),
    ("updated label", re.compile(r"(?i)\b(?:updated|modified|edited|last)\b")),
)
_URL_DAY = re.compile(
    r"[/_-](?P<y>(?:19|20)[0-9]{2})[/-](?P<m>0[1-9]|1[0-2])[/-](?P<d>0[1-9]|[12][0-9]|3[01])(?:[/_-]|$)"
)
# A story's first line as agencies write it: "TOWN, Land (Agency) - ".
_DATELINE = re.compile(rf"^[^\W\d_a-z][^()\n]{{1,60}}\((?P<name>{_NAME})\)\s*[-–—]\s|^\((?P<bare>{_NAME})\)\s*[-–—]?\s")
# (rule, pieces of which one must occur, pattern): looking for the pieces first is cheap.
_ORIGIN: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    (
        "articles by",
        ("articles by", "article by"),
        re.compile(rf"(?i:^[^\w\n]*(?:all )?articles? by)[^\S\n]*:?[^\S\n]*(?P<name>{_NAME})", re.MULTILINE),
    ),
    (
        "originally published",
        ("originally", "first", "previously"),
        re.compile(
            rf"(?i:\b(?:originally|first|previously)\b.{{0,30}}?\b(?:published|appeared|posted|ran)\b."
            rf"{{0,20}}?\b(?:on|in|by|at|with))[^\S\n]+(?P<name>{_NAME})"
        ),
    ),
    (
        "republished from",
        ("republished", "re-published", "reprinted", "reposted", "posted", "courtesy", "syndicated"),
        re.compile(
            rf"(?i:\b(?:re-?published|reprinted|reposted|cross-?posted|courtesy|syndicated)\b.{{0,30}}?"
            rf"\b(?:from|of|by))[^\S\n]+(?P<name>{_NAME})"
        ),
    ),
    (
        "original source",
        ("original source",),
        re.compile(rf"(?i:\boriginal source\b.{{0,40}}?\b(?:is|:))[^\S\n]*(?P<name>{_NAME})"),
    ),
    (
        "source label",
        ("source", "via", "agency"),
        re.compile(rf"(?i:^[^\w\n]*(?:source|via|agency))[^\S\n]*[:|][^\S\n]*(?P<name>{_NAME})", re.MULTILINE),
    ),
)
_OUTLET: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    (
        "copyright line",
        ("copyright", "©", "(c)"),
        re.compile(
            rf"(?:(?i:copyright)|©|\([cC]\))(?:[^\S\n]|©|\([cC]\)|[0-9]{{4}}|[-–—,]|(?i:by)){{0,12}}(?P<name>{_NAME})"
        ),
    ),
    (
        "permission to republish",
        ("post", "publish", "publication of", "print", "reproduce"),
        re.compile(
            rf"(?i:\b(?:cross-?post|re-?publish|re-?print|publication of|reproduce))[^\S\n]+(?P<name>{_NAME})"
            rf"[^\S\n]+(?i:articles?|materials?|content|stories)"
        ),
    ),
)
_BETWEEN = re.compile(r"\s+[|·•–—-]\s+")
_AUTHOR = re.compile(
    r"(?i:^[^\w\n]*(?:author|written by|words by|text by|story by|reported by))\s*:?\s*(?P<name>[^|,\d]{3,60})"
)
_NO_NAME = re.compile(
    r"(?i)^(?:the )?(?:author|authors|owner|respective|all|rights|copyright|permission|us|you|here|this|that"
    r"|creative)\b"
)


def metadata_of(units: Sequence[Unit], verdicts: Verdicts, dropped: Sequence[str], given: Metadata) -> Metadata:
    """What do the dropped lines and sentences, and the story's first line, say about it?

    The story itself says nothing here but its dateline: days and names in it are its own. `given` wins.
    """
    head = [unit for number, unit in enumerate(units[: verdicts.first + 1]) if number != verdicts.title]
    title = given.title or (units[verdicts.title].text if verdicts.title >= 0 else "")
    title, named = (title, "") if given.title else _without_outlet(title)
    lines, told = dropped, "\n".join(dropped)
    outlet, outlet_rule = _given(given.outlet, given.outlet_rule) or _outlet(lines, told, named)
    author, author_rule = _given(given.author, given.author_rule) or _author(units, verdicts, lines)
    origin, origin_rule = _given(given.origin, given.origin_rule) or _origin(told, units, verdicts)
    day, date_rule = _given(given.date, given.date_rule) or _date(head, lines, given.url)
    if not given.origin and origin.casefold() in (outlet.casefold(), author.casefold()):
        origin, origin_rule = "", ""
    return replace(
        given,
        title=title,
        date=day,
        date_rule=date_rule,
        outlet=outlet,
        outlet_rule=outlet_rule,
        author=author,
        author_rule=author_rule,
        origin=origin,
        origin_rule=origin_rule,
    )


def _given(value: str, rule: str) -> tuple[str, str] | None:
    return (value, rule or "given") if value else None


def _without_outlet(title: str) -> tuple[str, str]:
    """The title without " | Outlet" at its end, and that outlet."""
    head, bar, tail = title.rpartition(" | ")
    if bar and len(tail.split()) <= 4 and len(head.split()) >= 3:
        return head.strip(), tail.strip()
    return title, ""


def _clean(name: str) -> str:
    name = re.split(r"(?<=\w{3})\.\s", name)[0]
    name = re.sub(r"(?:\s+(?:on|and|with|under|All|Rights|Reserved|Inc|Ltd|LLC)\b\.?.*)$", "", name).strip(" .,-&'’")
    return "" if _NO_NAME.match(name) or day_in(name) else name


def _first(rules: Sequence[tuple[str, tuple[str, ...], re.Pattern[str]]], told: str) -> tuple[str, str] | None:
    """The name that the first of these rules finds, and the rule."""
    lowered = told.lower()
    for rule, pieces, pattern in rules:
        if any(piece in lowered for piece in pieces):
            for match in pattern.finditer(told):
                if name := _clean(match["name"]):
                    return name, rule
    return None


def _outlet(lines: Sequence[str], told: str, named: str) -> tuple[str, str]:
    if named:
        return named, "title's end"
    if found := _first(_OUTLET, told):
        return found
    for line in lines:
        if name := supported_name(line):
            return name, "support line"
    for line in lines:
        for part in _BETWEEN.split(line) if any(sign in line for sign in "|·•–—-") else [line]:
            if len(part) <= 40 and len(part.split()) >= 2 and sounds_like_an_outlet(part):
                known = line_reason(key_of(part)) or weak_reason(key_of(part))
                if known is None:
                    return part, "masthead"
    return "", ""


def _author(units: Sequence[Unit], verdicts: Verdicts, lines: Sequence[str]) -> tuple[str, str]:
    for line in lines:
        if name := byline(line):
            return name, "byline"
    for number in verdicts.bylines:
        return units[number].text, "byline"
    for line in lines:
        match = _AUTHOR.match(line)
        if match and (name := re.sub(r"\s+(?:on|in|for|at)\b.*$", "", match["name"]).strip(" .*_-–—")):
            return name, "author label"
    return "", ""


def _origin(told: str, units: Sequence[Unit], verdicts: Verdicts) -> tuple[str, str]:
    if found := _first(_ORIGIN, told):
        return found
    for number, unit in enumerate(units[verdicts.first : verdicts.first + 3], start=verdicts.first):
        if verdicts.reasons[number] is None and number != verdicts.title and number < verdicts.comments:
            dateline = _DATELINE.match(unit.text)
            return (str(dateline["name"] or dateline["bare"]), "dateline") if dateline else ("", "")
    return "", ""


def _date(head: Sequence[Unit], lines: Sequence[str], url: str) -> tuple[str, str]:
    """The day of publication and the rule that found it, or "" and why there is none."""
    found = list(_days(head, lines))
    for rule in ("published label", "date line", "updated label"):
        days = [day for name, day in found if name == rule]
        distinct = sorted({day.iso for day in days if day.iso})
        if len(distinct) == 1 or (distinct and rule != "date line"):
            return next(day.iso for day in days if day.iso), rule
        if distinct:
            return "", f"several dates: {', '.join(distinct)}"
        if days:
            return _from_url(url) or ("", days[0].reason)
    return _from_url(url) or ("", "no date line")


def _days(head: Sequence[Unit], lines: Sequence[str]) -> Iterator[tuple[str, Day]]:
    tops = {unit.text for unit in head if unit.words <= 30 and not (unit.ends and unit.words > 12)}
    for line in [*tops_in_order(head, tops), *(line for line in lines if line not in tops)]:
        day = day_in(line) if len(line) <= 240 else None
        if day is None:
            continue
        label = next((name for name, pattern in _LABELS if pattern.search(line)), "")
        if label or line in tops:
            yield label or "date line", day


def tops_in_order(head: Sequence[Unit], tops: set[str]) -> list[str]:
    """Which of these lines stand above the story, in the order of the text?"""
    return [unit.text for unit in head if unit.text in tops]


def _from_url(url: str) -> tuple[str, str] | None:
    match = _URL_DAY.search(url)
    day = day_in(f"{match['y']}-{match['m']}-{match['d']}") if match else None
    return (day.iso, "address") if day and day.iso else None
