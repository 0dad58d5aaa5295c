"""What it takes to build and run MicroPython for the ESP8266's processor, from Debian's packages.

A cross compiler, picolibc's headers, QEMU and MicroPython's source are unpacked into build/chip,
without root, together with every shared library that they need. Fetched once; a later call reads
two stamps. Each part is made beside its place and renamed last, so that an interrupted call leaves
nothing that a later one trusts.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.chip.apt import Apt, AptError, Unavailable, of_packages, of_sources, read_archives

__all__ = ["Kit", "Unavailable", "get"]

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build/chip"
PACKAGES = (
    "gcc-xtensa-lx106",
    "binutils-xtensa-lx106",
    "picolibc-xtensa-lx106-elf",
    "qemu-user",
)
HOST_PACKAGES = ("gcc", "libc6-dev")
# Two thirds of it all: other languages' compilers, link-time optimisation, QEMU for other chips.
LEFT_OUT = (
    "./usr/share/*",
    "./usr/bin/qemu-*",
    "./usr/bin/*-lto-dump*",
    "./usr/lib/gcc/*/cc1plus",
    "./usr/lib/gcc/*/d21",
    "./usr/lib/gcc/*/lto1",
)
QEMU = "./usr/bin/qemu-xtensa"
STAMP = "stamp.json"
LAYOUT = 1  # to be raised when what is unpacked, or where, changes

SOURCE_NAME = "micropython"
SOURCE_VERSION = "1.25.0+ds-1"
SOURCE_SUITE = "trixie"
SOURCE_FILE = "micropython_1.25.0+ds.orig.tar.xz"
SOURCE_SIZE = 5_983_992
SOURCE_SHA256 = "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea"
SOURCE_HINT = "name a source tree of MicroPython at hand with MICROPYTHON=folder"

CC = """\
#!/bin/sh
# This PC's compiler as unpacked, told where its libraries, headers and assembler lie.
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/libraries"
exec "$here/root/usr/bin/gcc" --sysroot="$here/root" -B "$here/root/usr/bin/" "$@"
"""

Stamp = dict[str, Any]
"""What was asked for, the versions that were had, and what else was found while making."""


@dataclass(frozen=True)
class Kit:
    """Where everything lies; `environment` goes on top of os.environ to run it with."""

    compiler: Path
    qemu: Path
    host_compiler: Path
    includes: Path
    source: Path
    environment: dict[str, str]
    versions: dict[str, str]


def get(folder: Path = FOLDER, source: Path | None = None) -> Kit:
    """The kit, fetched first where `folder` does not hold it; `source`: a tree at hand, used as
    it is. Raises Unavailable."""
    folder = folder.resolve()
    tree = None if source is None else check_tree(source.resolve())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "lock"):
            tools = ensure(folder / "debian", asked_tools(), unpack_tools)
            if tree is None:
                ensure(folder / "micropython", {"sha256": SOURCE_SHA256}, unpack_source)
    except OSError as error:
        raise Unavailable(f"{folder} cannot hold the chip's tools: {error}") from error
    return describe(folder, tools, tree or folder / "micropython/tree", own_source=tree is not None)


def describe(folder: Path, tools: Stamp, tree: Path, own_source: bool) -> Kit:
    debian = folder / "debian"
    versions = {**tools["versions"], "micropython": tree_version(tree)}
    if not own_source:
        versions["micropython source package"] = SOURCE_VERSION
    return Kit(
        compiler=debian / "root/usr/bin/xtensa-lx106-elf-gcc",
        qemu=debian / "root" / QEMU,
        host_compiler=debian / tools["host_compiler"],
        includes=debian / tools["includes"],
        source=tree,
        environment=environment(debian) if tools["libraries_needed"] else {},
        versions=versions,
    )


def environment(debian: Path) -> dict[str, str]:
    return {"LD_LIBRARY_PATH": str(debian / "libraries")}


def check_tree(tree: Path) -> Path:
    for name in ("py/mpconfig.h", "ports/esp8266/mpconfigport.h"):
        if not (tree / name).is_file():
            raise Unavailable(f"{tree} is no source tree of MicroPython: it has no {name}")
    tree_version(tree)
    return tree


def tree_version(tree: Path) -> str:
    """As py/mpconfig.h says: "1.25.0"."""
    text = (tree / "py/mpconfig.h").read_text()
    found = [
        re.search(rf"#define MICROPY_VERSION_{part} (\d+)", text)
        for part in ("MAJOR", "MINOR", "MICRO")
    ]
    if not all(found):
        raise Unavailable(f"{tree} is no source tree of MicroPython: mpconfig.h has no version")
    return ".".join(number[1] for number in found if number)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the others wait, and then find everything done."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure(folder: Path, asked: Stamp, make: Callable[[Path], Stamp]) -> Stamp:
    """The stamp of `folder`, which `make` filled, now or earlier, with what was asked for."""
    stamp = read_stamp(folder)
    if stamp and stamp["asked"] == asked:
        return stamp
    new, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    new.mkdir()
    try:
        stamp = {"asked": asked, **make(new)}
        (new / STAMP).write_text(json.dumps(stamp, indent=1))
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return stamp


def read_stamp(folder: Path) -> Stamp | None:
    """None: nothing has been made there, or the machine's compiler that it counts on has gone."""
    if not (folder / STAMP).is_file():
        return None
    stamp: Stamp = json.loads((folder / STAMP).read_text())
    return stamp if (folder / stamp.get("host_compiler", "")).exists() else None


def asked_tools() -> Stamp:
    return {"packages": list(PACKAGES), "layout": LAYOUT}


def unpack_tools(folder: Path) -> Stamp:
    """Fills the folder with root/ (the packages) and libraries/ (links to the shared ones)."""
    host = system_compiler()
    names = PACKAGES if host else PACKAGES + HOST_PACKAGES
    say(f"fetching {', '.join(names)} from Debian's packages, once")
    debs = fetch_packages(folder / "apt", names)
    root = folder / "root"
    # The libraries of a libc must not be another's than the loader's: libc6 stays out of the links.
    libc = [deb for deb in debs if deb.name.startswith("libc6_")]
    make_root(root)
    for deb in debs:
        if deb not in libc:
            unpack(deb, root)
    link_libraries(root, folder / "libraries")
    if host is None:
        for deb in libc:
            unpack(deb, root)  # only to link with
        (folder / "cc").write_text(CC)
        (folder / "cc").chmod(0o755)
    versions = dict(package_version(deb) for deb in debs if deb not in libc or host is None)
    shutil.rmtree(folder / "apt")
    return {"versions": versions, "host_compiler": str(host or "cc"), **try_out(folder)}


def fetch_packages(state: Path, names: tuple[str, ...]) -> list[Path]:
    apt = Apt(state, of_packages(read_archives()))
    apt.update()
    try:
        return apt.packages(names)
    except AptError as error:
        raise Unavailable(
            f"the packages {', '.join(names)} cannot be had: apt-get says {str(error)!r}; "
            "Debian 12 or later has them, and it takes a network once"
        ) from error


def make_root(root: Path) -> None:
    """/lib is a link to /usr/lib, as on a Debian machine, whichever of the two a package names."""
    (root / "usr").mkdir(parents=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        (root / "usr" / name).mkdir()
        (root / name).symlink_to(f"usr/{name}")


def unpack(deb: Path, root: Path) -> None:
    """As `dpkg -x` does it, but for what nobody needs."""
    left_out = [f"--exclude={pattern}" for pattern in LEFT_OUT]
    if deb.name.startswith("qemu-user_"):
        left_out = ["--exclude=./usr/share/*", QEMU]
    command = ["tar", "--extract", "--keep-directory-symlink", "--no-same-owner", *left_out]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as contents:
        done = subprocess.run(
            command, cwd=root, stdin=contents.stdout, capture_output=True, text=True
        )
    if done.returncode or contents.returncode:
        raise Unavailable(f"{deb.name} cannot be unpacked: {done.stderr.strip() or 'cut short'}")


def link_libraries(root: Path, links: Path) -> None:
    links.mkdir()
    for library in sorted(root.glob("usr/lib/*-linux-*/*.so.*")):
        (links / library.name).symlink_to(Path("../root") / library.relative_to(root))


def package_version(deb: Path) -> tuple[str, str]:
    done = subprocess.run(
        ["dpkg-deb", "--field", deb, "Package", "Version"],
        capture_output=True,
        text=True,
        check=True,
    )
    fields = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    return fields["Package"], fields["Version"]


def system_compiler() -> Path | None:
    """The machine's own C compiler, if it can make what QEMU loads (some lack libc's headers)."""
    for name in ("cc", "gcc", "clang"):
        path = shutil.which(name)
        if path and not failure(
            [path, "-shared", "-fPIC", "-x", "c", "-", "-o", os.devnull], "#include <stdio.h>\n"
        ):
            return Path(path)
    return None


def try_out(folder: Path) -> Stamp:
    """Runs compiler and QEMU: whether they need the unpacked libraries, and where headers are."""
    headers = sorted(folder.glob("root/usr/lib/**/include/picolibc.h"))
    if not headers:
        raise Unavailable("picolibc's package has no include/picolibc.h: it is none that we know")
    includes = headers[0].parent
    compiler = folder / "root/usr/bin/xtensa-lx106-elf-gcc"
    compile = [compiler, "-isystem", includes, "-c", "-x", "c", "-", "-o", os.devnull]
    run = [folder / "root" / QEMU, "--version"]

    def fails(env: dict[str, str]) -> str:
        return failure(compile, "#include <stdint.h>\n", env) or failure(run, "", env)

    needed = bool(fails({}))
    if needed and (reason := fails(environment(folder))):
        raise Unavailable(f"the unpacked compiler or QEMU does not run on this machine: {reason}")
    return {"libraries_needed": needed, "includes": str(includes.relative_to(folder))}


def failure(command: list[Any], text: str, env: dict[str, str] | None = None) -> str:
    """What a command says when it fails on that input; empty: it did not."""
    done = subprocess.run(
        command, input=text, env={**os.environ, **(env or {})}, capture_output=True, text=True
    )
    return (done.stderr.strip().partition("\n")[0] or "no word") if done.returncode else ""


def unpack_source(folder: Path) -> Stamp:
    """Fills the folder with tree/, MicroPython's source."""
    say(f"fetching MicroPython's source {SOURCE_VERSION} from Debian's packages, once")
    archive = fetch_source(folder / "apt")
    with tarfile.open(archive) as tar:
        # Python before 3.12 may lack the filter; the archive is known by its hash.
        tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        tar.extractall(folder / "unpacked")
    shutil.rmtree(folder / "apt")
    (top,) = (folder / "unpacked").iterdir()
    top.rename(folder / "tree")
    (folder / "unpacked").rmdir()
    return {"versions": {SOURCE_NAME: tree_version(check_tree(folder / "tree"))}}


def fetch_source(state: Path) -> Path:
    apt = Apt(state, of_sources(read_archives(), SOURCE_SUITE))
    apt.update()
    try:
        files = apt.source(SOURCE_NAME, SOURCE_VERSION)
    except AptError as error:
        raise Unavailable(
            f"MicroPython's source package {SOURCE_VERSION} cannot be had from Debian's suite "
            f"{SOURCE_SUITE}: apt-get says {str(error)!r}; {SOURCE_HINT}"
        ) from error
    return check_archive(next((file for file in files if file.name == SOURCE_FILE), files[0]))


def check_archive(archive: Path) -> Path:
    data = archive.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if len(data) != SOURCE_SIZE or found != SOURCE_SHA256:
        raise Unavailable(
            f"{archive.name} is another than expected: {len(data)} bytes with SHA-256 {found}, "
            f"not {SOURCE_SIZE} with {SOURCE_SHA256}; {SOURCE_HINT}"
        )
    return archive


def say(text: str) -> None:
    print(f"chip: {text}", file=sys.stderr)
