"""The images, read back by their own libraries; test_build.py mounts them in MicroPython."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import images

TREE = {
    "boot.py": b"1",
    "empty": b"",
    "lib/a/b.mpy": bytes(range(256)) * 40,
    "lib/a/c.txt": b"c",
}


@pytest.mark.parametrize("blocks", [images.BLOCKS_2M, images.BLOCKS_4M])
def test_littlefs_has_the_boards_geometry(blocks: int) -> None:
    image = images.make_littlefs(TREE, blocks)
    status = images.littlefs(bytearray(image)).fs_stat()
    assert len(image) == blocks * 4096
    assert (status.block_size, status.block_count) == (4096, blocks)
    assert status.disk_version == 0x00020001


def test_littlefs_gives_back_every_file() -> None:
    assert images.read_littlefs(images.make_littlefs(TREE, 251)) == TREE


def test_order_of_files_does_not_matter() -> None:
    backwards = dict(reversed(TREE.items()))
    assert images.make_littlefs(backwards, 251) == images.make_littlefs(TREE, 251)
    assert images.make_romfs(backwards) == images.make_romfs(TREE)


def test_littlefs_used_counts_blocks() -> None:
    empty = images.littlefs_used(images.make_littlefs({}, 251))
    full = images.littlefs_used(images.make_littlefs({"a": bytes(5 * 4096)}, 251))
    assert full - empty >= 5 * 4096


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(images.ImageError, match=r"large.bin does not fit in 251 blocks"):
        images.make_littlefs({"large.bin": bytes(252 * 4096)}, 251)
    with pytest.raises(images.ImageError, match="has room for 327680"):
        images.make_romfs({"large.bin": bytes(320 * 1024)})


def test_a_corrupt_image_is_no_empty_one() -> None:
    with pytest.raises(images.ImageError, match="no LittleFS"):
        images.read_littlefs(bytes(251 * 4096))


def test_romfs_is_what_mpremote_builds(tmp_path: Path) -> None:
    for name, data in TREE.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    output = tmp_path / "romfs.img"
    command = [
        "-m",
        "mpremote",
        "romfs",
        "--no-mpy",
        "--output",
        output,
        "build",
        tmp_path / "tree",
    ]
    subprocess.run([sys.executable, *command], check=True, timeout=60, capture_output=True)
    assert output.read_bytes() == images.make_romfs(TREE)
