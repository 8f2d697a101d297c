"""The laws that every schedule keeps, over every family and combinator there is or will be."""

import copy
import json
import math
import pickle
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
import torch._dynamo.testing
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import validator_for

import glissando as gl
import strategies
from glissando.backends.floats import FLOATS
from glissando.rules import MAX_STEP, plain_number
from glissando.text import json_schema

every_family = pytest.mark.parametrize(
    "family", strategies.FAMILIES.values(), ids=list(strategies.FAMILIES)
)
some_steps = st.lists(st.integers(0, 30_000), min_size=1, max_size=30)


def steps_near(schedule, data, limit=2**22):
    """Steps anywhere and around every break, where mistakes hide."""
    steps = set(data.draw(some_steps))
    for _, at in zip(range(20), schedule.breaks(), strict=False):
        steps |= {at - 1, at, at + 1}
    if isinstance(schedule, gl.Strict):
        steps = {min(step, int(schedule.steps)) for step in steps}
    return sorted(step for step in steps if step < limit)


@every_family
@given(data=st.data())
def test_1_pure(family, data):
    schedule = data.draw(strategies.of(family))
    steps = steps_near(schedule, data)
    truth = {step: copy.copy(schedule)(step) for step in steps}
    shuffled = random.Random(0).sample(steps, len(steps))
    with ThreadPoolExecutor(2) as pool:
        assert dict(zip(shuffled, pool.map(schedule, shuffled), strict=True)) == truth


def test_1_pure_in_another_process():
    schedule = gl.recipes.keras_tip.one_cycle().slow(7) * gl.Cosine(1.0, 0.1, 50).repeat()
    code = f"import glissando as gl; s = {schedule!r}; print([s(t) for t in range(300)])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(found) == [schedule(t) for t in range(300)]


@every_family
@given(data=st.data())
def test_2_compiled_equals_plain(family, data):
    schedule = data.draw(strategies.of(family))
    for step in steps_near(schedule, data, limit=2**60):
        assert schedule(step) == schedule.rate_at(step, FLOATS)


def full_scale(schedule):
    """The largest rate there is before a ceiling or a minimum cuts it: its rounding is left."""
    if isinstance(schedule, gl.Minimum | gl.Clip):
        return max(schedule.bound(), *map(full_scale, schedule.parts_of()))
    return schedule.bound()


@every_family
@given(data=st.data())
def test_2_array_equals_scalar(family, data):
    schedule = data.draw(strategies.of(family))
    steps = steps_near(schedule, data)
    scalars = [schedule(step) for step in steps]
    for kind in (np.int64, np.int32, np.uint32, np.float64):
        rates = schedule(np.array(steps, kind))
        assert rates.dtype == np.float64
        assert rates.shape == (len(steps),)
        ulp = np.spacing(max(full_scale(schedule), 1e-300))
        assert np.abs(rates - scalars).max() <= 4 * ulp


def in_jax(schedule, steps):
    return np.asarray(jax.jit(schedule)(jax.numpy.asarray(steps)))


def in_torch(schedule, steps):
    return schedule(torch.asarray(steps)).numpy()


def in_tensorflow(schedule, steps):
    return tf.function(schedule)(tf.constant(steps)).numpy()


@pytest.mark.parametrize("run", [in_jax, in_torch, in_tensorflow])
@every_family
@strategies.examples(6)
@given(data=st.data())
def test_2_graph_equals_scalar(family, run, data):
    schedule = data.draw(strategies.of(family))
    steps = np.array(steps_near(schedule, data))
    rates = run(schedule, steps.astype(np.int32))
    assert rates.dtype == np.float32
    ulp = np.spacing(np.float32(max(full_scale(schedule), 1e-30)))
    low = high = schedule(steps)
    if family in (gl.Slow, gl.Stretch):  # float32 rounds the fractional step itself
        sides = [schedule(np.clip(steps * (1 + e), 0, None)) for e in (-(2**-23), 2**-23)]
        low, high = np.minimum(low, np.min(sides, 0)), np.maximum(high, np.max(sides, 0))
    assert (rates >= low - 4 * ulp).all()
    assert (rates <= high + 4 * ulp).all()


@every_family
@given(data=st.data())
def test_3_whole(family, data):
    schedule = data.draw(strategies.of(family))
    end = MAX_STEP if family is not gl.Strict else int(schedule.steps)
    near = [step for step in (0, 1, end - 1, end) if 0 <= step <= end]
    for step in [*data.draw(st.lists(st.integers(0, end), max_size=20)), *near]:
        rate = schedule(step)
        assert type(rate) is float
        assert 0 <= rate <= schedule.bound() * (1 + 1e-9)


@every_family
@strategies.examples(3)
@given(data=st.data())
def test_3_whole_in_a_graph_up_to_the_last_int32(family, data):
    schedule = data.draw(strategies.of(family))
    for part in (schedule, gl.Slow(schedule, 2_000_000)):
        far = np.array([2**31 - 1 - n for n in (0, 1, 1_000, 2**28, 2**30)], np.int32)
        rates = in_jax(part, far)
        assert np.isfinite(rates).all()
        assert (rates >= 0).all()
        assert (rates <= full_scale(part) * (1 + 1e-6)).all()


@every_family
@given(data=st.data())
def test_4_ends(family, data):
    schedule = data.draw(strategies.of(family))
    if hasattr(schedule, "start") and schedule.steps:
        assert schedule(0) == schedule.start
    if schedule.steps == math.inf:
        return
    end = schedule(int(schedule.steps))
    assert end == getattr(schedule, "end", end)
    if family is gl.Strict:
        with pytest.raises(gl.ScheduleError, match="Strict: `step` must be at most"):
            schedule(int(schedule.steps) + 1)
    else:
        assert schedule(int(schedule.steps) + 1) == schedule(MAX_STEP) == end


@every_family
@given(data=st.data())
def test_4_negative_steps_are_refused_and_clamped_in_a_graph(family, data):
    schedule = data.draw(strategies.of(family))
    for bad in (-1, -0.5, math.nan, math.inf, 2**53 + 2, np.array([1, -1]), np.array([math.nan])):
        with pytest.raises(gl.ScheduleError, match=r"`step` must be from 0 to 2\*\*53, got"):
            schedule(bad)
    assert schedule(torch.tensor([-3])) == schedule(torch.tensor([0]))
    assert schedule(torch.tensor(-3)) == schedule(torch.tensor(0))


@given(schedule=strategies.schedules)
def test_5_round_trips(schedule, tmp_path_factory):
    forms = [
        eval(repr(schedule), {"gl": gl}),
        gl.parse(str(schedule)),
        gl.loads(gl.dumps(schedule)),
        gl.from_data(schedule.to_data()),
        pickle.loads(pickle.dumps(schedule)),
        copy.copy(schedule),
        copy.deepcopy(schedule),
    ]
    folder = tmp_path_factory.getbasetemp()
    for suffix in ("json", "yaml", "toml"):
        gl.save(schedule, folder / f"schedule.{suffix}")
        forms.append(gl.load(folder / f"schedule.{suffix}"))
    for form in forms:
        assert form == schedule
        assert hash(form) == hash(schedule)
        assert repr(form) == repr(schedule)
        assert [form(t) for t in (0, 1, 7)] == [schedule(t) for t in (0, 1, 7)]


@pytest.fixture(scope="module")
def validator():
    schema = json_schema()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


@every_family
@strategies.examples(15)
@given(data=st.data())
def test_5_json_schema_accepts_what_is_written(validator, family, data):
    schedule = data.draw(strategies.of(family))
    validator.validate(schedule.to_data())


finite = strategies.leaves.map(lambda s: s if s.steps < math.inf else s.take(17))
some = strategies.leaves.map(lambda s: s if 0 < s.steps < math.inf else s.take(17))


@given(a=finite, b=finite, c=strategies.leaves, step=st.integers(0, 50_000))
def test_6_chain(a, b, c, step):
    both = a >> b
    if b.steps:
        assert both(step) == (a(step) if step < a.steps else b(step - int(a.steps)))
    else:
        assert both == (a if a.steps else b)
    assert both.steps == a.steps + b.steps
    assert (a >> b) >> c == a >> (b >> c)
    assert gl.Chain(()) >> a == a == a >> gl.Chain(())


@given(a=strategies.leaves, b=strategies.leaves, step=st.integers(0, 50_000))
def test_algebra_is_what_it_says(a, b, step):
    assert (a * b)(step) == a(step) * b(step)
    assert (a + b)(step) == a(step) + b(step)
    assert (a * 0.3)(step) == (0.3 * a)(step) == a(step) * 0.3
    assert (a + 0.3)(step) == (0.3 + a)(step) == a(step) + 0.3
    assert gl.minimum(a, b)(step) == min(a(step), b(step))
    assert gl.maximum(a, b)(step) == max(a(step), b(step))


@given(a=some, n=st.integers(1, 500), step=st.integers(0, 2_000))
def test_time_is_what_it_says(a, n, step):
    length = int(a.steps)
    assert a.take(n)(step) == a(min(step, n))
    assert a.slow(n)(step) == a(step / n)
    assert a.hold_each(n)(step) == a(step // n)
    assert a.repeat()(step) == a(step % length)
    assert a.reverse()(step) == a(length - min(step, length))
    assert a.bounce()(step) == a(length - abs(length - step % (2 * length)))
    assert a.stretch(n)(n) == a(length)
    if n < length:
        assert a.drop(n)(step) == a(step + n)


@given(schedule=strategies.schedules, low=st.integers(0, 300))
def test_breaks_come_in_order_and_from_where_asked(schedule, low):
    def first(start):
        return [b for _, b in zip(range(50), schedule.breaks(start), strict=False)]

    every, later = first(0), first(low)
    assert every == sorted(set(every))
    assert all(step > 0 for step in every)
    asked = [step for step in every if step >= low]
    assert later[: len(asked)] == asked


def test_a_break_at_step_1_is_the_end_of_the_reverse_and_told_once():
    two = gl.Constant(0.5, steps=1) >> gl.Constant(1.0, steps=1)
    assert list(two.reverse().breaks()) == [2]


@given(schedule=finite)
def test_gradients_in_a_graph_are_finite(schedule):
    steps = np.array([0.0, 0.5, schedule.steps - 0.5, schedule.steps, schedule.steps + 9.0])
    slope = jax.vmap(jax.grad(lambda t: schedule(t)))(jax.numpy.asarray(steps, "float32"))
    assert np.isfinite(np.asarray(slope)).all()


def test_8_import_brings_nothing_along():
    code = "import sys, glissando; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"numpy", "plotly", "plotext", "keras", "tensorflow", "torch", "jax", "yaml", "click"}
    assert "glissando.schedule" in loaded
    assert heavy.isdisjoint(loaded)


def test_plain_number_takes_scalars_only():
    assert plain_number(np.float32(0.5)) == 0.5
    assert plain_number(np.array(3)) == 3
    for other in (True, np.bool_(True), "3", None, 1j, [1], np.array([1.0])):
        assert plain_number(other) is None


def test_graph_result_is_of_the_default_float_type_and_of_float64_for_a_float64_step():
    rate = gl.Linear(0.0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, steps=9_500)
    steps = np.arange(0, 12_000, 7)
    truth = rate(steps)
    for kind in (torch.uint8, torch.int16, torch.int32, torch.float32):
        assert rate(torch.tensor(200, dtype=kind)).dtype == torch.float32
    found = [
        rate(torch.asarray(steps, dtype=torch.float64)).numpy(),
        rate(tf.constant(steps, tf.float64)).numpy(),
    ]
    with jax.enable_x64(True):
        found += [
            np.asarray(jax.jit(rate)(jax.numpy.asarray(steps, kind))) for kind in (int, float)
        ]
    for rates in found:
        assert rates.dtype == np.float64
        assert np.abs(rates - truth).max() <= 4 * np.spacing(1e-3)


def test_graph_boundaries_beyond_int32_are_met():
    rate = gl.Constant(1.0, steps=3_000_000_000) >> gl.Constant(0.5)
    assert jax.jit(rate)(jax.numpy.int32(7)) == 1.0
    assert rate(torch.tensor([2_999_999_999, 3_000_000_000])).tolist() == [1.0, 0.5]
    assert rate(tf.constant([2_999_999_999, 3_000_000_000])).numpy().tolist() == [1.0, 0.5]


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 3)])
def test_shapes_are_kept(shape):
    pieces = gl.Piecewise([1, 2], [1], steps=2).repeat()
    for schedule in (gl.Constant(0.1), gl.Linear(0.0, 1.0, 4), pieces):
        assert schedule(np.zeros(shape, int)).shape == shape
        assert schedule(torch.zeros(shape, dtype=torch.int64)).shape == shape
        assert jax.jit(schedule)(jax.numpy.zeros(shape, int)).shape == shape
        assert tf.function(schedule)(tf.zeros(shape, tf.int64)).shape == shape


@pytest.mark.parametrize(
    "schedule",
    [
        gl.Linear(0.0, 1.0, steps=5) >> gl.Cosine(1.0, 0.1, steps=20),
        gl.Piecewise([1.0, 0.5, 0.1], [5, 9]),
        gl.Table([0.0, 1.0, 0.5], [0, 2.5, 10]),
        gl.CosineTable([0.0, 1.0, 0.5], [0, 2.5, 10]),
        gl.CubicTable([0.0, 1.0, 0.5], [0, 2.5, 10]),
        gl.CosineWave(1.0, 0.0, period=7.3),
        gl.CosinePower(1.0, 0.0, steps=10, power=2.0),
        gl.CyclicPolynomial(1.0, 0.0, period=4, power=2.0),
        gl.Chebyshev(0.1, 2.0, steps=8),
        gl.Cosine(1.0, 0.0, steps=10).noise(0.1),
    ],
    ids=lambda schedule: schedule.tag,
)
def test_torch_compiles_once_and_as_a_whole(schedule):
    torch._dynamo.reset()  # it counts what is compiled in the whole process, and stops at 8
    counter = torch._dynamo.testing.CompileCounter()
    compiled = torch.compile(schedule.__call__, backend=counter, fullgraph=True)
    ulp = float(np.spacing(np.float32(schedule.bound())))
    for step in range(30):
        rate = compiled(torch.tensor(step)).item()
        assert rate == pytest.approx(schedule(step), abs=4 * ulp, rel=0)
    assert counter.frame_count == 1


@pytest.mark.parametrize(
    "schedule",
    [
        gl.Cosine(1.0, 0.5, steps=2_140_000_000).drop(2_000_000_000),
        gl.InverseSqrt(1.0, timescale=10**9).drop(10),
        gl.InverseSqrt(1.0, timescale=10**9).drop(2**31 - 50),
        gl.InverseSqrt(1.0, timescale=10**9).drop(3 * 2**31),
        gl.InverseSqrt(1.0, timescale=10**9).drop(2**31 - 50).take(100),
        gl.Constant(0.5, steps=10) >> gl.Exponential(1.0, rate=1e-9).drop(2**31 - 50),
        gl.Linear(1.0, 0.5, steps=100).stretch(10),
        gl.Linear(1.0, 0.5, steps=2**40).stretch(2**20),
    ],
    ids=str,
)
def test_steps_that_grow_inside_a_schedule_do_not_overflow_int32(schedule):
    steps = [0, 5, 60, 1_900_000_000, 2**31 - 1]
    rates = in_jax(schedule, np.array(steps, np.int32))
    assert rates.tolist() == pytest.approx([schedule(step) for step in steps], rel=1e-6)
    with jax.enable_x64(False):
        assert jax.eval_shape(schedule, np.int32(3)).dtype == np.float32
