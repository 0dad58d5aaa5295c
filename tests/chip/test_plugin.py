"""The plugin that counts instructions, and the profile made of its counts.

The guest, count_guest.S, says of each stretch how many instructions it has.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.chip import packages, profile

SOURCE = Path(__file__).resolve().parents[2] / "tools/chip/plugin/count.c"
GUEST = Path(__file__).with_name("count_guest.S")

FROM_MARK_1_TO_2 = 1 + 2 * 1000 + 4
IN_FUNCTION = 1 + 3 * 50 + 1
FROM_MARK_2_TO_3 = 1 + IN_FUNCTION + 4
FROM_MARK_3_TO_CLOSE = 1 + 4
FROM_CLOSE_TO_EXIT = 4
EXIT_CODE = 5


@pytest.fixture(scope="module")
def plugin(kit: packages.Kit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not kit.plugins:
        pytest.skip("this Debian's QEMU is linked statically and loads no plugin")
    library = tmp_path_factory.mktemp("plugin") / "count.so"
    flags = ["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O2"]
    subprocess.run([kit.host_compiler, *flags, "-o", library, SOURCE], check=True)
    return library


@pytest.fixture(scope="module")
def guest(compile_guest: Callable[..., Path]) -> Path:
    return compile_guest(GUEST, name="count_guest")


Command = Callable[..., list[str | Path]]


@pytest.fixture
def command(kit: packages.Kit, plugin: Path, guest: Path) -> Command:
    """The command that runs the guest with options of the plugin, and arguments of its own."""

    def command(*arguments: str, **options: object) -> list[str | Path]:
        given = "".join(f",{name}={value}" for name, value in options.items())
        return [kit.qemu, "-cpu", "lx106", "-plugin", f"file={plugin}{given}", guest, *arguments]

    return command


@pytest.fixture
def run(
    environment: dict[str, str], command: Command
) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    def run(**options: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command(**options), env=environment, capture_output=True)

    return run


Run = Callable[..., subprocess.CompletedProcess[bytes]]
PROGRAM_START = 5  # the instructions of the guest up to mark 1
MARK_1 = PROGRAM_START
MARK_2 = MARK_1 + FROM_MARK_1_TO_2
MARK_3 = MARK_2 + FROM_MARK_2_TO_3
CLOSE = MARK_3 + FROM_MARK_3_TO_CLOSE
TOTAL = CLOSE + FROM_CLOSE_TO_EXIT


def test_marks_stand_at_the_exact_count(run: Run, tmp_path: Path):
    log = tmp_path / "log"
    end = run(out=log)
    assert (end.returncode, end.stdout, end.stderr) == (EXIT_CODE, b"", b"")
    assert log.read_text().splitlines() == [
        f"mark 1 -70000 {MARK_1}",
        f"mark 2 0 {MARK_2}",
        f"mark 3 0 {MARK_3}",
        f"total {TOTAL}",
    ]


def test_the_mark_does_nothing_without_the_plugin(
    kit: packages.Kit, environment: dict[str, str], guest: Path
):
    end = subprocess.run([kit.qemu, "-cpu", "lx106", guest], env=environment, capture_output=True)
    assert (end.returncode, end.stdout, end.stderr) == (EXIT_CODE, b"", b"")


def test_system_calls_are_logged_if_asked(run: Run, tmp_path: Path):
    log = tmp_path / "log"
    run(out=log, syscalls="on")
    assert f"call close 77 -9 {CLOSE}" in log.read_text().splitlines()  # EBADF


def test_a_killed_process_has_logged_its_marks(
    environment: dict[str, str], command: Command, tmp_path: Path
):
    log, counts = tmp_path / "log", tmp_path / "counts"
    endless = command("endless", out=log, profile=counts, begin=1, end=2)
    with subprocess.Popen(endless, env=environment) as process:
        try:
            while not log.exists() or "mark 3" not in log.read_text():
                assert process.poll() is None
        finally:
            process.kill()
    assert log.read_text().splitlines()[-1] == f"mark 3 0 {MARK_3}"
    assert profile.read_counts(counts.read_text().splitlines()).total() == FROM_MARK_1_TO_2


def test_a_second_run_goes_on_in_the_same_log(run: Run, tmp_path: Path):
    log = tmp_path / "log"
    run(out=log)
    run(out=log)
    assert log.read_text().count(f"total {TOTAL}\n") == 2


def test_the_profile_has_every_instruction_at_its_function(run: Run, guest: Path, tmp_path: Path):
    counts = tmp_path / "counts"
    run(out=tmp_path / "log", profile=counts)
    blocks = profile.read_counts(counts.read_text().splitlines())
    assert profile.by_function(blocks, profile.symbols(guest)) == {
        "_start": TOTAL - IN_FUNCTION,
        "three_each": IN_FUNCTION,
    }


def test_the_profile_of_a_part_has_that_part_only(run: Run, guest: Path, tmp_path: Path):
    counts = tmp_path / "counts"
    run(out=tmp_path / "log", profile=counts, begin=2, end=3)
    blocks = profile.read_counts(counts.read_text().splitlines())
    assert profile.by_function(blocks, profile.symbols(guest)) == {
        "_start": FROM_MARK_2_TO_3 - IN_FUNCTION,
        "three_each": IN_FUNCTION,
    }


@pytest.mark.parametrize(
    "options, message",
    [
        ({}, "say where the log goes"),
        ({"out": "/dev/null", "outt": "x"}, "unknown option outt=x"),
        ({"out": "/dev/null", "begin": 1}, "begin= needs end="),
        ({"out": "/nowhere/log"}, "/nowhere/log: No such file or directory"),
    ],
)
def test_a_wrong_option_is_named(run: Run, options: dict[str, object], message: str):
    end = run(**options)
    assert end.returncode == 1
    assert message in end.stderr.decode()


def test_labels_inside_a_function_are_no_functions():
    lines = [
        "00000100 00000020 T sized",
        "00000110 t label_in_it",
        "00000120 t assembler",
        "00000130 D data",
        "00000140 00000004 T last",
    ]
    functions = profile.read_symbols(lines)
    assert [function.name for function in functions] == ["sized", "assembler", "last"]
    counts = Counter({0x80: 1, 0x100: 2, 0x118: 3, 0x124: 4, 0x140: 5})
    assert profile.by_function(counts, functions) == {
        profile.UNKNOWN: 1,
        "sized": 5,
        "assembler": 4,
        "last": 5,
    }


def test_the_table_is_sorted_and_sums_up():
    text = profile.table(Counter({"few": 25, "many": 50, "half": 25}), top=2)
    first, *_, last = text.splitlines()[1:]
    assert re.fullmatch(r" +50 +50\.0%  many", first)
    assert re.fullmatch(r" +100 +100\.0%  all 3 functions", last)
    assert len(text.splitlines()) == 4
