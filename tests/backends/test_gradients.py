"""Slopes by the step: what a floor, a constant or a jump is made of has the slope 0."""

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies

STEPS = [0.0, 0.5, 1.0, 3.0, 7.5, 20.0, 400.0]
every_family = pytest.mark.parametrize(
    "family", strategies.FAMILIES.values(), ids=list(strategies.FAMILIES)
)


def by_torch(schedule):
    step = torch.tensor(STEPS, requires_grad=True)
    schedule(step).sum().backward()
    return step.grad.numpy()


def by_jax(schedule):
    return np.asarray(jax.vmap(jax.grad(schedule.__call__))(jax.numpy.asarray(STEPS)))


def by_tensorflow(schedule):
    step = tf.constant(STEPS)
    with tf.GradientTape() as tape:
        tape.watch(step)
        rates = schedule(step)
    return tape.gradient(rates, step).numpy()


@pytest.mark.parametrize("slopes", [by_torch, by_jax, by_tensorflow])
@every_family
@strategies.examples(3)
@given(data=st.data())
def test_every_schedule_has_a_finite_slope_by_a_float_step(family, slopes, data):
    found = slopes(data.draw(strategies.of(family)))
    assert found.shape == (len(STEPS),)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("slopes", [by_torch, by_jax, by_tensorflow])
def test_a_staircase_has_the_slope_0_and_a_line_between_jumps_its_own(slopes):
    assert not slopes(gl.Staircase(1.0, ratio=0.5, every=3)).any()
    assert not slopes(gl.Constant(0.1)).any()
    saw = gl.Linear(0.0, 1.0, steps=4).repeat()
    assert slopes(saw)[1:].tolist() == [0.25] * 6


def test_a_slope_is_found_inside_a_compiled_step():
    step = torch.tensor([1.0, 5.0], requires_grad=True)
    saw = gl.Linear(0.0, 1.0, steps=4).repeat(scale=0.5)
    torch.compile(saw.__call__, backend="aot_eager", fullgraph=True)(step).sum().backward()
    assert step.grad.tolist() == [0.25, 0.125]
