"""Python as data: its literals, the names they are given, and its calls. Nothing is run."""

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

from glissando.convert.parsing.statements import Program
from glissando.errors import ScheduleError

MAX_BITS = 4096
"""How large a whole number may become."""

REST = "!rest"
"""The key of what code adds to a dictionary or a call's arguments, by `**`."""

OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "float": float,
    "int": int,
    "max": max,
    "min": min,
    "round": round,
}
"""Functions of plain numbers."""


def read(text: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the values that a program gives names at its top, and under "!calls" its calls.

    A literal is its value, and so is arithmetic of numbers and of names that have one, and a part
    of a dictionary or list. `dict(...)` is a dictionary. Another call is a dictionary with "!tag",
    the name that is called, "value", its arguments without names, and those with one; what `**`
    adds of code is under "!rest". All other code is one with the tag "!code", and the code as
    "value"; what a block of code changes, such as that of an `if`, is code. Under "!returned" is
    what functions return by their names, if that is a call.

    Args:
        text: the program.
        given: values of names that the program has already, and cannot change.

    Raises:
        ScheduleError: it is nested too deep.
        ValueError: it is no Python.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ValueError(f"{error.msg}, line {error.lineno}") from None
    except (RecursionError, MemoryError):
        raise ScheduleError("not read as Python: nested too deep") from None
    program = Program(_value, given or {})
    names = program.names
    try:
        for statement in tree.body:
            program.perform(statement)
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        calls = [_value(node, names) for node in found if _name(node.func)]
        returned = {name: _value(call, names) for name, call in _returns(tree)}
    except RecursionError:
        raise ScheduleError("not read as Python: nested too deep") from None
    calls = [call for call in calls if isinstance(call, dict) and "!tag" in call]
    return {**names, "!calls": calls, "!returned": returned}


def _returns(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            last = function.body[-1]
            if isinstance(last, ast.Return) and isinstance(last.value, ast.Call):
                yield function.name, last.value


def _name(function: ast.expr) -> str:
    """Return the name of what is called, such as "optim.Adam", or nothing."""
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute) and (inner := _name(function.value)):
        return f"{inner}.{function.attr}"
    return ""


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.Attribute | ast.Subscript):
        return _part(node, names)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_value(member, names) for member in node.elts]
    if isinstance(node, ast.Dict):
        return _dictionary(node, names)
    if isinstance(node, ast.Call) and _name(node.func):
        return _call(node, names)
    if isinstance(node, ast.UnaryOp | ast.BinOp):
        number = _number(node, names)
        if number is not None:
            return number
    return _code(node)


def _code(node: ast.expr) -> dict[str, Any]:
    return {"!tag": "!code", "value": ast.unparse(node)[:1000]}


def _part(node: ast.Attribute | ast.Subscript, names: dict[str, Any]) -> Any:
    """Return what stands in a dictionary or a list under a name or a number."""
    held = _value(node.value, names)
    at = node.attr if isinstance(node, ast.Attribute) else _value(node.slice, names)
    if isinstance(held, dict) and "!tag" not in held and isinstance(at, str) and at in held:
        return held[at]
    if isinstance(held, list) and type(at) is int and -len(held) <= at < len(held):
        return held[at]
    return _code(node)


def _dictionary(node: ast.Dict, names: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, member in zip(node.keys, node.values, strict=True):
        value = _value(member, names)
        if key is not None:
            found[str(_value(key, names))] = value
        elif isinstance(value, dict) and "!tag" not in value:
            found |= value
        else:  # which may have any of the keys before it as well
            found = {REST: ast.unparse(member)[:1000]}
    return found


def _call(node: ast.Call, names: dict[str, Any]) -> Any:
    name = _name(node.func)
    if name in FUNCTIONS and (number := _computed(node, name, names)) is not None:
        return number
    found: dict[str, Any] = {}
    for keyword in node.keywords:
        value = _value(keyword.value, names)
        if keyword.arg is not None:
            found[keyword.arg] = value
        elif isinstance(value, dict) and "!tag" not in value:
            found |= value
        else:
            found[REST] = ast.unparse(keyword.value)[:1000]
    if name == "dict" and not node.args:
        return found
    return {"!tag": name, "value": [_value(member, names) for member in node.args]} | found


def _computed(node: ast.Call, name: str, names: dict[str, Any]) -> int | float | None:
    """Return what a function makes of plain numbers, or None where it gets something else."""
    given = [_value(member, names) for member in node.args]
    if (
        not given
        or (len(given) > 1 and name not in ("max", "min"))
        or node.keywords
        or any(type(each) not in (int, float) for each in given)
    ):
        return None
    try:
        number: int | float = FUNCTIONS[name](*given)
    except (ArithmeticError, TypeError, ValueError):
        return None
    return number


def _number(node: ast.expr, names: dict[str, Any]) -> int | float | None:
    """Return what arithmetic gives, or None where it is none of plain numbers."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _value(node.operand, names)
        if type(inner) in (int, float):
            signed: int | float = -inner if isinstance(node.op, ast.USub) else inner
            return signed
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        left, right = _value(node.left, names), _value(node.right, names)
        if type(left) not in (int, float) or type(right) not in (int, float):
            return None
        if isinstance(node.op, ast.Pow) and (abs(right) > 1000 or abs(left) > 1e9):
            return None
        try:
            number = OPERATIONS[type(node.op)](left, right)
        except (ArithmeticError, ValueError):
            return None
        if type(number) is float or (type(number) is int and number.bit_length() <= MAX_BITS):
            return number
    return None
