"""Fetching the device packages, from a package index on 127.0.0.1 that can be made to misbehave."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools import device_packages
from tools.device_packages import FetchError, fetch_all

SOURCE = b"VALUE = 1\n"


def make_archive(**members: bytes) -> bytes:
    """A source archive of tiny 1.0; a name's __ stands for a slash."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo("tiny-1.0/" + name.replace("__", "/"))
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


ARCHIVE = make_archive(**{"tiny.py": SOURCE, "setup__extra.py": b"1/0\n"})


class Index(ThreadingHTTPServer):
    """A package index with one package, its counts, and its faults."""

    archive = ARCHIVE
    cut_short_by = 0
    downloads = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple"


class IndexHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Index)
        if self.path == "/simple/tiny/":
            self.answer("text/html", b'<a href="/tiny-1.0.tar.gz">tiny-1.0.tar.gz</a>')
        elif self.path == "/tiny-1.0.tar.gz":
            self.server.downloads += 1
            self.answer("application/gzip", self.server.archive, self.server.cut_short_by)
        else:
            self.send_error(404)

    def answer(self, kind: str, body: bytes, cut_short_by: int = 0) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) - cut_short_by])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Not on the test's output."""


@pytest.fixture
def index() -> Iterator[Index]:
    server = Index(("127.0.0.1", 0), IndexHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "table.json", hashlib.sha256(ARCHIVE).hexdigest())


def write_table(path: Path, sha256: str, *, file: str = "tiny.py") -> Path:
    package = {"name": "tiny", "version": "1.0", "sha256": sha256, "board": [file], "host": []}
    firmware = {"name": "built-in", "served_by": "firmware", "why": "it is there"}
    path.write_text(json.dumps([package, firmware]))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "build" / "packages"


def nothing_is_left(folder: Path) -> bool:
    return not any(folder.parent.iterdir())


def test_fetches_what_the_table_names_and_no_more(index: Index, table: Path, folder: Path) -> None:
    assert fetch_all(folder, table, [index.url])
    assert (folder / "tiny.py").read_bytes() == SOURCE
    assert {path.name for path in folder.iterdir()} == {"tiny.py", device_packages.STAMP}
    assert list(folder.parent.iterdir()) == [folder]


def test_a_second_call_fetches_nothing(index: Index, table: Path, folder: Path) -> None:
    fetch_all(folder, table, [index.url])
    assert not fetch_all(folder, table, [index.url])
    assert index.downloads == 1


def test_a_changed_table_replaces_the_folder(index: Index, table: Path, folder: Path) -> None:
    fetch_all(folder, table, [index.url])
    (folder / "stray.py").touch()
    index.archive = make_archive(**{"other.py": b"2\n"})
    write_table(table, hashlib.sha256(index.archive).hexdigest(), file="other.py")
    assert fetch_all(folder, table, [index.url])
    assert {path.name for path in folder.iterdir()} == {"other.py", device_packages.STAMP}


def test_wrong_hash(index: Index, table: Path, folder: Path) -> None:
    index.archive = make_archive(**{"tiny.py": b"VALUE = 2\n"})
    with pytest.raises(FetchError, match=r"^tiny==1.0: wrong SHA-256 [0-9a-f]{64}, expected "):
        fetch_all(folder, table, [index.url])
    assert nothing_is_left(folder)


def test_a_failure_keeps_what_was_there(index: Index, table: Path, folder: Path) -> None:
    fetch_all(folder, table, [index.url])
    write_table(table, "0" * 64)
    with pytest.raises(FetchError):
        fetch_all(folder, table, [index.url])
    assert (folder / "tiny.py").read_bytes() == SOURCE


@pytest.mark.parametrize("cut_short_by", [1, len(ARCHIVE) // 2, len(ARCHIVE)])
def test_half_finished_download(index: Index, table: Path, folder: Path, cut_short_by: int) -> None:
    index.cut_short_by = cut_short_by
    with pytest.raises(FetchError, match=r"^tiny==1.0: download failed: [^\n]+$"):
        fetch_all(folder, table, [index.url])
    assert nothing_is_left(folder)


def test_no_network(index: Index, table: Path, folder: Path) -> None:
    index.server_close()
    with pytest.raises(FetchError, match=r"^tiny==1.0: [^\n]+$"):
        fetch_all(folder, table, [index.url])
    assert nothing_is_left(folder)


def test_no_such_package(index: Index, table: Path, folder: Path) -> None:
    with pytest.raises(FetchError, match=r"^tiny==1.0: not found"):
        fetch_all(folder, table, [index.url + "/nowhere"])
    assert nothing_is_left(folder)


@pytest.mark.parametrize("members", [{"other.py": b""}, {"tiny.py__inside": b""}])
def test_an_archive_without_the_file(
    index: Index, table: Path, folder: Path, members: dict[str, bytes]
) -> None:
    index.archive = make_archive(**members)
    write_table(table, hashlib.sha256(index.archive).hexdigest())
    with pytest.raises(FetchError, match=r"tiny==1.0: no file tiny.py in it"):
        fetch_all(folder, table, [index.url])
    assert nothing_is_left(folder)


def test_the_command_says_it_in_one_line(
    index: Index,
    table: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_table(table, "0" * 64)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setattr(device_packages, "TABLE", table)
    monkeypatch.setattr(device_packages, "PACKAGES", folder)
    assert device_packages.main() == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("device packages: tiny==1.0: wrong SHA-256")
    assert (printed.out, printed.err.count("\n")) == ("", 1)


def test_pips_index_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/mirror")
    assert device_packages.pip_index_urls() == ["http://127.0.0.1:1/mirror"]


def test_the_real_table() -> None:
    packages = {package.name: package for package in device_packages.read_table()}
    assert set(packages) == {
        *("picoweb", "micropython-ulogging", "micropython-pkg_resources", "utemplate")
    }
    assert all(len(package.sha256) == 64 for package in packages.values())
    assert packages["picoweb"].version == "1.8.2"
