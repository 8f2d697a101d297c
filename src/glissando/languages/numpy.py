"""A schedule as NumPy: arrays of steps in, arrays of rates out."""

from collections.abc import Mapping, Sequence
from typing import Any

from glissando.backends.printer import Printer
from glissando.backends.tracer import BranchlessTracer


class NumPy(Printer):
    """NumPy: arrays of steps in, arrays of rates out."""

    tracer = BranchlessTracer
    lazy = False
    imports: Sequence[str] = ("import numpy as np",)
    search = ()
    tabulate = "{} = np.array({})"
    head: Sequence[str] = (
        "def rate(t):",
        "    t = np.asarray(t)",
        "    if np.any(t < 0):",
        '        raise ValueError("step must be 0 or more")',
    )
    functions: Mapping[str, str] = {
        "exp": "np.exp",
        "log": "np.log",
        "sqrt": "np.sqrt",
        "sin": "np.sin",
        "cos": "np.cos",
        "tanh": "np.tanh",
        "where": "np.where",
        "minimum": "np.minimum",
        "maximum": "np.maximum",
        "power": "np.power",
    }
    infinity = "np.inf"
    return_ = "return np.broadcast_to({}, t.shape).astype(float)"

    def lookup(self, _outer: int, t: Any, boundaries: Any, values: Any) -> str:
        where = f'np.searchsorted({self.table(boundaries)}, {self.text(t)}, side="right")'
        return f"{self.table(values)}[{where}]"

    def interval(self, _outer: int, t: Any, knots: Any) -> str:
        return f'np.searchsorted({self.table(knots)}[1:-1], {self.text(t)}, side="right")'
