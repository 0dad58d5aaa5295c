"""What `make` does before anything else: the virtual environment, and the list of targets."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENV_SCRIPT = ROOT / "tools" / "venv.sh"
INSTALL_SCRIPT = ROOT / "tools" / "install.sh"


def write_program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder that goes first on PATH, with stand-ins for uname and for every Python."""
    folder = tmp_path / "programs"
    folder.mkdir()
    write_program(folder / "uname", 'case "$1" in -s) echo Linux ;; -m) echo x86_64 ;; esac')
    for minor in ("", ".14", ".13", ".12", ".11", ".10"):
        write_program(folder / f"python3{minor}", "exit 1")
    return folder


def make_venv(programs: Path, target: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    variables["PATH"] = f"{programs}:{variables['PATH']}"
    return subprocess.run(
        ["sh", VENV_SCRIPT, target],
        env=variables | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


# Plays a Python of that version: answers the question for its version and for its modules, and
# makes a folder with its own name in it as a virtual environment.
PYTHON = """
case "$*" in
    *version_info*) exit {old} ;;
    *ensurepip*) exit {without_venv} ;;
    '-m venv '*) mkdir -p "$3" && basename "$0" > "$3/python" ;;
esac
"""


def test_the_first_python_that_is_new_enough(programs: Path, tmp_path: Path) -> None:
    write_program(programs / "python3", PYTHON.format(old=1, without_venv=0))
    write_program(programs / "python3.12", PYTHON.format(old=0, without_venv=0))
    write_program(programs / "python3.11", PYTHON.format(old=0, without_venv=0))
    result = make_venv(programs, tmp_path / "venv")
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "venv/python").read_text() == "python3.12\n"


def test_a_python_of_ones_own_choice(programs: Path, tmp_path: Path) -> None:
    write_program(programs / "python3.13", PYTHON.format(old=0, without_venv=0))
    write_program(programs / "mine", PYTHON.format(old=0, without_venv=0))
    assert make_venv(programs, tmp_path / "venv", PYTHON="mine").returncode == 0
    assert (tmp_path / "venv/python").read_text() == "mine\n"


def test_a_broken_folder_is_made_anew(programs: Path, tmp_path: Path) -> None:
    write_program(programs / "python3", PYTHON.format(old=0, without_venv=0))
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/rubbish").touch()
    assert make_venv(programs, tmp_path / "venv").returncode == 0
    assert not (tmp_path / "venv/rubbish").exists()


def one_sentence(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_no_python(programs: Path, tmp_path: Path) -> None:
    assert "no Python 3.10 to 3.14 found" in one_sentence(make_venv(programs, tmp_path / "venv"))


def test_no_venv_module(programs: Path, tmp_path: Path) -> None:
    write_program(programs / "python3", PYTHON.format(old=0, without_venv=1))
    sentence = one_sentence(make_venv(programs, tmp_path / "venv"))
    assert "python3 has no venv module" in sentence
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(
    ("system", "machine"), [("Linux", "aarch64"), ("Darwin", "x86_64"), ("FreeBSD", "amd64")]
)
def test_another_platform(programs: Path, tmp_path: Path, system: str, machine: str) -> None:
    answer = f'case "$1" in -s) echo {system} ;; -m) echo {machine} ;; esac'
    write_program(programs / "uname", answer)
    sentence = one_sentence(make_venv(programs, tmp_path / "venv"))
    assert f"this is {system} {machine}" in sentence


NO_NETWORK = """
WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(...)': /simple/a/
ERROR: Could not find a version that satisfies the requirement a==1 (from versions: none)
ERROR: No matching distribution found for a==1
"""
WRONG_HASH = """
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. Someone may have
    a==1 from ...:
        Expected sha256 0000
"""


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (NO_NETWORK, "no package index was reached; is there a network?"),
        (WRONG_HASH, "THESE PACKAGES DO NOT MATCH THE HASHES"),
        ("ERROR: disk full\nWARNING: more", "disk full"),
    ],
    ids=["network", "hash", "other"],
)
def test_what_pip_fails_for_is_one_line(tmp_path: Path, printed: str, said: str) -> None:
    (tmp_path / "bin").mkdir()
    write_program(tmp_path / "bin/python", f"cat <<'END' >&2\n{printed}\nEND\nexit 1")
    command = ["sh", INSTALL_SCRIPT, tmp_path, "-r", "requirements-run.txt"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    sentence = one_sentence(result)
    assert sentence.startswith(f"set-up: pip failed: {said}")
    assert printed.strip() in (tmp_path / "pip.log").read_text()


def test_pip_is_silent_where_it_succeeds(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    write_program(tmp_path / "bin/python", 'echo "$@"; echo WARNING: old >&2')
    command = ["sh", INSTALL_SCRIPT, tmp_path, "-r", "some.txt"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert "--require-hashes -r some.txt" in (tmp_path / "pip.log").read_text()


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "-C", str(ROOT), *arguments]
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(command, env=outside, capture_output=True, text=True, timeout=60)


def test_help_lists_every_target_in_a_line() -> None:
    listed = [line.split()[1] for line in make("help").stdout.splitlines()]
    database = make("--print-data-base", "--question", "help").stdout
    phony = re.search(r"^\.PHONY: (.*)", database, re.MULTILINE)
    assert phony
    assert sorted(listed) == sorted(phony[1].split())


def test_a_second_call_sets_nothing_up() -> None:
    stamps = (".venv/run", ".venv/test", "build/packages/.table.sha256")
    assert make("--question", *stamps).returncode == 0, "the set-up is old: run make test"
    assert make("--question", "--what-if", "requirements-run.txt", *stamps).returncode == 1


def test_requirements_are_pinned_by_hash_and_name_no_index() -> None:
    for path in sorted(ROOT.glob("requirements-*.txt")):
        text = path.read_text()
        assert "://" not in text
        pins = re.findall(r"^\S+==\S+.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
        assert pins
        assert all("--hash=sha256:" in pin for pin in pins)
