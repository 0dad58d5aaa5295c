"""The interpreter for the chip's own processor, built where it is not there yet."""

import pytest

from tools.chip import build
from tools.chip.build import Chip


@pytest.fixture(scope="session")
def chip() -> Chip:
    try:
        return build.get()
    except build.Unavailable as error:
        pytest.skip(f"the chip's own processor is not there: {error}")
