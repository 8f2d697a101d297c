"""A schedule as a function that needs nothing but Python, NumPy or a framework's operations."""

from collections.abc import Callable, Sequence
from typing import Any

from glissando.convert.certificate import Rates
from glissando.languages.graph import JAX
from glissando.languages.source import printed, source
from glissando.schedule import Schedule

LINE = 85
"""How long a call may be before each of its arguments has a line of its own."""


def executed(code: str, **given: Any) -> dict[str, Any]:
    """Run code that was written here, given names that it uses; return all that it defines."""
    exec(code, given)
    return given


def of_numbers(schedule: Schedule) -> tuple[str, Rates]:
    """Return a schedule as a function of a Python number, and the rates that it gives."""
    code = source(schedule, "python") + "\n"
    rate: Callable[[int], float] = executed(code)["rate"]
    return code, lambda steps: [rate(step) for step in steps]


def in_single(schedule: Schedule) -> Rates:
    """Return the rates that a schedule's operations give in float32, computed by NumPy."""
    code = printed(schedule, JAX).replace("import jax.numpy as jnp", "import numpy as jnp")
    rate = executed(code)["rate"]

    def rates(steps: Sequence[int]) -> list[float]:
        import numpy as np

        with np.errstate(all="ignore"):  # on the sides that are not taken
            found = rate(np.asarray(steps, np.float32))
        return [float(each) for each in np.maximum(found, 0.0)]

    return rates


def with_import(code: str, line: str) -> str:
    """Return code with one more import above it, behind Python's own."""
    head, definition, body = code.partition("def rate(t):")
    own = [each for each in head.splitlines() if each.startswith(("import ", "from "))]
    tables = head.removeprefix("\n".join(own)).strip()
    blocks = ["\n".join(own), line, tables]
    return "\n\n".join(block for block in blocks if block) + f"\n\n\n{definition}{body}"


def version(package: str, name: str) -> str:
    """Return a framework's name and, if it is installed, its version, without importing it."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return f"{name} {installed(package)}"
    except PackageNotFoundError:
        return name


def called(name: str, *given: object, **named: object) -> str:
    """Return a call as code."""
    texts = [*map(literal, given), *(f"{key}={literal(value)}" for key, value in named.items())]
    text = f"{name}({', '.join(texts)})"
    if len(text) <= LINE:
        return text
    return f"{name}(\n" + "".join(f"    {each},\n" for each in texts) + ")"


def literal(value: object) -> str:
    """Return a number, a name, or a list or dictionary of these, as code."""
    return repr(value).replace("'", '"')


def neat(ratio: float) -> float:
    """Return a quotient of rates without the digits that are its rounding."""
    return float(f"{ratio:.14g}")
