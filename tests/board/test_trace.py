"""The trace and the control socket: what an onlooker sees, and what the world can do."""

import pytest

from tools.board.process import BoardProcess

_WAIT = "\nimport time\nprint('on')\nwhile True: time.sleep(10)\n"


def start(program: str, *arguments: str) -> BoardProcess:
    return BoardProcess(*arguments, files={"main.py": (program + _WAIT).encode()})


def pin_entries(board: BoardProcess, pin: int) -> list[tuple[object, object, object]]:
    return [(e["level"], e["mode"], e["duty"]) for e in board.entries(pin=pin)]


def test_a_line_for_each_change_of_a_pin() -> None:
    program = """
from machine import Pin, PWM
led = Pin(4, Pin.OUT, value=1)
led.value(1); led.value(0)
pwm = PWM(led, freq=100, duty=300)
pwm.duty(1023); pwm.duty(0); pwm.deinit()
led.init(Pin.IN, Pin.PULL_UP)
"""
    with start(program) as board:
        board.wait_line("on")
        assert pin_entries(board, 4) == [
            (1, "out", None),
            (0, "out", None),
            (None, "pwm", 300),
            (1, "pwm", 1023),
            (0, "pwm", 0),
            (0, "out", None),
            (1, "in", None),
        ]
        first = board.entries(pin=4)[0]
        assert list(first) == ["ms", "life", "pin", "level", "mode", "duty"]
        times = [entry["ms"] for entry in board.entries()]
        assert times == sorted(times)


def test_pwm_of_an_untouched_pin_starts_at_duty_0_as_on_the_chip() -> None:
    with start("from machine import Pin, PWM\nPWM(Pin(5), duty=1023)\n") as board:
        board.wait_line("on")
        assert pin_entries(board, 5)[-1] == (1, "pwm", 1023)


def test_outputs_keep_their_level_over_a_reset_without_a_pulse() -> None:
    program = """
from machine import Pin, reset, reset_cause
if reset_cause() == 0:
    Pin(4, Pin.OUT, value=1)
    reset()
Pin(4, Pin.OUT, value=1)
"""
    with start(program) as board:
        board.wait_line("on")
        assert pin_entries(board, 4) == [(1, "out", None)]
        events = [(e["event"], e["life"]) for e in board.entries() if "event" in e]
        assert ("reset", 1) in events
        assert board.entries(event="boot", life=2)[0]["code"] == 4


def test_pins_answers_levels_and_modes() -> None:
    program = "from machine import *\nPin(2, Pin.OUT, value=0)\nPWM(Pin(4), freq=50, duty=7)\n"
    with start(program) as board:
        board.wait_line("on")
        pins = board.control(pins=None)["pins"]
        assert pins["2"] == {
            "level": 0, "driven": 0, "mode": "out", "duty": None, "freq": None, "pull_up": False,
        }  # fmt: skip
        assert (pins["4"]["duty"], pins["4"]["freq"]) == (7, 50)
        assert pins["16"]["mode"] == "in"


def test_the_world_sets_inputs_and_the_adc() -> None:
    program = """
from machine import *
button = Pin(5, Pin.IN)
while ADC(0).read() != 700: pass
print("adc", ADC(0).read_u16())
while not button.value(): pass
print("pressed")
"""
    with start(program) as board:
        board.control(adc=700)
        board.wait_line("adc 44799")
        board.control(set_pin={"pin": 5, "level": 1})
        board.wait_line("pressed")


@pytest.mark.parametrize("make", ["Pin(5, Pin.OUT, value=1)", "PWM(Pin(5), freq=500, duty=1023)"])
def test_an_output_that_its_load_holds_reads_what_the_load_has(make: str) -> None:
    """machine_pin.c, pin_get(): GPIO_INPUT_GET, the level at the pad, whatever drives it."""
    program = f"""
from machine import Pin, PWM
out = {make}
print("reads", Pin(5).value())
while Pin(5).value(): pass
print("reads", Pin(5).value())
while not Pin(5).value(): pass
print("reads", Pin(5).value())
"""
    with start(program) as board:
        board.wait_line("reads 1")
        board.control(set_pin={"pin": 5, "level": 0})
        board.wait_line("reads 0")
        pad = board.control(pins=None)["pins"]["5"]
        assert (pad["level"], pad["driven"]) == (0, 1)
        board.control(set_pin={"pin": 5, "level": None})
        board.wait_line("reads 1", 2)
        shown = [(e["level"], e.get("driven")) for e in board.entries(pin=5)]
        assert shown[-3:] == [(1, None), (0, 1), (1, None)]


def test_toggle_turns_what_is_driven_not_what_the_pad_has() -> None:
    """machine_pin.c, machine_pin_toggle(): mp_hal_pin_read_output()."""
    program = """
from machine import Pin
out = Pin(5, Pin.OUT, value=0)
print("made")
while not out.value(): pass
out.toggle()
print("reads", out.value())
"""
    with start(program) as board:
        board.wait_line("made")
        board.control(set_pin={"pin": 5, "level": 1})
        board.wait_line("reads 1")
        assert board.control(pins=None)["pins"]["5"]["driven"] == 1


def test_gpio16_turns_before_it_has_its_level_and_the_others_have_it_first() -> None:
    """machine_pin.c, pin_set(): RTC_GPIO_ENABLE, then RTC_GPIO_OUT; gpio_output_set() else."""
    program = """
from machine import Pin
for number in (16, 5):
    Pin(number, Pin.OUT, value=1)
    Pin(number, Pin.IN)
    Pin(number, Pin.OUT, value=0)
Pin(16, Pin.IN, value=1)
Pin(16, Pin.OUT, value=1)
"""
    with start(program) as board:
        board.wait_line("on")
        low, high, off = (0, "out", None), (1, "out", None), (0, "in", None)
        assert pin_entries(board, 16) == [low, high, off, high, low, off, high]
        assert pin_entries(board, 5) == [high, off, low]


@pytest.mark.parametrize(
    ("commands", "said"),
    [
        ({"nonsense": 1}, "unknown command nonsense"),
        ({"adc": 2000}, "adc must be 0 to 1024"),
        ({"set_pin": {"pin": 6, "level": 1}}, "the chip has no pin 6"),
        ({"set_pin": {"pin": 5, "level": 2}}, "level must be 0, 1 or null"),
        ({"adc": 5.5}, "adc must be 0 to 1024"),
        ({"set_pin": {"pin": 5}}, "set_pin takes"),
        ({"power": "half"}, "'half' is none of off, on, cycle"),
        ({"reset": "gently"}, "'gently' is none of software, watchdog"),
        ({"wifi": "gone"}, "'gone' is none of lost, restored, password refused"),
        ({"wifi": "scan"}, "scan refused"),
        ({"stall": {"writes": -1, "seconds": 1}}, "writes must be how many"),
        ({"power_cut": {"at": "3"}}, "at must be the number"),
        ({"watchdog": 0}, "watchdog takes seconds"),
        ({"delays": {"join": "long"}}, "join takes seconds"),
        ({"routers": [{"ssid": "home", "rssi": 50}]}, "rssi -127 to 0"),
        ({"routers": [{"ssid": "home", "bssid": "5a"}]}, "twelve hex digits"),
        ({"router": {"ssid": "Cafe", "present": "no"}}, "present of a router must be a bool"),
        ({"delays": {"lunch": 1}}, "delays are join"),
        ({"router": {"ssid": "nowhere", "rssi": -40}}, "no router"),
    ],
    ids=str,
)
def test_a_wrong_command_is_refused_with_a_reason(commands: dict[str, object], said: str) -> None:
    with start("") as board:
        with pytest.raises(ValueError, match=said):
            board.control(**commands)
        assert board.control(status=None)["status"]["life"] == 1
