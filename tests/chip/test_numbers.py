"""Numbers on the chip's own interpreter, beside what the unix interpreter of the other tests does.

REPR_C (ports/esp8266/mpconfigport.h): integers of 31 bits in a word, floats of 30 bits.
"""

import pytest

from tests.chip.ask import UNIX, printed, values
from tools.board.process import BoardProcess
from tools.chip.build import Chip

_CHIP_HEAP = 38 * 1024  # bytes (ports/esp8266/main.c)

# expression: what it gives on the chip, and on a 64-bit unix
ROWS = {
    # floats print six digits; the last two bits of a float's 32 are not there
    "1 / 3": ("0.333333", "0.3333333333333333"),
    "0.1 + 0.2": ("0.3", "0.30000000000000004"),
    "1234567.0": ("1.23457e+06", "1234567.0"),
    "float('1e40')": ("inf", "1e+40"),
    "'%.1f' % 0.05": ("'0.0'", "'0.1'"),
    "'%.3f|%d' % (1.3, 1.9)": ("'1.300|1'", "'1.300|1'"),
    # seconds times 1000 are no whole milliseconds: the firmware counts those (values.py)
    "int(seconds * 1000)": ("1299", "1300"),
    "seconds * 1000 == 1300": ("False", "True"),
    "round(seconds * 1000)": ("1300", "1300"),
    "'%d.%03d' % (1300 // 1000, 1300 % 1000)": ("'1.300'", "'1.300'"),
    # what clients get: `remaining` of up to 99 s is exact to the millisecond, of a day to 0.1 s
    "json.dumps([ms / 1000 for ms in (10, 299, 12345)])": ("'[0.01, 0.299, 12.345]'",) * 2,
    "json.dumps(86399123 / 1000)": ("'86399.1'", "'86399.12300000001'"),
    "json.dumps([1.5, 1e20, 2**40])": (
        "'[1.5, 1e+20, 1099511627776]'",
        "'[1.5, 1e+20, 1099511627776]'",
    ),
    "json.loads('[1.3, 1.0, 12345678901]')": ("[1.3, 1.0, 12345678901]",) * 2,
    # words
    "sys.maxsize": ("2147483647", "9223372036854775807"),
    "struct.calcsize('P'), struct.calcsize('l')": ("(4, 4)", "(8, 8)"),
    "hash(2**40)": ("0", "1099511627776"),  # cut to a word
    "hash('relay'), hash(1), hash(True)": ("(26438, 1, 1)",) * 2,
    # ticks wrap at 2**30
    "time.ticks_add(2**30 - 1, 2)": ("1", "1073741825"),
    "time.ticks_diff(5, 2**30 - 5)": ("10", "-1073741814"),
    "time.ticks_diff(2**30 - 5, 5)": ("-10", "1073741814"),
    # and 6.2 days are the most between two: what is older lies in the future
    "time.ticks_diff(2**29 - 1, 0)": ("536870911", "536870911"),
    "time.ticks_diff(2**29, 0)": ("-536870912", "536870912"),
    "time.ticks_add(0, 2**29)": ("OverflowError", "536870912"),
    "time.ticks_ms() < 2**30": ("True", "True"),
    "time.gmtime(0)[0]": ("2000", "1970"),
    "sys.platform": ("'esp8266'", "'linux'"),
}
_FIRST = """
import ujson as json, ustruct as struct, utime as time, sys
seconds = 1.3
"""


def test_numbers(chip: Chip) -> None:
    wanted = {row: on_chip for row, (on_chip, _) in ROWS.items()}
    assert values(chip.launcher, ROWS, _FIRST) == wanted


@pytest.mark.skipif("sys.platform != 'linux'", reason="sys.platform is in the table")
def test_numbers_of_unix(chip: Chip) -> None:
    assert values(UNIX, ROWS, _FIRST) == {row: on_unix for row, (_, on_unix) in ROWS.items()}


_IN_THE_HEAP = """
import micropython
def fits(a, b):
    micropython.heap_lock()
    try:
        a + b
        return True
    except MemoryError:
        return False
    finally:
        micropython.heap_unlock()
print(fits(2**29, 2**29 - 1), fits(2**29, 2**29), fits(-(2**29), -(2**29)), fits(-(2**30), -1))
print(fits(1.5, 1.5))
"""


def test_which_numbers_need_the_heap(chip: Chip) -> None:
    """Integers of 31 bits and floats lie in the word itself; of a 64-bit unix, 63 bits and none."""
    assert printed(chip.launcher, _IN_THE_HEAP) == ["True False True False", "True"]
    assert printed(UNIX, _IN_THE_HEAP) == ["True True True True", "False"]


_OF_A_LIFE = b"""
import gc, sys
print(gc.threshold(), sys.path)
"""


def test_a_life_of_the_board(chip: Chip) -> None:
    """main.c and _boot.py of the port; /rom and /rom/lib come with a ROMFS (vfs_rom_ioctl.c)."""
    words = "import gc\nprint(gc.mem_free() + gc.mem_alloc())"
    with BoardProcess("--cpu", "lx106", files={"main.py": _OF_A_LIFE}) as board:
        threshold, path = board.finish()[-1].split(" ", 1)
    assert int(threshold) == int(printed(chip.launcher, words, _CHIP_HEAP)[0]) // 4
    assert path == "['', '.frozen', '/lib', '/']"
