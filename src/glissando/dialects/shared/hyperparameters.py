"""What a peer's scheduler sets where that is more than the learning rate."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NoReturn

from glissando.schedule import Schedule


class Hyperparameters(Mapping[str, Schedule]):
    """Schedules by the name of what they set, as one scheduler of a peer sets them.

    An adapter takes it as it takes any mapping: `gl.torch.Scheduler(optimizer, made)`. Called with
    a step it gives the learning rate, as a schedule does; what makes a schedule of schedules is
    for one of them: `made["lr"] * 0.5`. `momentum` is the optimizer's momentum, or the first beta
    of one that has betas, as PyTorch's own schedulers have it.
    """

    def __init__(self, schedules: Mapping[str, Schedule]) -> None:
        self._schedules = dict(schedules)

    def __getitem__(self, name: str) -> Schedule:
        """Return the schedule of a name."""
        return self._schedules[name]

    def __iter__(self) -> Iterator[str]:
        """Go over the names."""
        return iter(self._schedules)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._schedules)

    def __hash__(self) -> int:
        """Return the hash of the names and schedules."""
        return hash(frozenset(self._schedules.items()))

    def __repr__(self) -> str:
        """Return the code of a dictionary that is equal."""
        return repr(self._schedules)

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at a step."""
        return self["lr"](step)

    @property
    def steps(self) -> float:
        """The steps of the learning rate."""
        return self["lr"].steps

    def named_for(self, known: Collection[str]) -> dict[str, Schedule]:
        """Return the schedules by the names of an optimizer that has hyperparameters `known`."""
        own = {"momentum": "betas[0]"} if "betas" in known else {}
        return {own.get(name, name): schedule for name, schedule in self.items()}

    def __getattr__(self, name: str) -> NoReturn:
        """Say how to come by what one schedule has."""
        hint = ""
        if not name.startswith("_") and hasattr(Schedule, name):
            names = " and ".join(self)
            hint = f': it holds schedules of {names}; take one, as in made["lr"].{name}'
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}")

    def _no_part(self, _other: object) -> NoReturn:
        raise TypeError(
            f"several schedules, of {' and '.join(self)}, are not combined as one; "
            'take each by its name, as in made["lr"]'
        )

    __rshift__ = __rrshift__ = __mul__ = __rmul__ = __add__ = __radd__ = _no_part


def for_optimizer(schedule: Any, known: Collection[str]) -> Any:
    """Return what is to be followed, by the names of an optimizer that has `known`."""
    return schedule.named_for(known) if isinstance(schedule, Hyperparameters) else schedule


def rate_of(made: Schedule | Hyperparameters) -> Schedule:
    """Return the schedule of the learning rate."""
    return made["lr"] if isinstance(made, Hyperparameters) else made
