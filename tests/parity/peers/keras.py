"""Keras's schedules, called by the count of updates."""

import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # JAX would compile at every step

import keras
from keras.optimizers import schedules

from parity.case import Case, resolved, until_it_raises

VERSION = "3.15.1"
ULPS = 16
"""`CosineDecayRestarts` subtracts near equals in float32; all others stay within 4."""
MISSED = "Keras's logarithm misses some restarts by a step or more, and this one does not"


def classes():
    """Every schedule, and the callbacks that set a rate."""
    found = [n for n, v in vars(schedules).items() if inspect.isclass(v)]
    found.remove("LearningRateSchedule")
    return sorted([*found, "LearningRateScheduler", "ReduceLROnPlateau"])


def rates(name):
    def run(arguments, steps):
        given = resolved(arguments, None)
        if name == "LearningRateScheduler":
            rate = keras.callbacks.LearningRateScheduler(**given).schedule
        else:
            rate = getattr(schedules, name)(**given)
        return until_it_raises(lambda step: float(rate(step)), steps)

    return run


def near_a_restart(arguments, step):
    begin, length = 0.0, float(arguments["first_decay_steps"])
    t_mul = arguments.get("t_mul", 2.0)
    if t_mul == 1:
        return False
    while begin <= step + 1 and length > 1e-6:
        if abs(step - begin) <= 1e-5 * step:
            return True
        begin, length = begin + length, length * t_mul
    return length <= 1e-6  # where the cycles come to their end


def lr(random):
    return random.choice([1.0, 0.1, 3e-4, random.uniform(1e-5, 2)])


def length(random):
    return random.choice([1, random.randint(2, 50)])


def staircase(random, rates):
    return {
        "initial_learning_rate": lr(random),
        "decay_steps": length(random),
        "decay_rate": random.choice(rates),
        "staircase": random.random() < 0.5,
    }


def piecewise(random):
    boundaries = sorted(random.sample(range(60), random.randint(1, 4)))
    return {"boundaries": boundaries, "values": [lr(random) for _ in [0, *boundaries]]}


def polynomial(random):
    arguments = {
        "initial_learning_rate": lr(random),
        "decay_steps": length(random),
        "power": random.choice([1.0, 2.0, random.uniform(0.5, 4)]),
        "cycle": random.random() < 0.5,
    }
    if random.random() < 0.7:
        arguments["end_learning_rate"] = random.choice([0.0, lr(random)])
    return arguments


def cosine(random):
    arguments = {
        "initial_learning_rate": random.choice([0.0, lr(random)]),
        "decay_steps": length(random),
        "alpha": random.choice([0.0, random.random()]),
        "warmup_steps": random.choice([0, random.randint(1, 20)]),
    }
    if random.random() < 0.6:
        arguments["warmup_target"] = lr(random)
    return arguments


def restarts(random):
    return {
        "initial_learning_rate": lr(random),
        "first_decay_steps": random.randint(1, 25),
        "t_mul": random.choice([1.0, 2.0, 3.0, 1.5, 0.5, random.uniform(1.1, 3)]),
        "m_mul": random.choice([1.0, 0.9, 0.5, random.random()]),
        "alpha": random.choice([0.0, 0.1, random.random()]),
    }


DRAWS = {
    "ExponentialDecay": lambda r: staircase(r, [0.0, 0.5, 1.0, 0.96, r.uniform(0.1, 1)]),
    "PiecewiseConstantDecay": piecewise,
    "PolynomialDecay": polynomial,
    "InverseTimeDecay": lambda r: staircase(r, [0.0, 0.5, r.uniform(0.1, 3)]),
    "CosineDecay": cosine,
    "LearningRateScheduler": lambda r: {"schedule": {"function": [float(lr(r)) for _ in range(5)]}},
    "ReduceLROnPlateau": None,
}

CASES = [
    *(Case(name, draw, rates(name), lambda _: 50) for name, draw in DRAWS.items()),
    Case(
        "CosineDecayRestarts",
        restarts,
        rates("CosineDecayRestarts"),
        lambda _: 50,
        near_a_restart,
        MISSED,
    ),
]
