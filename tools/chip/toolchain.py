"""The chip's compiler, picolibc's headers, QEMU, and this PC's compiler, from Debian's packages.

They are unpacked with every shared library that they need, since a fresh machine may have none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tools.chip.apt import Apt, AptError, Unavailable, of_packages, read_archives
from tools.chip.kept import Stamp, say

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
SHARED_OBJECT = ("-shared", "-fPIC", "-x", "c", "-", "-o", os.devnull)
QEMU = "./usr/bin/qemu-xtensa"
LAYOUT = 1  # to be raised when what is unpacked, or where, changes

CC = """\
#!/bin/sh
# This PC's compiler as unpacked, told where its libraries, headers and assembler lie.
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/libraries"
exec "$here/root/usr/bin/gcc" --sysroot="$here/root" -B "$here/root/usr/bin/" "$@"
"""


def asked() -> Stamp:
    return {"packages": list(PACKAGES), "layout": LAYOUT}


def unpack_all(folder: Path) -> Stamp:
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
    return {"versions": versions, "host_compiler": str(host or "cc"), **try_out(folder, host)}


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
    for library in sorted(root.glob("usr/lib/*-linux-*/*.so*")):
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


def environment(debian: Path) -> dict[str, str]:
    return {"LD_LIBRARY_PATH": str(debian / "libraries")}


def system_compiler() -> Path | None:
    """The machine's own C compiler, if it can make what QEMU loads (some lack libc's headers)."""
    for name in ("cc", "gcc", "clang"):
        path = shutil.which(name)
        if path and not failure([path, *SHARED_OBJECT], "#include <stdio.h>\n"):
            return Path(path)
    return None


def try_out(folder: Path, host: Path | None) -> Stamp:
    """Runs what was unpacked: what it needs to run with, and what it can do."""
    headers = sorted(folder.glob("root/usr/lib/**/include/picolibc.h"))
    if not headers:
        raise Unavailable("picolibc's package has no include/picolibc.h: it is none that we know")
    includes = headers[0].parent
    compiler = folder / "root/usr/bin/xtensa-lx106-elf-gcc"
    build = [compiler, "-isystem", includes, "-c", "-x", "c", "-", "-o", os.devnull]
    qemu = folder / "root" / QEMU

    def fails(env: dict[str, str]) -> str:
        return failure(build, "#include <stdint.h>\n", env) or failure([qemu, "--version"], "", env)

    needed = bool(fails({}))
    reason = fails(environment(folder)) if needed else ""
    if host is None:
        reason = reason or failure([folder / "cc", *SHARED_OBJECT], "#include <stdio.h>\n")
    if reason:
        raise Unavailable(f"what Debian's packages brought does not run on this machine: {reason}")
    usage = subprocess.run(
        [qemu, "-h"], env={**os.environ, **environment(folder)}, capture_output=True, text=True
    )
    return {
        "libraries_needed": needed,
        "includes": str(includes.relative_to(folder)),
        "plugins": "-plugin " in usage.stdout,
    }


def failure(command: list[Any], text: str, env: dict[str, str] | None = None) -> str:
    """What a command says when it fails on that input; empty: it did not."""
    done = subprocess.run(
        command, input=text, env={**os.environ, **(env or {})}, capture_output=True, text=True
    )
    return (done.stderr.strip().partition("\n")[0] or "no word") if done.returncode else ""
