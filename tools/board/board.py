"""The board: the chip, its flash image and its ports, through all the lives of its interpreter."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tools import images
from tools.board import ops
from tools.board.bus import Bus
from tools.board.chip import Chip, Reset
from tools.board.flash import FS_START, Flash, PowerCut
from tools.board.gateway import gateway_of
from tools.board.heap import SOCKETS, HeapPlan, plan_heap
from tools.board.interpreter import BoardError, Interpreter, Setting
from tools.board.lwip import Stack
from tools.board.radio import ACCESS_POINT, STATION
from tools.board.trace import Trace
from tools.board.uart import Uart
from tools.board.vmbuild import build_fakes

_POWER_IS_AWAY = 0.02  # seconds that a power cycle lasts
_REPORTS = ("now", "_boot.py", "boot.py", "main.py", "REPL", "reset")  # by ops.REPORT_OF_...
_LAST_WORD = 2.0  # seconds that the last report of a run may take


@dataclass
class Ending:
    """How a life ended and what comes next."""

    reset: Reset
    asleep: float | None = 0.0  # seconds until the next life, None: until someone wakes the board
    run_main: bool = True


@dataclass
class Options:
    """What the command line chose."""

    interpreter: Path
    image: Path
    keep_image: bool
    cache: Path
    rom: Path | None = None
    config: Path | None = None
    heap: int = 57 * 1024
    flash_mode: str = "dio"
    trace: Path | None = None
    power_cut: PowerCut | None = None
    ticks: int = 0  # ms: what time.ticks_ms() says as a life begins


class Board:
    """Create it, `await run()`, and `stop()` it from elsewhere."""

    def __init__(self, options: Options, uart: Uart) -> None:
        self.options = options
        self.uart = uart
        self.trace = Trace(options.trace)
        self.folder = Path(tempfile.mkdtemp(prefix="picopin-"))
        self.bus = Bus()
        self.heap: HeapPlan | None = None
        self.fakes_hold = 0  # bytes of heap that are not the firmware's
        self.idle = False  # boot.py and main.py are over
        self._rom = options.rom.read_bytes() if options.rom else b""
        self._rom_descriptor = os.open(options.rom, os.O_RDONLY) if options.rom else -1
        try:
            self.chip = self._make_chip()
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        self.net = Stack(self.folder, self.trace.now)
        self.net.on_record = lambda record: self.trace.event("connection", **record.public())
        self.chip.radio.wires = {STATION: self.net.station, ACCESS_POINT: self.net.access_point}
        self.net.udp.outside = gateway_of(self.chip.radio.station)
        uart.on_interrupt = self.chip.wlan.scan.break_off
        self._ending: asyncio.Future[Ending] | None = None
        self._wakeup = asyncio.Event()
        self._stopping = False
        self._interpreter: Interpreter | None = None
        self._measured: asyncio.Future[int] | None = None
        self._run_main = True
        self._reported = asyncio.Event()
        self._attach()

    def _make_chip(self) -> Chip:
        image = self._image()
        flash = Flash(image, self.options.flash_mode, self._rom, self._power_fails)
        flash.cut = self.options.power_cut
        settings = image.with_name(image.name + ".wifi.json") if self.options.keep_image else None
        return Chip(flash, settings, self.trace, self._interrupt_line, self.end_life)

    def _image(self) -> Path:
        """The flash image of this run: the given file, or a copy that ends with the board."""
        image = self.options.image
        if not self.options.keep_image:
            image = self.folder / "flash.img"
            shutil.copyfile(self.options.image, image)
        if self.options.config:
            _replace_config(image, self.options.config.read_bytes())
        return image

    def _attach(self) -> None:
        self.chip.attach(self.bus)
        self.net.attach(self.bus)
        self.bus.on(ops.LIFE, self._life)
        self.bus.on(ops.READY, self._ready)
        self.bus.on(ops.IDLE, self._idle)
        self.bus.on(ops.REPORT, self._report)
        self.bus.on(ops.RESET, self._reset)
        self.bus.on(ops.SERIAL, lambda _unit, _a, _b, data: self.uart.send(data))

    # What the world does to it.

    async def run(self) -> None:
        """Live until stop()."""
        setting = await self._prepare()
        self.trace.power_on()
        ending = Ending(Reset.POWER)
        while not self._stopping:
            self._begin_life(ending)
            ending = await self._live(setting)
            await self._end_life(ending)

    async def close(self) -> None:
        """Leave no port or file behind; the interpreter is gone since run() ended."""
        self.chip.halt(Reset.POWER)
        await self.net.stop()
        self.uart.close()
        self.chip.flash.close()
        if self._rom_descriptor >= 0:
            os.close(self._rom_descriptor)
        self.trace.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self) -> None:
        self._stopping = True
        self._wakeup.set()
        self._end(Ending(Reset.POWER))

    def end_life(self, reset: Reset, asleep: float | None = 0.0, run_main: bool = True) -> None:
        """End the interpreter, hung or not; the next life begins `asleep` seconds later."""
        self._end(Ending(reset, asleep, run_main))

    def power_off(self) -> None:
        self._end(Ending(Reset.POWER, asleep=None))

    def power_on(self) -> None:
        self._wakeup.set()

    def power_cycle(self) -> None:
        self.end_life(Reset.POWER, asleep=_POWER_IS_AWAY)

    def interrupt(self) -> None:
        """Ctrl-C on the serial line."""
        if self._interpreter:
            self._interpreter.interrupt()
            self.chip.wlan.scan.break_off()

    def ask_memory(self, collect: bool = False, forget: bool = False) -> None:
        """Have the chip's own processor tell of its stack and heap: a `memory` entry of the trace
        follows. `collect`: what it holds without garbage; `forget`: the next peak of the stack is
        that of what comes after. ValueError where the interpreter is another."""
        if not (self.heap and self.heap.reports):
            raise ValueError("only the chip's own processor (--cpu lx106) tells of its memory")
        flags = ops.REPORT_COLLECT * collect | ops.REPORT_FORGET * forget
        self._reported.clear()
        self._interrupt_line(ops.EVENT_REPORT, flags)

    def _end(self, ending: Ending) -> None:
        if self._ending and not self._ending.done():
            self._ending.set_result(ending)

    def _power_fails(self) -> Awaitable[None]:
        self.trace.event("power cut", **self.chip.flash.counts())
        self.power_cycle()
        return _no_answer()

    def _interrupt_line(self, kind: int, unit: int) -> None:
        if self._interpreter:
            self._interpreter.raise_event(kind, unit)

    # The lives.

    async def _prepare(self) -> Setting:
        self._ending = asyncio.get_running_loop().create_future()
        fakes = await asyncio.to_thread(build_fakes, self.options.cache)
        setting = Setting(self.options.interpreter, fakes, self.folder)
        self.heap = await plan_heap(
            setting.program,
            self.options.heap,
            len(self._rom),
            lambda heap: self._measure(setting, heap),
            SOCKETS,
        )
        if self.options.ticks and not self.heap.reports:
            raise BoardError("--ticks: only the chip's own processor (--cpu lx106) can begin there")
        return setting

    async def _measure(self, setting: Setting, heap: int) -> int:
        """Start as far as boot.py; answers the heap that is free there."""
        measured = self._measured = asyncio.get_running_loop().create_future()
        async with self._interpreter_running(setting, heap) as exited:
            await asyncio.wait((measured, exited), return_when=asyncio.FIRST_COMPLETED)
        self._measured = None
        if not measured.done():
            raise BoardError("the interpreter ended before boot.py; what it printed stands above")
        return measured.result()

    def _begin_life(self, ending: Ending) -> None:
        self._run_main = ending.run_main
        self.idle = False
        self._ending = asyncio.get_running_loop().create_future()
        self.trace.life += 1
        self.chip.start(ending.reset)
        cause = self.chip.cause
        self.trace.event("boot", cause=cause.name.lower(), code=cause.value)

    async def _live(self, setting: Setting) -> Ending:
        assert self.heap and self._ending
        async with self._interpreter_running(setting, self.heap.size) as exited:
            await asyncio.wait((exited, self._ending), return_when=asyncio.FIRST_COMPLETED)
            if self._ending.done():
                if self._stopping and self.heap.reports:
                    await self._last_report()
                return self._ending.result()
            # Ctrl-D at the REPL ends the process; a signal is the chip's fatal exception.
            reset = Reset.SOFT if exited.result() >= 0 else Reset.EXCEPTION
            return Ending(reset, run_main=not self.uart.raw)

    async def _last_report(self) -> None:
        """At the end of a run; a program that hangs in a call of the hardware's says nothing."""
        self.ask_memory(collect=True)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._reported.wait(), _LAST_WORD)

    async def _end_life(self, ending: Ending) -> None:
        self.trace.event("reset", reset=ending.reset.name.lower())
        self.uart.reset(ending.reset is Reset.SOFT)
        self.chip.halt(ending.reset)  # Wi-Fi first: a chip that is off resets no connection
        self.net.restart()
        self._wakeup.clear()
        if not self._stopping:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wakeup.wait(), ending.asleep)

    @contextlib.asynccontextmanager
    async def _interpreter_running(
        self, setting: Setting, heap: int
    ) -> AsyncIterator[asyncio.Task[int]]:
        """An interpreter on the bus and the serial line, gone at the end; gives its exit code."""
        interpreter = self._interpreter = await self._spawn(setting, heap)
        running = asyncio.create_task(self._serve(interpreter))
        try:
            yield running
        finally:
            self._interpreter = None
            running.cancel()
            await interpreter.kill()
            await asyncio.gather(running, return_exceptions=True)
            self.uart.ended()

    async def _spawn(self, setting: Setting, heap: int) -> Interpreter:
        shared = [self.chip.flash.descriptor]
        if self._rom_descriptor >= 0:
            os.lseek(self._rom_descriptor, 0, os.SEEK_SET)
            shared.append(self._rom_descriptor)
        stdin, stdout = self.uart.open()
        try:
            return await Interpreter.start(
                setting, heap, tuple(shared), stdin, stdout, self._wants_repl
            )
        finally:
            os.close(stdin)
            os.close(stdout)

    @property
    def _wants_repl(self) -> bool:
        return self.uart.repl and self._measured is None

    async def _serve(self, interpreter: Interpreter) -> int:
        """Serve its bus until it ends, or a handler fails; answers its exit code."""
        await self.bus.serve(interpreter.bus_line)
        return await interpreter.wait()

    # What the interpreter asks about its life.

    def _life(self, field: int) -> int:
        fields = {
            ops.LIFE_FLASH_FD: self.chip.flash.descriptor,
            ops.LIFE_FLASH_START: FS_START,
            ops.LIFE_FLASH_BLOCKS: self.chip.flash.blocks,
            ops.LIFE_ROM_FD: self._rom_descriptor,
            ops.LIFE_ROM_SIZE: len(self._rom),
            ops.LIFE_HEAP: self.heap.share if self.heap else self.options.heap,
            ops.LIFE_RUN_MAIN: self._run_main,
            ops.LIFE_REPL: self._wants_repl,
            ops.LIFE_MEASURE: self._measured is not None,
            ops.LIFE_TICKS: self.options.ticks,
        }
        return fields[field]

    def _ready(self, _unit: int, free: int, used: int) -> None:
        if self._measured and not self._measured.done():
            self._measured.set_result(free)
        elif self.heap:
            self.fakes_hold = free + used - self.heap.share
            self.trace.event("heap", free=free, fakes=self.fakes_hold)
            if self._interpreter:
                self.uart.booting(self._interpreter.pid)

    def _report(self, unit: int, _a: int, _b: int, payload: bytes) -> None:
        """`PEAK NOW FREE LARGEST CALL...`, as tools/chip/port/memory.c writes it."""
        peak, now, free, largest, *calls = payload.decode().split()
        self.trace.event(
            "memory",
            of=_REPORTS[unit],
            stack=int(peak),
            stack_now=int(now),
            free=int(free),
            largest=int(largest),
            calls=calls,
        )
        if unit == ops.REPORT_OF_NOW:
            self._reported.set()

    def _idle(self) -> None:
        self.idle = True
        self.trace.event("idle")

    async def _reset(self, _unit: int, kind: int, milliseconds: int) -> None:
        """Ends this life, or sends it to sleep."""
        if kind == ops.RESET_DEEPSLEEP:
            self.end_life(Reset.DEEPSLEEP, milliseconds / 1000 if milliseconds else None)
        else:
            self.end_life(Reset.SOFTWARE)
        await _no_answer()


async def _no_answer() -> None:
    """The interpreter waits here for its end: answered, it would go on until it is killed."""
    await asyncio.Event().wait()


def _replace_config(image: Path, config: bytes) -> None:
    """Write config.py into a LittleFS image, as a user would by the serial line."""
    content = bytearray(image.read_bytes())
    files = images.littlefs(content)
    images.write_file(files, PurePosixPath("config.py"), config)
    files.unmount()
    image.write_bytes(content)
