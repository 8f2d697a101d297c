"""A family whose fields are symbols, so that its formula can be printed for any values."""

from typing import Any

from glissando.backends.tracer import Node
from glissando.schedule import Part, Schedule


class Letter:
    """Stands for a schedule inside a combinator."""

    open_part = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps = Node("field", f"{name}.steps")

    def rate_at(self, t: Any, _m: Any) -> Node:
        return Node("of", self.name, t)

    before_end = rate_at


def symbolic(family: type[Schedule]) -> Schedule:
    """Return a schedule whose fields are symbols; it was never checked and can only be traced."""

    def symbol(name: str) -> Node:
        return Node("field", name)

    schedule = object.__new__(family)
    values: dict[str, Any] = {
        "steps": symbol("steps"),
        "final": lambda: symbol("end"),
        **family.symbols(symbol),
    }
    for name, field in family.fields.items():
        if isinstance(field.rule, Part):
            values[name] = Letter("s")
        elif isinstance(getattr(field.rule, "member", None), Part):
            values[name] = (Letter("a"), Letter("b"))
        else:
            values[name] = symbol(name)
    schedule.__dict__.update(values)
    return schedule
