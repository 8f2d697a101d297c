"""What Ray calls on a machine of the cluster: one run there, by the study's folder."""

import os
import pickle
import platform
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from glissando.studies.resources import Resources
from glissando.studies.runs.worker import perform

TOKEN = "token"
"""The file by which a worker knows that it sees the same folder as the study."""


class Place(NamedTuple):
    """Where a study is, on every machine.

    Attributes:
        folder: its folder.
        token: what the file `token` in it says.
        directory: where the study was started.
        paths: where that process finds modules that are not installed.
    """

    folder: str
    token: str
    directory: str
    paths: tuple[str, ...]


def perform_here(
    train: list[Any], place: Place, run: bytes, resources: Resources
) -> tuple[str, Any]:
    """Make a run on this machine.

    Args:
        train: the reference to the training function's bytes.
        place: where the study is.
        run: the run, as bytes.
        resources: what it may use.

    Returns:
        "done" and the outcome; "storage" and the error of a folder that cannot be written to; or
        "stop" and why no run can be made on this machine.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Ray's own would end the training by an error
    folder = Path(place.folder)
    try:
        seen = (folder / TOKEN).read_text()
    except OSError:
        seen = ""
    if seen != place.token:
        return "stop", (
            f"study: {platform.node()} does not see {folder}, the study's folder: put it on "
            "storage that all machines of the cluster share, by the same path"
        )
    try:
        function = _loaded(train, place)
    except Exception as error:  # it may be anything
        return "stop", (
            f"study: `train` cannot be loaded on {platform.node()}: {type(error).__name__}: "
            f"{error}; install what it imports on all machines of the cluster, or put it beside "
            "the study's file on storage that they share"
        )
    try:
        return "done", perform(folder, pickle.loads(run), function, resources)
    except OSError as error:
        return "storage", (error.errno, error.strerror, error.filename)


_known: tuple[Any, Callable[..., Any]] | None = None


def _loaded(train: list[Any], place: Place) -> Callable[..., Any]:
    """Return the training function; a process that has made a run before still has it."""
    global _known
    if _known is None or _known[0] != train[0]:
        import ray

        if os.path.isdir(place.directory):
            os.chdir(place.directory)
        sys.path.extend(path for path in place.paths if path not in sys.path)
        _known = train[0], pickle.loads(ray.get(train[0]))
    return _known[1]
