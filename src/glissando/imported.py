"""A function of your own by its import path: a schedule that can be saved."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from inspect import isroutine, signature
from typing import Annotated, Any

from glissando.function import OwnFunction
from glissando.rules import ScheduleError, StepsOrInf, shown
from glissando.schedule import MAX_DEPTH, Schedule

NAME = r"[A-Za-z][A-Za-z0-9_]*"
PATH = rf"{NAME}(\.{NAME})*:{NAME}"
ALLOWED = rf"{NAME}(\.{NAME})*(\.|:{NAME})?"


class Arguments(Mapping[str, Any]):
    """Plain values by name, frozen: kept as JSON text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def plain(self) -> dict[str, Any]:
        """Return the values as a new dictionary."""
        import json  # not needed by those who have no function of their own

        values: dict[str, Any] = json.loads(self.text)
        return values

    def __getitem__(self, name: str) -> Any:
        return self.plain()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain())

    def __len__(self) -> int:
        return len(self.plain())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Arguments) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        """Return what is Python and text form alike."""
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


class _Path:
    words = "the import path of a function, such as 'mypkg.rates:halving'"

    def check(self, value: object, where: str) -> str:
        if not isinstance(value, str) or not re.fullmatch(PATH, value):
            raise ScheduleError(
                f"{where} must be {self.words}, without names that begin with _, got {shown(value)}"
            )
        return value

    def to_data(self, value: Any) -> Any:
        return value

    def from_data(self, data: object, _where: str, _build: Callable[..., Any]) -> Any:
        return data

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{PATH}$", "description": self.words}


class _Arguments:
    words = "an object of plain values by name"

    def check(self, value: object, where: str) -> Arguments:
        if isinstance(value, Arguments):
            return value
        if not isinstance(value, dict):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        _hold_plain(value, where, 0)
        import json

        return Arguments(json.dumps(value, sort_keys=True))

    def to_data(self, value: Any) -> Any:
        return value.plain()

    def from_data(self, data: object, _where: str, _build: Callable[..., Any]) -> Any:
        return data

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "description": self.words}


def _hold_plain(value: object, where: str, depth: int) -> None:
    """Raise if a value is not the same in every form: JSON, YAML, TOML, text."""
    inner: list[tuple[object, str]] = []
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        inner = [(member, f"{where}[{key!r}]") for key, member in value.items()]
    elif isinstance(value, list):
        inner = [(member, f"{where}[{i}]") for i, member in enumerate(value)]
    elif not (
        isinstance(value, bool | int | str) or (isinstance(value, float) and abs(value) < 1e999)
    ):
        raise ScheduleError(
            f"{where} must be a finite number, a text, True, False, or a list or an object of "
            f"them, got {shown(value)}"
        )
    if depth > MAX_DEPTH:
        raise ScheduleError(f"{where[:60]}… must be nested at most {MAX_DEPTH} deep")
    for member, place in inner:
        _hold_plain(member, place, depth + 1)


class Imported(OwnFunction, tag="imported"):
    """A function of your own by its import path, with its arguments: it can be saved as data.

    Its rates are those of `f(step, **arguments)`. Building one imports the module. A text or a file
    that names a function is read only where that is asked for, by `allow_imports`: see
    `glissando.loads`. Like every function of your own it has no formula, so it cannot run inside a
    compiled graph.

    Args:
        function: the import path: the module, a colon, and the name of a function in it.
        arguments: the function's other arguments by name: numbers, texts, truth values, and lists
            and dictionaries of them.
        steps: how long it lasts, or math.inf; past the end `f(steps)` holds.

    Raises:
        ScheduleError: an argument breaks its rule; there is no such module, or no such function in
            it, or it does not take the arguments; or, when called, the function returns anything
            but a finite number of 0 or more.

    Example:
        >>> rate = Imported("math:sqrt", steps=100)
        >>> rate(25), rate(400)
        (5.0, 10.0)
    """

    function: Annotated[str, _Path()]
    arguments: Annotated[Mapping[str, Any], _Arguments()] = NONE
    steps: StepsOrInf = float("inf")

    def check(self) -> None:
        function, named = found(self.function), dict(self.arguments)
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


def found(path: str) -> Callable[..., Any]:
    """Return the function at an import path, its module imported."""
    module, _, name = path.partition(":")
    try:
        home = import_module(module)
    except ImportError as error:
        raise ScheduleError(
            f"Imported: `function`: {path!r} cannot be imported: {error}"
        ) from error
    function = getattr(home, name, None)
    if not (isroutine(function) and callable(function)):
        raise ScheduleError(
            f"Imported: `function`: {name!r} must be a function in {module}, got {shown(function)}"
        )
    return function


def allowed(imports: object) -> tuple[str, ...]:
    """Return what may be imported, checked.

    "mypkg." is a package and all that is in it, "mypkg.rates" a module alone, and
    "mypkg.rates:halving" a function alone.
    """
    if isinstance(imports, list | tuple) and all(
        isinstance(entry, str) and re.fullmatch(ALLOWED, entry) for entry in imports
    ):
        return tuple(imports)
    raise ScheduleError(
        "`allow_imports` must be a list of packages such as 'mypkg.', modules such as "
        f"'mypkg.rates', or functions such as 'mypkg.rates:halving', got {shown(imports)}"
    )


def permit(path: object, imports: Sequence[str]) -> None:
    """Raise unless the function at a path may be imported, and is of a place that may be."""
    path = _Path().check(path, "Imported: `function`")
    if path in imports:
        return
    where = f"Imported: `function`: {path!r}"
    if not _covered(path.partition(":")[0], imports):
        package = re.split(r"[.:]", path)[0]
        raise ScheduleError(
            f"{where} is not imported without being asked to: pass allow_imports=['{package}.'], "
            f"or --allow-imports {package}. on the command line, if you trust that package"
        )
    home = getattr(found(path), "__module__", None)
    if not isinstance(home, str) or not _covered(home, imports):
        raise ScheduleError(f"{where} comes from {home}, which `allow_imports` does not name")


def _covered(module: str, imports: Sequence[str]) -> bool:
    return module in imports or any(e.endswith(".") and f"{module}.".startswith(e) for e in imports)


def imports_in(data: object) -> Iterator[Any]:
    """Yield the import paths of the functions in a JSON form."""
    if isinstance(data, dict) and data.get("type") == Imported.tag:
        yield data.get("function")
    elif isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from imports_in(part)


def imports_of(schedule: Schedule) -> tuple[str, ...]:
    """Return the import paths of the functions in a schedule."""
    own = (schedule.function,) if isinstance(schedule, Imported) else ()
    return own + tuple(path for part in schedule.parts_of() for path in imports_of(part))
