"""A schedule as source code: Python, NumPy, JavaScript, LaTeX."""

from glissando.backends.printer import Printer
from glissando.backends.tracer import Node
from glissando.errors import one_of
from glissando.languages.javascript import JavaScript
from glissando.languages.latex import LaTeX
from glissando.languages.numpy import NumPy
from glissando.schedule import Schedule


def source(schedule: Schedule, language: str) -> str:
    """Return the schedule as source code that needs nothing but the language's own mathematics.

    Args:
        schedule: the schedule.
        language: "python", "numpy", "javascript" or "latex".

    Raises:
        ScheduleError: the language is unknown, or the schedule holds a function of your own.

    Example:
        >>> from glissando import Exponential
        >>> print(source(Exponential(0.001, rate=0.1), "python"))
        import math
        <BLANKLINE>
        <BLANKLINE>
        def rate(t):
            if t < 0:
                raise ValueError("step must be 0 or more")
            return 0.001 * math.exp(-0.1 * t)
    """
    one_of(language, tuple(LANGUAGES), "source: `language`")
    return printed(schedule, LANGUAGES[language])


def printed(schedule: Schedule, language: type[Printer]) -> str:
    """Return the schedule as source code that a printer prints."""
    printer = language()
    body = printer.write(schedule.rate_at(Node("step"), printer.tracer()))
    return "\n".join([*printer.top(), *printer.head, *body, *printer.tail])


LANGUAGES: dict[str, type[Printer]] = {
    "python": Printer,
    "numpy": NumPy,
    "javascript": JavaScript,
    "latex": LaTeX,
}
