"""Deploying over the virtual board's serial line, by mpremote and as in the article by ampy.

The board's flash is read back from its image by littlefs-python, so that no program checks itself.
"""

import contextlib
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from mpremote.transport_serial import SerialTransport

from tests.support.boards import config_text
from tests.support.silent_line import SilentLine
from tools import images
from tools.board.process import PATIENCE, ROOT, BoardProcess
from tools.command import Stop
from tools.deploy import __main__ as deploy
from tools.deploy import files
from tools.images import Tree

OLD: Tree = {
    "boot.py": b"print('old boot')\n",
    "lib/app.mpy": b"old app",
    "lib/gone.mpy": b"no longer wanted",
    "lib/same.mpy": b"the same",
    "ap.saved": b"the user's own",
    "notes/of/the/user.txt": b"stays",
}
NEW: Tree = {
    "boot.py": b"print('new boot')\n",
    "config.py": b"A = 1\n",
    "lib/app.mpy": b"new app, longer than one piece of a transfer: " + bytes(range(256)) * 2,
    "lib/deep/er.mpy": b"new",
    "lib/same.mpy": b"the same",
}
AFTER: Tree = NEW | {name: OLD[name] for name in ("ap.saved", "notes/of/the/user.txt")}


# Code as .mpy files takes more than code in ROMFS, which is what HEAP of the other tests is for.
MPY_HEAP = "96k"


@contextlib.contextmanager
def board_with(tree: Tree, *options: str) -> Iterator[tuple[BoardProcess, str]]:
    """A board with these files, and the path of its serial line."""
    given = ["--http-port", "0", "--serial", "--heap", MPY_HEAP, *options]
    with BoardProcess(*given, files=tree) as board:
        yield board, board.wait_line(r"serial (\S+)")[0]


def on_board(board: BoardProcess) -> Tree:
    return images.read_littlefs((board.folder / "flash.img").read_bytes())


def deploy_tree(port: str, tree: Tree) -> files.Changes:
    with deploy.connected(port) as board:
        changes = files.compare(board, tree)
        files.apply(board, changes, lambda text: None)
    return changes


# What changes


def test_only_what_differs_is_written_and_the_users_files_stay() -> None:
    with board_with(OLD) as (board, port):
        changes = deploy_tree(port, NEW)
        assert list(changes.write) == ["lib/app.mpy", "lib/deep/er.mpy", "boot.py", "config.py"]
        assert changes.remove == ["lib/gone.mpy"]
        assert changes.same == 1
        assert on_board(board) == AFTER
        assert not deploy_tree(port, NEW)


def test_a_file_of_the_same_length_is_told_by_its_hash() -> None:
    with board_with({"config.py": b"A = 1\n"}) as (board, port):
        assert list(deploy_tree(port, {"config.py": b"A = 2\n"}).write) == ["config.py"]
        assert on_board(board)["config.py"] == b"A = 2\n"


def test_a_board_that_has_nothing_yet() -> None:
    with board_with({}) as (board, port):
        deploy_tree(port, NEW)
        assert NEW.items() <= on_board(board).items()


def test_a_full_board_is_said_in_one_sentence() -> None:
    told = pytest.raises(Stop, match=r"the board cannot write /large.new \(No space left .*flash`")
    with board_with({"filler": bytes(240 * 4096)}) as (_, port), told:
        deploy_tree(port, {"large": bytes(12 * 4096)})


# Interrupted


class PulledOut(Exception):
    """The cable, at this very moment."""


class Interrupted(SerialTransport):
    """Lets so many commands through; then the line is dead."""

    def __init__(self, port: str, commands: int) -> None:
        super().__init__(port)
        self.left = commands

    def exec_raw_no_follow(self, command: str | bytes) -> None:
        if self.left == 0:
            raise PulledOut
        self.left -= 1
        super().exec_raw_no_follow(command)


def deploy_interrupted(port: str, tree: Tree, commands: int) -> bool:
    """Whether it came to its end within so many commands to the board."""
    board = Interrupted(port, commands)
    try:
        board.enter_raw_repl(soft_reset=True)
        files.apply(board, files.compare(board, tree), lambda text: None)
    except PulledOut:
        return False
    finally:
        board.close()
    return True


@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.soak)])
def test_interrupted_at_any_command_no_file_is_half_and_the_next_call_repairs(stride: int) -> None:
    commands = 0
    with board_with(OLD) as (board, port):
        while not deploy_interrupted(port, NEW, commands):
            for path, data in on_board(board).items():
                if not path.endswith(files.PARTIAL):
                    assert data in (OLD.get(path), NEW.get(path)), (commands, path)
            deploy_tree(port, NEW)
            assert on_board(board) == AFTER, commands
            deploy_tree(port, OLD)
            commands += stride
        assert on_board(board) == AFTER | {"lib/same.mpy": NEW["lib/same.mpy"]}
    assert commands >= 40


# mpremote waits ten seconds for the board that is gone
@pytest.mark.parametrize(
    "at", [12, *(pytest.param(at, marks=pytest.mark.soak) for at in (1, 5, 20))]
)
def test_the_power_fails_at_a_write_to_flash_and_the_next_call_repairs(at: int) -> None:
    with board_with(OLD) as (board, port):
        board.control(power_cut={"at": at, "torn": True})
        with contextlib.suppress(Stop):
            deploy_tree(port, NEW)
        board.wait_entry(event="power cut")
        deploy_tree(port, NEW)
        assert on_board(board) == AFTER


# The whole command, with the firmware, and its first answer


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.py"
    path.write_text(config_text(PINS=[{"pin": 2, "mode": "out", "active_low": True}]))
    return path


def start(port: str, config: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tools.deploy", "--port", port, "--config", str(config)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process: "subprocess.Popen[str]") -> str:
    out, error = process.communicate(timeout=4 * PATIENCE)
    assert process.returncode == 0, out + error
    return out


def built_tree(config: Path) -> Tree:
    tree = ROOT / "build/mpy/fs"
    found = [path for path in tree.rglob("*") if path.is_file()]
    files_there = {path.relative_to(tree).as_posix(): path.read_bytes() for path in found}
    return files_there | {"config.py": config.read_bytes()}


def assert_serves(board: BoardProcess, url: str) -> None:
    """GPIO2 lights its LED, which is on at 0 V."""
    with urllib.request.urlopen(f"{url}?pin=2&state=on", timeout=PATIENCE) as answer:
        assert b'"on"' in answer.read()
    board.wait_entry(pin=2, level=0)


@pytest.mark.usefixtures("built")
def test_killed_at_several_stages_and_repeated_it_serves(config: Path) -> None:
    with board_with({}) as (board, port):
        for stage in (1, 6, 15):
            process = start(port, config)
            assert process.stdout
            for _ in range(stage):
                assert process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=PATIENCE)
        said = finish(start(port, config))
        assert on_board(board).items() >= built_tree(config).items()
        assert "curl 'http://192.168.4.1/?pin=2&state=on'" in said
        assert_serves(board, board.ready())


@pytest.mark.usefixtures("built")
def test_the_second_time_nothing_is_written(config: Path) -> None:
    with board_with(built_tree(config)) as (board, port):
        said = finish(start(port, config))
        assert "0 files to write" in said
        assert_serves(board, board.ready())


JOINED = (
    "in the network home:\n  http://192.168.1.50/\n  curl 'http://192.168.1.50/?pin=2&state=on'"
)
REFUSED = "it did not join your network (home: wrong password): `make config`"


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("password", "last"),
    [
        pytest.param("secret pass", JOINED, id="joined"),
        pytest.param("another", REFUSED, id="refused"),
    ],
)
def test_it_tells_the_address_in_the_network_or_why_there_is_none(
    config: Path, password: str, last: str
) -> None:
    config.write_text(f'{config.read_text()}WIFI = [("home", "secret pass")]\n')
    with board_with(built_tree(config)) as (board, port):
        board.control(routers=[{"ssid": "home", "password": password}])
        assert last in finish(start(port, config))


def test_a_dry_run_changes_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with board_with(OLD) as (board, port):
        assert deploy.main(["--port", port, "--config", str(config), "--dry-run"]) == 0
        assert on_board(board) == OLD
    seen = capsys.readouterr().out
    assert "would write main.py" in seen
    assert "would remove lib/gone.mpy" in seen


def test_a_layout_that_the_board_has_no_place_for(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with board_with(OLD) as (board, port):
        given = ["--port", port, "--config", str(config), "--layout", "romfs"]
        assert deploy.main(given) == 1
        assert on_board(board) == OLD
    said = capsys.readouterr().err
    assert said == "deploy: the board's MicroPython has no ROMFS: leave out LAYOUT=romfs\n"


def test_a_line_on_which_nobody_answers(config: Path) -> None:
    told = pytest.raises(Stop, match=r"no MicroPython answers at .* `make flash`")
    with SilentLine() as line, told, deploy.connected(line.path):
        raise AssertionError("went on")


# As in the article: ampy puts the files, picocom (here nobody) restarts


def ampy(port: str, *arguments: str | Path) -> "subprocess.Popen[bytes]":
    command = [Path(sys.executable).with_name("ampy"), "-p", port, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.usefixtures("built")
def test_ampy_puts_the_files_as_in_the_article(config: Path) -> None:
    """The code is in ROMFS, as `make flash` leaves it; each put is cut off once, then repeated."""
    rom, fs = ROOT / "build/romfs/romfs.img", ROOT / "build/romfs/fs"
    with board_with({}, "--rom", str(rom)) as (board, port):
        for path in (fs / "boot.py", fs / "main.py", config):
            cut_off = ampy(port, "put", path)
            board.wait(lambda path=path: path.name in on_board(board), f"{path.name} begun")
            cut_off.kill()
            cut_off.wait(PATIENCE)
            output, _ = (repeated := ampy(port, "put", path)).communicate(timeout=4 * PATIENCE)
            assert repeated.returncode == 0, output
            assert on_board(board)[path.name] == path.read_bytes()
        assert ampy(port, "reset", "--hard").wait(PATIENCE) == 0
        assert_serves(board, board.ready())


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("built")
def test_ampy_puts_all_of_it(config: Path) -> None:
    """The layout for standard MicroPython: minutes of ampy's 32 bytes at a time."""
    fs = ROOT / "build/mpy/fs"
    with board_with({}) as (board, port):
        # boot.py last: each of these commands has it run, and it would miss the others.
        for path in (fs / "lib", config, fs / "main.py", fs / "boot.py"):
            process = ampy(port, "put", path)
            output, _ = process.communicate(timeout=10 * PATIENCE)
            assert process.returncode == 0, output
        assert on_board(board) == built_tree(config)
        assert ampy(port, "reset", "--hard").wait(PATIENCE) == 0
        assert_serves(board, board.ready())
