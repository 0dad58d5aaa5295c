"""The firmware's files with more in them: for tests that look inside it, or break it."""

import re
import textwrap

from tools.board.process import ROOT

_RUN = re.compile(r"(?m)^( *)cold\(\"serving\"\)\.run\(")


def firmware_with(lines: str = "", first: str = "") -> dict[str, bytes]:
    """boot.py, main.py and config.py; main.py runs `first`, and `lines` right before it serves."""
    main = (ROOT / "main.py").read_text()
    found = _RUN.findall(main)
    assert len(found) == 1, "main.py has one line that serves"
    before, indent, after = _RUN.split(main)
    lines = textwrap.indent(lines, indent)
    changed = f'{first}\n{before}{lines}\n{indent}cold("serving").run({after}'
    names = ("boot.py", "config.py")
    return {"main.py": changed.encode(), **{name: (ROOT / name).read_bytes() for name in names}}
