"""Keras's schedules and callbacks, each run by a real optimizer's updates."""

import inspect
import math
import warnings
from types import SimpleNamespace

import keras
import numpy as np

from parity.case import Case, resolved

VERSION = "3.15.1"
ULPS = 4
SCHEDULES = keras.optimizers.schedules


def classes():
    """Every schedule, and every callback that sets the rate."""
    schedules = [
        name
        for name, cls in vars(SCHEDULES).items()
        if inspect.isclass(cls) and issubclass(cls, SCHEDULES.LearningRateSchedule)
    ]
    callbacks = [name for name in vars(keras.callbacks) if "LearningRate" in name or "LROn" in name]
    return sorted({*schedules, *callbacks} - {"LearningRateSchedule"})


def optimizer(rate):
    made = keras.optimizers.SGD(rate)
    made.build([keras.Variable(np.zeros(1, "float32"))])
    return made


def scheduled(name):
    def run(arguments, steps):
        made = optimizer(getattr(SCHEDULES, name)(**arguments))
        found = []
        for _ in range(steps):
            found.append(float(made.learning_rate))
            made.iterations.assign_add(1)  # which `apply` does after each update
        return found

    return run


def called_back(arguments, steps):
    arguments = resolved(arguments, lambda name, given: None)
    made = optimizer(0.01)
    callback = keras.callbacks.LearningRateScheduler(arguments["schedule"])
    callback.set_model(SimpleNamespace(optimizer=made))
    found = []
    with warnings.catch_warnings():  # of TensorFlow's arrays in NumPy
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        for step in range(steps):
            if step % arguments["steps_per_epoch"] == 0:
                callback.on_epoch_begin(step // arguments["steps_per_epoch"])
            found.append(float(made.learning_rate))
    return found


def value(random):
    return random.choice([1.0, 0.1, 3e-4, random.uniform(1e-5, 2)])


def length(random):
    return random.choice([1, 2, random.randint(1, 60), random.randint(1, 60)])


def share(random):
    return random.choice([0.0, 1.0, random.random(), random.random()])


def decaying(random):
    return {
        "initial_learning_rate": value(random),
        "decay_steps": length(random),
        "decay_rate": random.choice([0.0, 0.5, 0.96, 1.0, random.random(), 1.01, 1.5]),
        "staircase": random.random() < 0.5,
    }


def polynomial(random):
    start, power = value(random), random.choice([1.0, 0.0, 2.0, random.uniform(0.5, 4)])
    # with a power of 0 the end is never seen, but that its rounding is
    end = random.choice([1e-4, 0.0, value(random)]) if power else start * random.random()
    return {
        "initial_learning_rate": start,
        "decay_steps": length(random),
        "end_learning_rate": end,
        "power": power,
        "cycle": random.random() < 0.5,
    }


def restarting(random):
    return {
        "initial_learning_rate": value(random),
        "first_decay_steps": length(random),
        "t_mul": random.choice([2.0, 1.0, 1.5, 3.0, random.uniform(1, 3), random.uniform(0.5, 1)]),
        "m_mul": random.choice([1.0, 0.0, 0.9, random.random(), 1.1]),
        "alpha": share(random),
    }


def pieces(random):
    n = random.randint(1, 4)
    boundaries = [random.choice([-2, 0, length(random), length(random)]) for _ in range(n)]
    if random.random() < 0.7:
        boundaries.sort()
    return {"boundaries": boundaries, "values": [value(random) for _ in range(n + 1)]}


def lost(arguments, step):
    """Whether Keras's logarithm misses the cycle, or its float32 the place in it."""
    growth, done = arguments["t_mul"], step / arguments["first_decay_steps"]
    left = 1 - done * (1 - growth)
    if growth == 1:
        return done > 6
    if left < -1e-6:  # where it gives NaN
        return False
    if left < 1e-6:
        return left != 0
    cycle = math.log(left, growth)
    magnified = 1 / abs(growth - 1) + done / growth ** math.floor(cycle)
    return magnified > 6 or (step > 0 and abs(cycle - round(cycle)) < 1e-6 * magnified)


DRAWS = {
    "CosineDecay": lambda r: {
        "initial_learning_rate": r.choice([0.0, value(r)]),
        "decay_steps": length(r),
        "alpha": r.choice([share(r), 1.5]),
        "warmup_target": r.choice([None, value(r), value(r)]),
        "warmup_steps": r.choice([0, length(r)]),
    },
    "CosineDecayRestarts": restarting,
    "ExponentialDecay": decaying,
    "InverseTimeDecay": decaying,
    "PiecewiseConstantDecay": pieces,
    "PolynomialDecay": polynomial,
}

ROUNDED = {
    "CosineDecayRestarts": (
        lost,
        "its float32 misses restarts, and the place late or in cycles that shrink or hardly grow",
    )
}

CASES = [
    *(
        Case(name, draw, scheduled(name), lambda arguments: 60, *ROUNDED.get(name, ()))
        for name, draw in DRAWS.items()
    ),
    Case(
        "LearningRateScheduler",
        lambda r: {
            "schedule": {"function": [value(r) for _ in range(r.randint(1, 9))]},
            "steps_per_epoch": r.randint(1, 9),
        },
        called_back,
    ),
    Case("ReduceLROnPlateau", None),
]
