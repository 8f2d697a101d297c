"""The error for bad input, and how its message is put."""

import math
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self


class ScheduleError(ValueError):
    """Bad input: the message names the class, the argument, the rule and what came.

    Where argparse is loaded, it is an `argparse.ArgumentTypeError` as well: of any other error that
    a `type=` raises, such as `gl.parse`, argparse does not print the message.
    """

    __module__ = "glissando"  # where users find it, and what a traceback shows

    def __new__(cls, *args: Any, **named: Any) -> "Self":
        """Make it an error of both kinds, where argparse is loaded."""
        kind = getattr(sys.modules.get("argparse"), "ArgumentTypeError", None)
        if kind is not None and not issubclass(cls, kind):
            cls = _both(cls, kind)  # type: ignore[arg-type]  # a class can be hashed
        return super().__new__(cls, *args, **named)


@cache
def _both(own: Any, other: type[Exception]) -> Any:
    """Return a class of errors that are of two kinds; pickled, they are of their own."""
    return type(
        own.__name__,
        (own, other),
        {
            "__doc__": own.__doc__,
            "__module__": own.__module__,
            "__qualname__": own.__qualname__,
            "__reduce__": lambda error: (own, *own.__reduce__(error)[1:]),
        },
    )


def shown(value: object) -> str:
    """Return `value` as an error message shows it: its repr on one line, cut to a readable length.

    Nothing that came stops the message: no deep nesting, no repr that raises, no endless digits.
    """
    try:
        text = _written(value, 0)
    except Exception:  # whatever a repr of the user's raises
        text = object.__repr__(value)
    if "\n" in text:
        text = " ".join(text.split())
    return text if len(text) <= 80 else text[:60] + "… (" + type(value).__name__ + ")"


def _written(value: Any, depth: int) -> str:
    """Return the repr of a value; of a large one only the beginning, which is all that is shown."""
    kind = type(value)
    if kind in (str, bytes):
        return repr(value[:100])
    if kind is int and value.bit_length() > 2_000:  # Python refuses to write thousands of digits
        return f"a whole number of {int(value.bit_length() * math.log10(2)) + 1:,} digits"
    if kind not in (list, tuple, dict, set, frozenset) or not value:
        return repr(value)
    if depth == 8:
        return "…"
    if kind is dict:
        pairs = islice(value.items(), 40)
        inner = [f"{_written(k, depth + 1)}: {_written(v, depth + 1)}" for k, v in pairs]
        return "{" + ", ".join(inner) + "}"
    inner = [_written(member, depth + 1) for member in islice(value, 40)]
    if kind is tuple:
        return "(" + ", ".join(inner) + ("," if len(value) == 1 else "") + ")"
    left, right = ("[", "]") if kind is list else ("{", "}")
    text = left + ", ".join(inner) + right
    return f"frozenset({text})" if kind is frozenset else text


def one_of(value: object, words: Sequence[str], where: str) -> None:
    """Raise a `ScheduleError` about `where` if `value` is none of the words."""
    if not isinstance(value, str) or value not in words:
        raise ScheduleError(
            f"{where} must be one of {', '.join(map(repr, words))}, got {shown(value)}"
        )


def find(names: dict[str, Any], name: object, where: str) -> Any:
    """Return what `names` holds under `name`, or raise with the nearest name."""
    if not isinstance(name, str):
        raise ScheduleError(f"{where} must be a name in quotes, got {shown(name)}")
    if name not in names:
        raise ScheduleError(
            f"{where} must be a known schedule, got {shown(name)}"
            + (suggestion(name, names) or "; see `glissando families`")
        )
    return names[name]


def suggestion(name: object, names: Any) -> str:
    """Return what to try instead of an unknown name: the nearest, or all if they are few."""
    from difflib import get_close_matches  # it takes long to load

    near = get_close_matches(str(name).lower(), names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known are {', '.join(sorted(names))}" if len(names) <= 8 else ""


_ENDINGS = ("lrscheduler", "scheduler", "schedule", "lr")
"""What names of schedules end with in some frameworks, and do not in others."""


def whereabouts(name: str, paths: Iterable[str]) -> str:
    """Return where else a name is: in another case, with another ending, or nearly.

    Args:
        name: a name that is not where it was looked for.
        paths: what there is, from the most to the least likely, such as "gl.recipes.wsd".
    """
    from difflib import get_close_matches

    known: dict[str, list[str]] = {}
    for path in paths:
        known.setdefault(_plain(path.rpartition(".")[2]), []).append(path)
    found = known.get(_plain(name), [])
    if not found:
        near = get_close_matches(_plain(name), known, n=2, cutoff=0.75)
        found = [path for one in near for path in known[one]]
    found.sort(key=lambda path: not path.lower().endswith(f".{name.lower()}"))
    return f"; there is {', '.join(found[:4])}" if found else ""


def _plain(name: str) -> str:
    """Return a name without its case, underscores and ending."""
    plain = name.lower().replace("_", "")
    return next((plain[: -len(e)] for e in _ENDINGS if plain.endswith(e) and plain != e), plain)


LEARNED = (
    "; it is learned or traced, and a schedule holds plain numbers, so that its gradient would be "
    "0: write p * rate(k), with a rate whose peak is 1"
)
"""What to write instead of a number that is learned."""


def learned(value: Any) -> bool:
    """Return whether a value is a parameter, a variable, or stands for one while it is traced."""
    if getattr(value, "requires_grad", False) is True:
        return True
    loaded = sys.modules.get
    tf, torch = loaded("tensorflow"), loaded("torch")
    kinds = (
        getattr(loaded("jax.core"), "Tracer", ()),
        getattr(loaded("flax.nnx"), "Variable", ()),
        getattr(loaded("keras"), "Variable", ()),
        getattr(loaded("keras"), "KerasTensor", ()),
        getattr(tf, "Variable", ()),
    )
    if isinstance(value, kinds):
        return True
    if isinstance(value, getattr(tf, "Tensor", ())):
        return not hasattr(value, "numpy")  # it is symbolic
    if isinstance(value, getattr(torch, "Tensor", ())):
        inner = torch.func.debug_unwrap(value, recurse=False)  # type: ignore[union-attr]
        dual = torch.autograd.forward_ad.unpack_dual(value)  # type: ignore[union-attr]
        return inner is not value or dual.tangent is not None
    return False


PEERS = {
    "composer.optim.scheduler": "composer",
    "fvcore.common.param_scheduler": "fvcore",
    "keras.src.callbacks.learning_rate_scheduler": "keras",
    "keras.src.callbacks.reduce_lr_on_plateau": "keras",
    "keras.src.optimizers.schedules": "keras",
    "mmengine.optim.scheduler": "mmengine",
    "optax._src.schedule": "optax",
    "optax.contrib._reduce_on_plateau.reduce_on_plateau": "optax",
    "optax.schedules._join": "optax",
    "optax.schedules._schedule": "optax",
    "paddle.optimizer.lr": "paddle",
    "timm.scheduler": "timm",
    "torch.optim.lr_scheduler": "torch",
    "torch.optim.swa_utils.SWALR": "torch",
    "transformers.optimization": "transformers",
}
"""The modules of nothing but schedulers, and the dialects that translate them."""

OTHERS = ("LRScheduler", "LearningRateSchedule", "ParamScheduler", "serialize", "deserialize")
"""What a scheduler of one's own is made from, and what is none: no dialect translates that."""


def _dialect(value: Any) -> str:
    """Return the call that translates a framework's scheduler: a class, an object or a function."""
    kind: Any
    for kind in value.__mro__ if isinstance(value, type) else type(value).__mro__:
        name = kind.__name__
        if name == "function":  # what optax returns is a function inside of a function
            kind, name = value, value.__qualname__.split(".")[0]
        module = getattr(kind, "__module__", None) or ""
        for peer, dialect in PEERS.items():
            if f"{module}.{name}.".startswith(peer + "."):
                return "" if name in OTHERS else f"gl.dialects.{dialect}.{name}(...)"
    return ""


def hint(value: Any) -> str:
    """Return what to write instead of something that came where a schedule is meant."""
    if learned(value):
        return LEARNED
    number = _number(value)
    if number is not None:
        return f"; a rate that stays is gl.Constant({number!r})"
    if isinstance(value, os.PathLike) or _is_path(value):
        return f"; a file is read by gl.load({shown(value)})"
    if isinstance(value, str):
        return f"; a text is read by gl.parse({shown(value)})"
    if isinstance(value, Mapping):
        return "; the JSON form is read by gl.from_data(...)" * ("type" in value)
    if type(value) in (list, tuple):
        return "; schedules in a list are joined by gl.Chain([...])"
    module = getattr(value, "__module__", None) or ""
    if module.startswith("glissando.plateau"):
        return "; a plateau goes around the whole schedule: write plateau.on(schedule)"
    if module.startswith("glissando.") and hasattr(value, "__name__"):
        return f"; it is to be called with its arguments: {value.__name__}(...)"
    call = _dialect(value)
    if call:
        return f"; {call} translates it"
    if isinstance(value, type):
        return "; a class is no schedule: wrap a function of the step in gl.schedule(f)"
    return "; wrap a function of your own in gl.schedule(f)" * callable(value)


def unlisted(value: object) -> str:
    """Return what to write instead of something that is no sequence."""
    if learned(value):
        return LEARNED
    if isinstance(value, Set):
        return "; a set has no order: write sorted(...)"
    kept = isinstance(value, Mapping | str | bytes) or hasattr(value, "shape")
    return "; write list(...)" if isinstance(value, Iterable) and not kept else ""


def spelled(value: str) -> str:
    """Return what to write instead of a text that spells a number."""
    try:
        number = float(value)
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    written = value.strip() if value.strip().isdecimal() else repr(number)
    return f"; it is a text: write {written} (YAML wants 1.0e-3 for 1e-3)"


def _number(value: Any) -> float | None:
    """Return the number that a value is, or that a text spells."""
    if isinstance(value, bool) or getattr(value, "shape", ()) != ():
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _is_path(value: object) -> bool:
    return isinstance(value, str) and bool(re.search(r"\.(json|ya?ml|toml)$", value))
