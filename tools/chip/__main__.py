"""`python -m tools.chip`: MicroPython for the ESP8266's own processor.

Without a word it builds what is not there yet and prints the launcher's path, which
`python -m tools.board --interpreter` takes. MICROPYTHON=folder in the environment names a source
tree at hand, in place of Debian's source package.

`count` prints what the start and each kind of request of the built firmware cost in instructions.
`stack` plays all scenes of tools/chip/scenes, and prints how deep the chip's stack went in each.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.chip import build, requests, stack, versions
from tools.chip.count import CountError
from tools.command import Stop, run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tools.chip", description=__doc__)
    parser.add_argument(
        "--version", action="store_true", help="what was built of, beside what boards get"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    of_count = commands.add_parser("count", help="a table: instructions of a start and of requests")
    of_count.add_argument("--profile", metavar="PATH", help="where a GET of this path spends them")
    of_stack = commands.add_parser("stack", help="a table: the stack's peak, scene by scene")
    of_stack.add_argument("--markdown", action="store_true", help="as docs/measured.md has it")
    of_stack.add_argument(
        "--known", type=Path, metavar="FILE", help="write the rows above the limit, for tests/chip"
    )
    return parser


def _count(path: str | None) -> None:
    try:
        requests.show_profile(path) if path else requests.show()
    except CountError as error:
        raise Stop(str(error)) from error


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)

    def command() -> None:
        try:
            chip = build.get()
        except (build.Unavailable, build.BuildFailed) as error:
            raise Stop(str(error)) from error
        if options.command == "count":
            _count(options.profile)
        elif options.command == "stack":
            stack.show(chip, options.markdown, options.known)
        else:
            print(versions.table(chip.kit) if options.version else chip.launcher)

    return run("chip", command)


if __name__ == "__main__":
    sys.exit(main())
