"""What every engine has: what it does, and how a training function is sent to a process."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from glissando.errors import ScheduleError
from glissando.studies.fingerprint import modules_of
from glissando.studies.runs.run import Outcome, Run

if TYPE_CHECKING:
    from typing_extensions import Self


class Engine(Protocol):
    """What makes runs; a context manager, at whose end no process is left."""

    @property
    def slots(self) -> int:
        """How many runs are made at once."""

    def perform(self, runs: Sequence[Run]) -> Iterator[tuple[Run, Outcome]]:
        """Make runs, and yield each with what came of it when it is done, in any order.

        Raises:
            OSError: results cannot be kept.
            ScheduleError: the cluster is gone.
        """

    def __enter__(self) -> "Self": ...
    def __exit__(self, *error: object) -> None: ...


def packed(train: Callable[..., Any]) -> bytes:
    """Return a training function as bytes, with the code of its own module in them.

    Raises:
        ScheduleError: it holds something that cannot be sent to another process.
    """
    try:
        import cloudpickle
    except ImportError as error:
        raise ScheduleError('a study needs cloudpickle: pip install "glissando[study]"') from error
    modules = [sys.modules[name] for name in modules_of(train)]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(train))
    except Exception as error:  # it may be anything
        raise ScheduleError(
            f"study: `train` must be a function that can be sent to another process, got {error}; "
            "open files, loaders and locks inside the function"
        ) from error
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)
