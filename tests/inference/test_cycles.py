"""A curve that repeats itself is inferred as one cycle, over and over."""

import pytest

import glissando as gl

TRIANGLE = gl.Linear(0.0, 0.0099, 200) >> gl.Linear(0.0099, 0.0, 200)
CYCLES = {
    "restarts": (gl.Cosine(0.1, 0.001, 50).repeat(), 7),
    "lower each time": (gl.Cosine(0.1, 0.0, 100).repeat(scale=0.8), 10),
    "waves": ((gl.Cosine(0.1, 0.0, 30) >> gl.Cosine(0.0, 0.1, 30)).repeat(), 1),
    "triangles": ((gl.Linear(1e-4, 0.01, 200) >> gl.Linear(0.01, 1e-4, 200)).repeat(), 33),
    "triangular2": (TRIANGLE.repeat(scale=0.5) + gl.Constant(1e-4), 20),
}


@pytest.mark.parametrize("name", CYCLES)
def test_cycles_are_found(name):
    schedule, every = CYCLES[name]
    steps = range(0, max(80 * every, 240), every)
    found = gl.infer(steps, [float(f"{schedule(step):.5g}") for step in steps])
    assert found.schedule == schedule
    assert found.rows == len(steps)
    assert found.unknown[-1].endswith("how often it repeats cannot be told.")
