"""NumPy: a function of an array of steps."""

from collections.abc import Iterator, Sequence

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.python_code import executed
from glissando.languages.source import source
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as a function of an array."""
    code = source(schedule, "numpy") + "\n"

    def rates(steps: Sequence[int]) -> list[float]:
        import numpy as np

        found = executed(code)["rate"](np.asarray(steps))
        return [float(rate) for rate in found]

    yield Draft(
        code, False, "it", rates, run=rates, ran="it", groups="it returns one rate", units="steps"
    )
