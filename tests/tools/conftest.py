"""A small project to build: the tools' tests do not hang on what the firmware happens to be."""

from __future__ import annotations

from pathlib import Path

import pytest

FILES = {
    "boot.py": "print('boot')\n",
    "config.py": "NAME = 'as shipped'\n",
    "main.py": "import picopin.app\n",
    "lib/picopin/__init__.py": "",
    "lib/picopin/app.py": "def fail():\n\n    raise ValueError('line 3')\n",
    "lib/picopin/static/page.css": "body { color: black }\n" * 20,
    "lib/picopin/static/dot.png": "not text",
    "lib/picopin/templates/page.tpl": "{% args name %}\n<b>{{name}}</b>\n",
}


def write_project(root: Path) -> Path:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")
