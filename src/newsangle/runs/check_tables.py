"""Which tables say what a task's checks found? Records in, rows of plain text and a sentence on each out."""

from collections.abc import Mapping
from typing import Any

from newsangle.runs.keyword_checks import BOTH, MASKED, ON_CODES, ON_RULES, READS_MASKED, RULE
from newsangle.runs.results import TaskResult
from newsangle.runs.stance_checks import ALONE, BLIND, CODED_PAIRS, PAIRS
from newsangle.runs.wording import find, number, percent, signed, with_interval

SPLIT_NAMES = {
    "random": "random (too kind)",
    "group": "group: new stories",
    "outlet": "outlet: one left out",
    "time": "time: weeks to come",
}
KEYWORD_ROWS = {
    RULE: "keyword rule alone",
    ON_RULES: "trained on the rule's verdicts",
    ON_CODES: "trained on codes",
    MASKED: "trained on codes, rule words masked",
    READS_MASKED: "trained on codes, reads text with rule words masked",
}
SCORED_ON = {
    "group": "Split `group`: new stories.",
    "outlet": "Split `outlet`: each outlet is predicted by models that read none of its articles.",
    "time": "Split `time`: each period is predicted by models that read only what came before it.",
}


def check_tables(task: TaskResult) -> dict[str, Any]:
    """The leak line (None without codes), and the tables of the checks; empty where a check wasn't made."""
    records = task.checks.get("records", [])
    return {
        "model": task.checks["about"]["model"] if records else "",
        "leaks": _leaks(task.leaks),
        "splits": _splits(task.checks) if records else [],
        "optimism": _optimism(records),
        "keywords": _keywords(task, records) if task.config.rules else [],
        "reliance": _reliance(records),
        "masked": percent(_value(find(records, metric="share_of_words_masked"))),
        "both": (find(records, metric="macro_f1_keyword_check", slice=BOTH) or {"n": 0})["n"],
        "target": _target(records) if task.config.targets else [],
    }


def _value(found: Mapping[str, Any] | None) -> float | None:
    return found["value"] if found else None


def _signed(found: Mapping[str, Any] | None) -> str:
    """A difference with its limits, signs shown: "+0.04 [+0.02, +0.07]"."""
    if found is None or found["value"] is None:
        return "–"
    limits = "" if found["low"] is None else f" [{signed(found['low'])}, {signed(found['high'])}]"
    return signed(found["value"]) + limits


def _leaks(leaks: Mapping[str, Any]) -> str | None:
    if not leaks:
        return None
    told = (
        f"Before training: no syndication group and no article is on both sides of the {leaks['split']} split. "
        f"{leaks['tested_with_8gram']} of {leaks['tested']} coded rows share a sequence of eight words with the "
        f"codes they are predicted from, {leaks['near_copies']} of them at least half of theirs with one row"
    )
    worst = [f"{p['test_id']} and {p['train_id']} ({p['shared']})" for p in leaks["worst"][:3]]
    return told + (f"; most: {', '.join(worst)}." if worst else ".")


def _splits(checks: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for split in checks["about"]["splits"]:
        name = split["split"]
        score = find(checks["records"], metric="macro_f1_by_split", split=name)
        gap = find(checks["records"], metric="macro_f1_by_split_minus_group", split=name)
        sight = split["codes_in_sight"]
        rows.append(
            {
                "name": SPLIT_NAMES[name],
                "macro_f1": with_interval(score) if score else "–",
                "gap": _signed(gap),
                "n": split["tested"],
                "codes": "–".join(str(n) for n in dict.fromkeys(sight)) or "–",
                "groups": split["shared_groups"],
                "grams": split["tested_with_8gram"],
                "copies": split["near_copies"],
                "possible": split["reason"] is None,
            }
        )
    return rows


def _optimism(records: list[dict[str, Any]]) -> str:
    gap = find(records, metric="macro_f1_by_split_minus_group", split="random")
    scores = [find(records, metric="macro_f1_by_split", split=name) for name in ("random", "group")]
    if gap is None or gap["low"] is None or None in scores:
        return ""
    random, group = (number(_value(score)) for score in scores)
    if gap["low"] > 0:
        return f"A random split would have promised {random} where new stories get {group}."
    return f"Here a random split ({random}) is not shown to be kinder than whole groups ({group})."


def _keywords(task: TaskResult, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for model, name in KEYWORD_ROWS.items():
        score = find(records, metric="macro_f1_keyword_check", model=model, slice="all")
        both = find(records, metric="macro_f1_keyword_check", model=model, slice=BOTH)
        agreement = find(records, metric="agreement_with_rules", model=model)
        if score and both:
            per_class = [find(records, metric=f"f1_keyword_check[{c}]", model=model) for c in task.config.classes]
            rows.append(
                {
                    "name": name,
                    "floor": model == RULE,
                    "macro_f1": with_interval(score),
                    "both": with_interval(both) if both["n"] else "–",
                }
                | {"classes": [number(_value(found)) for found in per_class]}
                | {"agreement": number(_value(agreement))}
            )
    return rows


def _reliance(records: list[dict[str, Any]]) -> str:
    found = find(records, metric="keyword_reliance", slice="all")
    as_trained = find(records, metric="keyword_reliance_as_trained", slice="all")
    full = find(records, metric="macro_f1_keyword_check", model=ON_CODES, slice="all")
    if found is None or as_trained is None or full is None or found["low"] is None:
        return ""
    cost = f"{number(found['value'])} [{number(found['low'])}, {number(found['high'])}]"
    return (
        f"keyword_reliance is {cost}: of a macro-F1 of {number(full['value'])}, that much is lost when a model is "
        f"taught and tested without the rules' words. The model taught on full text loses "
        f"{number(as_trained['value'])} when it reads masked text."
    )


def _target(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """What was asked, the number with its limits, n."""
    aware = [r for r in records if not r["model"].endswith((BLIND, ALONE))]
    alone = [r for r in records if r["model"].endswith(ALONE)]
    blind = [r for r in records if r["model"].endswith(BLIND)]
    asked = (
        (
            "Macro-F1, knows the target and reads the passage",
            find(aware, metric="macro_f1_target_check"),
            with_interval,
        ),
        ("Macro-F1, knows only the target, reads nothing", find(alone, metric="macro_f1_target_check"), with_interval),
        ("Macro-F1, blind to the target", find(blind, metric="macro_f1_target_check"), with_interval),
        ("Knowing the target gains", find(aware, metric="macro_f1_minus_target_blind"), _signed),
        ("Swap test: the decision changes with the target", find(aware, metric="swap_changed", slice=PAIRS), _share),
        ("… in pairs coded for both targets", find(aware, metric="swap_changed", slice=CODED_PAIRS), _share),
        ("… how often it should there: the codes differ", find(aware, metric="swap_should_change"), _share),
        ("… changes where the codes differ", find(aware, metric="swap_changed_when_due"), _share),
        ("… changes where they are equal (an error)", find(aware, metric="swap_changed_when_not_due"), _share),
    )
    rows = [(name, told(found), str(found["n"])) for name, found, told in asked if found]
    for r in records:
        if r["metric"] == "right_by_voice":
            voice = r["slice"].removeprefix("voice ")
            named = "Right where no voice is coded" if voice in ("-", "not given") else f"Right, voice: {voice}"
            rows.append((named, _share(r), str(r["n"])))
    return rows


def _share(found: Mapping[str, Any]) -> str:
    if found["value"] is None:
        return f"– ({found['reason']})"
    limits = "" if found["low"] is None else f" [{100 * found['low']:.0f}, {100 * found['high']:.0f}]"
    return percent(found["value"]) + limits
