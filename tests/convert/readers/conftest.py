"""Configurations written to disk and read."""

import math

import pytest

import glissando as gl


@pytest.fixture
def used(tmp_path):
    """Return the rate that a text in a file of a name says."""

    def read(name, text, **given):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return gl.read(path, **given)

    return read


@pytest.fixture
def agree():
    """Hold a schedule to a formula at some updates, all of the first by default."""

    def check(rate, formula, steps=range(300), rel=1e-12):
        steps = list(steps)
        assert [rate(k) for k in steps] == [
            pytest.approx(formula(k), rel=rel, abs=1e-15) for k in steps
        ]
        assert len({rate(k) for k in steps}) > 1 or math.isclose(rate(0), formula(0))

    return check
