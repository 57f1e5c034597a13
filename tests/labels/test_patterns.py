import re

import pytest

from newsangle.labels.patterns import expand
from newsangle.labels.stance_scale import Stance

ALIASES = {"city": "Tolm|Karsten", "oss": r"\bOss\b", "lind": r"\bLind\b"}


def test_an_alias_is_one_unit_of_the_pattern():
    # Without the brackets, "Tolm|Karsten fell" would match "Tolm" alone.
    assert expand("{city} fell", ALIASES) == "(?:Tolm|Karsten) fell"
    assert not re.search(expand("{city} fell", ALIASES), "Tolm stood")


def test_the_target_is_the_alias_of_the_rows_target():
    assert expand("{target} won", ALIASES, "oss") == r"(?:\bOss\b) won"
    assert expand("{target} beat {lind}", ALIASES, "oss") == r"(?:\bOss\b) beat (?:\bLind\b)"
    assert expand("{target}", {"target": "anything"}) == "(?:anything)"  # an alias of that name, in a task without


def test_a_counted_repetition_is_no_alias():
    assert expand(r"o{2,3}\d{4}", {}) == r"o{2,3}\d{4}"


@pytest.mark.parametrize(("pattern", "target"), [("{town}", None), ("{target}", None), ("{target}", "us")])
def test_an_undeclared_alias_is_named_with_those_declared(pattern, target):
    name = target or pattern[1:-1]
    with pytest.raises(ValueError, match=rf"{{{name}}} is no declared alias; declared are city, lind, oss"):
        expand(pattern, ALIASES, target)
    with pytest.raises(ValueError, match="declared are none"):
        expand(pattern, {}, target)


def test_an_alias_in_an_alias_is_refused_because_it_would_match_nothing():
    with pytest.raises(ValueError, match="alias 'news' holds an alias"):
        expand("{news}", ALIASES | {"news": "{city} fell"})


def test_favor_is_up_and_against_is_down():
    assert [Stance.from_code(c) for c in ("favor", "none", "neutral", "against")] == [1, 0, 0, -1]
    with pytest.raises(ValueError, match="stance 'for' is not one of against, none, neutral, favor"):
        Stance.from_code("for")
