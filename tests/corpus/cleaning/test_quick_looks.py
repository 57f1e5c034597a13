"""Do the quick ways give what the plain ones give? Each is compared with the slow and simple form of the same thing."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from newsangle.corpus.cleaning import (
    clean_document,
    detect_language,
    extract_html,
    languages_of,
    learn_repetition,
    page_metadata,
    repetition,
    textdates,
)
from newsangle.corpus.cleaning.merged import bare
from newsangle.corpus.cleaning.page import _parse
from newsangle.corpus.cleaning.units import units_of
from newsangle.corpus.sentences import _CLOSING, _END, _MARKS, _OPENING

STORIES = {
    "en": "The mill at Ash burned down in the night, and nobody knows how the fire could begin there.",
    "de": "Die Mühle brannte in der Nacht ab, und niemand weiß, wie das Feuer dort beginnen konnte.",
    "fr": "Le moulin a brûlé dans la nuit, et personne ne sait comment le feu a pu prendre.",
    "tr": "Değirmen gece yandı ve yangının nasıl başladığını kimse bilmiyor.",
    "ar": "احترقت الطاحونة ليلا ولا أحد يعرف كيف بدأ الحريق في القرية القديمة.",
    "ru": "Мельница сгорела ночью, и никто не знает, как начался пожар.",
    "zh": "政府周一表示，经过两天的战斗，部队已离开该镇。",
    "sr": "Воденица је изгорела ноћас и нико не зна како је пожар почео у старом селу.",
}


def drawn(rng: random.Random, pieces: list[str], most: int) -> str:
    return "".join(rng.choice(pieces) for _ in range(rng.randint(1, most)))


def test_languages_of_many_texts_are_those_of_each_alone() -> None:
    rng = random.Random(3)
    words = [word for story in STORIES.values() for word in story.split()] + ["2019", "–", "OK", "e\u0301t\u00e9", "🙂"]
    texts = [*STORIES.values(), "", "12:30", "Ash, 1911", "ЁЖ " * 30, "x" * 300]
    texts += [" ".join(rng.choice(words) for _ in range(rng.randint(1, 60))) for _ in range(400)]
    texts += [text.upper() for text in texts[:40]]
    together = languages_of(texts)
    assert together == [detect_language(text).code for text in texts]
    assert together[: len(STORIES)] == list(STORIES)
    assert [languages_of([text])[0] for text in texts[:30]] == together[:30]
    assert languages_of([]) == []


def test_sentences_end_where_a_look_behind_at_every_character_finds_it() -> None:
    plain = re.compile(
        rf"(?<![{_MARKS}])(?P<mark>[{_MARKS}]++)[{_CLOSING}]*+(?P<gap>\s++)(?=[{_OPENING}\s]*+(?P<next>\w*))"
        rf"|(?P<wide>[。！？]++[{_CLOSING}」』）]*+)"
    )
    rng = random.Random(5)
    pieces = [".", "!", "?", "…", "؟", "。", "！", " ", "\n", '"', "”", ")", "」", "a", "B", "é", "9", "(", "–"]
    for _ in range(4_000):
        text = drawn(rng, pieces, 14)
        wanted = [(m.span(), m.span("gap"), m["next"], m["mark"], m["wide"] is None) for m in plain.finditer(text)]
        found = [
            (m.span(), m.span("gap"), m["next"], m[0][:1] + m["more"] if m["wide"] is None else None, m["wide"] is None)
            for m in _END.finditer(text)
        ]
        assert found == wanted, text


def test_bare_text_has_the_words_of_the_text_at_their_places() -> None:
    rng = random.Random(7)
    pieces = ["On ", "MAY", "’s ", "£5", "–", "3", "_", " ", "\n", "“So”", "\u00a0", "…", "©", "x", "é"]
    for _ in range(2_000):
        text = drawn(rng, pieces, 10)
        if "é" in text:
            assert bare(text) == ""
            continue
        wanted = [(m.start(), m[0].lower()) for m in re.finditer(r"[^\W\d_]+", text)]
        assert [(m.start(), m[0]) for m in re.finditer(r"\S+", bare(text))] == wanted


def test_a_line_without_the_sign_of_a_day_names_none() -> None:
    rng = random.Random(9)
    pieces = ["3", "12", "2019", "20", "-", "/", ".", " ", "May", "mayıs", "a day ", "ago", "Yesterday", "th", ",", "x"]
    for _ in range(4_000):
        line = drawn(rng, pieces, 9)
        speaks = textdates._DAY.search(line) or textdates._RELATIVE.search(line)
        assert (textdates.day_in(line) is not None) == (speaks is not None), line


def counted_one_by_one(documents: list[tuple[str, str]]) -> repetition.Repeated:
    """What `learn_repetition` says, with exact counts, article by article and sentence by sentence."""
    cut = [(outlet, repetition.sentences_in(text, units_of(text))) for outlet, text in documents]
    articles = Counter(key for _, rows in cut for key in {row[0] for row in rows})
    at_outlet = Counter((outlet, key) for outlet, rows in cut for key in {row[0] for row in rows})
    per_outlet = Counter(outlet for outlet, rows in cut if rows)
    seen: Counter[bytes] = Counter()
    votes: Counter[bytes] = Counter()
    short: set[bytes] = set()
    for outlet, rows in cut:
        counts = [articles[row[0]] for row in rows]
        for place, (key, words, alone, _, _) in enumerate(rows):
            if counts[place] < 3 or key in {row[0] for row in rows[:place]}:
                continue
            beside = any(count >= 3 for count in [*counts[max(place - 1, 0) : place], *counts[place + 1 : place + 2]])
            edge = place < 4 or place >= len(rows) - 4
            enough = max(5, int(0.002 * per_outlet.total()))
            usual = at_outlet[outlet, key] >= max(3, 0.02 * per_outlet[outlet])
            widespread = counts[place] >= enough and edge and (alone or beside)
            others = [(row[1], count) for row, count in zip(rows, counts, strict=True) if row[0] != key]
            total = sum(size for size, _ in others)
            as_often = sum(size for size, count in others if 2 * count >= counts[place])
            seen[key] += 1
            votes[key] += (usual or widespread) and total > 0 and as_often < 0.5 * total and (words >= 4 or alone)
            if words < 4:
                short.add(key)
    said = {key for key, count in votes.items() if count and 2 * count >= seen[key]}
    numbers = {key: int.from_bytes(key, "little") for key in said}
    return repetition.Repeated(
        frozenset(numbers[key] for key in said - short), frozenset(numbers[key] for key in said & short)
    )


def test_counting_many_articles_together_finds_what_counting_one_by_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(11)
    found = 0
    for many in (1, 2, 7, 256) * 8:
        common = [f"The {drawn(rng, ['ba', 'ke', 'lo', 'mi'], 5)} of {word} was seen." for word in "abcdefgh"]
        common += ["Share", "Ash Ledger"]
        documents = []
        for number in range(30):
            sentences = [rng.choice(common) for _ in range(rng.randint(0, 5))]
            sentences += [
                f"It {drawn(rng, ['ra', 'su', 'to', 'ni'], 8)} by the old mill." for _ in range(rng.randint(0, 6))
            ]
            rng.shuffle(sentences)
            text = "".join(sentence + rng.choice([" ", "\n\n"]) for sentence in sentences)
            documents.append((f"Outlet {number % rng.choice([1, 3, 30])}", text))
        wanted = counted_one_by_one(documents)
        monkeypatch.setattr(repetition, "_TOGETHER", many)
        assert learn_repetition(documents) == wanted
        found += len(wanted.sentences) + len(wanted.lines)
    assert found > 30


def test_ingest_cleans_as_clean_document_does_with_what_repeats(tmp_path: Path) -> None:
    """Drafts are made before it is known what repeats, and made again only where that stands in them."""
    from newsangle import ingest

    footer = "Readers who call before noon may win one of nine baskets of plums."
    kinds = ("mill", "bridge", "market", "school", "harbour", "tower", "well", "gate")
    texts = {
        f"{number}.txt": "\n\n".join(
            [f"The {kind} of Ash", *(f"The {kind} has {verb} {kind} and {verb} twice." for verb in ("seen", "lost"))]
            + ([footer] if number % 2 else [])
        )
        for number, kind in enumerate(kinds)
    }
    (tmp_path / "raw").mkdir()
    for name, text in texts.items():
        (tmp_path / "raw" / name).write_text(text, encoding="utf-8")
    corpus = ingest([tmp_path / "raw"], tmp_path / "corpus.parquet").corpus
    learned = learn_repetition(texts.values())
    assert learned.holds(footer, whole_line=True)
    for row in corpus.itertuples():
        cleaned = clean_document(texts[Path(row.source).name], learned=learned)
        assert (row.title, row.text) == (cleaned.title, cleaned.text)
        assert "plums" not in row.text


HEADS = (
    '<meta property="og:site_name" content="ash ledger"><meta name="author" content="Jane Doe">',
    '<meta property="og:title" content="Mill &amp; fire"><link rel="canonical" href="https://www.ledger.example/a">',
    (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Old mill", "datePublished":'
        ' "2020-05-03", "author": {"@type": "Person", "name": "Jane Doe"}}</script>'
    ),
    '<script type="application/ld+json">{"@type": [}</script><meta name="author" content="jdoe">',
    "",
)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("url", [None, "https://news.ledger.example/2019/11/05/mill"])
def test_page_metadata_are_those_that_trafilatura_finds(head: str, url: str | None) -> None:
    from trafilatura.metadata import extract_metadata

    html = (
        f"<html><head><title>Old mill burns | ledger.example</title>{head}</head><body><h1>Old mill burns down</h1>"
        f"<p class='byline'>By Omar Said</p><time datetime='2020-05-04'>4 May 2020</time>"
        f"<p>{STORIES['en']}</p></body></html>"
    )
    wanted = extract_metadata(_parse(html, huge=False)[0], url, {"extensive_search": False, "original_date": True})
    found = page_metadata.page_metadata(_parse(html, huge=False)[0], url)
    assert (found.title, found.date, found.author) == (wanted.title, wanted.date or "", wanted.author or "")
    assert found.outlet == (wanted.sitename or wanted.hostname or "")
    assert found.url == (url or wanted.url or "")


def test_a_page_whose_metadata_cannot_be_read_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from trafilatura import metadata

    def stumble(tree: object) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr(metadata, "examine_meta", stumble)
    story = " ".join([STORIES["en"]] * 4)
    cleaned = extract_html(f"<html><body><article><p>{story}</p><p>{story} Again.</p></article></body></html>")
    assert STORIES["en"] in cleaned.text
    assert cleaned.notes == ("its metadata can't be read",)
