"""Optax's schedules, each run by a real optimizer's update."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import optax

from parity.case import Case, resolved

VERSION = "0.2.8"
ULPS = 4


def classes():
    """Every function that returns a schedule, and the one that follows a metric."""
    functions = [
        name
        for name, value in vars(optax.schedules).items()
        if inspect.isfunction(value) and not name.startswith("inject")
    ]
    return sorted([*functions, "reduce_on_plateau"])


def make(name, arguments):
    arguments = dict(arguments)
    if arguments.get("boundaries_and_scales") is not None:
        scales = arguments["boundaries_and_scales"]
        arguments["boundaries_and_scales"] = {int(step): scale for step, scale in scales.items()}
    return getattr(optax.schedules, name)(**arguments)


def rates(name):
    def run(arguments, steps):
        optimizer = optax.sgd(make(name, resolved(arguments, make)))

        def update(state, _):
            moved, state = optimizer.update(jnp.float32(-1), state)
            return state, moved

        state = optimizer.init(jnp.float32(0))
        _, moved = jax.jit(lambda state: jax.lax.scan(update, state, None, steps))(state)
        found = np.asarray(moved, float)
        # in a compiled update the end of a line may be missed by rounding, to below 0
        found[(found < 0) & (found > -1e-7 * found.max())] = 0
        return found.tolist()

    return run


def value(random):
    return random.choice([0.0, 1.0, 0.1, 3e-4, random.uniform(1e-5, 2)])


def length(random):
    return random.choice([1, 2, random.randint(1, 60), random.randint(1, 60)])


def length_or_none(random):
    return random.choice([-3, 0, length(random), length(random), length(random)])


def exponent(random):
    return random.choice([0.0, 1.0, 2.0, 3, random.uniform(1, 4), random.uniform(0.3, 1)])


def scales(random):
    steps = {random.choice([0, length(random), length(random)]) for _ in range(4)}
    found = {str(step): random.choice([0.0, 1.0, 0.1, random.uniform(0, 2)]) for step in steps}
    return random.choice([None, {}, found, found, found])


def exponential(random):
    return {
        "transition_steps": length_or_none(random),
        "decay_rate": random.choice([0.0, 0.5, 1.0, random.uniform(0.1, 1), 1.05, 1.5]),
        "transition_begin": length_or_none(random),
        "staircase": random.random() < 0.5,
        "end_value": random.choice([None, 0.0, value(random), value(random)]),
    }


def warmup_cosine(random):
    warmup = random.choice([0, length(random)])
    return {
        "init_value": value(random),
        "peak_value": value(random),
        "warmup_steps": warmup,
        "decay_steps": warmup + length(random),
        "end_value": random.choice([0.0, value(random)]),
        "exponent": random.choice([1.0, 1.0, random.uniform(1, 4)]),
    }


def warmup_exponential(random):
    found = exponential(random)
    peak = value(random)
    if found["decay_rate"] >= 1 and found["end_value"] is not None:
        found["end_value"] += peak  # or a ceiling would cut all but the rounding of the warm-up
    warmup = random.choice([0, length(random)])
    return {"init_value": value(random), "peak_value": peak, "warmup_steps": warmup} | found


def late(arguments, step):
    """Whether a stair is met late: compiled, the division is a product with a rounded inverse."""
    steps = arguments["transition_steps"]
    if not arguments["staircase"] or steps <= 0:
        return False
    step -= arguments.get("warmup_steps", 0) + max(0, arguments["transition_begin"])
    return step // steps != np.floor(np.float32(step) * (np.float32(1) / np.float32(steps)))


def one_cycle(random):
    return {
        "transition_steps": length(random),
        "peak_value": value(random),
        "pct_start": random.choice([0.3, 0.0, 1.0, random.random()]),
        "div_factor": random.choice([25.0, random.uniform(0.5, 50)]),
        "final_div_factor": random.choice([1e4, random.uniform(0.5, 1e5)]),
    }


def polynomial(random):
    return {
        "init_value": value(random),
        "end_value": value(random),
        "transition_steps": length_or_none(random),
        "transition_begin": length_or_none(random),
    }


def falling(random):
    """A line that is not cut off far below its own full scale, whose rounding it has."""
    found = polynomial(random)
    return found | {"end_value": found["init_value"] * random.random()}


def magnified(arguments, step):
    """Whether a power below 1 makes much of the rounding of the remaining fraction."""
    power = arguments["power"]
    steps, begin = arguments["transition_steps"], max(0, arguments["transition_begin"])
    if steps <= 0 or not 0 < power < 1:
        return False
    left = 1 - min(max(step - begin, 0), steps) / steps
    return left == 0 or power * left ** (power - 1) > 4


def powered(random):
    found = falling(random) | {"power": exponent(random)}
    if found["power"] and random.random() < 0.5:
        found["end_value"] = value(random)
    return found


def joined(random):
    draws = {
        name: DRAWS[name]
        for name in ("constant_schedule", "cosine_decay_schedule", "warmup_cosine_decay_schedule")
    }
    draws |= {
        "linear_schedule": falling,
        "exponential_decay": lambda r: DRAWS["exponential_decay"](r) | {"staircase": False},
    }
    several = [random.choice(sorted(draws)) for _ in range(random.randint(1, 4))]
    return {
        "schedules": [{"call": name, "arguments": draws[name](random)} for name in several],
        "boundaries": [
            random.choice([0, length(random), length(random)]) for _ in range(random.randint(0, 4))
        ],
    }


DRAWS = {
    "constant_schedule": lambda r: {"value": value(r)},
    "cosine_decay_schedule": lambda r: {
        "init_value": value(r),
        "decay_steps": length(r),
        "alpha": r.choice([0.0, 1.0, r.random(), 1.5]),
        "exponent": exponent(r),
    },
    "cosine_onecycle_schedule": one_cycle,
    "exponential_decay": lambda r: {"init_value": value(r)} | exponential(r),
    "join_schedules": joined,
    "linear_onecycle_schedule": lambda r: (
        one_cycle(r) | {"pct_final": r.choice([0.85, 0.0, 1.0, r.random()])}
    ),
    "linear_schedule": polynomial,
    "piecewise_constant_schedule": lambda r: {
        "init_value": value(r),
        "boundaries_and_scales": scales(r),
    },
    "piecewise_interpolate_schedule": lambda r: {
        "interpolate_type": r.choice(["linear", "cosine"]),
        "init_value": value(r),
        "boundaries_and_scales": scales(r),
    },
    "polynomial_schedule": powered,
    "sgdr_schedule": lambda r: {
        "cosine_kwargs": [warmup_cosine(r) for _ in range(r.randint(1, 3))]
    },
    "warmup_constant_schedule": lambda r: {
        "init_value": value(r),
        "peak_value": value(r),
        "warmup_steps": length_or_none(r),
    },
    "warmup_cosine_decay_schedule": warmup_cosine,
    "warmup_exponential_decay_schedule": warmup_exponential,
}

LATE = "compiled, its float32 meets some stairs one step late"
ROUNDED = {
    "exponential_decay": (late, LATE),
    "warmup_exponential_decay_schedule": (late, LATE),
    "polynomial_schedule": (
        magnified,
        "near the end of a power below 1 its float32, which may miss the end, is off by more",
    ),
}

CASES = [
    *(
        Case(name, draw, rates(name), lambda arguments: 60, *ROUNDED.get(name, ()))
        for name, draw in DRAWS.items()
    ),
    Case("reduce_on_plateau", None),
]
