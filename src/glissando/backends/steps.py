"""The errors for what is no step of a schedule."""

import sys
from typing import Any

from glissando.errors import ScheduleError, shown, unlisted
from glissando.rules import plain_number


def bad_step(schedule: Any, step: object) -> ScheduleError:
    """Return the error for a step that is negative, NaN or beyond 2**53."""
    number = plain_number(step)
    return ScheduleError(
        f"{type(schedule).__name__}: `step` must be from 0 to 2**53, "
        f"got {shown(step if number is None else number)}"
    )


def is_thrown_away(step: Any) -> bool:
    """Return whether the rate of a step before 0 is asked for and then not used.

    `optax.join_schedules` asks every part at every step, and takes the one whose turn it is.
    """
    join = getattr(sys.modules.get("optax"), "join_schedules", None)
    asking = getattr(getattr(join, "__code__", None), "co_consts", ())
    frame = sys._getframe(1) if asking and step < 0 else None
    while frame and frame.f_code not in asking:
        frame = frame.f_back
    return frame is not None


def within(step: Any, steps: float) -> None:
    """Raise the error of a strict schedule if a step is past its end."""
    if step > steps:
        raise ScheduleError(
            f"Strict: `step` must be at most {steps}, the schedule's end, got {step}"
        )


def not_a_step(schedule: Any, step: object) -> TypeError:
    """Return the error for what is no step of any kind."""
    hint = ""
    if step is None:  # none was given: so Keras's optimizers call what is no schedule of their own
        hint = ". In an optimizer of Keras write SGD(gl.keras.LearningRateSchedule(rate))"
    return TypeError(
        f"{type(schedule).__name__}: `step` must be a number, a NumPy array, or a JAX, PyTorch or "
        f"TensorFlow tensor of numbers, got {shown(step)}{hint or unlisted(step)}"
    )
