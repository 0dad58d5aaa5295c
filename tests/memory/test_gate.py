"""The heap gate: five browsers at once in the heap that each layout is given; none hears 503."""

import shutil
from pathlib import Path

import pytest

from tools import build as images
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


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_module_that_wastes_ten_kilobytes_is_noticed(wasteful: Path, layout: Layout) -> None:
    assert serves(wasteful, layout, gate.MOST), "it is the heap that it fails for"
    assert not serves(wasteful, layout, layout.gate)
