"""A schedule as PyTorch code: a function of the update, by LambdaLR."""

import warnings
from collections.abc import Sequence

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.python_code import executed, of_numbers, version, with_import
from glissando.schedule import Schedule

SCHEDULER = '''def scheduler_for(optimizer):
    """Return the scheduler of an optimizer: call its step() after each step() of the optimizer."""
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] = 1.0  # LambdaLR multiplies it by rate(t)
    return LambdaLR(optimizer, rate)
'''


def lambda_lr(schedule: Schedule, use: str) -> Draft:
    """Return a schedule as a function of the update and a scheduler that follows it.

    Args:
        schedule: the schedule.
        use: the lines below it, which say how it is used.
    """
    function, rates = of_numbers(schedule)
    function = with_import(function, "from torch.optim.lr_scheduler import LambdaLR")
    code = f"{function}\n\n{SCHEDULER}\n\n{use}\n"
    return Draft(
        code=code,
        native=False,
        by="its own function, run",
        rates=rates,
        run=lambda steps: scheduler_rates(code, steps),
        ran=f"LambdaLR of {version('torch', 'PyTorch')}",
    )


def scheduler_rates(code: str, steps: Sequence[int]) -> list[float]:
    """Return the rates that the code's `scheduler_for` sets, update by update."""
    from torch.nn import Parameter
    from torch.optim import SGD

    optimizer = SGD([Parameter()], lr=1.0)
    scheduler = executed(code, optimizer=optimizer)["scheduler_for"](optimizer)
    found: list[float] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(steps[-1] + 1):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    return [found[step] for step in steps]
