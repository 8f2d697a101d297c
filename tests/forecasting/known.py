"""Runs whose law is known."""

import numpy as np

import glissando as gl
from glissando.forecasting.laws import ConvexKernel

WARMUP = gl.Linear(0.0, 1e-3, steps=100)
TRUNK = WARMUP >> gl.Constant(1e-3)
STEPS = list(range(200, 6001, 200))
TRUTH = ConvexKernel(2.5, 0.5, 0.3, 8.0, 200.0, rate=1e-3, steps=6000)


def cooled(length):
    return TRUNK.branch(6000 - length, gl.Linear(1.0, 0.0, steps=length))


def runs(*lengths, law=TRUTH, noise=0.0, peak=1.0):
    """A trunk, and cooldowns of some lengths that end with it."""
    random = np.random.default_rng(0)
    found = []
    for schedule, at in [(TRUNK, None), *((cooled(n), 6000 - n) for n in lengths)]:
        losses = law(schedule, STEPS) + noise * random.normal(size=len(STEPS))
        scaled = schedule if peak == 1 else schedule * peak
        found.append(gl.Curve(scaled, STEPS, losses.tolist(), branched_at=at))
    return found
