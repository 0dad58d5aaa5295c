"""The board's files over its serial line: what is there, what differs, and changing just that.

Each file is written beside its place and renamed into it, so that a cable pulled at any moment
leaves every file either old or new; what was left over is cleared away by the next call.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mpremote.transport_serial import SerialTransport

from tools.command import Stop
from tools.images import Tree

OURS = ("lib",)  # folders that hold nothing but what is deployed
PARTIAL = ".new"  # a file not yet renamed into its place
DIRECTORY = 0x4000  # bit of st_mode

Progress = Callable[[str], None]


@dataclass
class Changes:
    """What makes the board's files equal to the wanted ones, in the order it is done."""

    write: Tree = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    same: int = 0

    def __bool__(self) -> bool:
        return bool(self.write or self.remove)


def compare(board: SerialTransport, wanted: Tree) -> Changes:
    """Which files to write and remove, told by SHA-256 that the board computes."""
    there = dict(listing(board))
    changes = Changes()
    for path, data in in_order(wanted):
        if there.get(path) == len(data) and board_hash(board, path) == sha256(data):
            changes.same += 1
        else:
            changes.write[path] = data
    kept = wanted.keys() | {path + PARTIAL for path in changes.write}  # those are written over
    changes.remove = [path for path in there if is_left_over(path) and path not in kept]
    return changes


def listing(board: SerialTransport, folder: str = "") -> Iterator[tuple[str, int]]:
    """Path and bytes of each file, without a / in front.

    Of folders only our own are looked into: whatever else is on the board stays unread.
    """
    for entry in board.fs_listdir("/" + folder):
        path = posixpath.join(folder, entry.name)
        if entry.st_mode & DIRECTORY:
            if path.split("/")[0] in OURS:
                yield from listing(board, path)
        else:
            yield path, entry.st_size


def in_order(wanted: Tree) -> list[tuple[str, bytes]]:
    """Code before what starts it: main.py never finds a library older than itself."""
    return sorted(wanted.items(), key=lambda item: ("/" not in item[0], item[0]))


def is_left_over(path: str) -> bool:
    """Whether a file that is not wanted may go: the user's own files at the top may not."""
    return path.split("/")[0] in OURS or path.endswith(PARTIAL)


def board_hash(board: SerialTransport, path: str) -> bytes:
    return board.fs_hashfile("/" + path, "sha256")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def apply(board: SerialTransport, changes: Changes, progress: Progress) -> None:
    try:
        change(board, changes, progress)
    except OSError as error:
        if not str(error.strerror).startswith("/"):
            raise  # of this computer's end of the line; of the board's end mpremote names the file
        reason = os.strerror(error.errno or 0)
        raise Stop(
            f"the board cannot write {error.strerror} ({reason}): repeat the command; if that does "
            "not help, `make flash` gives it a fresh file system"
        ) from error


def change(board: SerialTransport, changes: Changes, progress: Progress) -> None:
    made: set[str] = set()
    for path, data in changes.write.items():
        progress(f"  {path}, {len(data):,} bytes")
        make_folders(board, posixpath.dirname(path), made)
        write(board, path, data)
    for path in changes.remove:
        progress(f"  {path}, removed")
        board.fs_rmfile("/" + path)


def make_folders(board: SerialTransport, folder: str, made: set[str]) -> None:
    if not folder or folder in made:
        return
    make_folders(board, posixpath.dirname(folder), made)
    if not board.fs_isdir("/" + folder):
        board.fs_mkdir("/" + folder)
    made.add(folder)


def write(board: SerialTransport, path: str, data: bytes) -> None:
    """Beside it, read back, renamed: a rename in LittleFS happens whole or not at all."""
    new = path + PARTIAL
    board.fs_writefile("/" + new, data)
    if board_hash(board, new) != sha256(data):
        raise Stop(f"{path} arrived damaged: check the cable, then repeat the command")
    board.exec(f"import os\nos.rename({'/' + new!r}, {'/' + path!r})")
