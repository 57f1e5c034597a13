"""Are title, date, author, outlet and origin found where a text says them, and left empty where it doesn't?"""

import pytest

from newsangle.corpus.cleaning import Metadata, clean_document, detect_language
from newsangle.corpus.cleaning.textdates import day_in

STORY = "The mill at Ash has burned down, and nobody knows how the fire could begin there in the night to Sunday."


def found(*lines: str, **hints: str) -> Metadata:
    return clean_document("\n\n".join(lines), hints=Metadata(**hints)).metadata


@pytest.mark.parametrize(
    ("line", "iso", "reason"),
    [
        ("Published: 14 March 2019, 09:20", "2019-03-14", ""),
        ("Dec. 24th, 2020", "2020-12-24", ""),
        ("2020-02-29", "2020-02-29", ""),
        ("29 février 2020", "2020-02-29", ""),
        ("24/12/2020", "2020-12-24", ""),
        ("12/24/2020", "2020-12-24", ""),
        ("07/07/2020", "2020-07-07", ""),
        ("5.6.2020", "2020-06-05", ""),  # dots are day first in every country that writes them
        ("05/06/2020", "", "ambiguous: 05/06/2020 is 5 June or 6 May"),
        ("Friday, 05/06/2020", "2020-06-05", ""),  # 5 June 2020 was a Friday, 6 May a Wednesday
        ("Sunday, 05/06/2020", "", "ambiguous: 05/06/2020 is 5 June or 6 May"),
        ("31 February 2020", "", "no such day: 31 February 2020"),
        ("0000-00-00", "", "no such day: 0000-00-00"),
        ("1 January 9999", "", "no likely year: 1 January 9999"),
        ("05/13/20", "", "year of two digits: 05/13/20"),
        ("3 hours ago", "", "relative: 3 hours ago"),
    ],
)
def test_a_day_is_read_in_one_way_or_not_at_all(line: str, iso: str, reason: str) -> None:
    day = day_in(line)
    assert day is not None
    assert (day.iso, day.reason) == (iso, reason)


def test_a_line_without_a_day_has_none() -> None:
    assert day_in("The talks of May failed in 2020") is None


def test_days_inside_a_story_are_never_its_date() -> None:
    metadata = found(
        "Mill burns", STORY + " It was built on 3 May 1911.", "On 4 June 2020 the owner was heard by the police."
    )
    assert (metadata.date, metadata.date_rule) == ("", "no date line")


@pytest.mark.parametrize(
    ("line", "date", "rule"),
    [
        ("Published on 3 May 2020", "2020-05-03", "published label"),
        ("3 May 2020", "2020-05-03", "date line"),
        ("Last updated: 4 May 2020", "2020-05-04", "updated label"),
        ("Posted 05/06/2020", "", "ambiguous: 05/06/2020 is 5 June or 6 May"),
    ],
)
def test_the_date_comes_with_the_rule_that_found_it(line: str, date: str, rule: str) -> None:
    metadata = found("Mill burns", line, STORY)
    assert (metadata.date, metadata.date_rule) == (date, rule)


def test_published_wins_over_updated_and_two_plain_dates_are_none() -> None:
    assert found("Mill burns", "Updated 5 May 2020", "Published 3 May 2020", STORY).date == "2020-05-03"
    assert found("Mill burns", "3 May 2020", "4 May 2020", STORY).date_rule == "several dates: 2020-05-03, 2020-05-04"


def test_the_address_of_a_page_dates_it_where_the_text_does_not() -> None:
    metadata = found("Mill burns", STORY, url="https://example.org/2020/05/03/mill")
    assert (metadata.date, metadata.date_rule) == ("2020-05-03", "address")


@pytest.mark.parametrize(
    ("line", "origin", "rule"),
    [
        ("Articles by: River Review", "River Review", "articles by"),
        (
            "This article was originally published by River Review on 3 May 2020.",
            "River Review",
            "originally published",
        ),
        ("Republished from River Review under a licence.", "River Review", "republished from"),
        ("The original source of this article is River Review", "River Review", "original source"),
        ("Source: River Review", "River Review", "source label"),
    ],
)
def test_origin_is_told_from_the_republisher(line: str, origin: str, rule: str) -> None:
    metadata = found("Mill burns", STORY, line, "© 2020 Ash Ledger. All rights reserved.")
    assert (metadata.origin, metadata.origin_rule) == (origin, rule)
    assert (metadata.outlet, metadata.outlet_rule) == ("Ash Ledger", "copyright line")


def test_a_dateline_names_the_agency() -> None:
    metadata = found("Mill burns", f"ASH, Orvia (River Wire) - {STORY}")
    assert (metadata.origin, metadata.origin_rule) == ("River Wire", "dateline")


def test_what_a_story_tells_is_not_its_origin() -> None:
    told = "The band first appeared in Glasgow, and its songs were first published by Orvia Records, he said on Monday."
    assert found("Mill burns", STORY, told).origin == ""


def test_an_outlets_own_story_has_no_origin() -> None:
    assert found("Mill burns", STORY, "Source: Ash Ledger", "© 2020 Ash Ledger").origin == ""


@pytest.mark.parametrize(
    "line", ["By Jane Doe", "BY JANE DOE, Staff Writer", "By Jane Doe | 3 May 2020", "Author: Jane Doe"]
)
def test_the_author_is_the_name_after_by(line: str) -> None:
    assert found("Mill burns", line, STORY).author.casefold() == "jane doe"


def test_by_friday_is_no_author() -> None:
    assert found("Mill burns", "By Friday, all had gone home.", STORY).author == ""


def test_what_the_caller_knows_wins() -> None:
    metadata = found(
        "Mill burns", "By Jane Doe", "3 May 2020", STORY, author="A. Roe", date="2019-01-01", outlet="Ash Ledger"
    )
    assert (metadata.author, metadata.author_rule) == ("A. Roe", "given")
    assert (metadata.date, metadata.date_rule) == ("2019-01-01", "given")


def test_a_title_loses_the_outlet_at_its_end() -> None:
    metadata = found("Old mill burns down | Ash Ledger", STORY)
    assert (metadata.title, metadata.outlet) == ("Old mill burns down", "Ash Ledger")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (STORY, "en"),
        ("Die Mühle in Asch ist abgebrannt, und niemand weiß, wie das Feuer in der Nacht entstehen konnte.", "de"),
        ("Le moulin a brûlé dans la nuit, et personne ne sait comment le feu a pu prendre.", "fr"),
        ("Değirmen gece yandı ve yangının nasıl başladığını kimse bilmiyor.", "tr"),
        ("احترقت الطاحونة ليلا ولا أحد يعرف كيف بدأ الحريق في القرية القديمة.", "ar"),
        ("Мельница сгорела ночью, и никто не знает, как начался пожар.", "ru"),
        ("政府周一表示，经过两天的战斗，部队已离开该镇。", "zh"),
        ("", "und"),
        ("12:30 – 14:45", "und"),
        ("Ash, 1911", "und"),
    ],
)
def test_the_language_is_detected_or_undetermined(text: str, code: str) -> None:
    language = detect_language(text)
    assert language.code == code
    assert (language.confidence > 0.5) == (code != "und")
