"""A function of your own by its import path: a schedule that can be saved."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Annotated, Any

from glissando.errors import ScheduleError, shown
from glissando.families.function import OwnFunction
from glissando.rules import Rule, StepsOrInf, plain, plain_number
from glissando.schedule import MAX_DEPTH

NAME = r"[A-Za-z][A-Za-z0-9_]*"
PATH = rf"{NAME}(\.{NAME})*:{NAME}"
LONGEST = 200  # characters of a path


class Arguments(Mapping[str, Any]):
    """Plain values by name, frozen: kept as a JSON string."""

    __slots__ = ("string",)

    def __init__(self, string: str) -> None:
        self.string = string

    def plain(self) -> dict[str, Any]:
        """Return the values as a new dictionary."""
        import json  # not needed by those who have no function of their own

        values: dict[str, Any] = json.loads(self.string)
        return values

    def __getitem__(self, name: str) -> Any:
        return self.plain()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain())

    def __len__(self) -> int:
        return len(self.plain())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Arguments) and self.string == other.string

    def __hash__(self) -> int:
        return hash(self.string)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the string alone: the oldest protocols know no slots."""
        return Arguments, (self.string,)

    def __repr__(self) -> str:
        """Return what both Python and the text form read."""
        return _written(self.plain())


NONE = Arguments("{}")


def _written(value: Any) -> str:
    if isinstance(value, str):
        import json

        return json.dumps(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(k)}: {_written(v)}" for k, v in value.items()) + "}"
    return repr(value)


class Path(Rule):
    """The import path of a function."""

    words = "the import path of a function, such as 'mypkg.rates:halving'"

    def check(self, value: object, where: str) -> str:
        if not isinstance(value, str) or len(value) > LONGEST or not re.fullmatch(PATH, value):
            raise ScheduleError(
                f"{where} must be {self.words}, without names that begin with _, got {shown(value)}"
            )
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{PATH}$", "description": self.words}


class _Arguments(Rule):
    words = "an object of plain values by name"

    def check(self, value: object, where: str) -> Arguments:
        if isinstance(value, Arguments):
            return value
        too_deep = f"{where} must be nested at most {MAX_DEPTH} deep"
        value = plain(value, MAX_DEPTH, too_deep)
        if not isinstance(value, dict):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        _hold_plain(value, where)
        import json

        return Arguments(json.dumps(value, sort_keys=True))

    def to_data(self, value: Any) -> Any:
        return value.plain()

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "description": self.words}


def _hold_plain(value: object, where: str) -> None:
    """Raise if a value is not the same in every form: JSON, YAML, TOML, the text form."""
    inner: list[tuple[object, str]] = []
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        inner = [(member, f"{where}[{key!r}]") for key, member in value.items()]
    elif isinstance(value, list):
        inner = [(member, f"{where}[{i}]") for i, member in enumerate(value)]
    elif not isinstance(value, bool | str) and plain_number(value) in (None, math.inf, -math.inf):
        raise ScheduleError(
            f"{where} must be a finite number, a string, True, False, or a list or an object "
            f"of them, got {shown(value)}"
        )
    for member, place in inner:
        _hold_plain(member, place)


class Imported(OwnFunction, tag="imported"):
    """A function of your own by its import path: `function(t, **arguments)`.

    It can be saved as data, path and arguments. Building one imports the module. A text form or a
    file that names a function is read only where `allow_imports` allows it: see `glissando.loads`.
    On tensors and in a compiled graph it works as a `Function` does.

    Args:
        function: the import path: the module, a colon, and the name of a function in it.
        arguments: the function's other arguments by name: numbers, strings, `True` and `False`, and
            lists and dictionaries of them.
        steps: how many steps it lasts, 0 or more; by default it never ends. Past the end the rate
            at `steps` holds.

    Raises:
        ScheduleError: an argument breaks its rule; there is no such module, or no such function in
            it, or it does not take the arguments; or, when called, the function returns anything
            but a finite number of 0 or more.

    Example:
        >>> rate = Imported("math:sqrt", steps=100)
        >>> rate(0), rate(25), rate(400)
        (0.0, 5.0, 10.0)
    """

    function: Annotated[str, Path()]
    arguments: Annotated[Mapping[str, Any], _Arguments()] = NONE
    steps: StepsOrInf = math.inf

    def check(self) -> None:
        from inspect import signature  # it takes long to load

        function, named = import_function(self.function), dict(self.arguments)
        try:
            signature(function).bind(0, **named)
        except TypeError as error:
            raise ScheduleError(
                f"Imported: {self.function!r} must take the step and `arguments`: {error}"
            ) from None
        except ValueError:  # a function in C may have no signature
            pass
        object.__setattr__(self, "_value", lambda step: function(step, **named))

    def value(self, step: float) -> Any:
        return self._value(step)  # type: ignore[attr-defined]


def import_function(path: str) -> Callable[..., Any]:
    """Return the function at an import path, its module imported."""
    module, _, name = path.partition(":")
    try:
        function = getattr(import_module(module), name, None)
    except (Exception, SystemExit) as error:  # a module may raise anything when it is run
        what = "" if isinstance(error, ImportError) else f"{type(error).__name__}: "
        raise ScheduleError(
            f"Imported: `function`: {shown(path)} cannot be imported: {what}{error}"
        ) from error
    from inspect import isroutine

    if not (isroutine(function) and callable(function)):
        raise ScheduleError(
            f"Imported: `function`: {name!r} must be a function in {module}, got {shown(function)}"
        )
    return function
