"""What may be a step: any kind of number, and any array or sequence of them."""

import array
import enum
import math
from collections import UserList, deque
from decimal import Decimal
from fractions import Fraction

import jax
import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
import torch
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies
from glissando.rules import MAX_STEP

RATE = gl.Linear(1.0, 0.0, steps=100) >> gl.Cosine(1.0, 0.0, steps=50)
every_family = pytest.mark.parametrize(
    "family", strategies.FAMILIES.values(), ids=list(strategies.FAMILIES)
)


class Epoch(int):
    pass


class Progress(float):
    pass


class Stage(enum.IntEnum):
    LAST = 3


class Lazy:
    """An array of another library, as those of dask and xarray."""

    def __array__(self, dtype=None, copy=None):
        return np.array([0, 3, 99], dtype)


NUMBERS = [
    Epoch(3),
    Progress(3.5),
    Stage.LAST,
    np.linspace(0, 3, 4)[-1],
    np.arange(7).mean(),
    np.int8(3),
    np.uint8(100),
    np.float16(3.5),
    np.longdouble(3.5),
    pd.DataFrame({"step": [3]}).loc[0, "step"],
    Decimal("3.5"),
    Fraction(7, 2),
    np.array(3),
]


@every_family
@strategies.examples(2)
@given(data=st.data())
def test_a_number_of_another_class_is_a_step_in_every_family(family, data):
    schedule = data.draw(strategies.of(family))
    for step in [step for step in NUMBERS if float(step) <= schedule.steps]:
        rate = schedule(step)
        assert float(rate) == pytest.approx(schedule(float(step)), rel=1e-6)
        if isinstance(step, int | float | Decimal | Fraction):
            assert type(rate) is float


@pytest.mark.parametrize("step", [True, np.True_, None, "3", 1j, np.str_("3"), {}, object(), int])
def test_what_is_no_number_is_no_step(step):
    with pytest.raises(TypeError, match="Chain: `step` must be a number, a NumPy array, or a JAX"):
        RATE(step)


@pytest.mark.parametrize(
    "step",
    [Progress("nan"), np.float64("nan"), Epoch(-1), 10**5000],
    ids=lambda step: type(step).__name__,
)
def test_a_number_that_is_no_step_is_named(step):
    with pytest.raises(gl.ScheduleError, match=r"`step` must be from 0 to 2\*\*53, got"):
        RATE(step)


STEPS = np.array([0, 3, 99])
ARRAYS = {
    "list": [0, 3, 99],
    "tuple": (0, np.float32(3), 99.0),
    "range": range(0, 100, 33),
    "deque": deque([0, 3]),
    "UserList": UserList([0, 3]),
    "nested": [[0, 3], [99, 100]],
    "empty": [],
    "array.array": array.array("i", [0, 3, 99]),
    "memoryview": memoryview(STEPS),
    "Series": pd.Series(STEPS, index=[5, 6, 7]),
    "nullable": pd.Series([0, 3, 99], dtype="Int64"),
    "of objects": pd.Series([0, 3.5, 99], dtype=object),
    "Index": pd.Index(STEPS),
    "DataFrame": pd.DataFrame({"a": STEPS, "b": STEPS}),
    "lazy": Lazy(),
    "big-endian": STEPS.astype(">i4"),
    "big-endian floats": STEPS.astype(">f8"),
    "uint8": np.array([200, 255], np.uint8),
    "int8": np.array([100, 127], np.int8),
    "float16": STEPS.astype(np.float16),
    "matrix": np.matrix(STEPS),
    "masked": np.ma.array([0, 7, 99], mask=[0, 1, 0]),
    "read-only": np.broadcast_to(np.int64(3), (2, 2)),
    "strided": np.arange(12).reshape(3, 4).T[::2],
}


@pytest.mark.parametrize("steps", ARRAYS.values(), ids=list(ARRAYS))
def test_an_array_or_sequence_of_any_kind_gives_a_plain_array_of_its_shape(steps):
    rates = RATE(steps)
    plain = np.array(steps, dtype=np.float64)
    assert type(rates) is np.ndarray
    assert rates.dtype == np.float64
    assert rates.shape == plain.shape
    assert rates.ravel().tolist() == [RATE(step) for step in plain.ravel().tolist()]


def test_a_memory_mapped_array_is_read(tmp_path):
    mapped = np.memmap(tmp_path / "steps", np.int64, "w+", shape=3)
    mapped[:] = STEPS
    assert type(RATE(mapped)) is np.ndarray
    assert RATE(mapped).tolist() == RATE(STEPS).tolist()


def test_a_masked_array_keeps_no_rate_below_0_under_its_mask():
    falling = gl.Linear(1.0, 0.0, 100)
    rates = falling(np.ma.array([0, 7, 99], mask=[0, 1, 0]))
    assert np.asarray(rates).tolist() == [falling(0), falling(7), falling(99)]


@pytest.mark.parametrize(
    "steps",
    [
        ["a"],
        [1, None],
        [[1, 2], [3]],
        np.array([True]),
        np.array([1j]),
        STEPS.astype("M8[s]"),
        STEPS.astype("m8[s]"),
        np.zeros(2, [("step", int)]),
        np.array([3, "a"], dtype=object),
        pd.Series(["a"]),
        pd.Series(pd.to_datetime(["2020-01-01"])),
        tf.ragged.constant([[1], [2, 3]]),
        keras.KerasTensor((2,)),
        torch.tensor([True]),
    ],
    ids=lambda steps: type(steps).__name__,
)
def test_an_array_of_no_numbers_is_refused(steps):
    with pytest.raises(TypeError, match="Chain: `step` must be a number, a NumPy array, or a JAX"):
        RATE(steps)


@pytest.mark.parametrize(
    ("steps", "write"), [({1, 2}, r"write sorted\("), ((k for k in STEPS), r"write list\(")]
)
def test_what_has_no_order_or_is_read_once_is_told_what_to_write(steps, write):
    with pytest.raises(TypeError, match=write):
        RATE(steps)


@pytest.mark.parametrize(
    "steps",
    [
        [3, -1],
        pd.Series([1.0, None]),
        pd.Series([1, None], dtype="Int64"),
        np.array([1, 2**70], dtype=object),
        np.array([2**64 - 1], np.uint64),
        np.array([3, MAX_STEP + 1]),
        np.array([1.0, math.inf]),
    ],
)
def test_a_step_out_of_range_or_missing_is_named_in_any_array(steps):
    with pytest.raises(gl.ScheduleError, match=r"Chain: `step` must be from 0 to 2\*\*53, got"):
        RATE(steps)


whole = st.integers(0, MAX_STEP) | st.sampled_from(
    [MAX_STEP - n for n in range(4)] + [2**k + n for k in (24, 31, 52) for n in (-1, 0, 1)]
)


@every_family
@strategies.examples(20)
@given(data=st.data())
def test_a_whole_float_and_the_same_int_have_the_same_rate(family, data):
    schedule = data.draw(strategies.of(family))
    end = MAX_STEP if family is not gl.Strict else int(schedule.steps)
    steps = [min(step, end) for step in data.draw(st.lists(whole, min_size=1, max_size=9))]
    for step in steps:
        assert schedule(float(step)) == schedule(step)
    assert schedule(np.array(steps, float)).tolist() == schedule(np.array(steps)).tolist()


def test_a_keras_variable_is_a_step_in_a_graph_and_is_not_read_once():
    step = keras.Variable(3, dtype="int64")
    assert RATE(step).numpy() == np.float32(RATE(3))
    rate = tf.function(lambda: RATE(step))
    assert rate().numpy() == np.float32(RATE(3))
    step.assign(40)
    assert rate().numpy() == np.float32(RATE(40))


def test_an_optax_count_of_any_kind_is_a_step():
    assert RATE(jax.numpy.int32(3)) == RATE(jax.numpy.uint8(3)) == np.float32(RATE(3))
