"""Each rule of the check of device code: what makes it speak, and what must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import lint_device


def check(source: str, name: str = "gpio.py") -> list[str]:
    """What is found, as "line: text"."""
    return [f"{line}: {text}" for line, text in lint_device.check(Path(name), source)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a, _, b = text.partition('=')", "no .partition on the chip; split(sep, 1) or find()"),
        ("x = text.rpartition('=')", "no .rpartition"),
        ("x = text.splitlines()", "no .splitlines"),
        ("x = text.center(9)", "no .center"),
        ("x = slice(1, 2).indices(9)", "no .indices"),
        ("peer = sock.getpeername()", "no .getpeername"),
        ("x = sock.fileno()", "no .fileno"),
        ("sock.shutdown(1)", "no .shutdown"),
        ("x = complex(1, 2)", "no complex"),
        ("compile('1', '', 'eval')", "no compile"),
        ("execfile('a.py')", "no execfile"),
        ("x = NotImplemented", "no NotImplemented"),
        ("x = __file__", "no __file__"),
        ("x = pow(2, 3, 5)", "no pow() of three arguments"),
        ("class A:\n    def __setattr__(self, a, b):\n        pass", "__setattr__ is never called"),
        (
            "import urandom\nx = urandom.randint(1, 6)",
            "no random.randint on the chip; getrandbits()",
        ),
        ("from urandom import choice", "no random.choice"),
        ("import math\nx = math.factorial(3)", "no math.factorial"),
        ("import math as m\nx = m.isclose(1, 2)", "no math.isclose"),
        ("from ubinascii import crc32", "no binascii.crc32"),
        ("import uhashlib\nx = uhashlib.md5()", "no hashlib.md5"),
        ("import usocket as socket\nx = socket.SO_KEEPALIVE", "no socket.SO_KEEPALIVE"),
        ("import sys\nx = sys.exc_info()", "no sys.exc_info on the chip; except ... as e"),
        ("import sys\nx = sys.ps1", "no sys.ps1"),
        ("from uos import getenv", "no os.getenv"),
        ("from vfs import VfsFat", "no vfs.VfsFat on the chip; VfsLfs2"),
        ("import utime\nx = utime.clock()", "no time.clock"),
        ("import micropython\nx = micropython.mem_total()", "no micropython.mem_total"),
        ("object.__setattr__(a, 'b', 1)", "no .__setattr__ on the chip; setattr()"),
        ("x = 1j", "no complex numbers"),
    ],
)
def test_names_that_the_chip_lacks(source: str, found: str) -> None:
    findings = check(source)
    assert len(findings) == 1
    assert found in findings[0]


@pytest.mark.parametrize(
    "source",
    [
        "x = pow(2, 3)",
        "x = text.split('=', 1)",
        "def center(x):\n    return x",
        "re.compile = 1",
        "import ure\nx = ure.compile('a')",
        "from urandom import getrandbits",
        "import urandom as random\nx = random.getrandbits(8)",
        "import ubinascii\nx = ubinascii.hexlify(b'a')",
        "import uhashlib\nx = uhashlib.sha256()",
        "def f(random):\n    return random.choice",
        "async def f():\n    for i in range(3):\n        yield i",
        "if 0:\n    pass",
        "x = b'a'.decode()",
        "x = b'a'.decode('utf-8')",
    ],
)
def test_what_is_there_is_left_alone(source: str) -> None:
    assert check(source) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("match x:\n    case 1:\n        pass", "no match statement"),
        ("def f(a, /):\n    pass", "no positional-only parameters"),
        ("x = data.decode('utf-8', 'ignore')", "decode() may raise"),
        ("def f():\n    if 0:\n        yield", "no generator"),
        ("def f(:", "syntax error"),
    ],
)
def test_what_micropython_takes_otherwise(source: str, found: str) -> None:
    findings = check(source)
    assert len(findings) == 1
    assert found in findings[0]


@pytest.mark.parametrize(
    "module", ["pathlib", "unetwork", "ussl", "utimeq", "logging", "tools", "_thread"]
)
def test_modules_that_the_board_lacks(module: str) -> None:
    assert f"1: {module} is not on the board" in check(f"import {module}")[0]


@pytest.mark.parametrize("module", sorted(lint_device.EXTENSIBLE))
@pytest.mark.parametrize("name", ["main.py", "boot.py", "gpio.py"])
def test_imports_that_search_the_files_first(module: str, name: str) -> None:
    wanted = f"1: import {module} searches the files first; import u{module}"
    assert wanted in check(f"import {module}", name)
    assert wanted in check(f"from {module} import x", name)
    assert wanted not in check(f"import u{module}", name)


def test_imports_inside_a_function_search_too() -> None:
    assert "2: import os searches" in check("def f():\n    import os")[0]


def test_the_owner_imports_as_he_likes() -> None:
    assert check("import os\nx = os.uname()", "config.py") == []


def test_a_relative_import() -> None:
    assert "1: relative import" in check("from . import query")[0]


@pytest.mark.parametrize("module", ["gc", "utime", "uasyncio", "micropython", "umachine", "esp"])
def test_modules_that_the_board_has(module: str) -> None:
    assert check(f"import {module}") == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("web.py", "from picopin import gpio"),
        ("web.py", "from picopin.gpio import Pins"),
        ("web.py", "import picopin.gpio"),
        ("gpio.py", "import main"),
        ("gpio.py", "from picopin import net"),
        ("web.py", 'from picopin import cold\ncold("pinmap")'),
        ("cold/guard.py", "from picopin import gpio"),
        ("query.py", "import config"),
    ],
)
def test_imports_against_the_arrows(name: str, source: str) -> None:
    assert len(check(source, name)) == 1
    assert "may not reach into" in check(source, name)[0]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("main.py", "from picopin import api, gpio, net"),
        ("api.py", "from picopin.gpio import Pins"),
        ("api.py", 'from picopin import cold\ncold("views")'),
        ("cold/pinmap.py", "from picopin import gpio"),
        ("boot.py", "import config"),
        ("api.py", "from picopin import VERSION"),
        ("__init__.py", ""),
    ],
)
def test_imports_along_the_arrows(name: str, source: str) -> None:
    assert check(source, name) == []


def test_a_new_module_needs_its_room() -> None:
    assert "has no room" in check("", "brandnew.py")[0]
    assert "has no room" in check('from picopin import cold\ncold("brandnew")', "api.py")[0]


def test_arrows_go_one_way() -> None:
    """Each room stands in the table below all that it may reach into."""
    above: set[str] = set()
    assert list(lint_device.ARROWS) == list(lint_device.ROOMS)
    for room, others in lint_device.ARROWS.items():
        assert others <= above, room
        above.add(room)


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("api.py", "from umachine import Pin", "machine.Pin belongs to pins"),
        ("api.py", "import umachine\nx = umachine.PWM(4)", "machine.PWM belongs to pins"),
        ("api.py", "import umachine as m\nx = m.ADC(0)", "machine.ADC belongs to pins"),
        ("api.py", "import network", "network belongs to radio and watchdog"),
        ("gpio.py", "from network import WLAN", "network belongs to radio and watchdog"),
        ("gpio.py", "from picoweb.utils import parse_qs", "picoweb belongs to"),
    ],
)
def test_what_belongs_to_one_module(name: str, source: str, found: str) -> None:
    findings = check(source, name)
    assert len(findings) == 1
    assert found in findings[0]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("gpio.py", "from umachine import ADC, PWM, Pin"),
        ("net.py", "import network\nx = network.WLAN(0)"),
        ("main.py", "import umachine\numachine.reset()"),
        ("web.py", "import picoweb"),
    ],
)
def test_keepers_may(name: str, source: str) -> None:
    assert check(source, name) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return utime.ticks_ms() - since", "ticks_diff"),
        ("now = utime.ticks_ms()\n    return now - since", "ticks_diff"),
        ("end = utime.ticks_add(a, 5)\n    return a < end", "compare ticks_diff"),
        ("return utime.ticks_ms() > end", "compare ticks_diff"),
        ("end = utime.ticks_ms() + 5000\n    return end", "ticks_add"),
    ],
)
def test_plain_arithmetic_on_ticks(body: str, found: str) -> None:
    findings = check(f"import utime\ndef f(a, since, end):\n    {body}\n")
    assert len(findings) == 1
    assert found in findings[0]


def test_ticks_kept_in_an_attribute() -> None:
    source = (
        "import utime\nclass A:\n    def __init__(self):\n        self.since = None\n"
        "    def start(self):\n        self.since = utime.ticks_ms()\n"
        "    def age(self, now):\n        return now - self.since\n"
    )
    assert check(source) == ["8: ticks wrap; ticks_diff(later, earlier) instead of -"]


@pytest.mark.parametrize(
    "body",
    [
        "return utime.ticks_diff(utime.ticks_ms(), since) > 5",
        "left = utime.ticks_diff(end, utime.ticks_ms())\n    return left - 1 < 0",
        "now = utime.ticks_ms()\n    return now == since",
        "size = utime.ticks_ms()\n    size = len(a)\n    return size - 1",
    ],
)
def test_right_arithmetic_on_ticks(body: str) -> None:
    assert check(f"import utime\ndef f(a, since, end):\n    {body}\n") == []


def test_length_of_a_function() -> None:
    lines = "    x = 1\n" * lint_device.MAX_FUNCTION
    assert "1: f has 41 lines of 40" in check(f"def f():\n{lines}")[0]
    assert check(f"def f():\n{lines[10:]}") == []


@pytest.mark.parametrize(("name", "limit"), [("gpio.py", 300), ("main.py", 150), ("boot.py", 100)])
def test_length_of_a_file(name: str, limit: int) -> None:
    assert check("x = 1\n" * limit, name) == []
    assert f"more than {limit}" in check("x = 1\n" * (limit + 1), name)[0]


def test_the_command(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "lib/picopin/app.py").rename(project / "lib/picopin/gpio.py")
    (project / "main.py").write_text("import picopin\nx = ''.center(1)\n")
    assert lint_device.main([str(project)]) == 1
    assert capsys.readouterr().out == "main.py:2: no .center on the chip; pad with str.format\n"
    (project / "main.py").write_text("")
    assert lint_device.main([str(project)]) == 0
