"""Templates as the board has them: what they show is what utemplate would, their text in a file."""

import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tools.device_packages import PACKAGES
from tools.templates import TemplateError, compile_template

SOURCE = """{% args name, things %}
<h1>{{name}} · "quoted"</h1>
{% for thing in things %}
<p>{% if thing %}{{thing}}{% else %}<b>none</b>{% endif %}</p>
{% endfor %}
end
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "shop/templates/list.tpl"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE, "utf-8")
    return path


def rendered(path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    source, text = compile_template(path, path.parents[2], PACKAGES)
    packages = ModuleType("pkg_resources")
    opened = []

    def resource_stream(*names: str) -> io.BytesIO:
        opened.append(names)
        return io.BytesIO(text.encode())

    vars(packages)["resource_stream"] = resource_stream
    monkeypatch.setitem(sys.modules, "pkg_resources", packages)
    made: dict[str, Any] = {}
    exec(source, made)
    shown = "".join(made["render"]("Ada", ["x", "", "zwölf"]))
    assert opened == [("shop", "templates/list.txt")]
    return shown


def test_it_shows_the_same(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(template, monkeypatch) == (
        '<h1>Ada · "quoted"</h1>\n<p>x</p>\n<p><b>none</b></p>\n<p>zwölf</p>\nend\n'
    )


def test_no_literal_is_left_in_the_code(template: Path) -> None:
    source, text = compile_template(template, template.parents[2], PACKAGES)
    assert "<p>" in text
    assert "<" not in source


def test_a_template_without_text_opens_nothing(template: Path) -> None:
    template.write_text("{% args name %}\n{{name}}")
    source, text = compile_template(template, template.parents[2], PACKAGES)
    assert text == ""
    assert "resource_stream" not in source


def test_any_name_may_be_an_argument(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template.write_text(SOURCE.replace("things", "text").replace("thing", "open"), "utf-8")
    assert "<p>x</p>" in rendered(template, monkeypatch)


def test_nonsense_in_an_expression_is_left_to_the_compiler(template: Path) -> None:
    template.write_text("{{a +}}")
    source, text = compile_template(template, template.parents[2], PACKAGES)
    assert "str(a +)" in source
    assert text == ""


def test_nonsense_names_the_file(template: Path) -> None:
    template.write_text("{% if a")
    with pytest.raises(TemplateError, match=r"list\.tpl: utemplate cannot"):
        compile_template(template, template.parents[2], PACKAGES)
