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
            "level": 0, "mode": "out", "duty": None, "freq": None, "pull_up": False,
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


def test_an_output_wins_over_the_outside() -> None:
    with start("from machine import Pin\nled = Pin(5, Pin.OUT, value=1)\n") as board:
        board.wait_line("on")
        board.control(set_pin={"pin": 5, "level": 0})
        assert board.control(pins=None)["pins"]["5"]["level"] == 1


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
