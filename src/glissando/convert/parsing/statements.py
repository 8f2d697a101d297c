"""What the statements of a program make of its names, as far as data alone can tell."""

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Value = Callable[[ast.expr, dict[str, Any]], Any]
"""Returns the value of an expression by those of the names: a number, a container, or code."""

LARGEST = 1_000
"""How many parts what is put into a container may have, and how long a list may grow."""

MAIN = "__name__ == '__main__'"
"""What is so where a program is run, whose block is therefore no condition."""

BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


class Program:
    """A program whose statements are done one by one.

    Args:
        value: returns the value of an expression.
        given: values of names that the program has already; it changes their parts alone.
    """

    def __init__(self, value: Value, given: Mapping[str, Any]) -> None:
        self.value = value
        self.given = given
        self.names: dict[str, Any] = dict(given)

    def perform(self, statement: ast.stmt) -> None:
        """Do a statement; what a block changes, or what cannot be done, is code from then on."""
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == MAIN:
            for each in statement.body:
                self.perform(each)
            return
        try:
            if isinstance(statement, BLOCKS):
                raise TypeError
            self._perform(statement)
        except (LookupError, TypeError, ValueError):
            lost = {"!tag": "!code", "value": ast.unparse(statement)[:1000]}
            for path in _changed(statement):
                self._lose(path, lost)

    def _lose(self, path: list[str], code: dict[str, Any]) -> None:
        name, *inner = path
        if name in self.given:
            held = self.given[name]
            held.update(dict.fromkeys([part.lstrip(".") for part in inner[:1]] or [*held], code))
        elif not inner or inner[0][0] != "." or _is_map(self.names.get(name)):
            self.names[name] = code  # a list or a text has no part of such a name

    def _perform(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._put(statement.target, self._of(statement.value))
        elif isinstance(statement, ast.Assign):
            found = self._of(statement.value)
            for target in statement.targets:
                self._put(target, found)
        elif isinstance(statement, ast.AugAssign):
            target = ast.parse(ast.unparse(statement.target), mode="eval").body
            self._put(statement.target, self._of(ast.BinOp(target, statement.op, statement.value)))
        elif isinstance(statement, ast.Delete):
            for each in statement.targets:
                self._delete(each)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._call(statement.value)

    def _of(self, node: ast.expr) -> Any:
        return self.value(node, self.names)

    def _put(self, target: ast.expr, found: Any) -> None:
        """Give a target its value: a name, several names, or a place in a container."""
        if isinstance(target, ast.Name):
            if target.id not in self.given:
                self.names[target.id] = found
        elif isinstance(target, ast.Tuple | ast.List):
            if not isinstance(found, list):
                raise TypeError
            for each, one in zip(target.elts, found, strict=True):
                self._put(each, one)
        else:
            held, at = self._place(target)
            _hold_apart(held, found)
            held[at] = found

    def _place(self, target: ast.expr) -> tuple[Any, Any]:
        """Return the container that a target is in, and its key or number there."""
        assert isinstance(target, ast.Attribute | ast.Subscript | ast.Starred)
        held = self._of(target.value)
        if isinstance(target, ast.Starred) or not _is_container(held):
            raise TypeError
        at = target.attr if isinstance(target, ast.Attribute) else self._of(target.slice)
        return held, at

    def _delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            del self.names[target.id]
        else:
            held, at = self._place(target)
            del held[at]

    def _call(self, call: ast.Call) -> None:
        """Do what a method does to a container."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in METHODS:
            return
        held = self._of(call.func.value)
        if not _is_container(held):
            return
        given = [self._of(argument) for argument in call.args]
        named = {str(word.arg): self._of(word.value) for word in call.keywords}
        _hold_apart(held, [*given, *named.values()])
        METHODS[call.func.attr](held, *given, **named)


def _extend(row: list[Any], values: list[Any]) -> None:
    if not isinstance(values, list) or len(row) + len(values) > LARGEST:
        raise TypeError
    row.extend(values)


def _insert(row: list[Any], at: int, value: Any) -> None:
    _extend(row, [value])
    row.insert(at, row.pop())


def _pop(held: Any, at: Any = -1, *default: Any) -> None:
    held.pop(at, *default)


def _update(mapping: dict[str, Any], *others: Any, **named: Any) -> None:
    if not isinstance(mapping, dict) or not all(_is_map(other) for other in others):
        raise TypeError
    mapping.update(*others, **named)


METHODS: dict[str, Callable[..., object]] = {
    "append": lambda row, value: _extend(row, [value]),
    "extend": _extend,
    "insert": _insert,
    "pop": _pop,
    "update": _update,
}
"""What changes a list or a dictionary in place."""


def _changed(statement: ast.stmt) -> Iterator[list[str]]:
    """Yield what a statement may give another value: a name, and the parts that lead from it.

    A part that is an attribute or a text begins with a point.
    """
    for node in ast.walk(statement):
        target: ast.expr | None = None
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            target = None if isinstance(node.ctx, ast.Load) else node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            target = node.func.value if node.func.attr in METHODS else None
        if target is not None:
            yield from _path(target)


def _path(node: ast.expr) -> Iterator[list[str]]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        parts.append(f".{node.attr}" if isinstance(node, ast.Attribute) else _key(node.slice))
        node = node.value
    if isinstance(node, ast.Name):
        yield [node.id, *reversed(parts)]


def _key(node: ast.expr) -> str:
    value = getattr(node, "value", None)
    return f".{value}" if isinstance(value, str) else ast.unparse(node)


def _is_map(value: object) -> bool:
    return isinstance(value, dict) and "!tag" not in value


def _is_container(value: object) -> bool:
    return isinstance(value, list) or _is_map(value)


def _hold_apart(held: Any, found: Any) -> None:
    """Raise where a container would be put into itself, or what is put in is very large."""
    stack, seen = [found], 0
    while stack:
        part, seen = stack.pop(), seen + 1
        if part is held or seen > LARGEST:
            raise TypeError
        if isinstance(part, list):
            stack.extend(part)
        elif isinstance(part, dict):
            stack.extend(part.values())
