"""The chip's tools from Debian's packages: apt's lists, what is kept, each refusal's sentence."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from tools.chip import apt, packages, source, toolchain, versions
from tools.chip.apt import Apt, AptError, Unavailable, of_packages, of_sources, read_archives
from tools.chip.kept import Stamp, ensure, locked
from tools.flash import firmware

needs_debian = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("dpkg-deb")), reason="no Debian"
)
LIST = """\
# deb http://old.test/debian bookworm main
deb [arch=amd64,arm64 signed-by=/keys/a.gpg] http://one.test/debian bookworm main contrib # note
deb-src http://one.test/debian bookworm main
deb cdrom:[Debian 12]/ bookworm main
  deb http://flat.test/ ./
deb http://nothing.test
"""
SOURCES = """\
# A comment
Types: deb deb-src
URIs: http://two.test/debian
Suites: trixie trixie-updates
# one within
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF

Enabled: no
Types: deb
URIs: http://off.test/debian
Suites: trixie
Components: main
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    parts = tmp_path / "etc/sources.list.d"
    parts.mkdir(parents=True)
    (parts.parent / "sources.list").write_text(LIST)
    (parts / "debian.sources").write_text(SOURCES)
    (parts / "other.list.disabled").write_text("deb http://no.test/debian bookworm main\n")
    return parts.parent


def test_lists_of_both_formats_are_read(etc: Path) -> None:
    line, line_of_source, flat, paragraph = read_archives(etc)
    assert line == {
        "types": "deb",
        "uris": "http://one.test/debian",
        "suites": "bookworm",
        "components": "main contrib",
        "architectures": "amd64 arm64",
        "signed-by": "/keys/a.gpg",
    }
    assert line_of_source["types"] == "deb-src"
    assert flat == {"types": "deb", "uris": "http://flat.test/", "suites": "./"}
    assert paragraph["suites"] == "trixie trixie-updates"
    assert paragraph["components"] == "main"
    assert paragraph["signed-by"].splitlines()[1:] == [
        " -----BEGIN PGP PUBLIC KEY BLOCK-----",
        " .",
        " mQINBF",
    ]


def test_a_machine_without_lists_has_no_archives(tmp_path: Path) -> None:
    assert read_archives(tmp_path) == []


def test_packages_come_from_the_machines_own_suites(etc: Path) -> None:
    asked = of_packages(read_archives(etc))
    assert [archive["suites"] for archive in asked] == ["bookworm", "./", "trixie trixie-updates"]
    assert {(archive["types"], archive["targets"]) for archive in asked} == {("deb", "Packages")}


def test_sources_come_from_one_suite_at_each_address_with_the_key_it_has(etc: Path) -> None:
    one, two = of_sources(read_archives(etc), "trixie")
    assert (one["uris"], two["uris"]) == ("http://one.test/debian", "http://two.test/debian")
    for archive in (one, two):
        assert (archive["types"], archive["suites"]) == ("deb-src", "trixie")
        assert (archive["components"], archive["targets"]) == ("main", "Sources")
    assert "mQINBF" in two["signed-by"]


class Maker:
    """Fills a folder with one file, counts how often, and fails when told to."""

    def __init__(self) -> None:
        self.made = 0
        self.fault: BaseException | None = None

    def __call__(self, folder: Path) -> Stamp:
        self.made += 1
        (folder / "content").write_text(str(self.made))
        if self.fault:
            raise self.fault
        return {"versions": {"tiny": str(self.made)}}


def test_what_is_there_is_made_no_second_time(tmp_path: Path) -> None:
    maker = Maker()
    first = ensure(tmp_path / "kept", {"layout": 1}, maker)
    assert ensure(tmp_path / "kept", {"layout": 1}, maker) == first
    assert first == {"asked": {"layout": 1}, "versions": {"tiny": "1"}}
    assert maker.made == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_another_wish_replaces_what_is_there(tmp_path: Path) -> None:
    maker = Maker()
    ensure(tmp_path / "kept", {"layout": 1}, maker)
    assert ensure(tmp_path / "kept", {"layout": 2}, maker)["versions"] == {"tiny": "2"}
    assert (tmp_path / "kept/content").read_text() == "2"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("fault", [Unavailable("no"), KeyboardInterrupt()])
def test_an_interrupted_call_leaves_what_was_there(tmp_path: Path, fault: BaseException) -> None:
    maker = Maker()
    ensure(tmp_path / "kept", {"layout": 1}, maker)
    maker.fault = fault
    with pytest.raises(type(fault)):
        ensure(tmp_path / "kept", {"layout": 2}, maker)
    assert ensure(tmp_path / "kept", {"layout": 1}, maker)["versions"] == {"tiny": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_leftovers_of_a_killed_call_are_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "kept.new").mkdir()
    (tmp_path / "kept.new/half").touch()
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/stamp.json").write_text('{"asked": {"lay')
    ensure(tmp_path / "kept", {"layout": 1}, Maker())
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["content", "stamp.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_tools_are_made_anew_when_the_machines_compiler_has_gone(tmp_path: Path) -> None:
    maker = Maker()
    compiler = tmp_path / "cc"
    compiler.touch()
    kept = tmp_path / "kept"
    ensure(kept, {}, lambda folder: {**maker(folder), "host_compiler": str(compiler)})
    ensure(kept, {}, maker)
    assert maker.made == 1
    compiler.unlink()
    ensure(kept, {}, maker)
    assert maker.made == 2


def test_one_of_two_calls_makes_and_the_other_waits(tmp_path: Path) -> None:
    making, go_on = threading.Event(), threading.Event()
    maker = Maker()

    def slowly(folder: Path) -> Stamp:
        making.set()
        assert go_on.wait(30)
        return maker(folder)

    def call() -> None:
        with locked(tmp_path / "lock"):
            ensure(tmp_path / "kept", {}, slowly)

    first, second = threading.Thread(target=call), threading.Thread(target=call)
    first.start()
    assert making.wait(30)
    second.start()
    with (tmp_path / "lock").open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    go_on.set()
    first.join()
    second.join()
    assert maker.made == 1
    with (tmp_path / "lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What a source tree of MicroPython is known by."""
    tree = tmp_path / "source"
    (tree / "py").mkdir(parents=True)
    (tree / "ports/esp8266").mkdir(parents=True)
    (tree / "ports/esp8266/mpconfigport.h").touch()
    (tree / "py/mpconfig.h").write_text(
        "#define MICROPY_VERSION_MAJOR 1\n"
        "#define MICROPY_VERSION_MINOR 25\n"
        "#define MICROPY_VERSION_MICRO 0\n"
    )
    return tree


def keep_tools(folder: Path, **facts: object) -> None:
    """A stamp as unpacking leaves it."""
    stamp = {
        "asked": toolchain.asked(),
        "versions": {"qemu-user": "7.2"},
        "host_compiler": "/bin/sh",
        "libraries_needed": True,
        "includes": "root/usr/lib/xtensa-lx106-elf/include",
        "plugins": True,
        **facts,
    }
    (folder / "debian").mkdir(parents=True)
    (folder / "debian/stamp.json").write_text(json.dumps(stamp))


def test_a_later_call_asks_neither_apt_nor_a_network(
    tmp_path: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    folder = tmp_path / "chip"
    keep_tools(folder)
    kit = packages.get(folder, tree)
    assert kit.compiler == folder / "debian/root/usr/bin/xtensa-lx106-elf-gcc"
    assert kit.qemu == folder / "debian/root/usr/bin/qemu-xtensa"
    assert kit.host_compiler == Path("/bin/sh")
    assert kit.includes == folder / "debian/root/usr/lib/xtensa-lx106-elf/include"
    assert kit.source == tree
    assert kit.environment == {"LD_LIBRARY_PATH": str(folder / "debian/libraries")}
    assert kit.versions == {"qemu-user": "7.2", "micropython": "1.25.0"}
    assert not (folder / "micropython").exists()


def test_a_fetched_source_is_named_with_debians_version(tmp_path: Path, tree: Path) -> None:
    folder = tmp_path / "chip"
    keep_tools(folder, libraries_needed=False)
    ensure(folder / "micropython", {"sha256": source.SHA256}, lambda new: move(tree, new / "tree"))
    kit = packages.get(folder)
    assert kit.environment == {}
    assert kit.source == folder / "micropython/tree"
    assert kit.versions["micropython source package"] == "1.25.0+ds-1"


def move(tree: Path, to: Path) -> Stamp:
    tree.rename(to)
    return {}


@pytest.mark.parametrize("missing", ["py/mpconfig.h", "ports/esp8266/mpconfigport.h"])
def test_a_folder_that_is_no_source_tree(tmp_path: Path, tree: Path, missing: str) -> None:
    (tree / missing).unlink()
    with pytest.raises(Unavailable, match=f"^{tree} is no source tree .*: it has no {missing}$"):
        packages.get(tmp_path / "chip", tree)
    assert not (tmp_path / "chip").exists()


def test_a_source_tree_without_a_version(tmp_path: Path, tree: Path) -> None:
    (tree / "py/mpconfig.h").write_text("#define MICROPY_VERSION_MAJOR 1\n")
    with pytest.raises(Unavailable, match=r"no source tree of MicroPython: .* has no version$"):
        packages.get(tmp_path / "chip", tree)


def test_a_machine_without_apt(tmp_path: Path, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="this machine has no apt-get: build on Debian 12"):
        packages.get(tmp_path / "chip", tree)
    assert [path.name for path in (tmp_path / "chip").iterdir()] == ["lock"]


def test_a_folder_that_cannot_be_made(tmp_path: Path, tree: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot hold the chip's tools"):
        packages.get(tmp_path / "file/chip", tree)


def test_a_source_archive_that_is_another(tmp_path: Path) -> None:
    archive = tmp_path / "micropython_1.25.0+ds.orig.tar.xz"
    archive.write_bytes(b"x" * source.SIZE)
    with pytest.raises(Unavailable, match=r"another than expected: 5983992 bytes .*MICROPYTHON="):
        source.check_archive(archive)


APT_GET = """\
#!/bin/sh
case "$*" in
  *update*) echo "{update}" >&2 ;;
  *) echo "{answer}" >&2; exit 100 ;;
esac
"""


@pytest.fixture
def archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that answers as apt_says() tells it, and lists that name one archive."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    lists = apt.parse_list("deb http://one.test/debian bookworm main")
    monkeypatch.setattr(toolchain, "read_archives", lambda: lists)
    monkeypatch.setattr(source, "read_archives", lambda: lists)
    return programs


def apt_says(programs: Path, update: str, answer: str) -> None:
    (programs / "apt-get").write_text(APT_GET.format(update=update, answer=answer))
    (programs / "apt-get").chmod(0o755)


def test_a_package_that_no_list_has(archives: Path, tmp_path: Path) -> None:
    apt_says(archives, "", "E: Unable to locate package qemu-user")
    with pytest.raises(Unavailable) as caught:
        toolchain.fetch_packages(tmp_path / "state", ("qemu-user",))
    assert str(caught.value) == (
        "the packages qemu-user cannot be had: apt-get says 'Unable to locate package qemu-user'; "
        "Debian 12 or later has them, and it takes a network once"
    )


def test_no_network_is_named_as_the_reason(archives: Path, tmp_path: Path) -> None:
    missed = "W: Failed to fetch http://one.test/InRelease  Temporary failure resolving 'one.test'"
    apt_says(archives, missed, "E: Unable to locate package qemu-user")
    with pytest.raises(Unavailable, match=r"Unable to locate .*; Failed to fetch .* resolving"):
        toolchain.fetch_packages(tmp_path / "state", ("qemu-user",))


def test_a_source_version_that_debian_no_longer_has(archives: Path, tmp_path: Path) -> None:
    apt_says(archives, "", "E: Can not find version '1.25.0+ds-1' of package 'micropython'")
    with pytest.raises(Unavailable, match=r"Can not find version .*MICROPYTHON=folder$"):
        source.fetch_source(tmp_path / "state")


def test_a_machine_whose_lists_name_nothing(archives: Path, tmp_path: Path) -> None:
    apt_says(archives, "", "")
    with pytest.raises(Unavailable, match="name no archive"):
        Apt(tmp_path / "state", [])


def make_deb(folder: Path, name: str, needs: str, *files: str) -> Path:
    """A package of these empty files."""
    tree = folder / f"tree-{name}"
    for file in files:
        (tree / file).parent.mkdir(parents=True, exist_ok=True)
        (tree / file).touch()
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: 1.0-1\nArchitecture: all\nMaintainer: nobody\n"
        f"{needs}Description: a test\n"
    )
    deb = folder / f"{name}_1.0-1_all.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", tree, deb], check=True, capture_output=True
    )
    shutil.rmtree(tree)
    return deb


@pytest.fixture
def archive(tmp_path: Path) -> apt.Archive:
    """An archive in a folder, of a package and the library that it depends on."""
    folder = tmp_path / "an archive"
    folder.mkdir()
    entries = []
    for name, needs in (("tiny-tool", "Depends: libtiny1\n"), ("libtiny1", "")):
        deb = make_deb(folder, name, needs)
        control = subprocess.run(["dpkg-deb", "--field", deb], capture_output=True, text=True)
        digest = hashlib.sha256(deb.read_bytes()).hexdigest()
        place = f"Filename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n"
        entries.append(f"{control.stdout.strip()}\n{place}")
    (folder / "Packages").write_text("\n".join(entries))
    uri = f"file:{str(folder).replace(' ', '%20')}"
    return {"types": "deb", "uris": uri, "suites": "./", "trusted": "yes"}


@needs_debian
def test_apt_brings_a_package_with_what_it_needs(tmp_path: Path, archive: apt.Archive) -> None:
    apt_get = Apt(tmp_path / "a state", of_packages([archive]))
    apt_get.update()
    debs = apt_get.packages(["tiny-tool"])
    assert [toolchain.package_version(deb) for deb in debs] == [
        ("libtiny1", "1.0-1"),
        ("tiny-tool", "1.0-1"),
    ]
    assert all(deb.is_relative_to(tmp_path / "a state") for deb in debs)


@needs_debian
def test_an_archive_that_fails_does_no_harm_unless_it_is_needed(
    tmp_path: Path, archive: apt.Archive
) -> None:
    gone = {**archive, "uris": f"file:{tmp_path}/gone"}
    apt_get = Apt(tmp_path / "state", of_packages([gone, archive]))
    apt_get.update()
    assert len(apt_get.packages(["libtiny1"])) == 1
    with pytest.raises(AptError, match=r"^Unable to locate package no-such-tool; .*/gone"):
        apt_get.packages(["no-such-tool"])


@needs_debian
def test_unpacking_leaves_out_what_nobody_needs_and_links_the_libraries(tmp_path: Path) -> None:
    root, links = tmp_path / "root", tmp_path / "libraries"
    toolchain.make_root(root)
    library = "lib/x86_64-linux-gnu/libtiny.so.1"
    for name, *files in (
        ("gcc-tiny", "usr/bin/tiny-gcc", "usr/lib/gcc/tiny/12/cc1", "usr/lib/gcc/tiny/12/cc1plus"),
        ("libtiny1", library, "usr/lib/x86_64-linux-gnu/libodd-2.0.so", "usr/share/doc/libtiny1"),
        ("qemu-user", "usr/bin/qemu-xtensa", "usr/bin/qemu-arm", "usr/share/doc/qemu-user"),
    ):
        toolchain.unpack(make_deb(tmp_path, name, "", *files), root)
    toolchain.link_libraries(root, links)
    unpacked = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    assert [path for path in unpacked if path.startswith("usr/")] == [
        "usr/bin/qemu-xtensa",
        "usr/bin/tiny-gcc",
        "usr/lib/gcc/tiny/12/cc1",
        "usr/lib/x86_64-linux-gnu/libodd-2.0.so",
        f"usr/{library}",
    ]
    assert (root / "lib").is_symlink()
    assert sorted(link.name for link in links.iterdir()) == ["libodd-2.0.so", "libtiny.so.1"]
    assert all(link.is_file() for link in links.iterdir())


@needs_debian
def test_a_package_that_is_cut_short(tmp_path: Path) -> None:
    deb = make_deb(tmp_path, "tiny", "", "usr/bin/tiny")
    deb.write_bytes(deb.read_bytes()[:-40])
    toolchain.make_root(tmp_path / "root")
    with pytest.raises(Unavailable, match=r"^tiny_1\.0-1_all\.deb cannot be unpacked"):
        toolchain.unpack(deb, tmp_path / "root")


def test_boards_get_the_version_that_the_table_names() -> None:
    assert versions.BOARDS == firmware.VERSION
