"""The fakes against the chip's rules: expressions that run inside MicroPython on the board.

Each row is (expression, what it gives); errors read as `Name: text`. All rows of a table run in
one life of the board, in order, and share their names.
"""

import json

import pytest

from tools.board.process import BoardProcess

Row = tuple[str, str]

_EVALUATE = """
import json
from machine import *
import machine, network, esp, time, gc, sys, os
sta = network.WLAN(network.STA_IF)
ap = network.WLAN(network.AP_IF)
with open("rows.json") as file:
    rows = json.load(file)
for i, row in enumerate(rows):
    try:
        shown = repr(eval(row))
    except Exception as e:
        shown = type(e).__name__ + ": " + str(e)
    print("row", i, shown)
"""


def run_rows(rows: list[Row], *arguments: str) -> None:
    """Evaluate every expression on one board and compare."""
    expressions = json.dumps([row[0] for row in rows]).encode()
    files = {"main.py": _EVALUATE.encode(), "rows.json": expressions}
    with BoardProcess(*arguments, files=files) as board:
        lines = [line[4:] for line in board.finish() if line.startswith("row ")]
    shown = dict(line.split(" ", 1) for line in lines)
    seen = [(row[0], shown.get(str(i), "nothing")) for i, row in enumerate(rows)]
    assert seen == rows


PIN_NUMBERS: list[Row] = [
    # machine_pin.c, pyb_pin_obj: the driver has 0-5, 9, 10, 12-16 and no other
    *((f"Pin({n})", f"Pin({n})") for n in (0, 1, 2, 3, 4, 5, 9, 10, 12, 13, 14, 15, 16)),
    *((f"Pin({n})", "ValueError: invalid pin") for n in (-1, 6, 7, 8, 11, 17, 99)),
    ("Pin('D4')", "ValueError: invalid pin"),
    ("Pin(2) is Pin(2)", "True"),
    ("Pin(Pin(2)) is Pin(2)", "True"),
    ("hasattr(Pin, 'PULL_DOWN')", "False"),
    ("(Pin.IN, Pin.OUT, Pin.OPEN_DRAIN, Pin.PULL_UP)", "(0, 1, 2, 1)"),
    ("(Pin.IRQ_RISING, Pin.IRQ_FALLING)", "(1, 2)"),
]

PIN_LEVELS: list[Row] = [
    ("Pin(4).value()", "0"),
    ("Pin(4, Pin.IN, Pin.PULL_UP).value()", "1"),
    ("Pin(4, Pin.IN).value()", "0"),
    # an input has no latch that could be set (machine_pin.c, pin_set)
    ("(Pin(4).value(1), Pin(4).value())", "(None, 0)"),
    ("(Pin(4, Pin.OUT).value(), Pin(4)())", "(0, 0)"),
    ("Pin(4, Pin.OUT, value=1).value()", "1"),
    # without a mode the pin stays as it is; with a mode and no value its level does
    ("(Pin(4), Pin(4).value())[1]", "1"),
    ("Pin(4, Pin.OUT).value()", "1"),
    ("(Pin(4).toggle(), Pin(4).value())[1]", "0"),
    ("(Pin(4).on(), Pin(4).value(), Pin(4).off(), Pin(4)())", "(None, 1, None, 0)"),
    ("(Pin(5, Pin.OPEN_DRAIN, Pin.PULL_UP, value=0)(), Pin(5)(1), Pin(5)())", "(0, None, 1)"),
    # the boot straps as a NodeMCU's resistors hold them
    ("(Pin(0)(), Pin(2)(), Pin(15)())", "(1, 1, 0)"),
    ("Signal(Pin(4, Pin.OUT, value=0), invert=True).value()", "1"),
    ("(Signal(Pin(4), invert=True).on(), Pin(4)())[1]", "0"),
    ("Pin(4, pull=Pin.PULL_UP)", "TypeError: 'mode' argument required"),
]

PIN_16: list[Row] = [
    ("Pin(16, Pin.OUT).value()", "1"),  # RTC_GPIO_OUT is or'ed with the -1 of "no value"
    ("Pin(16, Pin.OUT, value=0).value()", "0"),
    ("Pin(16, Pin.IN, Pin.PULL_UP)", "ValueError: Pin(16) doesn't support pull"),
    ("Pin(16).irq(print)", "OSError: pin does not have IRQ capabilities"),
    ("PWM(Pin(16))", "ValueError: PWM not supported on pin 16"),
    ("Pin(4).irq(print, hard=True)", "ValueError: hard IRQ not supported"),
]

PULSES: list[Row] = [
    *((f"PWM(Pin({n}))", f"ValueError: PWM not supported on pin {n}") for n in (1, 3, 9, 10)),
    *((f"PWM(Pin({n}), freq=500, duty=0).deinit()", "None") for n in (0, 2, 4, 5, 12, 13, 14, 15)),
    ("PWM(Pin(4))", "PWM(4, freq=500, duty=0)"),
    # esppwm.c: one frequency for all, 1 to 1000 Hz; duty 0 to 1023; beyond is brought to the end
    ("PWM(Pin(5), freq=200, duty=512)", "PWM(5, freq=200, duty=512)"),
    ("PWM(Pin(4)).freq()", "200"),
    ("(PWM(Pin(4)).freq(5000), PWM(Pin(4)).freq())[1]", "1000"),
    ("(PWM(Pin(4)).freq(0), PWM(Pin(4)).freq())[1]", "1"),
    ("(PWM(Pin(4)).duty(2000), PWM(Pin(4)).duty())[1]", "1023"),
    ("(PWM(Pin(4)).duty(-5), PWM(Pin(4)).duty())[1]", "0"),
    ("PWM(Pin(5)).duty()", "512"),
    ("(PWM(Pin(4)).duty(1023), Pin(4)())[1]", "1"),
    ("(Pin(4).value(0), Pin(4)())[1]", "1"),  # PWM goes on until it is told to end
    ("(PWM(Pin(4)).deinit(), Pin(4, Pin.OUT, value=0)())[1]", "0"),
]

CLOCKS: list[Row] = [
    ("RTC().memory()", "b''"),
    ("len((RTC().memory(bytes(492)), RTC().memory())[1])", "492"),
    ("RTC().memory(bytes(493))", "ValueError: buffer too long"),
    ("(RTC().memory(b'boot 3'), RTC().memory())[1]", "b'boot 3'"),
    ("RTC() is RTC()", "True"),
    ("time.gmtime(0)", "(2000, 1, 1, 0, 0, 0, 5, 1)"),  # the port's epoch
    ("time.mktime((2026, 1, 1, 0, 0, 0, 0, 0))", "820540800"),
    ("RTC().datetime((2026, 7, 5, 6, 12, 30, 0, 0))", "None"),
    ("RTC().datetime()[:6]", "(2026, 7, 5, 6, 12, 30)"),
    ("time.localtime()[:5]", "(2026, 7, 5, 12, 30)"),
    ("time.time() > 836000000", "True"),
    ("Timer(-1).deinit()", "None"),
    ("(Timer.ONE_SHOT, Timer.PERIODIC)", "(0, 1)"),
    ("WDT(timeout=1000)", "ValueError: "),  # machine_wdt.c: the time is fixed
    ("WDT(1)", "ValueError: "),
]

CHIP: list[Row] = [
    ("reset_cause()", "0"),
    (
        "(PWRON_RESET, WDT_RESET, SOFT_RESET, DEEPSLEEP_RESET, HARD_RESET)",
        "(0, 1, 4, 5, 6)",
    ),
    ("len(unique_id())", "4"),
    ("machine.freq()", "80000000"),
    ("(machine.freq(160000000), machine.freq())[1]", "160000000"),
    ("machine.freq(240000000)", "ValueError: frequency can only be either 80Mhz or 160MHz"),
    ("ADC(0).read()", "0"),
    ("ADC(0).read_u16()", "0"),
    ("ADC(2)", "ValueError: ADC(2) doesn't exist"),
    ("ADC(0) is ADC(0)", "True"),
    ("[name for name in ('UART', 'SDCard', 'DAC') if hasattr(machine, name)]", "[]"),
]

FLASH: list[Row] = [
    ("esp.flash_read(0, 4)[0]", "233"),
    ("esp.flash_read(0, 4)[2]", "2"),
    ("esp.flash_user_start()", "1048576"),
    ("esp.flash_size()", "2097152"),
    ("os.statvfs('/')[:3]", "(4096, 4096, 251)"),
    ("len(esp.flash_read(1048576, 5000))", "5000"),
    ("esp.flash_read(2097152, 4)", "OSError: [Errno 5] EIO"),
    ("esp.flash_write(900000, b'abc')", "ValueError: len must be multiple of 4"),
    # NOR flash: an erase sets all bits, a write only clears some
    ("(esp.flash_erase(220), esp.flash_read(220 * 4096, 2))[1]", "b'\\xff\\xff'"),
    ("(esp.flash_write(901120, b'\\x0f\\xff12'), esp.flash_read(901120, 4))[1]", "b'\\x0f\\xff12'"),
    ("(esp.flash_write(901120, b'\\xf1\\x0012'), esp.flash_read(901120, 4))[1]", "b'\\x01\\x0012'"),
]

START: list[Row] = [
    ("sys.path", "['', '.frozen', '/rom', '/rom/lib', '/lib', '/']"),
    ("os.getcwd()", "'/'"),
    ("__name__", "'__main__'"),
    ("sorted(os.listdir('/'))", "['main.py', 'rows.json']"),
    ("open('/etc/passwd')", "OSError: [Errno 2] ENOENT"),
    ("gc.threshold() * 4 - gc.mem_free() - gc.mem_alloc() < 0", "True"),
    (
        "[n for n in ('bus', 'clocks', 'events', 'flashdev', 'pads', 'start') if n in sys.modules]",
        "[]",
    ),
    ("__import__('utime') is time and __import__('umachine') is machine", "True"),
    ("__import__('usocket') is __import__('socket')", "True"),
    ("__import__('uselect') is __import__('select')", "True"),
    ("__import__('uasyncio').StreamReader", "<class 'Stream'>"),
    # modnetwork.c and modesp.c are no MP_REGISTER_EXTENSIBLE_MODULE
    *(
        (f"__import__('{name}')", f"ImportError: no module named '{name}'")
        for name in ("unetwork", "uesp", "ussl", "utimeq", "ulogging")
    ),
]


@pytest.mark.parametrize(
    "rows",
    [PIN_NUMBERS, PIN_LEVELS, PIN_16, PULSES, CLOCKS, CHIP, FLASH, START],
    ids=["numbers", "levels", "gpio16", "pwm", "clocks", "chip", "flash", "start"],
)
def test_rules(rows: list[Row]) -> None:
    run_rows(rows)


def test_flash_mode_of_the_header() -> None:
    run_rows([("esp.flash_read(0, 4)[2]", "0")], "--flash-mode", "qio")
