"""PyTorch 2.13: the schedulers of `torch.optim` by their names, each stepped after every update.

What an optimizer brings is `lr`. `OneCycleLR` and `CyclicLR` move the momentum as well: they give
both, by name, for an adapter to set, and the rate alone for `of="lr"`.
The curves are those of `scheduler.step()`, not of the closed forms that `step(epoch)` takes. What
ends holds its last rate, unless it is said otherwise. A rate that grows for ever takes a function,
which cannot be saved. PyTorch 2.14.1 has the same classes.
"""

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

from glissando.dialects.shared.curves import exponential, staircase, stepped, until
from glissando.dialects.shared.cycles import cosine_restarts, triangles
from glissando.dialects.shared.declare import metric_driven, remembered
from glissando.dialects.shared.hyperparameters import Hyperparameters
from glissando.dialects.shared.one_cycle import one_cycle
from glissando.dialects.shared.torch_composition import Schedulers, chained, joined
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, Linear, Piecewise, Polynomial, schedule
from glissando.rules import (
    Factor,
    Number,
    Positive,
    Rate,
    Ratio,
    Share,
    SomeSteps,
    Steps,
    StepsOrZero,
)
from glissando.schedule import Schedule

Curve = Callable[[Any], Any]


@remembered
def LambdaLR(lr_lambda: Curve, *, lr: Rate) -> Schedule:
    """`lr` times a function of the step, or a schedule, which can be saved."""
    if isinstance(lr_lambda, Hyperparameters):
        raise ScheduleError(
            f"`lr_lambda` must be one function, got schedules of {' and '.join(lr_lambda)}; take "
            "one of them, as in made['lr']"
        )
    if isinstance(lr_lambda, Schedule):
        return lr_lambda * lr
    return schedule(lambda step: lr * lr_lambda(step))


@remembered
def MultiplicativeLR(lr_lambda: Curve, *, lr: Rate) -> Schedule:
    """`lr` times the product of a function's values at steps 1, 2, and so on to the step."""
    return schedule(lambda step: lr * math.prod(lr_lambda(t) for t in range(1, int(step) + 1)))


@remembered
def StepLR(step_size: Steps, gamma: Factor = 0.1, *, lr: Rate) -> Schedule:
    """Times `gamma` at every `step_size` steps."""
    return staircase(lr, gamma, step_size)


@remembered
def MultiStepLR(milestones: SomeSteps, gamma: Factor = 0.1, *, lr: Rate) -> Schedule:
    """Times `gamma` at each milestone, which already has the new rate; in any order."""
    return stepped(lr, milestones, gamma)


@remembered
def ConstantLR(factor: Share = 1.0 / 3, total_iters: StepsOrZero = 5, *, lr: Rate) -> Schedule:
    """`factor` times `lr` before step `total_iters`, then `lr`; if that is 0, `lr` never comes.

    From a factor of 0 there is no way back: PyTorch divides by zero at `total_iters`, and the
    schedule raises there.
    """
    if total_iters == 0:
        return Constant(lr * factor)
    if factor == 0:
        return until(Constant(0.0), total_iters - 1)
    return Piecewise([lr * factor, lr], [total_iters])


@remembered
def LinearLR(
    start_factor: Ratio = 1.0 / 3,
    end_factor: Share = 1.0,
    total_iters: StepsOrZero = 5,
    *,
    lr: Rate,
) -> Schedule:
    """A line between two factors of `lr`; with `total_iters` of 0, the first one for ever."""
    if total_iters == 0:
        return Constant(lr * start_factor)
    return Linear(lr * start_factor, lr * end_factor, total_iters)


@remembered
def ExponentialLR(gamma: Factor, *, lr: Rate) -> Schedule:
    """Times `gamma` at every step."""
    return exponential(lr, gamma)


@remembered
def PolynomialLR(
    total_iters: StepsOrZero = 5,
    power: Annotated[float, Number(0, 1000)] = 1.0,
    *,
    lr: Rate,
) -> Schedule:
    """A power of the remaining fraction, down to 0; with `total_iters` or `power` of 0, `lr`."""
    if total_iters == 0 or power == 0:
        return Constant(lr)
    return Polynomial(lr, 0.0, total_iters, power)


@remembered
def CosineAnnealingLR(T_max: Steps, eta_min: Rate = 0.0, *, lr: Rate) -> Schedule:
    """Half a cosine wave, and back again: it bounces for ever, with a period of twice `T_max`."""
    return Cosine(lr, eta_min, T_max).bounce()


@remembered
def CosineAnnealingWarmRestarts(
    T_0: Steps, T_mult: Steps = 1, eta_min: Rate = 0.0, *, lr: Rate
) -> Schedule:
    """Cosines for ever, each `T_mult` times as long as the one before.

    Every restart is met, as `step()` does, where PyTorch's own `step(epoch)` misses some.
    """
    return cosine_restarts(lr, eta_min, T_0, T_mult)


@remembered
def CyclicLR(
    base_lr: Rate,
    max_lr: Rate,
    step_size_up: Steps = 2000,
    step_size_down: StepsOrZero | None = None,
    mode: str = "triangular",
    gamma: Factor = 1.0,
    scale_fn: Curve | None = None,
    scale_mode: Literal["cycle", "iterations"] = "cycle",
    cycle_momentum: bool = True,
    base_momentum: Rate = 0.8,
    max_momentum: Rate = 0.9,
    *,
    of: Literal["lr", "momentum"] | None = None,
) -> Schedule | Hyperparameters:
    """Triangles for ever: up from `base_lr` and down again; momentum moves the other way.

    It gives both: `gl.torch.Scheduler(optimizer, gl.dialects.torch.CyclicLR(...))` sets what
    PyTorch's scheduler sets, the first beta where an optimizer has betas. The rate alone comes
    with `of="lr"` or `cycle_momentum=False`, the momentum alone with `of="momentum"`.

    The height of a triangle stays, or is halved from cycle to cycle (`triangular2`), or falls by
    `gamma` at every step (`exp_range`), or is times a function of your own: of the cycle, counted
    from 1, or of the iteration. The optimizer's own rate has no effect.
    """
    down = step_size_up if step_size_down is None else step_size_down

    def between(ends: tuple[float, float]) -> Schedule:
        return triangles(*ends, step_size_up, down, mode, gamma, scale_fn, scale_mode)

    return _moved(between, (base_lr, max_lr), (max_momentum, base_momentum), of, cycle_momentum)


@remembered
def OneCycleLR(
    max_lr: Rate,
    total_steps: Steps | None = None,
    epochs: Steps | None = None,
    steps_per_epoch: Steps | None = None,
    pct_start: Share = 0.3,
    anneal_strategy: Literal["cos", "linear"] = "cos",
    cycle_momentum: bool = True,
    base_momentum: Rate = 0.85,
    max_momentum: Rate = 0.95,
    div_factor: Positive = 25.0,
    final_div_factor: Positive = 1e4,
    three_phase: bool = False,
    *,
    of: Literal["lr", "momentum"] | None = None,
) -> Schedule | Hyperparameters:
    """Up to `max_lr`, and down to almost nothing at step `total_steps` - 1; momentum the other way.

    It gives both: `gl.torch.Scheduler(optimizer, gl.dialects.torch.OneCycleLR(...))` sets what
    PyTorch's scheduler sets, the first beta where an optimizer has betas. The rate alone comes
    with `of="lr"` or `cycle_momentum=False`, the momentum alone with `of="momentum"`.

    With `three_phase` it comes down as it went up first. A phase ends between two steps as a rule,
    and one that is over before step 0 is left out; where it ends at step 0 itself PyTorch divides
    by zero, and it is refused. As in PyTorch, step `total_steps` goes on in the same direction, a
    cosine back up again; after it, or where a line goes below 0, it raises. The optimizer's own
    rate has no effect.
    """
    if total_steps is None:
        if epochs is None or steps_per_epoch is None:
            raise ScheduleError(
                "either `total_steps` or `epochs` and `steps_per_epoch` must be given, got "
                f"{epochs} epochs and {steps_per_epoch} steps per epoch"
            )
        total_steps = epochs * steps_per_epoch
    first = max_lr / div_factor
    rates = [first, max_lr, first, first / final_div_factor]
    momenta = [max_momentum, base_momentum, max_momentum, max_momentum]
    shape = total_steps, pct_start, anneal_strategy, three_phase
    return _moved(lambda ends: one_cycle(ends, *shape), rates, momenta, of, cycle_momentum)


@remembered
def SWALR(
    swa_lr: Rate,
    anneal_epochs: StepsOrZero = 10,
    anneal_strategy: Literal["cos", "linear"] = "cos",
    *,
    lr: Rate,
) -> Schedule:
    """From the optimizer's rate to `swa_lr`, in half a cosine wave or a line."""
    if anneal_epochs == 0:
        return Constant(swa_lr)
    return (Cosine if anneal_strategy == "cos" else Linear)(lr, swa_lr, anneal_epochs)


@remembered
def SequentialLR(schedulers: Schedulers, milestones: SomeSteps) -> Schedule | Hyperparameters:
    """Schedulers one after another, each from its milestone on, all of one optimizer.

    As in PyTorch, `OneCycleLR` and a `CyclicLR` that is the first set the rate which the others
    start from, so that `LinearLR` before `OneCycleLR` runs at 1/25 of its peak;
    `MultiplicativeLR` and `SWALR` go on from the rate before them. The schedulers are taken as
    built in their order. Any other schedule counts as a `LambdaLR` with that curve. Where one of
    them gives the momentum, so does the whole.
    """
    if len(milestones) != len(schedulers) - 1:
        raise ScheduleError(
            "`milestones` must be one fewer than `schedulers`, "
            f"got {len(milestones)} and {len(schedulers)}"
        )
    if list(milestones) != sorted(milestones):
        raise ScheduleError(f"`milestones` must be in order, got {shown(milestones)}")
    return joined(schedulers, milestones)


@remembered
def ChainedScheduler(schedulers: Schedulers) -> Schedule | Hyperparameters:
    """Schedulers that act on one optimizer's rate at every step, one after another.

    That is the product of what they multiply it by, with these exceptions. `LambdaLR`, `CyclicLR`,
    `OneCycleLR`, `CosineAnnealingWarmRestarts` and any schedule of another origin set the rate, so
    that what comes before them has no effect, and of what comes after only the change at each
    step. `CosineAnnealingLR` lets the product count only above its `eta_min`, and starts again
    from the optimizer's own rate when it bounces. Where no formula has the curve, it is a table,
    or a function, which cannot be saved. The momentum is that of the last that gives it.
    """
    if not schedulers:
        raise ScheduleError("`schedulers` must be 1 or more, got none")
    return chained(schedulers)


ReduceLROnPlateau = metric_driven("torch.ReduceLROnPlateau")


def _moved(
    curve: Callable[[Any], Schedule], rates: Any, momenta: Any, of: str | None, momentum: bool
) -> Schedule | Hyperparameters:
    """Return the curve between the rates, between the momenta, or both by name."""
    if of == "momentum" and not momentum:
        raise ScheduleError("`of` must be 'lr' where `cycle_momentum` is False")
    if of == "momentum":
        return curve(momenta)
    if of == "lr" or not momentum:
        return curve(rates)
    return Hyperparameters({"lr": curve(rates), "momentum": curve(momenta)})
