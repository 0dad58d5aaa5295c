"""The chip: all hardware that has state, and what each kind of reset leaves of it."""

import enum
from collections.abc import Callable
from pathlib import Path

from tools.board import ops
from tools.board.bus import Bus, value_error
from tools.board.clock import Rtc, Timers, Watchdog
from tools.board.flash import Flash
from tools.board.pins import Pins
from tools.board.radio import Radio
from tools.board.scan import Event
from tools.board.settings import SettingsStore
from tools.board.trace import Trace
from tools.board.wlan import Wlan

MAC = bytes.fromhex("84f3eb0a1b2c")  # an Espressif number; its end names the access point
FREQUENCIES = (80, 160)  # MHz


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


class Chip:
    """The parts, wired: `interrupt(kind, unit)` reaches the interpreter, `end` ends its life."""

    def __init__(
        self,
        flash: Flash,
        settings: Path | None,
        trace: Trace,
        interrupt: Callable[[int, int], None],
        end: Callable[[Reset], None],
    ) -> None:
        self._interrupt = interrupt
        self._end = end
        self._trace = trace
        self.cause = Reset.POWER
        self.megahertz = FREQUENCIES[0]
        self.flash = flash
        self.rtc = Rtc()
        self.timers = Timers(
            lambda unit, hard: self._raise((ops.EVENT_TIMER, unit), hard), self._crash
        )
        self.watchdog = Watchdog(lambda: end(Reset.WATCHDOG))
        self.pins = Pins(trace, lambda pin: self._raise((ops.EVENT_PIN, pin)))
        store = SettingsStore(settings, f"ESP_{MAC[3:].hex().upper()}")
        self.radio = Radio(store, trace)
        self.wlan = Wlan(self.radio, MAC, self._scan_over)

    def attach(self, bus: Bus) -> None:
        parts = (self.flash, self.rtc, self.timers, self.watchdog, self.pins, self.wlan)
        for part in parts:
            part.attach(bus)
        bus.on(ops.RESET_CAUSE, lambda: self.cause.value)
        bus.on(ops.UNIQUE_ID, lambda: MAC[5:2:-1] + bytes(1))  # system_get_chip_id()
        bus.on(ops.CHIP_FREQ, self._frequency)

    def halt(self, reset: Reset) -> None:
        """The CPU stops; what the reset does to the rest follows at once."""
        self.wlan.scan.forget()
        if reset is Reset.SOFT:
            self.timers.orphan()
            self.pins.interpreter_reset()
            return
        self.timers.clear()
        self.watchdog.clear()
        self.radio.power_off()
        if reset.keeps_pins:
            self.pins.software_reset()
        else:
            self.pins.power_off()
        if reset is Reset.POWER:
            self.rtc.power_off()

    def start(self, reset: Reset) -> None:
        """The CPU starts again."""
        if reset is Reset.SOFT:
            self.timers.go_on()
            return
        self.cause = reset
        self.megahertz = FREQUENCIES[0]
        self.wlan.reset()
        self.radio.power_on()

    def _raise(self, event: Event, hard: bool = False) -> None:
        """An interrupt, which has to wait while the program scans, unless it is a hard one."""
        if not self.wlan.scan.hold(event, hard):
            self._interrupt(*event)

    def _scan_over(self) -> None:
        for event in self.wlan.scan.held():
            self._interrupt(*event)

    def _crash(self) -> None:
        """A timer is due whose object was in the heap of an earlier interpreter."""
        self._trace.event("exception", why="a Timer was still armed at the soft reset")
        self._end(Reset.EXCEPTION)

    def _frequency(self, _unit: int, megahertz: int) -> int:
        if megahertz and megahertz not in FREQUENCIES:
            raise value_error("frequency can only be either 80Mhz or 160MHz")
        self.megahertz = megahertz or self.megahertz
        return self.megahertz
