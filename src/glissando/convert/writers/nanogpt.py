"""nanoGPT: the variables of its configuration, a Python file."""

from collections.abc import Iterator

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, trapezoid
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, Linear
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as variables of the file."""
    whole = trapezoid(schedule, "nanogpt", "lr_decay_iters")
    if whole.decay is None and not whole.warmup:
        yield _draft({"decay_lr": False, "learning_rate": whole.peak}, Constant(whole.peak), whole)
        return
    decay, warmup, peak = whole.decay, whole.warmup, whole.peak
    if whole.stable or not isinstance(decay, Cosine):
        what = f"a plateau of {whole.stable:,.0f} updates" if whole.stable else shown(decay)
        raise ScheduleError(
            f"nanogpt: `lr_decay_iters` is the end of a cosine after the warm-up: it cannot say "
            f"{what}; {INSTEAD}"
        )
    first = peak / (warmup + 1)
    if warmup and abs(whole.start - first) > 1e-12 * peak:
        raise ScheduleError(
            "nanogpt: `warmup_iters` begin at learning_rate / (warmup_iters + 1), here "
            f"{first!r}: they cannot begin at {whole.start!r}; {INSTEAD}"
        )
    settings = {
        "decay_lr": True,
        "learning_rate": peak,
        "warmup_iters": warmup,
        "lr_decay_iters": warmup + int(decay.steps),
        "min_lr": decay.end,
    }
    curve = Linear(first, peak, warmup) >> Cosine(peak, decay.end, int(decay.steps))
    yield _draft(settings, curve, whole)


def _draft(settings: dict[str, float], curve: Schedule, whole: Trapezoid) -> Draft:
    if whole.steps != float("inf"):
        settings["max_iters"] = int(whole.steps)
    return Draft(
        code="".join(f"{name} = {value!r}\n" for name, value in settings.items()),
        native=True,
        by="the formula of nanoGPT's get_lr, whose warm-up is (k + 1) / (warmup_iters + 1) since "
        "its pull request 578",
        rates=lambda steps: [curve(step) for step in steps],
        units="updates, which nanoGPT calls iterations",
    )
