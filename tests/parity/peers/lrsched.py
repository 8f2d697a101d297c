"""lrsched's schedules, run by lrsched itself."""

import lrsched

from parity.case import Case, lr, resolved, until_it_raises

VERSION = "0.5.0"


def classes():
    """Every schedule that lrsched has; `sample` and `scale_by_group` are none."""
    return sorted(
        name
        for name in lrsched.__all__
        if name[0].islower() and name not in ("sample", "scale_by_group")
    )


def make(name, arguments):
    if name == "sequential":
        return lrsched.sequential([tuple(phase) for phase in arguments["phases"]])
    return getattr(lrsched, name)(**arguments)


def rates(name):
    return lambda arguments, steps: until_it_raises(make(name, resolved(arguments, make)), steps)


def length(random):
    return random.randint(1, 60)


def falling(random):
    base = lr(random)
    return base, base * random.choice([0.0, random.random()])


def total(arguments):
    return arguments.get("total_steps", 40)


def some_cosine(random):
    base, end = falling(random)
    arguments = {"base_lr": base, "min_lr": end, "total_steps": length(random)}
    return {"call": "cosine", "arguments": arguments}


def wsd(random):
    base, end = falling(random)
    warmup, decay = random.choice([0, length(random)]), random.choice([0, length(random)])
    return {
        "base_lr": base,
        "warmup_steps": warmup,
        "decay_steps": decay,
        "total_steps": warmup + decay + length(random),
        "final_lr": end,
        "warmup_start": random.choice([0.0, base * random.random()]),
        "decay_shape": random.choice(["linear", "1-sqrt"]),
    }


def triangle(random):
    peak, base = falling(random)
    return {"min_lr": base, "max_lr": peak, "step_size": length(random)}


def polynomial(start):
    def draw(random):
        base, end = falling(random)
        return {
            start: base,
            "end_lr": end,
            "total_steps": length(random),
            "power": random.uniform(0.3, 4),
        }

    return draw


DRAWS = {
    "constant": lambda r: {"lr": lr(r)},
    "step_decay": lambda r: {
        "base_lr": lr(r),
        "drop": r.uniform(0.1, 1),
        "step_size": r.randint(1, 9),
    },
    "multi_step": lambda r: {
        "base_lr": lr(r),
        "milestones": [length(r) for _ in range(r.randint(0, 4))],
        "gamma": r.uniform(0.1, 1),
    },
    "exponential": lambda r: {"base_lr": lr(r), "gamma": r.uniform(0.8, 1)},
    "exponential_decay": lambda r: {
        "base_lr": lr(r),
        "decay_rate": r.uniform(0.1, 0.99),
        "decay_steps": length(r),
    },
    "linear": lambda r: {"base_lr": lr(r), "end_lr": lr(r), "total_steps": length(r)},
    "polynomial": polynomial("base_lr"),
    "polynomial_decay": polynomial("start_lr"),
    "cosine": lambda r: some_cosine(r)["arguments"],
    "cosine_restarts": lambda r: {
        "base_lr": lr(r),
        "min_lr": 0.0,
        "period": r.randint(1, 12),
        "t_mult": r.randint(1, 3),
    },
    "inverse_sqrt": lambda r: {"base_lr": lr(r), "warmup_steps": length(r)},
    "one_cycle": lambda r: {
        "max_lr": lr(r),
        "total_steps": r.randint(2, 60),
        "pct_start": r.uniform(0.01, 0.99),
        "initial_div": r.choice([25.0, r.uniform(1, 50)]),
        "final_div": r.choice([1e4, r.uniform(1, 1e5)]),
    },
    "warmup_stable_decay": wsd,
    "triangular": triangle,
    "triangular2": triangle,
    "exp_range": lambda r: triangle(r) | {"gamma": r.uniform(0.9, 1)},
    "with_warmup": lambda r: {
        "schedule": some_cosine(r),
        "warmup_steps": length(r),
        "start_lr": r.choice([0.0, lr(r)]),
    },
    "sequential": lambda r: {
        "phases": [[length(r), some_cosine(r)] for _ in range(r.randint(1, 4))]
    },
}

CASES = [Case(name, draw, rates(name), total) for name, draw in DRAWS.items()]
