"""`make config`: the questions, answered well and badly; and config.py as text."""

import ast
import re
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.person import Person
from tools.command import Stop
from tools.configure import __main__ as configure
from tools.configure import ap_password, settings, source
from tools.device_packages import ROOT

SHIPPED = (ROOT / "config.py").read_text("utf-8")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.py"
    path.write_text(source.replaced(SHIPPED, "AP_PASSWORD", ap_password.PLACEHOLDER), "utf-8")
    return path


# The text of config.py


def test_a_value_is_replaced_and_every_comment_stays() -> None:
    changed = source.replaced(SHIPPED, "HOSTNAME", "kitchen")
    assert source.value(changed, "HOSTNAME") == "kitchen"
    assert changed.replace('"kitchen"', '"picopin"') == SHIPPED


def test_a_list_has_an_entry_a_line() -> None:
    changed = source.replaced("# ü\nWIFI = []\nAP = 1\n", "WIFI", [("a", "b"), ("c", "d")])
    assert changed == '# ü\nWIFI = [\n    ("a", "b"),\n    ("c", "d"),\n]\nAP = 1\n'


def test_what_is_missing_is_added() -> None:
    assert source.replaced("AP = 1\n", "HOSTS", ["x"]) == 'AP = 1\n\nHOSTS = ["x"]\n'


def test_the_assignment_in_force_is_the_last() -> None:
    assert source.replaced("A = 1\nA = 2\n", "A", 3) == "A = 1\nA = 3\n"


SCALARS = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(SCALARS, SCALARS)) | st.dictionaries(st.text(max_size=9), SCALARS))
def test_any_value_is_written_so_that_python_reads_it_back(value: object) -> None:
    assert ast.literal_eval(source.written(value)) == value


@pytest.mark.parametrize(
    "name", ['it\'s "quoted"', "a\\b", "Zoë & Jürgen 100% #1;+", "\N{SNOWMAN} \t", "  both ends  "]
)
def test_any_name_and_password_reach_the_firmware_unchanged(config: Path, name: str) -> None:
    password = name + "12345678"
    text = source.replaced(config.read_text("utf-8"), "WIFI", [(name, password)])
    config.write_text(text, "utf-8")
    found, mistakes = settings.read(config)
    assert not mistakes
    assert found["WIFI"] == [[name, password]]  # the firmware's tuple, as JSON has it


# The firmware's own checker


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ('AP_PASSWORD = "short"', "AP_PASSWORD: has 5 characters"),
        ('HTTP_PORT = "80"', "HTTP_PORT: must be a number"),
        ('COLOUR = "red"', "COLOUR: there is no such setting"),
        ('PINS = [{"pin": 6, "mode": "out"}]', "PINS, entry 1 (pin 6)"),
        ("HOSTNAME = ", "SyntaxError"),
        ("import nothing_like_it", "ImportError"),
    ],
)
def test_mistakes_are_named(
    config: Path, capsys: pytest.CaptureFixture[str], line: str, mistake: str
) -> None:
    config.write_text(f'AP_PASSWORD = "long enough"\n{line}\n')
    assert configure.main(["--config", str(config), "--check"]) == 1
    seen = capsys.readouterr().err
    assert seen.startswith("config: config.py has mistakes: mend them, or run `make config`\n  ")
    assert mistake in seen


def test_the_shipped_one_is_right(config: Path) -> None:
    assert configure.main(["--config", str(config), "--check"]) == 0


# The placeholder


def test_the_shipped_password_is_the_placeholder_that_is_looked_for() -> None:
    shipped = re.search(r"^AP_PASSWORD = .*$", SHIPPED, re.MULTILINE)
    assert shipped
    if ap_password.PLACEHOLDER not in shipped[0]:
        pytest.skip("config.py has been made this board's own")
    assert ap_password.is_placeholder(SHIPPED)


def test_where_nobody_can_be_asked_it_is_one_sentence(config: Path) -> None:
    before = config.read_bytes()
    with pytest.raises(Stop, match="placeholder password: set AP_PASSWORD in it, 8 to 63"):
        ap_password.settle(config)
    assert config.read_bytes() == before


@pytest.mark.parametrize(
    "line",
    [
        f'AP_PASSWORD: str = "{ap_password.PLACEHOLDER}"',
        'AP_PASSWORD = "-".join(["change", "me", "please"])',
        f'if AP:\n    AP_PASSWORD = "{ap_password.PLACEHOLDER}"',
    ],
)
def test_however_it_is_written_it_reaches_no_board(config: Path, line: str) -> None:
    with config.open("a") as file:
        file.write(f"AP_PASSWORD = 0\n{line}\n")
    with pytest.raises(Stop, match="placeholder password: set AP_PASSWORD in it"):
        settings.ready(config)


def test_at_a_terminal_it_is_asked_for(config: Path) -> None:
    with Person("tools.release", "--config", str(config), "--firmware", "/none") as person:
        person.answers("Password (Enter makes one up)", "short")
        person.answers("Password (Enter makes one up)", ap_password.PLACEHOLDER)
        person.answers("Password (Enter makes one up)", "my own one")
        person.until("The access point's password is  my own one  (written to config.py)")
    assert settings.ready(config)["AP_PASSWORD"] == "my own one"


def test_enter_makes_one_up_and_shows_it(config: Path) -> None:
    with Person("tools.release", "--config", str(config), "--firmware", "/none") as person:
        person.answers("Password (Enter makes one up)", "")
        person.until("The access point's password is  ")
        made_up = person.until("  (written").removesuffix("  (written")
    assert settings.ready(config)["AP_PASSWORD"] == made_up
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}", made_up)


def test_those_made_up_differ() -> None:
    assert len({ap_password.made_up() for _ in range(100)}) == 100


# The questions


def test_every_question_answered(config: Path) -> None:
    with Person("tools.configure", "--config", str(config)) as person:
        person.answers("Network's name", "My Wi-Fi")
        person.answers("Password of My Wi-Fi", "short")
        assert "8 to 63 characters" in person.answers("Network's name", "My Wi-Fi")
        person.answers("Password of My Wi-Fi", "it's 100% mine")
        person.answers("Network's name", "")
        person.answers("The board's name", "not a name!")
        assert "HOSTNAME: must be" in person.answers("The board's name", "kitchen")
        person.answers("Its own network", "fallback")
        person.answers("Name of its own network", "")
        person.answers("Password of its own network", "tiny")
        assert "has 4 characters" in person.answers("Password of its own network", "long enough")
        person.answers("Password for its pages and pins", "secret")
        person.answers("List them anew?", "yes")
        person.answers("Pin, as printed", "D1")
        person.answers("mode", "out")
        person.answers("your name for it", "pump")
        person.answers("is it on at 0 V", "yes")
        person.answers("off by itself", "600")
        person.answers("Pin, as printed", "6")
        person.answers("mode: out", "blink")
        assert "blink is none of them" in person.answers("mode: out", "")
        assert "GPIO6 cannot be used" in person.answers("Pin, as printed", "")
        person.until("config.py is right")
        assert person.exit_code() == 0
    found, mistakes = settings.read(config)
    assert not mistakes
    assert found["WIFI"] == [["My Wi-Fi", "it's 100% mine"]]
    assert (found["HOSTNAME"], found["AP"], found["AP_SSID"]) == ("kitchen", "fallback", None)
    assert (found["AP_PASSWORD"], found["PASSWORD"]) == ("long enough", "secret")
    pump = {"pin": 5, "mode": "out", "name": "pump", "active_low": True, "max_on": 600}
    assert found["PINS"] == [pump]
    assert config.read_text("utf-8").count("#") == SHIPPED.count("#") - 2  # those within lists


def test_enter_everywhere_changes_the_placeholder_only(config: Path) -> None:
    before = config.read_text("utf-8")
    with Person("tools.configure", "--config", str(config)) as person:
        for _ in range(7):
            person.until(": ")
            person.type("\n")
        person.until("config.py is right")
    after = config.read_text("utf-8")
    made_up = source.value(after, "AP_PASSWORD")
    assert made_up != ap_password.PLACEHOLDER
    assert settings.read(config)[0]["WIFI"] == []
    assert after.replace(made_up, ap_password.PLACEHOLDER) == before


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("WIFI = 7", "WIFI: must be a list"),
        ('WIFI = ["home"]', "WIFI, entry 1: must be"),
        ('WIFI = [("home", None)]', "WIFI, entry 1: a password has 8 to 63"),
        ("PINS = 5", "PINS: must be a list"),
        ('PINS = [{"mode": "out"}]', "PINS, entry 1: pin must be"),
    ],
)
def test_mistakes_made_by_hand_are_shown_and_asked_for_anew(
    config: Path, line: str, mistake: str
) -> None:
    with config.open("a") as file:
        file.write(f"{line}\n")
    with Person("tools.configure", "--config", str(config)) as person:
        shown = person.answers("Network's name", "")
        for _ in range(5):
            person.until(": ")
            person.type("\n")
        shown += person.until("List them anew?")
        if line.startswith("PINS"):
            person.answers("[yes]", "")
            person.answers("Pin, as printed", "D1")
            for _ in range(4):
                person.until(": ")
                person.type("\n")
            person.answers("Pin, as printed", "")
        else:
            person.answers("[no]", "")
        person.until("config.py is right")
    assert mistake in shown
    assert not settings.mistakes(config)


@pytest.mark.parametrize("line", ["AP_PASSWORD = 12345678", "PASSWORD = 5", 'HOSTNAME = "a" + "b"'])
def test_what_no_board_can_use_has_a_default_that_it_can(config: Path, line: str) -> None:
    with config.open("a") as file:
        file.write(f"{line}\n")
    with Person("tools.configure", "--config", str(config)) as person:
        for _ in range(7):
            person.until(": ")
            person.type("\n")
        person.until("config.py is right")


@pytest.mark.parametrize(
    ("line", "why"), [('HOSTNAME = "x', "SyntaxError"), ("import nothing_like_it", "ImportError")]
)
def test_a_config_that_does_not_run_is_for_its_owner_to_mend(
    config: Path, line: str, why: str
) -> None:
    with config.open("a") as file:
        file.write(f"{line}\n")
    number = len(config.read_text("utf-8").splitlines())
    with Person("tools.configure", "--config", str(config)) as person:
        shown = person.until("then again\n")
        assert person.exit_code() == 1
    assert shown.startswith(f"config: config.py cannot be read (line {number}: {why}")


def test_pins_are_not_lost_by_an_empty_list(config: Path) -> None:
    before = source.value(config.read_text("utf-8"), "PINS")
    with Person("tools.configure", "--config", str(config)) as person:
        for _ in range(6):
            person.until(": ")
            person.type("\n")
        person.answers("List them anew?", "yes")
        person.answers("Pin, as printed", "")
        person.until("the pins stay as they were")
        person.until(f"next: `make flash CONFIG={config}`")
    assert source.value(config.read_text("utf-8"), "PINS") == before


def test_ctrl_c_writes_nothing(config: Path) -> None:
    before = config.read_bytes()
    with Person("tools.configure", "--config", str(config)) as person:
        person.answers("Network's name", "My Wi-Fi")
        person.until("Password of My Wi-Fi")
        person.process.send_signal(signal.SIGINT)
        person.type("\n")  # one that comes right before input() reads is seen with the next key
        person.until("config: stopped")
        assert person.exit_code() == 130
    assert config.read_bytes() == before


def test_without_a_terminal(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert configure.main(["--config", str(config)]) == 1
    assert "nobody to ask: run `make config` at a terminal" in capsys.readouterr().err
