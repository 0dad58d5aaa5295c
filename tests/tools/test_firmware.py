"""MicroPython's image: what is taken, what is refused, and how it is fetched."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from esptool import cmds

from tests.support.esp8266_image import micropython_1_10, stand_in
from tools.command import Stop
from tools.flash import firmware

IMAGE_NAME = "ESP8266_GENERIC-FLASH_2M_ROMFS-20260406-v1.28.0.bin"
DOWNLOAD_PAGE = """
<a class="board-card" href="ESP8266_GENERIC"></a>
<a href="/resources/firmware/ESP8266_GENERIC-20260406-v1.28.0.bin">standard</a>
<a href="/resources/firmware/ESP8266_GENERIC-FLASH_2M_ROMFS-20251209-v1.27.0.bin">older</a>
<a href="/resources/firmware/ESP8266_GENERIC-FLASH_2M_ROMFS-20260406-v1.28.0.bin">wanted</a>
"""


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


# Examined


def test_a_published_image_is_whole_and_known() -> None:
    found = firmware.examine(micropython_1_10(), "1.10", "romfs")
    assert found.version == "1.10-8-g8b7039d7d"
    assert not found.has_romfs
    assert not found.has_asyncio  # its uasyncio is of the old kind, and it has no LittleFS 2


def test_esptools_own_image_info_finds_it_valid(capsys: pytest.CaptureFixture[str]) -> None:
    cmds.image_info(micropython_1_10(), chip="esp8266")
    assert "(valid)" in capsys.readouterr().out


@pytest.mark.parametrize("at", [0, 9, 20_000, 0x9000, 400_000, 615_380])
def test_one_wrong_bit_anywhere_is_found(at: int) -> None:
    with pytest.raises(Stop, match=r"take ESP8266_GENERIC-FLASH_2M_ROMFS from https://microp"):
        firmware.examine(flipped(micropython_1_10(), at), "file.bin", "romfs")


def test_the_flash_mode_in_the_header_may_be_any() -> None:
    data = bytearray(micropython_1_10())
    data[2] = 2  # DIO, as esptool writes it
    assert firmware.examine(bytes(data), "dio", "romfs").version.startswith("1.10")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no image for the ESP8266"),
        (b"\xe9", "no image for the ESP8266"),
        (b"<!DOCTYPE html><title>404</title>" * 40, "no image for the ESP8266"),
        (bytes(4096), "no image for the ESP8266"),
        (b"\xff" * 4096, "no image for the ESP8266"),
    ],
)
def test_what_is_no_image_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(Stop, match=why):
        firmware.examine(data, "file.bin", "romfs")


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d[:300_000], lambda d: d + d])
def test_half_an_image_or_two_are_refused(change) -> None:
    with pytest.raises(Stop, match=r"file\.bin is not all of a MicroPython image"):
        firmware.examine(change(micropython_1_10()), "file.bin", "romfs")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(Stop, match=r"cannot be read .* name another file"):
        firmware.read(Path("/no/such/file.bin"), "romfs")


@pytest.mark.parametrize("layout", ["romfs", "mpy"])
def test_a_fit_image_is_taken(layout: str) -> None:
    firmware.refuse_unfit(firmware.examine(stand_in(layout), "stand-in", layout), layout)


def test_what_fits_one_layout_does_not_fit_the_other() -> None:
    with pytest.raises(Stop, match=r"has no ROMFS: take ESP8266_GENERIC-FLASH.* or LAYOUT=mpy"):
        firmware.refuse_unfit(firmware.examine(stand_in("mpy"), "stand-in", "romfs"), "romfs")
    with pytest.raises(Stop, match=r"has a ROMFS, .* leave out LAYOUT=mpy"):
        firmware.refuse_unfit(firmware.examine(stand_in("romfs"), "stand-in", "mpy"), "mpy")


@pytest.mark.parametrize(("layout", "take"), firmware.VARIANTS.items())
def test_one_that_is_too_old_for_both_is_not_told_to_change_the_layout(
    layout: str, take: str
) -> None:
    with pytest.raises(Stop, match=rf"too small or too old .* take {take} 1\.28\.0 or later"):
        firmware.refuse_unfit(firmware.examine(micropython_1_10(), "1.10", layout), layout)


@pytest.mark.parametrize(("layout", "take"), firmware.VARIANTS.items())
def test_a_broken_image_is_refused_with_the_one_to_take(layout: str, take: str) -> None:
    with pytest.raises(Stop, match=f"take {take} from"):
        firmware.examine(b"broken", "file.bin", layout)


# Fetched, from pages on this machine in place of micropython.org


class Site(http.server.SimpleHTTPRequestHandler):
    """Files, and the download page under each of its addresses."""

    def do_GET(self) -> None:
        if self.path.startswith("/download/"):
            body = DOWNLOAD_PAGE.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Stays quiet."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of firmwares that the stand-in of micropython.org serves."""
    from mpflash.download import from_web

    folder = tmp_path / "site" / "resources" / "firmware"
    folder.mkdir(parents=True)
    handler = partial(Site, directory=str(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        url = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setattr(from_web, "MICROPYTHON_ORG_URL", url)
        threading.Thread(target=server.serve_forever).start()
        yield folder
        server.shutdown()


def test_the_pinned_version_is_fetched_once(site: Path, tmp_path: Path) -> None:
    (site / IMAGE_NAME).write_bytes(stand_in())
    found = firmware.fetched("romfs", tmp_path / "kept")
    assert found.sha256 == hashlib.sha256(stand_in()).hexdigest()
    (site / IMAGE_NAME).unlink()
    assert firmware.fetched("romfs", tmp_path / "kept") == found


@pytest.mark.parametrize("served", [b"<html>sorry</html>", None])
def test_a_page_in_its_place_is_refused_and_not_kept(
    site: Path, tmp_path: Path, served: bytes | None
) -> None:
    if served:
        (site / IMAGE_NAME).write_bytes(served)
    with pytest.raises(Stop, match=r"micropython\.org"):
        firmware.fetched("romfs", tmp_path / "kept")
    assert not list((tmp_path / "kept").iterdir())


def test_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mpflash.download import from_web

    monkeypatch.setattr(from_web, "MICROPYTHON_ORG_URL", "http://127.0.0.1:9/")
    told = r"could not be read \(no connection: is there a network\?\): .* FIRMWARE=that-file\.bin"
    with pytest.raises(Stop, match=told):
        firmware.fetched("romfs", tmp_path / "kept")
    assert not list((tmp_path / "kept").iterdir())
