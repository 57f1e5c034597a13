"""Which corpora have a name, where do their files come from, and is the file on this disk the right one?"""

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from newsangle.corpus.fetch import (
    NEWS_ARTICLES_SHA256,
    fetch_fa_kes,
    fetch_lee,
    fetch_news_articles,
    file_sha256,
)
from newsangle.corpus.hints import nearest
from newsangle.errors import ConfigError, DataError, MachineError


@dataclass(frozen=True)
class Source:
    """A named corpus: what it is, whose it is, the one file that it is kept as, and how that file is read.

    `sha256` is of the file `filename` in the data folder; `columns` maps our names to the file's; `outlets` maps hosts
    to outlet names; `fetch` writes the raw file to the path it is given.
    """

    name: str
    description: str
    licence: str
    citation: str
    homepage: str
    filename: str
    sha256: str
    fetch: Callable[[Path], None]
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    outlets: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None


SOURCES: dict[str, Source] = {
    "news_articles": Source(
        name="news_articles",
        description="3,824 English articles of nine outlets, most from February and March 2017",
        licence="CC0 1.0 for the compilation; the texts remain their publishers' copyright",
        citation='Dai, Tianru (2017). "News Articles". Harvard Dataverse. doi:10.7910/DVN/GMFCTR',
        homepage="https://doi.org/10.7910/DVN/GMFCTR",
        filename="NewsArticles.csv",
        sha256=NEWS_ARTICLES_SHA256,
        fetch=fetch_news_articles,
        columns={"article_id": "article_id", "date": "publish_date", "outlet": "article_source_link"},
        outlets={
            "www.aljazeera.com": "Al Jazeera",
            "tass.com": "TASS",
            "abcnews.go.com": "ABC News",
            "www.rte.ie": "RTÉ",
            "www.huffingtonpost.com": "HuffPost",
            "www.dw.com": "Deutsche Welle",
            "europe.chinadaily.com.cn": "China Daily",
            "www.bbc.co.uk": "BBC",
            "www.cnn.com": "CNN",
        },
    ),
    "lee": Source(
        name="lee",
        description="300 news stories without outlet, date or title; comes with gensim",
        licence="distributed with gensim (LGPL-2.1); the texts remain their publisher's copyright",
        citation="Lee, M., Pincombe, B., & Welsh, M. (2005). An empirical evaluation of models of text document "
        "similarity. Proceedings of the 27th Annual Conference of the Cognitive Science Society",
        homepage="https://radimrehurek.com/gensim/",
        filename="lee_background.cor",
        sha256="5d78d6dafd953bbf65797bef09a9ffb9ec430583381be705f8fd460000f370fb",
        fetch=fetch_lee,
    ),
    "fa_kes": Source(
        name="fa_kes",
        description="804 articles of 15 outlets around the Syrian war",
        licence="CC BY 4.0; the texts remain their publishers' copyright",
        citation="Abu Salem, F. et al. (2019). FA-KES: A Fake News Dataset around the Syrian War. ICWSM 13, 573-582",
        homepage="https://zenodo.org/records/2607278",
        filename="FA-KES-Dataset.csv",
        sha256="90822dc38d080fa220960d4b7c704fb66adba0feaf038ab44e56ec4d6f2e15ab",
        fetch=fetch_fa_kes,
        encoding="cp1252",
        # unit_id is not the id: twelve are given twice, so articles are named by their content.
        columns={"title": "article_title", "text": "article_content", "outlet": "source", "date": "date"},
        date_format="M/D/YYYY",
    ),
}


def data_folder() -> Path:
    """Where are corpus files kept? In NEWSANGLE_DATA, else in the user's data folder."""
    return Path(os.environ.get("NEWSANGLE_DATA") or platformdirs.user_data_dir("newsangle", appauthor=False))


def fetch_source(name: str, *, local: Path | None = None, progress: Callable[[str], None] | None = None) -> Path:
    """Where on this disk is the file of this named corpus? Fetched once, verified by SHA-256 at every use.

    With the file in the data folder nothing is asked of the network. `local` takes a copy of the file at that path
    instead of fetching. A kept file that has changed is set aside as NAME.damaged and fetched again. A new file appears
    under its name whole and verified, or not at all. Raises ConfigError for a name that is not in SOURCES,
    DataError for a file with another SHA-256, MachineError where network or disk stand in the way.
    """
    tell = progress or _silent
    if name not in SOURCES:
        raise ConfigError(f'"{name}" is not a named corpus{nearest(name, list(SOURCES))}; choose {", ".join(SOURCES)}')
    source = SOURCES[name]
    kept = data_folder() / source.filename
    try:
        if local is None and kept.exists():
            if file_sha256(kept) == source.sha256:
                return kept
            aside = kept.with_name(kept.name + ".damaged")
            kept.replace(aside)
            tell(f"{kept} has changed since it was fetched: set aside as {aside.name}, fetching it again")
        kept.parent.mkdir(parents=True, exist_ok=True)
        _keep(source, kept, local, tell)
    except OSError as error:
        place = error.filename or kept
        raise MachineError(
            f"{place}: {error.strerror or error}; make room or set NEWSANGLE_DATA to a folder that can be written"
        ) from error
    return kept


def _keep(source: Source, kept: Path, local: Path | None, tell: Callable[[str], None]) -> None:
    # The unfinished file lies in the same folder, so that the rename at the end is one step.
    unfinished = kept.with_name(f".{kept.name}.{secrets.token_hex(8)}.part")
    try:
        if local is not None:
            _copy_local(local, unfinished)
        else:
            tell(f"fetching {source.name} ({source.description})")
            _fetch(source, unfinished)
        found = file_sha256(unfinished)
        if found != source.sha256:
            raise DataError(
                f"{local or source.name}: SHA-256 is {found}, that of {source.filename} is {source.sha256}; "
                f"get the original ({source.homepage}) and run: newsangle data get {source.name} --from FILE"
            )
        with unfinished.open("rb+") as stream:
            os.fsync(stream.fileno())
        unfinished.replace(kept)
        tell(f"{source.name} is kept as {kept}")
    finally:
        unfinished.unlink(missing_ok=True)


def _copy_local(local: Path, unfinished: Path) -> None:
    if not local.is_file():
        raise DataError(f"{local} is not a file; check the path")
    shutil.copyfile(local, unfinished)


def _fetch(source: Source, unfinished: Path) -> None:
    try:
        source.fetch(unfinished)
    except MachineError as error:
        raise MachineError(
            f"{source.filename} can't be fetched ({error}); get it from {source.homepage} by other means and run: "
            f"newsangle data get {source.name} --from FILE"
        ) from error


def _silent(message: str) -> None:
    """Progress for those who did not ask for any."""
