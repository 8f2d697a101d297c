"""Results on disk, one small file a run, so that nothing trained is ever lost."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from glissando.demo import DemoError
from glissando.demo.plan import Run
from glissando.text.files import write_whole

Result: TypeAlias = dict[str, Any]


def open_folder(folder: Path) -> None:
    """Make sure that results can be written to `folder` and that no report of yours is there.

    Raises:
        DemoError: they cannot, or one is.
    """
    try:
        (folder / "runs").mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder / "runs").close()
        report = folder / "report.html"
        foreign = report.exists() and MARK not in report.read_text("utf-8", "replace")[:2000]
    except OSError as error:
        raise DemoError(f"cannot write to {folder}: {error.strerror or error}") from error
    if foreign:
        raise DemoError(
            f"{report} was not written by the demo and would be lost; choose another --output"
        )


MARK = '<meta name="generator" content="glissando demo">'
"""By this the demo knows a report for its own."""


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        DemoError: it cannot be written.
    """
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise DemoError(f"cannot write {path}: {error.strerror or error}") from error


def path_of(folder: Path, run: Run) -> Path:
    """Return where the result of `run` is kept."""
    return folder / "runs" / f"{run.key}.json"


def save(folder: Path, run: Run, result: Result) -> None:
    """Keep the result of `run`."""
    text = json.dumps({"run": run.to_data(), "result": result}, indent=1)
    write(path_of(folder, run), text + "\n")


def load(folder: Path, run: Run, warn: Callable[[str], None] = lambda _: None) -> Result | None:
    """Return the result of `run`, or None if there is none that can be used.

    A file that cannot be used is named to `warn`.
    """
    path = path_of(folder, run)
    try:
        stored = json.loads(path.read_text("utf-8"))
        result = stored["result"]
        whole = (
            stored["run"] == run.to_data()
            and all(len(result[k]) == run.setup.epochs for k in ("accuracy", "rates"))
            and all(0 <= accuracy <= 1 for accuracy in result["accuracy"])
            and all(rate >= 0 for rate in result["rates"])
            and result["cpu_seconds"] >= 0
            and isinstance(result["parameters"], int)
            and isinstance(result["machine"], str)
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        warn(f"{path} cannot be used ({type(error).__name__}): this run is repeated")
        return None
    if not whole:
        warn(f"{path} is not the result of its run: this run is repeated")
        return None
    return dict(result)
