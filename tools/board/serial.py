"""The serial line as a pseudo-terminal: to mpremote, ampy and picocom what a USB adapter is.

Between that terminal and the interpreter stands this program. It does what the ESP8266 port
does and a unix MicroPython does not: Ctrl-C reaches a running program and only that, and Ctrl-D
restarts the interpreter on the same line, in the raw REPL without main.py and back in the raw
REPL (ports/esp8266/main.c, soft_reset() and mp_reset(); shared/runtime/pyexec.c).
"""

import asyncio
import os
import re
import select
import signal
import termios
import tty
from collections.abc import Callable
from pathlib import Path

from tools.board.ready import events_now
from tools.board.uart import Lines, nobody_listens

CTRL_A = b"\x01"
CTRL_C = b"\x03"
SOFT_REBOOT = b"MPY: soft reboot\r\n"
RAW_BANNER = b"raw REPL; CTRL-B to exit\r\n"
_NAME = b"MicroPython "
_BANNER_END = b'Type "help()" for more information.\r\n'
_BANNER = re.compile(rb"MicroPython [^\r\n]*\r\n" + re.escape(_BANNER_END) + rb">>> ")
_LF = re.compile(rb"\n")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_LONGEST_BANNER = 256  # bytes
_LFLAG = 3  # of what tcgetattr() answers
_LOOK = 0.1  # seconds between two looks for a program that opens the terminal
_RETRY = 0.002  # seconds until typed bytes that found no way are tried again
_UNWINDING = 0.5  # seconds that a program may take to end after Ctrl-C
_BACKLOG = 4096  # bytes on their way out at which the interpreter has to wait, as print() does


def _open_raw_pty() -> tuple[int, int]:
    """Both ends of a pseudo-terminal that changes no byte and echoes none."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    return master, slave


class Terminal:
    """The end that other programs open. What is shown while none has it open is lost."""

    def __init__(self, on_typed: Callable[[bytes], None], on_room: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_typed = on_typed
        self._on_room = on_room
        self._waiting = bytearray()
        self._master, slave = _open_raw_pty()
        self.path = os.ttyname(slave)
        os.close(slave)
        self._look_later: asyncio.TimerHandle | None = None
        self._look()

    @property
    def backlog(self) -> int:
        """Bytes that the program at the other end has not made room for."""
        return len(self._waiting)

    def show(self, data: bytes) -> None:
        if not events_now(self._master, 0) & select.POLLHUP:
            self._waiting += data
            self._write()

    def close(self) -> None:
        self._forget()
        if self._look_later:
            self._look_later.cancel()
        os.close(self._master)

    def _look(self) -> None:
        """Listen if someone is there. A terminal that nobody has open cannot be waited for."""
        self._read()
        if events_now(self._master, 0) & select.POLLHUP:
            self._forget()
            self._look_later = self._loop.call_later(_LOOK, self._look)
        else:
            self._loop.add_reader(self._master, self._read_or_leave)

    def _read_or_leave(self) -> None:
        if not self._read():
            self._forget()
            self._look_later = self._loop.call_later(_LOOK, self._look)

    def _read(self) -> bool:
        """Pass on what was typed; False when there is nothing and nobody."""
        try:
            self._on_typed(os.read(self._master, 4096))
        except BlockingIOError:
            return True
        except OSError:  # EIO: the last program has closed it
            return False
        return True

    def _write(self) -> None:
        try:
            count = os.write(self._master, self._waiting)
        except BlockingIOError:
            count = 0
        except OSError:  # EIO: it was closed just now
            count = len(self._waiting)
        del self._waiting[:count]
        if self._waiting:
            self._loop.add_writer(self._master, self._write)
        else:
            self._loop.remove_writer(self._master)
            self._on_room()

    def _forget(self) -> None:
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        self._waiting.clear()
        self._on_room()


class ReplWatch:
    """Reads along what the interpreter prints: which REPL it is in, if any.

    `enter_raw`: this life follows Ctrl-D in the raw REPL. Then `take` hides the friendly REPL's
    banner, has `type_in` go to the raw one, and shows from its banner on.
    """

    def __init__(self, enter_raw: bool, type_in: Callable[[bytes], None]) -> None:
        self.raw = enter_raw
        self.in_repl = False
        self._type_in = type_in
        self._take = self._until_banner if enter_raw else self._watch
        self._held = b""

    def take(self, data: bytes) -> bytes:
        """Take what was printed; answers what is to be shown."""
        return self._take(data)

    def _watch(self, data: bytes) -> bytes:
        seen = self._held + data
        raw, friendly = seen.rfind(RAW_BANNER), seen.rfind(_BANNER_END)
        if raw != friendly:  # else neither is there
            self.in_repl = True
            self.raw = raw > friendly
        self._held = seen[-len(_BANNER_END) + 1 :]
        return data

    def _until_banner(self, data: bytes) -> bytes:
        self._held += data
        if found := _BANNER.search(self._held):
            shown, self._held = self._held[: found.start()], self._held[found.end() :]
            self._take = self._until_raw_banner
            self._type_in(CTRL_A)
            return shown
        start = self._possible_start()
        shown, self._held = self._held[:start], self._held[start:]
        return shown

    def _possible_start(self) -> int:
        """Where in what is held a banner may have begun."""
        start = self._held.find(_NAME, max(0, len(self._held) - _LONGEST_BANNER))
        if start >= 0:
            return start
        overlaps = (n for n in range(len(_NAME), 0, -1) if self._held.endswith(_NAME[:n]))
        return len(self._held) - next(overlaps, 0)

    def _until_raw_banner(self, data: bytes) -> bytes:
        self._held += data
        start = self._held.find(RAW_BANNER)
        if start < 0:
            return b""
        shown, self._held = self._held[start:], b""
        self._take = self._watch
        return self._watch(shown)


def _catches_interrupt(pid: int) -> bool | None:
    """Whether the process handles SIGINT now; None where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return None
    found = re.search(r"^SigCgt:\s*(\w+)", status.read_text(), re.MULTILINE)
    return bool(found and int(found.group(1), 16) & 1 << signal.SIGINT - 1)


class SerialUart:
    """The chip's UART, wired to a Terminal; a REPL follows main.py.

    `on_line` hears what boot.py and main.py print, as on a board without a serial line. `cooks`:
    the interpreter leaves it to this program to send CR LF where print() ends a line.
    """

    repl = True

    def __init__(self, on_line: Callable[[str], None], cooks: bool = True) -> None:
        self._cooks = cooks
        self._room = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._lines = Lines(on_line)
        self._watch = ReplWatch(False, self._type_in)
        self._typed = bytearray()
        self._master = -1
        self._paused = False
        self._after_cr = False
        self._pid = 0
        self._up = False
        self._interrupted = -_UNWINDING
        self._retry: asyncio.TimerHandle | None = None
        self.on_interrupt = nobody_listens
        self.terminal = Terminal(self._on_typed, self._on_room)

    @property
    def raw(self) -> bool:
        """The REPL is in its raw mode: after a soft reset main.py does not run."""
        return self._watch.raw

    def open(self) -> tuple[int, int]:
        self._master, slave = _open_raw_pty()
        attributes = termios.tcgetattr(slave)
        attributes[_LFLAG] |= termios.NOFLSH  # a mark that the REPL clears while it reads keys
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        self._loop.add_reader(self._master, self._printed)
        return slave, os.dup(slave)

    async def send(self, data: bytes) -> None:
        while printed := self._read():
            self._pass_on(printed)
        self._after_cr = data.endswith(b"\r") if data else self._after_cr
        self.terminal.show(self._take(data)[0])
        self._room.clear()
        if self.terminal.backlog > _BACKLOG:
            await self._room.wait()

    def booting(self, pid: int) -> None:
        """MicroPython is up, boot.py comes next: from here on typing is heard."""
        self._pid = pid
        self._up = True
        self._feed()

    def ended(self) -> None:
        while data := self._read():
            self._pass_on(data)
        self._lines.end()
        self._close()

    def reset(self, soft: bool) -> None:
        """The chip starts anew; only a soft reset remembers that the REPL was raw."""
        self._watch = ReplWatch(soft and self._watch.raw, self._type_in)
        if soft:
            self.terminal.show(SOFT_REBOOT)

    def close(self) -> None:
        self._close()
        self.terminal.close()

    def _close(self) -> None:
        self._up = False
        if self._retry:
            self._retry.cancel()
        if self._master >= 0:
            self._loop.remove_reader(self._master)
            os.close(self._master)
            self._master = -1

    # What the interpreter prints.

    def _printed(self) -> None:
        data = self._read()
        self._pass_on(data or b"")
        self._paused = self.terminal.backlog > _BACKLOG
        if data is None or self._paused:
            self._loop.remove_reader(self._master)

    def _read(self) -> bytes | None:
        """What was printed; None when the interpreter has ended."""
        try:
            return os.read(self._master, 4096) or None
        except BlockingIOError:
            return b""
        except OSError:  # EIO
            return None

    def _pass_on(self, data: bytes) -> None:
        shown, printed = self._take(data)
        self.terminal.show(self._cooked(shown[:printed], _LF) + self._cooked(shown[printed:]))

    def _take(self, data: bytes) -> tuple[bytes, int]:
        """What of it is to be shown, and how much of that boot.py or main.py has printed."""
        from_program = not self._watch.in_repl
        shown = self._watch.take(data)
        if not from_program:
            return shown, 0
        end = max(shown.rfind(_NAME), 0) if self._watch.in_repl else len(shown)
        self._lines.add(shown[:end])
        return shown, end

    def _cooked(self, data: bytes, line_end: re.Pattern[bytes] = _BARE_LF) -> bytes:
        """With a CR before each LF of a program (mp_hal_stdout_tx_strn_cooked on the chip).

        Of a REPL only before those that have none, since its own are CR LF already.
        """
        before = b"\r" if self._after_cr else b""
        self._after_cr = data.endswith(b"\r") if data else self._after_cr
        if not self._cooks:
            return data
        return line_end.sub(b"\r\n", before + data)[len(before) :]

    def _on_room(self) -> None:
        self._room.set()
        if self._paused and self._master >= 0:
            self._paused = False
            self._loop.add_reader(self._master, self._printed)

    # What is typed.

    def _type_in(self, data: bytes) -> None:
        os.write(self._master, data)

    def _on_typed(self, data: bytes) -> None:
        self._typed += data
        self._feed()

    def _feed(self) -> None:
        """Hand on what was typed as far as it goes, and come again for the rest."""
        if self._retry:
            self._retry.cancel()
        while self._typed and self._up and self._hand_on():
            pass
        if self._typed and self._up:
            self._retry = self._loop.call_later(_RETRY, self._feed)

    def _hand_on(self) -> bool:
        """A Ctrl-C or what stands before the next one; False when it has to wait."""
        running = self._program_runs()
        if running and self._loop.time() < self._interrupted + _UNWINDING:
            return False  # a second SIGINT would end the process, other bytes would be early
        if self._typed.startswith(CTRL_C):
            del self._typed[:1]
            self._interrupt() if running else self._type_in(CTRL_C)
            return True
        part, _, _ = self._typed.partition(CTRL_C)
        try:
            del self._typed[: os.write(self._master, part)]
        except BlockingIOError:
            return False
        return True

    def _interrupt(self) -> None:
        """KeyboardInterrupt for the program, as the UART's interrupt does for mp_interrupt_char."""
        self._interrupted = self._loop.time()
        os.kill(self._pid, signal.SIGINT)
        self.on_interrupt()

    def _program_runs(self) -> bool:
        """True while Ctrl-C is for a program, False while the REPL reads it as a key."""
        caught = _catches_interrupt(self._pid)
        if caught is not None:
            return caught
        return bool(termios.tcgetattr(self._master)[_LFLAG] & termios.NOFLSH)
