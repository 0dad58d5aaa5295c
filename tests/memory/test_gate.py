"""The heap gate: five browsers at once in the heap that each layout is given; none hears 503."""

import shutil
from pathlib import Path

import pytest

from tests.support.http import Client
from tools import build as images
from tools.bench.load import BROWSER, Crowd
from tools.device_packages import PACKAGES
from tools.heap import gate
from tools.heap.gate import LAYOUTS, Layout, serves

ROOT = images.ROOT
WASTE = 10_000  # bytes that a careless module may hold on to
_CARELESS = "lib/picopin/wire.py"


@pytest.fixture(scope="module")
def wasteful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The images of a firmware one of whose modules wastes memory."""
    root = tmp_path_factory.mktemp("wasteful")
    shutil.copytree(ROOT / "lib", root / "lib")
    for name in ("boot.py", "main.py", "config.py"):
        shutil.copy(ROOT / name, root / name)
    careless = root / _CARELESS
    careless.write_text(f"{careless.read_text()}\nwaste = bytearray({WASTE})\n")
    built = images.build(root, PACKAGES, root / "config.py", images.images.BLOCKS_2M)
    images.write(root / "build", built, built.images())
    return root / "build"


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_five_browsers_at_once(built: None, layout: Layout) -> None:
    assert serves(ROOT / "build", layout, layout.gate)


# One after the other, each loads what it needs and leaves nothing behind: a page, half a
# hundred lines of JSON, errors, what is timed.
_PATHS = {
    "/pins": 200,
    "/": 200,
    "/wifi": 200,
    "/status": 200,
    "/log": 200,
    "/?pin=2&state=on&for=1": 200,
    "/openapi.json": 200,
    "/nothing": 404,
    "/?pin=99": 404,
}
_ROUNDS = 10
_CROWD = 2000


def test_every_path_is_answered_again_and_again(built: None) -> None:
    """From ROMFS, the layout that is recommended."""
    with gate.board(ROOT / "build", gate.ROMFS, gate.ROMFS.gate) as board:
        client = Client(f"http://127.0.0.1:{gate.port_of(board)}")
        heard = [client.get(path).status for _ in range(_ROUNDS) for path in _PATHS]
    assert heard == list(_PATHS.values()) * _ROUNDS


def test_a_crowd(built: None) -> None:
    """Four browsers at once, each followed by the next, in the chip's 34 KiB."""
    with gate.board(ROOT / "build", gate.ROMFS, gate.ROMFS.gate) as board:
        port = gate.port_of(board)
        assert port
        sample = Crowd(port, BROWSER, 4).run(_CROWD)
    assert (len(sample.latencies), sample.failed) == (_CROWD, 0)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_module_that_wastes_ten_kilobytes_is_noticed(wasteful: Path, layout: Layout) -> None:
    assert serves(wasteful, layout, gate.MOST), "it is the heap that it fails for"
    assert not serves(wasteful, layout, layout.gate)
