"""A schedule in a notebook, and wherever notebooks go."""

import subprocess
import sys
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

import glissando as gl
from glissando.picture import mimebundle
from glissando.picture.figure import drawing_of
from glissando.picture.svg import svg

WARMUP = gl.Linear(0.0, 0.1, steps=10) >> gl.Constant(0.1, 60) >> gl.Linear(0.1, 0.0, steps=30)


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_it_is_shown_as_svg_and_text_with_nothing_imported():
    code = (
        "import glissando as gl, sys\n"
        "bundle = gl.Constant(0.1)._repr_mimebundle_(include=None, exclude=None)\n"
        "print(sorted(bundle), {'plotly', 'numpy', 'matplotlib'} & set(sys.modules))\n"
    )
    assert run(code) == "['image/svg+xml', 'text/plain'] set()\n"


def test_a_terminal_prints_the_text():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "import sys, glissando as gl\n"
        "InteractiveShell.instance().run_cell('gl.Linear(0.0, 0.1, steps=5)', store_history=True)\n"
        "InteractiveShell.instance().push({'gl': gl})\n"
        "InteractiveShell.instance().run_cell('gl.Linear(0.0, 0.1, steps=5)')\n"
        "print('plotly' in sys.modules)\n"
    )
    assert run(code).splitlines()[-2:] == ["Out[1]: gl.Linear(0.0, 0.1, steps=5)", "False"]


def test_a_notebook_and_its_html_show_the_curve():
    code = "import glissando as gl\ngl.Linear(0.0, 0.1, steps=5) >> gl.Cosine(0.1, 0.0, steps=95)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert "<svg" in output.data["image/svg+xml"]
    html, _ = HTMLExporter().from_notebook_node(notebook)
    assert "data:image/svg+xml;base64," in html


def test_plotlys_chart_stands_beside_it_where_plotly_is_in_use(monkeypatch):
    import plotly.graph_objects  # noqa: F401

    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    bundle = mimebundle(gl.Linear(0.0, 0.1, steps=5))
    (line,) = bundle["application/vnd.plotly.v1+json"]["data"]
    assert line["x"] == list(range(6))
    assert "image/svg+xml" in bundle


def test_marimo_shows_the_curve():
    from marimo._output.formatting import try_format

    assert "<svg" in str(try_format(WARMUP).data)


@pytest.mark.parametrize(
    "options",
    [
        {"schedules": WARMUP, "per_epoch": 7, "logged": {0: 0.0, 50: 0.1}},
        {"schedules": {"a <b> & c": WARMUP, "flat": gl.Constant(0.1)}, "log": True},
        {"schedules": {"lr": WARMUP, "momentum": gl.Constant(0.9)}},
        {"schedules": gl.Constant(0.0)},
        {"schedules": gl.Constant(0.0), "log": True},
        {"schedules": gl.Linear(0.1, 0.2, 0)},
        {"schedules": gl.Linear(1e25, 1.0, steps=2**53), "unit": "epoch", "per_epoch": 3},
    ],
)
def test_the_picture_is_whole_and_says_in_words_what_it_shows(options):
    root = ElementTree.fromstring(svg(drawing_of(**options)))
    space = "{http://www.w3.org/2000/svg}"
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert root.find(f"{space}title").text
    for text in root.iter(f"{space}text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert 0 <= float(text.attrib["y"]) <= height
    paths = [path.attrib["d"] for path in root.iter(f"{space}path")]
    assert paths
    assert not any("nan" in path or "inf" in path for path in paths)


def test_the_description_names_the_rates():
    words = ElementTree.fromstring(svg(drawing_of(WARMUP)))[1].text
    assert words.endswith("learning rate 0 at step 0, highest 0.1, 0 at step 100")
