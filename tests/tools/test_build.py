"""The build: what it makes, that it makes the same again, and that MicroPython runs it."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from tools import build, images

VM = Path(sys.executable).with_name("micropython")
MOUNT = Path(__file__).with_name("micropython") / "mount.py"
LAYOUTS = {"romfs": ("romfs/littlefs.img", "romfs/romfs.img"), "mpy": ("mpy/littlefs.img", "-")}


def make(project: Path, out: Path, *options: str) -> int:
    return build.main(["--root", str(project), "--out", str(out), *options])


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def run_on_board(out: Path, layout: str, line: str) -> str:
    """What a line of Python prints in MicroPython, with the images mounted as on the board."""
    files = [name if name == "-" else out / name for name in LAYOUTS[layout]]
    command = [VM, MOUNT, *files, line]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return result.stdout + result.stderr


@pytest.fixture
def out(project: Path, tmp_path: Path) -> Path:
    assert make(project, tmp_path / "out") == 0
    return tmp_path / "out"


def test_layouts(out: Path) -> None:
    romfs = images.read_littlefs((out / "romfs/littlefs.img").read_bytes())
    assert set(romfs) == {"boot.py", "main.py", "config.py"}
    library = contents(out / "romfs/rom")
    assert {"lib/picopin/app.mpy", "lib/picoweb/__init__.mpy", "lib/ulogging.mpy"} < set(library)
    assert images.make_romfs(library) == (out / "romfs/romfs.img").read_bytes()
    mpy = images.read_littlefs((out / "mpy/littlefs.img").read_bytes())
    assert mpy == romfs | library == contents(out / "mpy/fs")


def test_of_utemplate_only_what_the_board_needs(out: Path) -> None:
    names = [name for name in contents(out / "romfs/rom") if "utemplate" in name]
    assert names == ["lib/utemplate/compiled.mpy"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_micropython_imports_the_device_packages(out: Path, layout: str) -> None:
    line = "import picoweb, utemplate.compiled, ulogging, pkg_resources; print(picoweb.WebApp)"
    assert run_on_board(out, layout, line) == "<class 'WebApp'>\n"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_traceback_names_file_and_line(out: Path, layout: str) -> None:
    printed = run_on_board(out, layout, "import picopin.app as app; app.fail()")
    assert 'File "picopin.app", line 3, in fail\nValueError: line 3' in printed


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_template_renders(out: Path, layout: str) -> None:
    line = (
        "from utemplate.compiled import Loader; "
        "print(''.join(Loader('picopin', 'templates').load('page.tpl')('Ada')))"
    )
    assert run_on_board(out, layout, line) == "<b>Ada</b>\n\n"


def test_static_text_has_a_gzip_twin(out: Path) -> None:
    static = contents(out / "romfs/rom/lib/picopin/static")
    assert set(static) == {"page.css", "page.css.gz", "dot.png"}
    assert gzip.decompress(static["page.css.gz"]) == static["page.css"]


def test_same_input_same_bytes_in_any_folder(project: Path, out: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "some where" / "else"
    elsewhere.parent.mkdir()
    project.rename(elsewhere)
    for path in elsewhere.rglob("*.py"):
        path.touch()
    assert make(elsewhere, tmp_path / "again") == 0
    assert contents(tmp_path / "again") == contents(out)


def test_a_second_build_writes_nothing(project: Path, out: Path) -> None:
    def times() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.name != ".lock"}

    before = times()
    assert make(project, out) == 0
    assert times() == before


def test_what_is_gone_from_the_source_is_gone_from_the_build(project: Path, out: Path) -> None:
    (project / "lib/picopin/static/dot.png").unlink()
    (project / "lib/picopin/templates/page.tpl").unlink()
    assert make(project, out) == 0
    assert "lib/picopin/static/dot.png" not in contents(out / "romfs/rom")
    assert not (out / "romfs/rom/lib/picopin/templates").exists()


def test_options(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "mine.py"
    other.write_text("NAME = 'mine'\n")
    assert make(project, tmp_path / "out", "--config", str(other), "--blocks", "251") == 0
    image = (tmp_path / "out/romfs/littlefs.img").read_bytes()
    assert len(image) == 251 * 4096
    assert images.read_littlefs(image)["config.py"] == other.read_bytes()


def test_table_of_sizes(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(project, tmp_path / "out")
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    compiled = tmp_path / "out/romfs/rom/lib/picopin/app.mpy"
    source = project / "lib/picopin/app.py"
    assert rows["picopin/app.mpy"] == [str(source.stat().st_size), str(compiled.stat().st_size)]
    assert rows["romfs/romfs.img"][0] == "327,680"


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("lib/picopin/app.py", "def broken(:\n", 'File "picopin/app.py", line 1'),
        ("lib/picopin/templates/page.tpl", "{% if a %}{% endfor %}", "templates/page.tpl"),
        ("lib/picopin/templates/page.tpl", "{% if a", "templates/page.tpl"),
        ("lib/picopin/templates/page.tpl", "{{a +}}", "page_tpl.py does not compile"),
    ],
)
def test_a_mistake_names_its_file_and_leaves_the_old_build(
    project: Path, out: Path, path: str, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(out)
    (project / path).write_text(text)
    assert make(project, out) == 1
    assert message in capsys.readouterr().err
    assert contents(out) == before


def test_a_missing_file_is_one_line(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "boot.py").unlink()
    assert make(project, tmp_path / "out") == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_module_cannot_take_the_place_of_another(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "lib/ulogging.py").write_text("")
    assert make(project, tmp_path / "out") == 1
    assert capsys.readouterr().err == ("build: ulogging.py: 2 sources make a module of this name\n")
