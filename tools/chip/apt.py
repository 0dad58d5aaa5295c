"""Debian's packages without root: apt with lists, cache and status of its own.

Which archives there are, and the keys that sign them, is read from the machine's own lists (see
sources.list(5), which has two formats); apt verifies what it loads as it does for the system.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

ETC = Path("/etc/apt")
RENAMED_OPTIONS = {"arch": "architectures", "lang": "languages", "target": "targets"}
# What the machine's settings run after an update or an installation is none of ours.
SETTINGS = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
Dir::Etc::SourceList "{folder}/archives.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::State "{folder}";
Dir::State::Lists "{folder}/lists";
Dir::State::Status "{folder}/status";
Dir::Cache "{folder}/cache";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Get::Assume-Yes "true";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Debug::NoLocking "true";
"""

Archive = dict[str, str]
"""One paragraph of a list: field names in lower case, and their values."""


class Unavailable(Exception):
    """What could not be had and what would help, in one sentence."""


class AptError(Exception):
    """What apt-get said was wrong, in one line."""


def read_archives(etc: Path = ETC) -> list[Archive]:
    """The archives that the machine's lists name, without those on a disc or switched off."""
    archives: list[Archive] = []
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        if path.suffix in (".list", ".sources") and path.is_file():
            text = path.read_text(errors="replace")
            archives += parse_list(text) if path.suffix == ".list" else parse_sources(text)
    return [
        archive
        for archive in archives
        if archive.get("enabled", "yes").lower() not in ("no", "false", "off", "0")
        and not archive["uris"].startswith("cdrom:")
    ]


def parse_list(text: str) -> list[Archive]:
    """One line an archive: `deb [signed-by=/a/key arch=amd64] http://host/debian suite main`."""
    archives: list[Archive] = []
    for line in text.splitlines():
        found = re.match(r"\s*(deb|deb-src)\s+(?:\[([^]]*)\]\s*)?([^#]+)", line)
        words = found[3].split() if found else []
        if not found or len(words) < 2:
            continue
        archive = {"types": found[1], "uris": words[0], "suites": words[1]}
        if words[2:]:
            archive["components"] = " ".join(words[2:])
        for option in (found[2] or "").split():
            name, _, value = option.partition("=")
            archive[RENAMED_OPTIONS.get(name, name).lower()] = value.replace(",", " ")
        archives.append(archive)
    return archives


def parse_sources(text: str) -> list[Archive]:
    """A paragraph an archive (deb822); a value may go on in indented lines, as a whole key does."""
    archives: list[Archive] = []
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines)):
        archive: Archive = {}
        name = ""
        for line in paragraph.splitlines():
            if line[:1].isspace():
                archive[name] = archive.get(name, "") + "\n" + line
            elif line:
                name, _, value = line.partition(":")
                name = name.lower()
                archive[name] = value.strip()
        if {"types", "uris", "suites"} <= archive.keys():
            archives.append(archive)
    return archives


def of_packages(archives: Iterable[Archive]) -> list[Archive]:
    """The archives of binary packages among these, to be asked for nothing but their packages."""
    return [
        {**archive, "types": "deb", "targets": "Packages", "uris": copied(archive["uris"])}
        for archive in archives
        if "deb" in archive["types"].split()
    ]


def copied(uris: str) -> str:
    """apt uses a package at a file: address where it lies; from a copy: address it loads it."""
    return " ".join(re.sub(r"^file:", "copy:", uri) for uri in uris.split())


def of_sources(archives: Iterable[Archive], suite: str) -> list[Archive]:
    """The sources of `suite` at the addresses that these archives have, each address once."""
    asked = {"types": "deb-src", "suites": suite, "components": "main", "targets": "Sources"}
    by_address = {
        archive["uris"]: {**archive, **asked, "uris": copied(archive["uris"])}
        for archive in archives
        if "main" in archive.get("components", "").split()
    }
    return list(by_address.values())


class Apt:
    """apt-get over the given archives, with its state in `folder`, as on a machine that has
    nothing installed: a package comes with all that it needs, libc6 included. `update` goes first.

    Raises Unavailable without apt-get or an archive, AptError when apt-get fails.
    """

    def __init__(self, folder: Path, archives: Sequence[Archive]) -> None:
        if shutil.which("apt-get") is None:
            raise Unavailable(
                "the chip's compiler and QEMU are Debian's packages and this machine has no "
                "apt-get: build on Debian 12 or later, or in a container of it"
            )
        if not archives:
            raise Unavailable(f"the lists of packages in {ETC} name no archive that could be asked")
        self.folder = folder.resolve()
        self.missed = ""
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        (self.folder / "archives.sources").write_text(
            "\n".join(
                "".join(f"{name}: {value}\n" for name, value in archive.items())
                for archive in archives
            )
        )
        (self.folder / "apt.conf").write_text(SETTINGS.format(folder=self.folder))

    def update(self) -> None:
        """Loads the archives' lists. One that fails is remembered, and matters only if what is
        asked for later is in no other."""
        self.missed = complaint(self.run("update").stderr)

    def packages(self, names: Iterable[str]) -> list[Path]:
        """The .deb files of these packages and of what they depend on."""
        self.ask("install", "--download-only", *names)
        return self.loaded("cache/archives/*.deb")

    def source(self, name: str, version: str) -> list[Path]:
        """The original source archive of one source package (not Debian's changes to it)."""
        self.ask("source", "--download-only", "--tar-only", f"{name}={version}")
        return self.loaded(f"{name}_*.orig.tar.*")

    def loaded(self, pattern: str) -> list[Path]:
        files = sorted(self.folder.glob(pattern))
        if not files:
            raise AptError(f"apt-get left no {pattern} in {self.folder}")
        return files

    def ask(self, *arguments: str) -> None:
        done = self.run(*arguments)
        if done.returncode:
            reasons = [complaint(done.stderr) or "it failed without a word", self.missed]
            raise AptError("; ".join(filter(None, reasons)))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["apt-get", f"--config-file={self.folder}/apt.conf", "--quiet", *arguments],
            cwd=self.folder,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


def complaint(stderr: str) -> str:
    """The first error that apt-get named, else its first warning, else nothing."""
    lines = stderr.splitlines()
    named = [line for kind in ("E: ", "W: ") for line in lines if line.startswith(kind)]
    return " ".join(named[0][3:].split()) if named else ""
