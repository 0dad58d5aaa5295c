"""Keeps docs/api.md true: runs its examples on the virtual board and compares, or writes, answers.

`python -m tools.api_examples` says where they differ; with --write it puts the real answers there.
In the document a block ```python is a config.py, for a board on which the blocks ```console that
follow are run: lines "$ curl ...", each with its answer. Between the marks <!-- errors --> stands
the table of lib/picopin/static/errors.txt.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.board.process import ROOT, BoardProcess
from tools.openapi.document import read_errors

DOCUMENT = ROOT / "docs/api.md"
CURL_SECONDS = 20
_BLOCK = re.compile(r"```(python|console)\n(.*?)```", re.DOTALL)
_ERRORS = re.compile(r"(?<=<!-- errors -->\n).*?(?=<!-- /errors -->)", re.DOTALL)
# What is different each time: members of JSON that are compared by type alone, and header lines.
_VOLATILE = {
    *("remaining", "uptime", "free", "lowest", "served", "refused", "lines", "edges"),
    *("scanning", "age", "networks"),
}
_HEAD_END = "\n\n"


class ExampleError(Exception):
    """What keeps an example from being run, in one line."""


@dataclass
class Example:
    """One command of the document, with the answer that stands there and the real one."""

    command: str
    told: str
    real: str = ""

    def agrees(self) -> bool:
        told, real = (text.split(_HEAD_END, 1) for text in (self.told.strip(), self.real.strip()))
        if len(told) != len(real) or same_head(told) != same_head(real):
            return False
        return same(parsed(told[-1]), parsed(real[-1]))


def same_head(parts: list[str]) -> list[str]:
    """The lines before the body that `curl -i` shows, but for the body's length."""
    lines = parts[0].splitlines() if len(parts) == 2 else []
    return [line for line in lines if not line.startswith("Content-Length:")]


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


def same(told: Any, real: Any) -> bool:
    """Whether both say the same; the members that change are there in both."""
    if isinstance(told, dict) and isinstance(real, dict):
        steady = set(told) - _VOLATILE
        return set(told) == set(real) and all(same(told[name], real[name]) for name in steady)
    if isinstance(told, list) and isinstance(real, list):
        return len(told) == len(real) and all(map(same, told, real))
    return told == real


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Examples(contextlib.ExitStack):
    """Runs the document's blocks, one after the other, on the board that the last config made."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(self.enter_context(tempfile.TemporaryDirectory()))
        self._board: BoardProcess | None = None
        self._ports = 0, 0
        self.examples: list[Example] = []

    def take(self, block: re.Match[str]) -> str:
        """Run a block; answers it with the real answers."""
        kind, text = block[1], block[2]
        if kind == "python":
            self._start(text)
            return block[0]
        return f"```console\n{''.join(self._run(example) for example in commands(text))}```"

    def _start(self, config: str) -> None:
        if self._board:
            self._board.stop()
        path = self._folder / "config.py"
        path.write_text(f'AP_PASSWORD = "for-examples"\n{config}')
        self._ports = free_port(), free_port()
        http, ap = (str(port) for port in self._ports)
        options = ("--http-port", http, "--ap-http-port", ap, "--heap", "100k")
        self._board = BoardProcess(*options, "--config", str(path))
        self.enter_context(self._board)
        self._board.wait_line(f"ready http://127.0.0.1:{http}/")

    def _run(self, example: Example) -> str:
        if self._board is None:
            raise ExampleError("no config.py stands before the first example")
        example.real = curl(example.command, *self._ports)
        self.examples.append(example)
        answer = example.told if example.agrees() else example.real
        return f"$ {example.command}\n{answer.rstrip()}\n"


def commands(block: str) -> Iterator[Example]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, told = part.partition("\n")
        yield Example(command, told)


def curl(command: str, http_port: int, ap_port: int) -> str:
    """What the command prints, with the board's names led to its ports."""
    words = shlex.split(command)
    if words[0] != "curl" or not shutil.which("curl"):
        raise ExampleError(f"cannot run: {command}")
    led = ["--connect-to", f"192.168.4.1:80:127.0.0.1:{ap_port}"]
    led += ["--connect-to", f"picopin.local:80:127.0.0.1:{http_port}"]
    done = subprocess.run(
        ["curl", "--silent", *led, *words[1:]],
        capture_output=True,
        text=True,
        timeout=CURL_SECONDS,
    )
    if done.returncode:
        raise ExampleError(f"curl ends with {done.returncode}: {command}")
    return done.stdout.replace("\r\n", "\n")


def errors_table() -> str:
    rows = [
        f"| {error.status} | `{error.code}` | {error.message.replace('%s', '…')} |\n"
        for error in read_errors(ROOT).values()
    ]
    return "| status | code | message |\n|---|---|---|\n" + "".join(rows)


def renew(text: str) -> tuple[str, list[Example]]:
    """The document with the real answers, and its examples."""
    with Examples() as examples:
        text = _BLOCK.sub(examples.take, text)
    return _ERRORS.sub(lambda _: errors_table(), text), examples.examples


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.api_examples", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the real answers there")
    write = parser.parse_args().write
    text = DOCUMENT.read_text(encoding="utf-8")
    try:
        real, examples = renew(text)
    except (ExampleError, TimeoutError) as error:
        print(f"api_examples: {error}", file=sys.stderr)
        return 1
    wrong = [example for example in examples if not example.agrees()]
    for example in wrong:
        print(f"$ {example.command}\n- {example.told.strip()}\n+ {example.real.strip()}")
    if write:
        DOCUMENT.write_text(real, encoding="utf-8")
    print(f"api_examples: {len(examples)} run, {len(wrong)} differ")
    return 0 if write or real == text else 1


if __name__ == "__main__":
    sys.exit(main())
