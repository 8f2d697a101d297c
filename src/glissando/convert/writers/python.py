"""Python: a function that needs nothing but the standard library."""

from collections.abc import Iterator

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.python_code import of_numbers
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as a function of a number."""
    code, rates = of_numbers(schedule)
    yield Draft(
        code, False, "it", rates, run=rates, ran="it", groups="it returns one rate", units="steps"
    )
