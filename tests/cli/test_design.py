"""What `glissando design` writes and opens."""

import json
import sys

import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import main

WARMUP = "linear(0, 0.1, steps=5) >> cosine(0.1, 0, steps=95)"


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """The addresses that a browser was asked to open, which is a script here."""
    script, log = tmp_path / "browser.py", tmp_path / "opened"
    script.write_text(f"import sys; open({str(log)!r}, 'a').write(sys.argv[1] + '\\n')")
    monkeypatch.setenv("BROWSER", f"{sys.executable} {script} %s")
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return lambda: log.read_text().split() if log.exists() else []


def run(*arguments):
    result = CliRunner().invoke(main, ["design", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def options(path):
    """What the page begins with."""
    text = path.read_text()
    script = text.partition('<script type="application/json">')[2].partition("</script>")[0]
    return json.loads(script)


def test_the_page_of_some_schedules_is_written_and_opened(opened, tmp_path):
    assert run(f"mine={WARMUP}", "keras_tip") == (0, "Wrote glissando-design.html\n", "")
    path = tmp_path / "folder" / "glissando-design.html"
    assert opened() == [path.as_uri()]
    shown = options(path)["state"]["schedules"]
    assert shown[0] == {"name": "mine", "schedule": gl.parse(WARMUP).to_data()}
    assert [one["name"] for one in shown[1:]] == [
        name for name in gl.recipes.RECIPES if name.startswith("keras_tip.")
    ]


def test_an_empty_page_replaces_the_last_one_but_nothing_else(opened, tmp_path):
    path = tmp_path / "folder" / "glissando-design.html"
    assert run(WARMUP)[0] == run()[0] == 0
    assert options(path)["state"]["schedules"] == []
    path.write_text("mine")
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err == "Error: glissando-design.html exists: pass --force to replace it\n"
    assert path.read_text() == "mine"
    assert run("--force")[0] == 0
    assert run("-o", path)[0] == 2


def test_without_a_browser_the_address_is_told(opened, tmp_path, monkeypatch):
    path = tmp_path / "a page.html"
    assert run("-o", path, "--no-open") == (0, f"Wrote {path}\n", "")
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    told = f"Wrote {path}\nNo browser was found here; open {path.as_uri()}\n"
    assert run("-o", path, "--force") == (0, told, "")
    assert opened() == []


def test_a_forecast_is_in_the_page(opened, tmp_path):
    path = tmp_path / "forecast.json"
    path.write_text('{"glissando": 1, "type": "forecast", "peaks": []}')
    assert run("--forecast", path, "-o", "a.html")[0] == 0
    assert options(tmp_path / "folder" / "a.html")["forecast"]["peaks"] == []
    for content in ('{"type": "constant", "value": 1}', "[]", "{"):
        path.write_text(content)
        code, out, err = run("--forecast", path)
        assert (code, out) == (2, "")
        assert err.startswith(f"Error: {path}: ")
        assert err.count("\n") == 1


def test_a_function_of_ones_own_has_no_page(opened, tmp_path, monkeypatch):
    (tmp_path / "folder" / "own.py").write_text("def rate(step): return 1.0")
    code, _, err = run("imported('own:rate')", "--allow-imports", "own")
    assert code == 2
    assert "a function of your own, which runs in Python alone" in err
