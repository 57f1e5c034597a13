import numpy as np
import pytest

from newsangle.labels.rules import Rule, RuleSet

CLASSES = ["flood", "vote", "other"]


def verdicts(rules, texts, *, default="other", aliases=None, targets=None, classes=CLASSES):
    scores = RuleSet(tuple(rules), default, aliases or {}).scores(texts, classes, targets)
    assert scores.shape == (len(texts), len(classes))
    return [classes[k] for k in scores.argmax(axis=1)]


FLOOD, VOTE = Rule("flood", ("river",)), Rule("vote", ("ballot",))


def test_the_class_that_fires_in_most_sentences_wins():
    # "ballot" stands three times in one sentence, "river" once in each of two: sentences count, not words.
    text = "The ballot, the ballot, the ballot. The river rose. The river fell."
    assert verdicts([VOTE, FLOOD], [text]) == ["flood"]
    scores = RuleSet((VOTE, FLOOD), "other", {}).scores([text], CLASSES)
    assert scores.tolist() == [[2 + 0.1 / 2, 1 + 0.1, 0.5]]


def test_all_patterns_have_to_match_in_the_same_sentence():
    rule = Rule("flood", ("river", "rose"))
    assert verdicts([rule], ["The river rose.", "The river. Prices rose."]) == ["flood", "other"]


def test_an_exclusion_silences_its_own_sentence_only():
    rule = Rule("flood", ("river",), ("bank holiday", "poem"))
    texts = ["A poem on the river.", "A poem. The river rose.", "The river on bank holiday."]
    assert verdicts([rule], texts) == ["other", "flood", "other"]


def test_ties_go_to_the_rule_written_first():
    text = ["The river rose. The ballot closed."]
    assert verdicts([FLOOD, VOTE], text) == ["flood"]
    assert verdicts([VOTE, FLOOD], text) == ["vote"]


def test_many_late_rules_do_not_outweigh_the_first_in_a_tie():
    # One sentence each. Were every rule to add its 0.1 / rank, three late "flood" rules would make 0.108 > 0.1.
    late = [Rule("flood", (word,)) for word in ("river", "rose", "metres")]
    assert verdicts([VOTE, *late], ["The river rose two metres. The ballot closed."]) == ["vote"]


def test_two_rules_of_a_class_in_one_sentence_make_one_sentence():
    # flood fires in one sentence (by two rules), vote in two.
    rules = [FLOOD, Rule("flood", ("rose",)), VOTE]
    assert verdicts(rules, ["The river rose. A ballot. Another ballot."]) == ["vote"]
    # In sentences of their own, they make two: a tie, and flood was written first.
    assert verdicts(rules, ["The river. It rose. A ballot. Another ballot."]) == ["flood"]


def test_nothing_that_fires_gives_the_default_class_wherever_it_stands():
    assert verdicts([FLOOD], ["Rain.", "", "The river."], default="vote") == ["vote", "vote", "flood"]


def test_a_default_class_with_rules_of_its_own_wins_no_tie_that_it_should_lose():
    rules = [FLOOD, Rule("other", ("orchestra",))]
    text = "The river rose. The orchestra played."
    assert verdicts(rules, [text]) == ["flood"]
    assert verdicts(rules[::-1], [text]) == ["other"]
    assert verdicts(rules, [text + " The orchestra left."]) == ["other"]


def test_aliases_are_filled_in_and_an_undeclared_one_is_an_error():
    rules = [Rule("flood", ("{water}",), ("{verse}",))]
    aliases = {"water": "river|dyke", "verse": "poem|song"}
    assert verdicts(rules, ["The dyke broke.", "A song of the dyke."], aliases=aliases) == ["flood", "other"]
    for broken in ({"water": "river"}, {"verse": "poem"}):
        with pytest.raises(ValueError, match="is no declared alias"):
            verdicts(rules, ["The dyke broke."], aliases=broken)


def test_the_target_of_the_row_is_meant_not_that_of_its_neighbour():
    classes = ["favor", "against", "none"]
    rules = [Rule("favor", ("{target}", "thanked")), Rule("against", ("{target}", "blamed"))]
    names = {"oss": "Oss", "lind": "Lind"}
    text = "They thanked Oss. They blamed Lind."
    assert verdicts(
        rules, [text] * 3, default="none", aliases=names, targets=["oss", "lind", "oss"], classes=classes
    ) == [
        "favor",
        "against",
        "favor",
    ]


def test_a_pattern_for_the_beginning_or_end_of_a_sentence_means_each_sentence():
    assert verdicts([Rule("flood", ("^Water",))], ["It rained. Water rose.", "The Water rose."]) == ["flood", "other"]
    assert verdicts([Rule("flood", (r"water\.$",))], ["Much water. It rained."]) == ["flood"]


def test_a_passage_is_judged_without_its_neighbours():
    texts = ["The river rose.", "The ballot closed.", "Rain.", "", "The river. The ballot. The ballot."]
    rules = RuleSet((FLOOD, VOTE), "other", {})
    together = rules.scores(texts, CLASSES)
    np.testing.assert_array_equal(together, np.vstack([rules.scores([t], CLASSES) for t in texts]))
    assert rules.scores([], CLASSES).shape == (0, 3)
