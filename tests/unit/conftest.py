"""The scripts of this folder run inside MicroPython."""

from tests.support.micropython import Script

_HOST_CODE = ("conftest.py", "harness.py")


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".py" and file_path.name not in _HOST_CODE:
        return Script.from_parent(parent, path=file_path)
    return None
