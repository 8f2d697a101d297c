"""Schedules that are written, and what tests of that have in common."""

import numpy as np

import glissando as gl

WARM = gl.Linear(0.0, 1e-3, steps=40)
WSD = WARM >> gl.Constant(1e-3, 100)
OWN = {
    "constant": gl.Constant(0.1),
    "line": gl.Linear(1e-3, 1e-5, steps=60),
    "warm cosine": WARM >> gl.Cosine(1e-3, 1e-5, steps=300),
    "warm cosine to 0": WARM >> gl.Cosine(1e-3, 0.0, steps=300),
    "warm from above 0": gl.Linear(1e-4, 1e-3, 40) >> gl.Cosine(1e-3, 1e-5, 300),
    "warm line": WARM >> gl.Linear(1e-3, 0.0, steps=300),
    "warm polynomial": WARM >> gl.Polynomial(1e-3, 1e-6, steps=300, power=2.0),
    "polynomial": gl.Polynomial(0.1, 0.0, steps=200, power=0.9),
    "warm constant": WARM >> gl.Constant(1e-3),
    "inverse root": WARM >> gl.InverseSqrt(1e-3, timescale=40),
    "inverse root later": WARM >> gl.InverseSqrt(1e-3, timescale=400),
    "trapezoid": WSD >> gl.Linear(1e-3, 0.0, steps=60),
    "trapezoid of a root": WSD >> gl.Sqrt(1e-3, 0.0, steps=60),
    "restarts": gl.Cosine(0.1, 0.0, steps=50).repeat(3),
    "restarts for ever": gl.Cosine(0.1, 0.01, steps=50).repeat(),
    "stairs": gl.Staircase(0.1, ratio=0.5, every=30),
    "milestones": gl.Piecewise([0.1, 0.01, 0.001], [30, 60]),
    "uneven milestones": gl.Piecewise([0.1, 0.05, 0.001], [30, 60]),
    "exponential": gl.Exponential(0.1, rate=0.01),
    "geometric, cut": gl.Geometric(0.1, ratio=0.97).take(50),
    "over time": gl.InverseTime(0.1, rate=0.01),
    "table": gl.Table([0.0, 0.1, 0.05, 0.0], knots=[0, 10.5, 80, 200]),
    "noise": gl.Linear(1.0, 0.1, steps=100).noise(0.2, seed=3),
    "wave": gl.CosineWave(0.1, 0.01, period=33.3),
    "scaled": 0.1 * (gl.Linear(0.1, 1.0, 10) >> gl.Cosine(1.0, 0.1, 90)),
    "to nothing": gl.Exponential(0.1, rate=0.01).take(50) >> gl.Constant(0.0, 9),
    "rising cosine": gl.Cosine(0.01, 0.1, 30) >> gl.Cosine(0.1, 0.0, 70),
}
LONGEST = 700
"""How many updates are run."""


def differing(schedule, rates, unit=2.0**-52):
    """Return the largest difference in units in the last place of the full scale."""
    truth = np.array([schedule(step) for step in range(len(rates))])
    return np.abs(np.asarray(rates, float) - truth).max() / (schedule.bound() * unit)


def stepped(optimizer, scheduler, count):
    rates = []
    for _ in range(count):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def run_arguments(arguments, count):
    """Return the rates of the scheduler that a trainer makes of its arguments."""
    import torch
    from transformers import get_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], arguments.learning_rate)
    steps = arguments.max_steps
    scheduler = get_scheduler(
        arguments.lr_scheduler_type,
        optimizer,
        arguments.get_warmup_steps(steps),
        steps,
        scheduler_specific_kwargs=arguments.lr_scheduler_kwargs,
    )
    return stepped(optimizer, scheduler, count)
