"""What is compared, and the folders and images it is run from."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import build, images
from tools.bench import load
from tools.device_packages import PACKAGES, ROOT, read_table
from tools.images import Tree

VM = Path(__file__).parent / "vm"
PEERS = Path(__file__).with_name("peers.json")
FOLDER = ROOT / "build" / "bench"
BOARDS = FOLDER / "boards"  # of each server fs/ and romfs.img, as build/romfs has them
LAUNCHER = ("launch", "sockets", "profiled", "machine", "network", "esp")
ROOMY = 192 * 1024  # bytes of heap where heap is not what is measured
PATIENCE = 10.0  # seconds for a start or an end; much more under valgrind
_RUN, _RUN_HERE = b".run(app)", b'.run(app, "127.0.0.1")'  # the whole firmware's last line
# A peer's main.py on a board. What it imports is looked for in ROMFS first, as Picopin's boot.py
# has it: LittleFS would take 1.5 kB more of the chip's stack.
_MAIN = """import sys
sys.path.remove("/rom/lib")
sys.path.insert(0, "/rom/lib")
import {program}
{program}.run(80, "0.0.0.0")
"""


@dataclass(frozen=True)
class Server:
    """A row of the table. `program`: main.py, or a module of vm/ that has run(port)."""

    name: str
    label: str
    program: str
    packages: tuple[str, ...] = ()
    polls: bool = False  # it never sleeps, so its instructions depend on the time that passes


SERVERS = (
    Server("picopin", "Picopin, the whole firmware", "main.py"),
    Server("picoweb", "picoweb 1.8.2", "app_picoweb", ("picoweb", "pkg_resources")),
    Server("microdot", "microdot 2.7.0", "app_microdot", ("microdot",)),
    Server(
        "chumicro",
        "chumicro-http-server 0.21.3",
        "app_chumicro",
        ("chumicro_http_server", "chumicro_sockets", "chumicro_timing"),
        polls=True,
    ),
    Server("bare", "bare asyncio, read in bulk", "app_bare"),
)
BY_NAME = {server.name: server for server in SERVERS}


class BenchError(Exception):
    """Why something could not be measured, said in one line."""


# -- building


def prepare(root: Path = ROOT, chosen: Iterable[Server] = SERVERS) -> None:
    """Compile the stand-ins and these servers, as .mpy files and as a ROMFS image.

    root: the checkout whose firmware is measured.
    """
    modules = [build.Module(f"{name}.py", (VM / f"{name}.py").read_bytes()) for name in LAUNCHER]
    build.write_tree(FOLDER / "vm", build.compile_all(modules))
    for server in chosen:
        library, editable = _firmware(root) if server.program == "main.py" else _peer(server)
        tree = build.under("lib", library)
        build.write_tree(FOLDER / server.name / "mpy", editable | tree)
        build.write_tree(FOLDER / server.name / "rom", dict(editable))
        (FOLDER / server.name / "rom").mkdir(parents=True, exist_ok=True)
        build.write_if_changed(FOLDER / server.name / "romfs.img", images.make_romfs(tree))
        _prepare_board(server, tree, editable)


def _prepare_board(server: Server, library: Tree, editable: Tree) -> None:
    """What a virtual board runs: the same ROMFS image, and main.py in its file system."""
    files = {name: _everywhere(data) for name, data in editable.items()}
    if server.program != "main.py":
        files["main.py"] = _MAIN.format(program=server.program).encode()
    build.write_tree(BOARDS / server.name / "fs", files)
    build.write_if_changed(BOARDS / server.name / "romfs.img", images.make_romfs(library))


def _firmware(root: Path) -> tuple[Tree, Tree]:
    """Picopin as shipped; only its address is the loopback's."""
    built = build.build(root, PACKAGES, root / "config.py", images.BLOCKS_4M)
    main = built.editable["main.py"].replace(_RUN, _RUN_HERE)
    if main == built.editable["main.py"]:
        raise BenchError("main.py does not serve in the way that this knows")
    return built.library, built.editable | {"main.py": main}


def _everywhere(source: bytes) -> bytes:
    """main.py as shipped again."""
    return source.replace(_RUN_HERE, _RUN)


def _peer(server: Server) -> tuple[Tree, Tree]:
    path = f"{server.program}.py"
    modules = [build.Module(path, (VM / path).read_bytes())]
    for package in read_table() + read_table(PEERS):
        folder = FOLDER / "packages" if package in read_table(PEERS) else PACKAGES
        for source in package.board:
            target = source.removeprefix("src/")
            if target.split("/")[0].removesuffix(".py") in server.packages:
                modules.append(build.Module(target, (folder / source).read_bytes()))
    return build.compile_all(modules), {}


def interpreter() -> str:
    """MicroPython as pip installed it beside this Python."""
    return str(Path(sys.executable).parent / "micropython")


def version() -> str:
    """What MicroPython says it is."""
    asked = "import sys; print(sys.version.split('; ')[1] + ',', 64 if sys.maxsize >> 32 else 32)"
    command = [interpreter(), "-c", asked]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return f"{done.stdout.strip()} bit"


# -- running


@dataclass
class Run:
    """How to start a server: heap in bytes, from ROMFS or .mpy files, under a tool.

    Times and instructions are of .mpy files: a ROMFS image would lie in the heap here, and each
    collection would look through it, which no chip does.
    """

    server: Server
    heap: int = ROOMY
    rom: bool = False
    mode: str = "serve"
    share: int = ROOMY  # what of the heap is the server's
    names: int = 0  # made beside those of the stand-ins: see heap.names_to_add
    tool: tuple[str, ...] = ()
    request: bytes = b""  # for the modes that serve this one, without a socket

    @property
    def image(self) -> Path | None:
        return FOLDER / self.server.name / "romfs.img" if self.rom else None

    def command(self, folder: Path, port: int) -> list[str]:
        return [
            *self.tool,
            *([sys.executable] if self.tool else []),  # valgrind follows no script's first line
            interpreter(),
            *("-X", f"heapsize={self.heap}", "-c", "import launch"),
            *(str(folder), str(self.image or "-")),
            *(str(port), self.server.program, str(self.share), str(self.names), self.mode),
        ]

    @contextmanager
    def process(self, port: int) -> Iterator[subprocess.Popen[str]]:
        """The interpreter in a copy of its folder, which ends with it."""
        with TemporaryDirectory(prefix="bench-") as scratch:
            folder = Path(scratch, "fs")
            shutil.copytree(self._files(), folder)
            _set_port(folder / "config.py", port)
            process = self._spawn(folder, port)
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    def _files(self) -> Path:
        return FOLDER / self.server.name / ("rom" if self.rom else "mpy")

    def _spawn(self, folder: Path, port: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(folder, port),
            cwd=folder,
            env={
                "MICROPYPATH": f"{FOLDER}/vm:.frozen",
                "PYTHONHASHSEED": "0",  # the same instructions each time
                "REQUEST": self.request.decode(),  # an argument may have 255 bytes
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )

    def output(self, patience: float) -> str:
        """What it prints until it ends by itself."""
        with self.process(0) as process:
            try:
                return process.communicate(timeout=patience)[0]
            except subprocess.TimeoutExpired:
                raise BenchError(f"{self.server.name} does not end") from None


def _set_port(config: Path, port: int) -> None:
    if config.is_file():
        text = config.read_text()
        config.write_text(re.sub(r"(?m)^HTTP_PORT = .*$", f"HTTP_PORT = {port}", text))


class Running:
    """A server that answers on `port`; `lines` is what it printed."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.port = port
        self.lines: list[str] = []
        self._process = process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.lines.append(line.rstrip())

    def wait_ready(self, patience: float) -> None:
        end = time.monotonic() + patience
        while not self.alive(patience):
            if self._process.poll() is not None or time.monotonic() > end:
                self._reader.join(1)
                raise BenchError("; ".join(self.lines[-12:]) or "it does not answer")
            time.sleep(0.01)

    def alive(self, patience: float = 2.0) -> bool:
        try:
            return load.good(load.ask(self.port, load.CURL, patience))
        except OSError:
            return False

    def wait_lines(self, beginning: str, number: int) -> None:
        """Until it has printed `number` lines that begin so."""
        end = time.monotonic() + PATIENCE
        while sum(line.startswith(beginning) for line in list(self.lines)) < number:
            if time.monotonic() > end:
                raise BenchError(f"waited for {number} lines {beginning!r}")
            time.sleep(0.01)

    def pause(self) -> None:
        """Take no processor time from the server that is measured next."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """As Ctrl-C does; killed where that is not enough."""
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(1)


@contextmanager
def running(run: Run, patience: float = PATIENCE) -> Iterator[Running]:
    port = free_port()
    with run.process(port) as process:
        server = Running(process, port)
        try:
            server.wait_ready(patience)
            yield server
        finally:
            server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
