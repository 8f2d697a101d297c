"""Executes the notebooks again, and writes them with what came out: `python examples/run.py`."""

import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def executed(path: Path, folder: Path) -> Any:
    """Return a notebook with its new outputs; what it writes goes into `folder`."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", record_timing=False, resources=where
    ).execute()
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return notebook


if __name__ == "__main__":
    for path in NOTEBOOKS:
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(executed(path, Path(folder)), path)
