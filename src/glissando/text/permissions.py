"""What a string or a file may import: nothing, unless it is allowed to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.families.imported import NAME, Path, import_function
from glissando.rules import is_sequence
from glissando.schedule import FAMILIES, Schedule

ALLOWED = rf"{NAME}(\.{NAME})*(\.|:{NAME})?"


def allowed(imports: object) -> tuple[str, ...]:
    """Return what may be imported, checked.

    "mypkg." is a package and all that is in it, "mypkg.rates" a module alone, and
    "mypkg.rates:halving" a function alone.
    """
    if is_sequence(imports) and all(
        isinstance(entry, str) and re.fullmatch(ALLOWED, entry) for entry in imports
    ):
        return tuple(imports)
    raise ScheduleError(
        "`allow_imports` must be a list of packages such as 'mypkg.', modules such as "
        f"'mypkg.rates', or functions such as 'mypkg.rates:halving', got {shown(imports)}"
    )


def permit_imports(
    family: type[Schedule], given: Mapping[str, Any], imports: Sequence[str]
) -> None:
    """Raise unless the functions that a family's arguments name may be imported."""
    for name in _paths(family):
        _permit(given[name], f"{family.__name__}: `{name}`", imports)


def _permit(path: object, where: str, imports: Sequence[str]) -> None:
    """Raise unless the function at a path may be imported, and is of a place that may be."""
    path = Path().check(path, where)
    if path in imports:
        return
    where = f"{where}: {shown(path)}"
    if not _covered(path.partition(":")[0], imports):
        package = re.split(r"[.:]", path)[0]
        raise ScheduleError(
            f"{where} is not imported without being asked to: pass allow_imports=['{package}.'], "
            f"or --allow-imports {package}. on the command line, if you trust that package"
        )
    home = getattr(import_function(path), "__module__", None)
    if not isinstance(home, str) or not _covered(home, imports):
        raise ScheduleError(f"{where} comes from {home}, which `allow_imports` does not name")


def _covered(module: str, imports: Sequence[str]) -> bool:
    return module in imports or any(e.endswith(".") and f"{module}.".startswith(e) for e in imports)


def imports_in(data: object) -> Iterator[Any]:
    """Yield the import paths of the functions in a JSON form."""
    if isinstance(data, dict) and (family := FAMILIES.get(str(data.get("type")))):
        yield from (data.get(name) for name in _paths(family))
    if isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from imports_in(part)


def imports_of(schedule: Schedule) -> tuple[str, ...]:
    """Return the import paths of the functions in a schedule."""
    own = tuple(getattr(schedule, name) for name in _paths(type(schedule)))
    return own + tuple(path for part in schedule.parts_of() for path in imports_of(part))


def _paths(family: type[Schedule]) -> list[str]:
    """Return which fields of a family are import paths."""
    return [name for name, field in family.fields.items() if isinstance(field.rule, Path)]
