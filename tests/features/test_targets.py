import pytest

from newsangle.corpus.sentences import sentence_spans
from newsangle.features.targets import OTHER, TARGET, target_views

ALIASES = {"oss": r"\bOss\b|\bthe mayor\b", "lind": r"\bLind(?:'s)?\b", "tolm": r"\bTolm\b"}


def view(text, target, aliases=ALIASES):
    return target_views([text], [target], aliases, sentence_spans)[0]


def test_a_row_reads_the_sentences_on_its_target_with_all_names_masked():
    # Three sentences: on Oss and Lind, on Tolm, on Lind alone.
    text = "Oss thanked Lind's voters. Rain fell on Tolm. Lind left."
    assert view(text, "oss") == "xtargetx thanked xotherx voters."
    assert view(text, "lind") == "xotherx thanked xtargetx voters. xtargetx left."
    assert view(text, "tolm") == "Rain fell on xtargetx."


def test_no_name_of_any_target_is_left_to_learn():
    text = "Oss met Lind in Tolm; the mayor, Oss, smiled. Tolm and Lind's Tolm."
    for target in ALIASES:
        masked = view(text, target)
        assert not any(name in masked for name in ("Oss", "mayor", "Lind", "Tolm"))
        assert TARGET in masked
        assert OTHER in masked


def test_a_passage_that_does_not_name_its_target_says_nothing_of_it():
    assert view("Lind left. Rain fell.", "oss") == ""
    assert view("", "oss") == ""


def test_swapping_the_names_of_two_targets_swaps_their_views():
    text, swapped = "Oss accused Lind. Lind wept.", "Lind accused Oss. Oss wept."
    names = {"oss": r"\bOss\b", "lind": r"\bLind\b"}
    assert view(text, "oss", names) == view(swapped, "lind", names)
    assert view(text, "lind", names) == view(swapped, "oss", names)


def test_a_name_that_holds_another_is_masked_as_a_whole():
    names = {"party": r"\bOss party\b", "oss": r"\bOss\b"}
    assert view("The Oss party won.", "party", names) == "The xtargetx won."
    assert view("The Oss party met. Oss won.", "oss", names) == "The xtargetx party met. xtargetx won."


def test_a_single_target_has_no_others_to_mask():
    assert view("Oss met Lind.", "oss", {"oss": "Oss"}) == "xtargetx met Lind."


def test_a_pattern_for_the_beginning_of_a_sentence_means_each_sentence():
    assert view("It rained. Oss won. Then Oss left.", "oss", {"oss": "^Oss"}) == "xtargetx won."


def test_every_text_needs_a_target():
    with pytest.raises(ValueError, match="shorter"):
        target_views(["a", "b"], ["oss"], ALIASES, sentence_spans)
