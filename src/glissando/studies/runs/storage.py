"""What is said where a study's folder cannot be written to: it ends the study, not a run."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
BARRED = (*FULL, errno.EROFS)
"""Errors that only a disk gives."""

PROBE = 65_536
"""How many bytes are written to see whether a folder can be written to."""


class StorageError(OSError):
    """Results cannot be written: this ends the study, not a run."""


@contextmanager
def kept_in(home: Path) -> Iterator[None]:
    """Let errors of the disk name the file, and what to do.

    Raises:
        StorageError: something in a run's folder cannot be written.
    """
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        path = str(error.filename or home)
        raise StorageError(
            error.errno, f"{error.strerror or error}; {_advice(error)}", path
        ) from error


def unwritable(home: Path) -> OSError | None:
    """Return why a run's folder cannot be written to; None if it can.

    Frameworks raise errors of their own where a checkpoint cannot be written, so it is tried.
    """
    probe = home / "probe"
    try:
        probe.write_bytes(bytes(PROBE))
    except OSError as error:
        return error
    finally:
        with suppress(OSError):
            probe.unlink()
    return None


def sync(folder: Path) -> None:
    """Have the files in a folder on the disk, so that a crash of the machine leaves none empty."""
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _advice(error: OSError) -> str:
    if error.errno in FULL:
        return "make room there; the same command goes on, and each finished run is kept"
    if error.errno == errno.ENOENT:
        return "the study's folder was removed while runs were made"
    return "let it be written to; the same command goes on, and each finished run is kept"
