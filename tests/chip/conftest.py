"""What the tests of the chip's processor share: its interpreter, its compiler, and QEMU."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.boards import chip_or_skip
from tools.chip import build, packages

# As MicroPython's ESP8266 port is compiled, but a program brings its own start and no libc.
_FLAGS = ("-std=gnu99", "-Wall", "-Wextra", "-Werror", "-Os", "-nostdlib", "-ffreestanding")
_CHIP_FLAGS = ("-mlongcalls", "-mtext-section-literals")


@pytest.fixture(scope="session")
def chip() -> build.Chip:
    """The interpreter, built where it is not yet there."""
    return chip_or_skip()


@pytest.fixture(scope="session")
def kit(chip: build.Chip) -> packages.Kit:
    """Compiler, QEMU and their environment."""
    return chip.kit


@pytest.fixture(scope="session")
def environment(kit: packages.Kit) -> dict[str, str]:
    """What the compiler and QEMU run in."""
    return {**os.environ, **kit.environment}


@pytest.fixture(scope="session")
def compile_guest(
    kit: packages.Kit, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """Of C sources, and `name`, makes a program for the chip's processor."""
    folder = tmp_path_factory.mktemp("guest")

    def build(*sources: Path, name: str) -> Path:
        program = folder / name
        flags = (*_FLAGS, *_CHIP_FLAGS)
        command = [kit.compiler, *flags, "-o", program, *sources, "-lgcc"]
        subprocess.run(command, env=environment, check=True)
        return program

    return build
