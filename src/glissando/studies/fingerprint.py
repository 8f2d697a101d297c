"""What makes one training function another: its code, and that of what it calls nearby."""

import hashlib
import inspect
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import CodeType, FunctionType, MethodType
from typing import Any


def fingerprint(train: Callable[..., Any]) -> str:
    """Return a digest of a function's source, and of the functions and classes that it uses.

    It follows what the function closes over, the attributes of a callable object, and names of the
    function's own module. What other modules have counts as given, and so does Glissando. Of a
    `train_function` its other arguments count as well, but not the data.
    """
    sources = {_source(part) for part in _own(train)}
    if hasattr(train, "framework"):
        sources.add(repr(train))
    return hashlib.sha256("".join(sorted(sources)).encode()).hexdigest()[:16]


def modules_of(train: Callable[..., Any]) -> list[str]:
    """Return the names of the modules that a function consists of and that are not installed."""
    names = sorted({_module(part) for part in _own(train)} - {"", "__main__"})
    installed = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
    paths = {name: getattr(sys.modules.get(name), "__file__", None) for name in names}
    return [name for name, path in paths.items() if path and not path.startswith(installed)]


def _own(train: Callable[..., Any]) -> Iterator[Any]:
    """Yield the functions and classes that are the user's."""
    seen: set[int] = set()
    left: list[Any] = [train]
    while left:
        part = left.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, FunctionType | type) and not _module(part).startswith("glissando."):
            yield part
        left.extend(each for each in _parts(part) if _is_code(each))


def _parts(part: Any) -> Iterator[Any]:
    """Yield what a function, a class or a callable object holds."""
    if isinstance(part, MethodType):
        yield part.__func__
        yield part.__self__
    elif isinstance(part, FunctionType):
        for cell in part.__closure__ or ():
            with suppress(ValueError):  # it is empty
                yield cell.cell_contents
        used = (part.__globals__.get(name) for name in _names(part.__code__))
        yield from (each for each in used if _module(each) == part.__module__)
    elif isinstance(part, type):
        yield from (each for each in vars(part).values() if isinstance(each, FunctionType))
    else:
        yield from getattr(part, "__dict__", {}).values()
        if _module(type(part)) != "builtins":
            yield type(part)


def _is_code(part: Any) -> bool:
    """Return whether a value is a function, a class, or an object that can be called."""
    if isinstance(part, FunctionType | MethodType):
        return True
    if isinstance(part, type):
        return _module(part) != "builtins"
    return callable(part) and hasattr(part, "__dict__")


def _module(part: Any) -> str:
    return str(getattr(part, "__module__", None) or "")


def _names(code: CodeType) -> Iterator[str]:
    """Yield the global names that a function uses, those of the functions in it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _source(part: Any) -> str:
    with suppress(OSError, TypeError):  # typed at a prompt
        return inspect.getsource(part)
    code = getattr(part, "__code__", None)
    return repr((code.co_code, code.co_consts, code.co_names)) if code else part.__qualname__
