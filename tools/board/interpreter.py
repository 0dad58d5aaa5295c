"""One life of the MicroPython interpreter: a process, its bus and its interrupt line."""

import asyncio
import contextlib
import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

START = "import start"  # vm/start.py


class BoardError(Exception):
    """Something that keeps the board from running, said in one line."""


@dataclass(frozen=True)
class Setting:
    """Where an interpreter runs: the program, the compiled fakes, the folder of its sockets."""

    program: Path
    fakes: Path
    folder: Path


class Interpreter:
    """The process and the host's ends of its lines."""

    def __init__(self, bus_line: socket.socket, event_line: socket.socket) -> None:
        self.bus_line = bus_line
        self._event_line = event_line
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    async def start(
        cls,
        setting: Setting,
        heap: int,
        shared: tuple[int, ...],
        stdin: int,
        stdout: int,
        repl: bool = False,
    ) -> "Interpreter":
        """Spawn it with `heap` bytes; `shared` are descriptors that it inherits."""
        bus_line, bus_end = socket.socketpair()
        event_line, event_end = socket.socketpair()
        wake_read, wake_write = os.pipe()
        lines = (bus_end.fileno(), event_end.fileno(), wake_read, wake_write)
        self = cls(bus_line, event_line)
        bus_line.setblocking(False)
        event_line.setblocking(False)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *_command(setting.program, heap, lines, repl),
                stdin=stdin,
                stdout=stdout,
                stderr=stdout,
                cwd=setting.folder,
                # HOME: the REPL keeps its history there, on a board it keeps none.
                env={
                    **os.environ,
                    "MICROPYPATH": str(setting.fakes),
                    "HOME": str(setting.folder),
                },
                pass_fds=lines + shared,
                start_new_session=True,  # Ctrl-C at the terminal is for the board to handle
            )
        except OSError as error:
            self._close_lines()
            raise BoardError(f"cannot run the interpreter {setting.program}: {error}") from error
        finally:
            bus_end.close()
            event_end.close()
            os.close(wake_read)
            os.close(wake_write)
        return self

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    async def wait(self) -> int:
        """Wait for its end; negative: it was ended by that signal."""
        return await self._process.wait() if self._process else 0

    async def kill(self) -> None:
        self._signal(signal.SIGKILL)
        await self.wait()
        self._close_lines()

    def interrupt(self) -> None:
        """Ctrl-C: KeyboardInterrupt in the program."""
        self._signal(signal.SIGINT)

    def _signal(self, signum: int) -> None:
        """Process.send_signal() would look first whether it has ended, and so take the exit code
        of one that ends just then from asyncio, which says so on our console and makes it 255.
        """
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signum)

    def raise_event(self, kind: int, unit: int) -> None:
        """An interrupt. Where the line is full the program has long not looked: it is lost."""
        try:
            self._event_line.send(bytes((kind, unit)))
        except (BlockingIOError, OSError):
            return

    def _close_lines(self) -> None:
        self.bus_line.close()
        self._event_line.close()


def _command(program: Path, heap: int, lines: tuple[int, ...], repl: bool) -> list[str]:
    flags = ["-i"] if repl else []
    return [str(program), *flags, "-X", f"heapsize={heap}", "-c", START, *map(str, lines)]
