"""What happened on the board, a JSON object a line.

Pins: `{"ms": 1234, "life": 1, "pin": 2, "level": 0, "mode": "out", "duty": null}` at each change.
Everything else has `event` in place of `pin`: boot, reset, wifi, connection, ...
`ms` counts from the first power-on through all lives of the chip; `life` counts them.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

Entry = dict[str, Any]


class Trace:
    """Writes entries to a file, where there is one, and tells them to whoever listens."""

    def __init__(self, path: Path | None = None) -> None:
        self.life = 0
        self.listeners: list[Callable[[Entry], None]] = []
        self._start = time.monotonic()
        self._file: TextIO | None = path.open("w", buffering=1) if path else None

    def power_on(self) -> None:
        """Time starts here."""
        self._start = time.monotonic()

    def now(self) -> int:
        """Milliseconds since the first power-on."""
        return round((time.monotonic() - self._start) * 1000)

    def pin(self, pin: int, level: int | None, mode: str, duty: int | None, **more: Any) -> None:
        self._write({"pin": pin, "level": level, "mode": mode, "duty": duty, **more})

    def event(self, event: str, **fields: Any) -> None:
        self._write({"event": event, **fields})

    def _write(self, fields: Entry) -> None:
        entry = {"ms": self.now(), "life": self.life, **fields}
        if self._file:
            self._file.write(json.dumps(entry) + "\n")
        for listener in self.listeners:
            listener(entry)

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None
