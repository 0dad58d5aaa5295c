"""The board: one chip with its hardware, through all the lives of its interpreter."""

import asyncio
import contextlib
import enum
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools import images
from tools.board import ops
from tools.board.bus import Bus, value_error
from tools.board.clock import Rtc, Timers, Watchdog
from tools.board.flash import FS_START, Flash, PowerCut
from tools.board.heap import HeapPlan, plan_heap
from tools.board.interpreter import BoardError, Interpreter, Setting
from tools.board.lwip import Stack
from tools.board.pins import Pins
from tools.board.radio import ACCESS_POINT, STATION, Radio
from tools.board.settings import SettingsStore
from tools.board.trace import Trace
from tools.board.uart import Uart
from tools.board.vmbuild import build_fakes

MAC = bytes.fromhex("84f3eb0a1b2c")  # an Espressif number; its end names the access point
FREQUENCIES = (80, 160)  # MHz
_POWER_IS_AWAY = 0.02  # seconds that a power cycle lasts


class Reset(enum.IntEnum):
    """Why a life ends; the value is the machine.reset_cause() of the next one."""

    POWER = 0
    HARDWARE_WATCHDOG = 1
    EXCEPTION = 2
    WATCHDOG = 3  # the soft watchdog behind machine.WDT
    SOFTWARE = 4  # machine.reset()
    DEEPSLEEP = 5
    BUTTON = 6  # RST
    SOFT = -1  # Ctrl-D: a new interpreter, the hardware does not notice and the cause stays

    @property
    def keeps_pins(self) -> bool:
        return self in (Reset.EXCEPTION, Reset.WATCHDOG, Reset.SOFTWARE)


@dataclass
class Ending:
    """How a life ended and what comes next."""

    reset: Reset
    asleep: float | None = 0.0  # seconds until the next life, None: until someone wakes the board
    run_main: bool = True
    stop: bool = False


@dataclass
class Options:
    """What the command line chose."""

    interpreter: Path
    image: Path
    keep_image: bool
    cache: Path
    rom: Path | None = None
    config: Path | None = None
    heap: int = 51 * 1024
    flash_mode: str = "dio"
    trace: Path | None = None
    power_cut: PowerCut | None = None


class Board:
    """Everything that has state: create it, `await run()`, and `stop()` it from elsewhere."""

    def __init__(self, options: Options, uart: Uart) -> None:
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="picopin-"))
        self.trace = Trace(options.trace)
        self.bus = Bus()
        self.uart = uart
        self.rtc = Rtc()
        self.timers = Timers(lambda unit: self._raise_event(ops.EVENT_TIMER, unit))
        self.watchdog = Watchdog(lambda: self.end_life(Reset.WATCHDOG))
        self.pins = Pins(self.trace, lambda pin: self._raise_event(ops.EVENT_PIN, pin))
        self._rom = options.rom.read_bytes() if options.rom else b""
        image = self._image()
        self.flash = Flash(image, options.flash_mode, self._rom, self._power_fails)
        self.flash.cut = options.power_cut
        kept = image.with_name(image.name + ".wifi.json") if options.keep_image else None
        store = SettingsStore(kept, f"ESP_{MAC[3:].hex().upper()}")
        self.radio = Radio(store, MAC, self.trace)
        self.net = Stack(self.folder, self.trace.now)
        self.radio.wires = {STATION: self.net.station, ACCESS_POINT: self.net.access_point}
        self.cause = Reset.POWER
        self.megahertz = FREQUENCIES[0]
        self.heap: HeapPlan | None = None
        self.fakes_hold = 0  # bytes of heap that are not the firmware's
        self.idle = False  # boot.py and main.py are over
        self._ending: asyncio.Future[Ending] | None = None
        self._wakeup = asyncio.Event()
        self._interpreter: Interpreter | None = None
        self._measured: asyncio.Future[int] | None = None
        self._rom_descriptor = -1
        self._run_main = True
        self._attach()

    def _attach(self) -> None:
        hardware = (self.pins, self.timers, self.watchdog, self.rtc, self.flash, self.radio)
        for part in (*hardware, self.net):
            part.attach(self.bus)
        self.bus.on(ops.LIFE, self._life)
        self.bus.on(ops.READY, self._ready)
        self.bus.on(ops.IDLE, self._idle)
        self.bus.on(ops.RESET, self._reset)
        self.bus.on(ops.RESET_CAUSE, lambda: self.cause.value)
        self.bus.on(ops.UNIQUE_ID, lambda: MAC[5:2:-1] + bytes(1))
        self.bus.on(ops.CHIP_FREQ, self._frequency)

    def _image(self) -> Path:
        """The flash image of this run: the given file, or a copy that ends with the board."""
        image = self.options.image
        if not self.options.keep_image:
            image = self.folder / "flash.img"
            shutil.copyfile(self.options.image, image)
        if self.options.config:
            _replace_config(image, self.options.config.read_bytes())
        return image

    # The lives.

    async def run(self) -> None:
        """Live until stop(); leaves no process, port or file behind."""
        try:
            setting = await self._prepare()
            self.trace.power_on()
            ending = Ending(Reset.POWER)
            while not ending.stop:
                self._begin_life(ending)
                ending = await self._live(setting)
                await self._end_life(ending)
        finally:
            await self._clean_up()

    def stop(self) -> None:
        self._wakeup.set()
        self._end(Ending(Reset.POWER, stop=True))

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

    def _end(self, ending: Ending) -> None:
        if self._ending and not self._ending.done():
            self._ending.set_result(ending)

    def _power_fails(self) -> None:
        self.trace.event("power cut", **self.flash.counts())
        self.power_cycle()

    async def _prepare(self) -> Setting:
        self._ending = asyncio.get_running_loop().create_future()
        fakes = await asyncio.to_thread(build_fakes, self.options.cache)
        setting = Setting(self.options.interpreter, fakes, self.folder)
        if self.options.rom:
            self._rom_descriptor = os.open(self.options.rom, os.O_RDONLY)
        self.heap = await plan_heap(
            setting.program,
            self.options.heap,
            len(self._rom),
            lambda heap: self._measure(setting, heap),
        )
        return setting

    async def _measure(self, setting: Setting, heap: int) -> int:
        """Start as far as boot.py; answers the heap that is free there."""
        self._measured = asyncio.get_running_loop().create_future()
        async with self._interpreter_running(setting, heap) as exited:
            await asyncio.wait((self._measured, exited), return_when=asyncio.FIRST_COMPLETED)
        measured, self._measured = self._measured, None
        if not measured.done():
            raise BoardError("the interpreter ended before boot.py; what it printed stands above")
        return measured.result()

    def _begin_life(self, ending: Ending) -> None:
        """What the hardware is like as the ROM loader starts."""
        reset = ending.reset
        self.trace.life += 1
        self._run_main = ending.run_main
        self.idle = False
        self._ending = asyncio.get_running_loop().create_future()
        if reset is not Reset.SOFT:
            self.cause = reset
            self.megahertz = FREQUENCIES[0]
        self.trace.event("boot", cause=self.cause.name.lower(), code=self.cause.value)
        if reset is not Reset.SOFT:
            self.radio.power_on()

    async def _live(self, setting: Setting) -> Ending:
        assert self.heap and self._ending
        async with self._interpreter_running(setting, self.heap.size) as exited:
            await asyncio.wait((exited, self._ending), return_when=asyncio.FIRST_COMPLETED)
            if self._ending.done():
                return self._ending.result()
            return self._ended_by_itself(exited.result())

    def _ended_by_itself(self, code: int) -> Ending:
        """Ctrl-D at the REPL ends the process; a signal is the chip's fatal exception."""
        return Ending(Reset.SOFT if code >= 0 else Reset.EXCEPTION)

    async def _end_life(self, ending: Ending) -> None:
        reset = ending.reset
        self.trace.event("reset", reset=reset.name.lower())
        self.timers.clear()
        self.net.restart()
        if reset is Reset.SOFT:
            self.pins.interpreter_reset()
            return
        self.watchdog.clear()
        self.radio.power_off()
        if reset.keeps_pins:
            self.pins.software_reset()
        else:
            self.pins.power_off()
        if reset is Reset.POWER:
            self.rtc.power_off()
        if not ending.stop:
            await self._sleep(ending.asleep)

    async def _sleep(self, seconds: float | None) -> None:
        self._wakeup.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._wakeup.wait(), seconds)

    @contextlib.asynccontextmanager
    async def _interpreter_running(self, setting: Setting, heap: int):
        """An interpreter on the bus and the serial line, gone at the end; gives its exit code.

        The code is a future that also fails where a handler of the bus does.
        """
        stdin, stdout = self.uart.open()
        shared = (self.flash.descriptor,)
        if self._rom_descriptor >= 0:
            os.lseek(self._rom_descriptor, 0, os.SEEK_SET)
            shared += (self._rom_descriptor,)
        try:
            interpreter = await Interpreter.start(
                setting, heap, shared, stdin, stdout, self.uart.repl
            )
        finally:
            os.close(stdin)
            os.close(stdout)
        self._interpreter = interpreter
        running = asyncio.create_task(self._serve(interpreter))
        try:
            yield running
        finally:
            self._interpreter = None
            running.cancel()
            await interpreter.kill()
            await asyncio.gather(running, return_exceptions=True)
            self.uart.ended()

    async def _serve(self, interpreter: Interpreter) -> int:
        """Serve its bus until it ends; answers its exit code."""
        await self.bus.serve(interpreter.bus_line)
        return await interpreter.wait()

    async def _clean_up(self) -> None:
        self.timers.clear()
        self.watchdog.clear()
        self.radio.power_off()
        await self.net.stop()
        self.flash.close()
        if self._rom_descriptor >= 0:
            os.close(self._rom_descriptor)
        self.trace.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _raise_event(self, kind: int, unit: int) -> None:
        if self._interpreter:
            self._interpreter.raise_event(kind, unit)

    # What the interpreter asks the chip itself.

    def _life(self, unit: int) -> int:
        assert self.heap or self._measured
        fields = {
            ops.LIFE_FLASH_FD: self.flash.descriptor,
            ops.LIFE_FLASH_START: FS_START,
            ops.LIFE_FLASH_BLOCKS: self.flash.blocks,
            ops.LIFE_ROM_FD: self._rom_descriptor,
            ops.LIFE_ROM_SIZE: len(self._rom),
            ops.LIFE_HEAP: self.heap.share if self.heap else self.options.heap,
            ops.LIFE_RUN_MAIN: self._run_main,
            ops.LIFE_REPL: self.uart.repl,
            ops.LIFE_MEASURE: self._measured is not None,
        }
        return fields[unit]

    def _ready(self, a: int, b: int) -> None:
        if self._measured and not self._measured.done():
            self._measured.set_result(a)
            return
        assert self.heap
        self.fakes_hold = a + b - self.heap.share
        self.trace.event("heap", free=a, fakes=self.fakes_hold)

    def _idle(self) -> None:
        self.idle = True
        self.trace.event("idle")

    async def _reset(self, a: int, b: int) -> None:
        """Never answers: the interpreter waits here for its end."""
        if a == ops.RESET_DEEPSLEEP:
            self.end_life(Reset.DEEPSLEEP, asleep=b / 1000 if b else None)
        else:
            self.end_life(Reset.SOFTWARE)
        await asyncio.Event().wait()

    def _frequency(self, a: int) -> int:
        if a and a not in FREQUENCIES:
            raise value_error("frequency can only be either 80Mhz or 160MHz")
        self.megahertz = a or self.megahertz
        return self.megahertz


def _replace_config(image: Path, config: bytes) -> None:
    """Write config.py into a LittleFS image, as a user would by the serial line."""
    content = bytearray(image.read_bytes())
    files = images.littlefs(content)
    images.write_file(files, images.PurePosixPath("config.py"), config)
    files.unmount()
    image.write_bytes(content)
