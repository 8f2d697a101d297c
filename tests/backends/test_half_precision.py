"""Half precision: neither the default type nor the steps' own makes a rate worse than float32."""

from contextlib import contextmanager

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies

STEPS = [0, 1, 5, 77, 130, 255, 256]  # all of which bfloat16 holds
every_family = pytest.mark.parametrize(
    "family", strategies.FAMILIES.values(), ids=list(strategies.FAMILIES)
)


every_half = pytest.mark.parametrize("half", [torch.bfloat16, torch.float16], ids=str)


@contextmanager
def default(kind):
    before = torch.get_default_dtype()
    torch.set_default_dtype(kind)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def drawn(data, family):
    schedule = data.draw(strategies.of(family))
    return schedule if family is not gl.Strict else gl.Strict(schedule.schedule.take(256))


def as_float32(schedule, rates):
    ulp = np.spacing(np.float32(max(schedule.bound(), 1e-30)))
    return str(rates.dtype).endswith("float32") and (
        np.abs(np.asarray(rates) - schedule(np.array(STEPS))).max() <= 8 * ulp
    )


@every_half
@every_family
@strategies.examples(2)
@given(data=st.data())
def test_a_default_type_of_half_precision_makes_no_rate_worse(family, data, half):
    schedule = drawn(data, family)
    steps = torch.tensor(STEPS)
    expected = schedule(steps.float())
    with default(half):
        assert as_float32(schedule, schedule(steps))
        assert as_float32(schedule, schedule(steps.int()))
        assert schedule(steps.float()).equal(expected)
        assert schedule(steps.to(half)).equal(expected)


@every_half
def test_far_steps_keep_their_digits_beside_a_default_type_of_half_precision(half):
    saw = gl.Linear(0.0, 1.0, steps=10).repeat()
    with default(half):
        for step in (2**40 + 7, 2**53 - 1):
            assert saw(torch.tensor(step)).item() == pytest.approx(saw(step))
        assert saw(torch.tensor([1.0], dtype=torch.float64)).dtype == torch.float64


@every_family
@strategies.examples(2)
@given(data=st.data())
def test_steps_of_half_precision_make_no_rate_worse(family, data):
    schedule = drawn(data, family)
    for kind in ("bfloat16", "float16"):
        for half, exact in [
            (jax.numpy.asarray(STEPS, kind), jax.numpy.asarray(STEPS, "float32")),
            (tf.constant(STEPS, kind), tf.constant(STEPS, "float32")),
            (torch.tensor(STEPS).to(getattr(torch, kind)), torch.tensor(STEPS).to(torch.float32)),
        ]:
            rates = schedule(half)
            assert str(rates.dtype) == str(schedule(exact).dtype)
            assert np.array_equal(rates, schedule(exact))
