"""The notebooks run, and what they show is what comes out."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from examples.run import NOTEBOOKS, executed

ALL = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def told(notebook: Any) -> list[list[Any]]:
    """Return what each cell prints and shows, and the kinds of what is no text."""
    return [
        [
            output.get("text") or (sorted(output["data"]), output["data"].get("text/plain"))
            for output in cell.outputs
        ]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@ALL
def test_it_gives_what_it_shows(path: Path, tmp_path: Path) -> None:
    committed = nbformat.read(path, as_version=4)
    again = executed(path, tmp_path)
    assert told(again) == told(committed)
    outputs = [output for cell in again.cells for output in cell.get("outputs", [])]
    assert {output.get("name", "stdout") for output in outputs} == {"stdout"}
    assert not [output for output in outputs if output.output_type == "error"]


@ALL
def test_a_reader_without_a_kernel_sees_the_curves(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    assert sum("image/svg+xml" in data for data in shown) >= 1
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")


@ALL
def test_it_begins_with_the_cell_for_colab(path: Path) -> None:
    first = next(c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
    assert re.search(r'if not find_spec.*\n    %pip install --quiet "glissando\[', first.source)


@ALL
def test_nothing_of_the_machine_or_the_day_is_in_it(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"/(home|root|tmp|Users)/|\.venv|\b20\d\d-\d\d-\d\d\b", text)
    assert set(json.loads(text)["metadata"]) == {"kernelspec", "language_info"}
