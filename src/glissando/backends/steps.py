"""The errors for what is no step of a schedule."""

from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.rules import plain_number


def bad_step(schedule: Any, step: object) -> ScheduleError:
    """Return the error for a step that is negative, NaN or beyond 2**53."""
    number = plain_number(step)
    return ScheduleError(
        f"{type(schedule).__name__}: `step` must be from 0 to 2**53, "
        f"got {shown(step if number is None else number)}"
    )


def within(step: Any, steps: float) -> None:
    """Raise the error of a strict schedule if a step is past its end."""
    if step > steps:
        raise ScheduleError(
            f"Strict: `step` must be at most {steps}, the schedule's end, got {step}"
        )


def not_a_step(schedule: Any, step: object) -> TypeError:
    """Return the error for what is no step of any kind."""
    return TypeError(
        f"{type(schedule).__name__}: `step` must be a number, a NumPy array, or a JAX, PyTorch or "
        f"TensorFlow tensor of numbers, got {shown(step)}"
    )
