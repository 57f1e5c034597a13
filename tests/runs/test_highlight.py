"""Words that decided are marked by how much they add; whatever the text holds, it stays the text."""

from newsangle.runs.highlight import pieces, why


def test_pieces_put_together_are_the_text_and_levels_follow_the_weightiest_word():
    text = "Tanks rolled on <b>toward</b> the dyke"
    words = [(0, 5, 1.0), (6, 12, 0.5), (13, 15, 0.2), (19, 25, 0.01), (34, 38, -4.0)]
    found = pieces(text, words)
    assert "".join(piece for piece, _ in found) == text
    assert [(p, level) for p, level in found if level] == [("Tanks", 3), ("rolled", 2), ("on", 1)]


def test_nothing_is_marked_where_nothing_speaks_for_the_decision():
    assert pieces("Rain fell.", [(0, 4, -1.0)]) == [("Rain fell.", 0)]
    assert pieces("Rain fell.", []) == [("Rain fell.", 0)]
    assert pieces("", []) == []


def test_reasons_are_told_by_words_that_speak_for_the_class_masks_in_capitals():
    reasons = {
        "terms": [
            ["char", "tan", 2.0],
            ["target", "xtargetx shelled", 1.25],
            ["word", "tanks", 0.5],
            ["word", "a", -1],
        ],
        "words": [[0, 5, 2.5]],
        "rest": 0.1,
    }
    told = why(reasons, "Tanks shelled.")
    assert told["because"] == "TARGET shelled (+1.25), tanks (+0.50)"
    assert told["pieces"][0] == ("Tanks", 3)
    assert why(None, "x")["because"] == ""
