"""A frozen value: fields that are held to rules; compared, hashed, printed, pickled, saved."""

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, get_type_hints

from glissando.errors import ScheduleError, shown, suggestion

if sys.version_info >= (3, 11):
    from typing import dataclass_transform
else:
    from typing_extensions import dataclass_transform

if TYPE_CHECKING:
    from inspect import Signature

    from typing_extensions import Self

MOST_OPERANDS = 100
"""How many operands are spelled with operators: Python reads no more than some 1,000 of them."""

REQUIRED: Any = object()
"""The default of a field that has none."""

NO_CALLBACK = (
    ": it is no callback. Write callbacks=[gl.keras.LearningRateScheduler(schedule)], where the "
    "schedule may be on a plateau: gl.Plateau(...).on(schedule)"
)
"""What a user reads who gives Keras a schedule, or a plateau, for a callback."""


class Field(NamedTuple):
    """What is known of a field: its rule, its plain type, and its default."""

    rule: Any
    kind: Any
    default: Any


class _SignatureOfFields:
    """The signature that `help` and notebooks show of a class, made when first asked for."""

    def __get__(self, value: object, owner: type["Value"]) -> "Signature":
        if value is not None:
            raise AttributeError("__signature__")
        from inspect import Parameter, Signature

        return Signature(
            [
                Parameter(
                    name,
                    Parameter.POSITIONAL_OR_KEYWORD,
                    default=Parameter.empty if field.default is REQUIRED else field.default,
                    annotation=field.kind,
                )
                for name, field in owner.fields.items()
            ]
        )


class Drawn:
    """What shows itself as a picture: what is above this floor says how; see `glissando`."""

    plot: ClassVar[Callable[..., Any]]
    _repr_mimebundle_: ClassVar[Callable[..., Any]]


@dataclass_transform(frozen_default=True, eq_default=True)
class Value:
    """A frozen value.

    A subclass declares fields as a dataclass does, each annotated with its rule:
    `steps: Annotated[int, Number(1, MAX_STEP, whole=True)]`, or an alias of that. Every value is
    checked when it is built, so that no built value can go wrong later.

    To the outside it is no dataclass: what writes dataclasses as dictionaries would lose its type.
    Its `vars` have the `type` beside the fields, for what reads them.
    """

    tag: ClassVar[str] = ""  # its `type` in the JSON form
    symbol: ClassVar[str] = ""  # the operator that builds it, if there is one
    fields: ClassVar[dict[str, Field]] = {}
    positional: ClassVar[tuple[str, ...]] = ()  # what the repr shows without its name
    __signature__: ClassVar[Any] = _SignatureOfFields()

    def __init_subclass__(cls, *, tag: str = "") -> None:
        """Collect the fields, those of the parents first."""
        super().__init_subclass__()
        cls.tag = tag or cls.tag
        own = cls.__annotations__
        if any(isinstance(kind, str) for kind in own.values()):  # annotations of __future__
            hints = get_type_hints(cls, include_extras=True)
            own = {name: hints[name] for name in own}
        fields = dict(cls.fields)
        for name, kind in own.items():
            if hasattr(kind, "__metadata__"):  # and no ClassVar
                default = vars(cls).get(name, REQUIRED)
                fields[name] = Field(kind.__metadata__[0], kind.__origin__, default)
        cls.fields = fields

    def __init__(self, *values: Any, **named: Any) -> None:
        cls = type(self)
        given = arguments(cls, values, named)
        for name, field in cls.fields.items():
            value = field.rule.check(given.get(name, field.default), f"{cls.__name__}: `{name}`")
            object.__setattr__(self, name, value)
        if cls.tag:
            object.__setattr__(self, "type", cls.tag)
        self.check()

    def check(self) -> None:
        """Hold the fields to the rules that bind several of them; raise `ScheduleError`."""

    def replace(self, **changes: Any) -> "Self":
        """Return the value with other fields."""
        return type(self)(**{name: getattr(self, name) for name in self.fields} | changes)

    def shown_fields(self) -> dict[str, Any]:
        """Return the fields that its forms show: those that are not what they are by default."""
        values = ((name, field, getattr(self, name)) for name, field in self.fields.items())
        return {
            name: value
            for name, field, value in values
            if field.default is REQUIRED or value != field.default
        }

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form: a dictionary of plain values, tagged by `type`."""
        head: dict[str, Any] = {"type": self.tag} if self.tag else {}
        return head | {
            name: self.fields[name].rule.to_data(value)
            for name, value in self.shown_fields().items()
        }

    def spell(self, name: Callable[[type[Any]], str]) -> str:
        """Return the expression that builds it, classes named by `name`."""
        if self.spelled_infix():
            # the outermost operator binds loosest, so an inner one always wears parentheses
            return f" {self.symbol} ".join(
                f"({text})" if isinstance(part, Value) and part.spelled_infix() else text
                for part in self.operands()
                for text in [part.spell(name) if isinstance(part, Value) else repr(part)]
            )
        arguments = []
        for field, value in self.shown_fields().items():
            code = self.fields[field].rule.code(value, name)
            arguments.append(code if field in self.positional else f"{field}={code}")
        return f"{name(type(self))}({', '.join(arguments)})"

    @classmethod
    def _elsewhere(cls, words: list[str]) -> str:
        """Return who takes arguments that it does not: a room above knows, where there is one."""
        del words
        return ""

    def operands(self) -> tuple[Any, ...]:
        """Return the operands of the operator of this class."""
        return ()

    def spelled_infix(self) -> bool:
        """Return whether the spelling is an operator between operands."""
        return bool(self.symbol) and 1 < len(self.operands()) <= MOST_OPERANDS

    def __repr__(self) -> str:
        """Return the Python code that builds it."""
        return self.spell(lambda cls: f"gl.{cls.__name__}")

    if not TYPE_CHECKING:  # a type checker is to report attributes that do not exist

        def __getattr__(self, name):
            """Say what to write where Keras takes a value for a callback."""
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}"
                + NO_CALLBACK * (name in ("on_batch_end", "set_model"))  # what Keras asks first
            )

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse to change a value."""
        raise AttributeError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        """Refuse to change a value."""
        raise AttributeError(f"cannot delete field {name!r}")

    def _values(self) -> tuple[Any, ...]:
        """Return the values of the fields, in their order."""
        return tuple([getattr(self, name) for name in self.fields])

    def __eq__(self, other: object) -> bool:
        """Return whether `other` is of the same class with the same values."""
        if type(other) is not type(self):
            return NotImplemented
        return self is other or self._values() == other._values()

    def __hash__(self) -> int:
        """Return the hash of the class and its values."""
        return hash((type(self), self._values()))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy by the fields alone: they are checked again on the way in."""
        return type(self), self._values()


def arguments(
    cls: type[Value],
    positional: tuple[Any, ...],
    named: dict[str, Any],
    error: type[Exception] = TypeError,
) -> dict[str, Any]:
    """Return a class's arguments by name, or raise where they are too few or too many."""
    fields, who = cls.fields, cls.__name__
    if len(positional) > len(fields):
        how = _call(cls)
        raise error(f"{who}: takes at most {len(fields)} arguments, got {len(positional)}; {how}")
    given = dict(zip(fields, positional, strict=False))
    if unknown := [name for name in named if name not in fields]:
        which = f"argument{'s' * (len(unknown) > 1)} {', '.join(map(shown, unknown[:5]))}"
        near = suggestion(unknown[0], fields) if len(unknown) == 1 else ""
        how = f"{near} W{_call(cls)[1:]}" if near.endswith("?") else f"; {_call(cls)}"
        raise error(f"{who}: unknown {which}{how}{cls._elsewhere(unknown)}")
    for name in named:
        if name in given:
            raise error(f"{who}: `{name}` is given twice; {_call(cls)}")
    given |= named
    for name, field in fields.items():
        if name not in given and field.default is REQUIRED:
            raise error(f"{who}: `{name}` is missing; {_call(cls)}")
    return given


def _call(cls: type[Value]) -> str:
    """Return what to write to build one: `write Cosine(start, end, steps)`."""
    fields = cls.fields.items()
    shown = [n if f.default is REQUIRED else f"{n}={f.default!r}" for n, f in fields]
    return f"write {cls.__name__}({', '.join(shown)})"


def entries(cls: type[Value], data: object, *, every: bool = False) -> dict[str, Any]:
    """Return the fields in a JSON form, all of them known.

    Args:
        cls: the class that the form is of.
        data: the form.
        every: whether fields that have a default must be there as well.
    """
    name = cls.__name__
    if not isinstance(data, Mapping):
        raise ScheduleError(f"{name}: the JSON form must be an object, got {shown(data)}")
    if cls.tag and data.get("type") != cls.tag:
        raise ScheduleError(f"{name}: `type` must be {cls.tag!r}, got {shown(data.get('type'))}")
    found = {field: value for field, value in data.items() if not (cls.tag and field == "type")}
    for field in found:
        if field not in cls.fields:
            raise ScheduleError(f"{name}: unknown field {field!r}" + suggestion(field, cls.fields))
    for field, known in cls.fields.items():
        if field not in found and (every or known.default is REQUIRED):
            raise ScheduleError(f"{name}: `{field}` is missing")
    return found
