"""Is every word that a rule names taken out, and nothing else?"""

import re

import numpy as np
import pytest

from newsangle.labels.masking import MASK, mask_rules, share_masked, vocabularies
from newsangle.labels.rules import Rule, RuleSet

RULES = RuleSet(
    (
        Rule("flood", ("{water}", r"(?i:\btown\b)"), (r"(?i:\bfilm\b)",)),
        Rule("vote", (r"(?i:ballot)",)),
        Rule("blame", (r"{target} (?:lied|fell)",)),
    ),
    "other",
    {"water": r"(?i:flood|dyke)", "karsten": "Karsten|Mayor Roe", "unused": r"\bLume\b"},
)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("The dyke broke.", "The ▒ broke."),
        ("Flooded towns", "▒ towns"),  # the whole word; "towns" is not \btown\b
        ("In town (flood-hit) a film", "In ▒ ▒ a ▒"),  # brackets and hyphens leave no crumbs; exclusions too
        ("Karsten lied.", "▒"),  # two words, one match
        ("Mayor Roe's ballots, dykes", "▒ ▒ ▒"),
        ("Lume rose", "▒ rose"),  # an alias that no rule uses is masked, too
        ("Clocks and bread", "Clocks and bread"),
        ("", ""),
    ],
)
def test_texts_masked_by_hand(text, masked):
    assert mask_rules(text, RULES, targets=["karsten"]) == masked


def test_what_is_left_fires_no_rule_and_holds_no_vocabulary():
    rng = np.random.default_rng(1)
    words = [
        "flood",
        "Dyke-side",
        "town",
        "ballot",
        "Karsten",
        "lied",
        "clock",
        "bread",
        "film.",
        "Mayor",
        "Roe",
        "Lume,",
    ]
    texts = [" ".join(rng.choice(words, size=12)) for _ in range(50)]
    masked = [mask_rules(t, RULES, targets=["karsten"]) for t in texts]
    classes = ["flood", "vote", "blame", "other"]
    assert not vocabularies(masked, RULES, classes, ["karsten"] * 50).any()
    assert vocabularies(texts, RULES, classes, ["karsten"] * 50).any(axis=0).tolist() == [True, True, True, False]
    left = {w for t in masked for w in t.split()} - {MASK}
    assert left <= {"clock", "bread", "lied", "Mayor", "Roe"}


def test_the_target_stands_for_every_alias_unless_named():
    rules = RuleSet((Rule("blame", ("{target} lied",)),), "other", {"a": "Anna", "b": "Bob"})
    one = RuleSet(rules.rules, "other", {"a": "Anna"})
    assert mask_rules("Anna lied, Bob lied", rules) == "▒ ▒"
    assert mask_rules("Anna lied, Bob lied", one) == "▒ Bob lied"


def test_a_pattern_that_can_match_nothing_masks_nothing():
    assert mask_rules("a b", RuleSet((Rule("x", ("z*",)),), "other", {})) == "a b"


def test_the_share_masked_counts_words():
    assert share_masked("The dyke broke near Karsten", RULES) == pytest.approx(2 / 5)
    assert np.isnan(share_masked("  ", RULES))


def test_vocabularies_need_all_patterns_of_a_rule_and_ignore_exclusions_and_sentences():
    texts = ["A flood. The town.", "A flood in a film about a town", "A flood", "The town had a flood and a ballot"]
    found = vocabularies(texts, RULES, ["vote", "flood", "blame", "other"], ["karsten"] * 4)
    assert found[:, :2].tolist() == [[False, True], [False, True], [False, False], [True, True]]
    assert re.search("flood", texts[2])
