"""What looks as if a schedule were a number or a list: each is answered with what to write."""

from collections.abc import Callable
from typing import Any, NoReturn

from glissando.errors import shown

_BINARY = {
    "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@", "and": "&", "or": "|", "xor": "^",
    "lshift": "<<",
}  # fmt: skip
_UNARY = {"neg": "-{}", "pos": "+{}", "invert": "~{}", "abs": "abs({})", "round": "round({})"}
_COMPARED = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}

_OF_A_RATE = (
    "{0} is no schedule; write {1} for a number, or gl.schedule(lambda step: {1}) for a schedule"
)
_NUMBER = "{0} is no schedule; write {1} for a number"
_IN_ORDER = (
    "{0}: which is higher may change from step to step; write {1} to compare one rate, or "
    "gl.minimum(rate, x) or gl.maximum(rate, x) for the lower or the higher one at each step"
)
_NO_LIST = (
    "{0}: a schedule is a function of the step, and no list; write rate(5) for the rate of update "
    "5, [rate(k) for k in range(n)] for several, rate.steps for the length, rate.take(n) for the "
    "first steps as a schedule"
)


class NotNumbers:
    """Raises a `TypeError` where Python asks a schedule for what only numbers and lists have.

    Type checkers do not see these methods: they are to report what does not exist.
    """

    # so that `array * schedule` and `np.float64(2) * schedule` ask the schedule
    __array_ufunc__ = None

    def __bool__(self) -> bool:
        """Return True, as every object does that is no empty list: `rate or default` works."""
        return True


def _answer(form: str, words: str) -> Callable[..., NoReturn]:
    """Return a method that raises, `form` being what was written, for a rate and an operand."""

    def method(schedule: Any, *others: Any) -> NoReturn:
        names = [shown(other) for other in others] or ["x"]
        written, right = (form.format(rate, *names) for rate in ("rate", "rate(step)"))
        raise TypeError(f"{type(schedule).__name__}: {words.format(written, right)}")

    return method


_ANSWERS = {
    **{name: (f"{{}} {sign} {{}}", _OF_A_RATE) for name, sign in _BINARY.items()},
    **{f"r{name}": (f"{{1}} {sign} {{0}}", _OF_A_RATE) for name, sign in _BINARY.items()},
    **{name: (form, _NUMBER) for name, form in _UNARY.items()},
    **{name: (f"{{}} {sign} {{}}", _IN_ORDER) for name, sign in _COMPARED.items()},
    "rtruediv": ("{1} / {0}", _OF_A_RATE),
    "divmod": ("divmod({}, {})", _NUMBER),
    "rdivmod": ("divmod({1}, {0})", _NUMBER),
    "float": ("float({})", "{0}: a schedule is not one rate; write {1}"),
    "int": ("int({})", "{0}: a schedule is not one rate; write {1}, or rate.steps for its length"),
    "rrshift": ("{1} >> {0}", "{0}: a schedule stands before >>; write gl.Constant(x, steps=n)"),
    "getitem": ("{}[{}]", _NO_LIST),
    "len": ("len({})", _NO_LIST),
}
for _name, _words in _ANSWERS.items():
    setattr(NotNumbers, f"__{_name}__", _answer(*_words))
