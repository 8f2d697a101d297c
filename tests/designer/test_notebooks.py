"""The widget in a real JupyterLab and in marimo: both edit a schedule, and both read it."""

import os
import re
import socket
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect

import glissando as gl

PATIENCE = 60  # seconds, of a machine that does other things as well

CELLS = [
    "import glissando as gl\ndesigner = gl.design(gl.Linear(0.0, 0.5, steps=100))\ndesigner",
    "print('VALUE', designer.value)",
    "designer.value = gl.Cosine(0.1, 0.25, steps=7)",
]

APP = """
import marimo
app = marimo.App()
@app.cell
def _():
    import marimo as mo
    import glissando as gl
    shown = mo.ui.anywidget(gl.design(gl.Linear(0.0, 0.5, steps=100)))
    shown
    return mo, shown
@app.cell
def _(mo, shown):
    mo.md(f"VALUE {shown.widget.value}")
    return
"""


@contextmanager
def served(folder, *arguments):
    """Yield the address of a server that is started with a free port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    home = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [part.replace("PORT", address.split(":")[2][:-1]) for part in arguments]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder, env=os.environ | home, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        for _ in range(PATIENCE * 10):
            try:
                with urlopen(address, timeout=PATIENCE):
                    break
            except URLError:
                assert server.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture
def page(browser):
    """A page that reaches nothing but this machine."""
    page = browser.new_page(viewport={"width": 1200, "height": 2400})
    page.set_default_timeout(PATIENCE * 1000)
    page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
    yield page
    page.close()


def test_in_jupyterlab(tmp_path, page):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, tmp_path / "design.ipynb")
    with served(
        tmp_path, "jupyterlab", "--no-browser", "--allow-root", "--port=PORT", "--ip=127.0.0.1",
        "--IdentityProvider.token=", "--LabApp.news_url=", "--LabApp.extension_manager=readonly",
    ) as address:  # fmt: skip
        page.goto(f"{address}lab/tree/design.ipynb")
        page.get_by_text("(ipykernel) | Idle").wait_for()  # or nothing is run
        page.locator(".jp-Cell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        end = page.locator(".segment [name=end]")
        end.fill("0.75")
        end.press("Enter")
        page.get_by_role("slider").first.focus()
        for key in "dda":  # to the notebook they would be: delete this cell, and add another
            page.keyboard.press(key)
        assert page.locator(".jp-Cell").count() == len(CELLS)
        page.locator(".jp-Cell .cm-content").nth(1).click()
        page.keyboard.press("Shift+Enter")
        page.get_by_text("VALUE linear(0.0, 0.75, steps=100)").wait_for()
        page.keyboard.press("Shift+Enter")
        expect(end).to_have_value("0.25", timeout=PATIENCE * 1000)


def test_in_marimo(tmp_path, page):
    (tmp_path / "app.py").write_text(APP)
    with served(
        tmp_path, "marimo", "-q", "run", "app.py", "--headless", "--no-token", "--port=PORT"
    ) as address:
        page.goto(address)
        end = page.locator(".segment [name=end]")
        end.fill("0.75")
        end.press("Enter")
        page.get_by_text("VALUE linear(0.0, 0.75, steps=100)").wait_for()


def test_where_a_notebook_is_only_read_the_schedule_is_a_picture():
    data, metadata = gl.design(gl.Linear(0.0, 0.5, steps=100))._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    cell = nbformat.v4.new_code_cell("designer", outputs=[output])
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert b64encode(data["image/svg+xml"].encode()).decode() in page
    assert data["text/plain"] == "gl.Linear(0.0, 0.5, steps=100)"
