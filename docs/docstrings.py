"""The examples of docstrings, and what they make."""

import ast
import inspect
import sys
from doctest import DocTestParser
from functools import cache
from typing import Any

from glissando.errors import ScheduleError
from glissando.schedule import Schedule


@cache
def example_of(documented: Any) -> Schedule:
    """Return the first schedule that the example in a docstring makes.

    Of a family it is one of that family.
    """
    a_class = isinstance(documented, type)
    names = dict(vars(sys.modules[documented.__module__]))
    for example in DocTestParser().get_examples(inspect.getdoc(documented) or ""):
        tree = ast.parse(example.source)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call | ast.BinOp):
                value = eval(compile(ast.Expression(node), "example", "eval"), names)
                if type(value) is documented or (not a_class and isinstance(value, Schedule)):
                    return value
        exec(compile(tree, "example", "exec"), names)
    raise ScheduleError(f"{documented.__name__}: its docstring has no example that makes one")
