"""A user's own function, wherever a schedule goes."""

import math

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch

import glissando as gl


def halving(step):
    return 0.1 * 0.5 ** (step // 5)


def test_it_is_called_composed_and_drawn():
    own = gl.schedule(halving, steps=20)
    assert [own(t) for t in (0, 5, 20, 99)] == [0.1, 0.05, halving(20), halving(20)]
    both = own * 0.5 >> gl.Linear(1.0, 0.0, steps=10)
    assert both(5) == 0.025
    assert both(25) == 0.5
    assert list(both(np.array([5, 25]))) == [0.025, 0.5]
    assert both.steps == 30
    assert repr(own) == "gl.schedule(halving, steps=20)"
    assert own == gl.schedule(halving, steps=20)
    assert own.reverse()(20) == 0.1
    assert own.repeat(2)(25) == 0.05


def test_it_gets_whole_steps_as_integers_once_each():
    seen = []
    own = gl.schedule(lambda step: seen.append(step) or 1.0)
    own(np.arange(3.0))
    own(np.arange(3))
    own(7)
    assert seen == [0.0, 1.0, 2.0, 0, 1, 2, 7]
    assert [type(step) for step in seen[3:]] == [int] * 4


@pytest.mark.parametrize(
    "make", [gl.schedule, gl.schedule(), gl.schedule(steps=20)], ids=["bare", "called", "steps"]
)
def test_it_is_a_decorator(make):
    assert make(halving)(5) == 0.05


@pytest.mark.parametrize("rate", [float("nan"), -0.1, float("inf"), "0.1", None, [0.1], 1j, True])
def test_a_bad_rate_is_named_with_its_step(rate):
    own = gl.schedule(lambda step: rate if step == 3 else 0.1)
    assert own(2) == 0.1
    for step in (3, np.array([2, 3])):
        with pytest.raises(gl.ScheduleError) as caught:
            own(step)
        assert f"must be a finite number of 0 or more, got {rate!r} at step 3" in str(caught.value)


@pytest.mark.parametrize("rate", [1, np.float32(0.5), np.array(0.25), torch.tensor(0.125)])
def test_numbers_of_any_kind_become_floats(rate):
    found = gl.schedule(lambda step: rate)(0)
    assert type(found) is float
    assert found == rate


@pytest.mark.parametrize("error", [TypeError, ValueError, AttributeError, OverflowError])
def test_an_exception_inside_comes_through_as_raised(error):
    def broken(step):
        raise error("mine")

    for step in (0, np.arange(3)):
        with pytest.raises(error, match=r"^mine$"):
            gl.schedule(broken)(step)


def test_what_needs_a_value_says_that_a_function_has_none(tmp_path):
    own = gl.schedule(halving, steps=20) >> gl.Constant(0.1)
    for use in (gl.dumps, lambda s: s.to_data(), lambda s: gl.save(s, tmp_path / "s.json")):
        with pytest.raises(gl.ScheduleError, match="a function of your own has no value"):
            use(own)
    assert list(tmp_path.iterdir()) == []


def powers(step):
    return 0.1 * 0.5 ** (step // 5) + 0.01 * (step % 5)


def by_numpy(step):
    return 0.1 + 0.05 * np.cos(step)


def by_math(step):
    return 0.1 + 0.05 * math.cos(step)


def by_if(step):
    return 0.1 if step < 10 else 0.01


STEPS = [0, 4, 7, 12, 19, 30]


def in_jit(schedule):
    return np.asarray(jax.jit(schedule)(jax.numpy.array(STEPS)))


def in_torch(schedule):
    return schedule(torch.tensor(STEPS)).numpy()


def in_compiled_torch(schedule):
    torch._dynamo.reset()
    compiled = torch.compile(schedule.__call__, backend="eager", fullgraph=True)
    return compiled(torch.tensor(STEPS)).numpy()


def in_tf_function(schedule):
    return tf.function(schedule)(tf.constant(STEPS)).numpy()


GRAPHS = [in_jit, in_torch, in_compiled_torch, in_tf_function]


@pytest.mark.parametrize("run", GRAPHS)
def test_a_function_of_operators_works_as_a_part_in_a_graph(run):
    whole = gl.Linear(0.0, 0.1, steps=5) >> gl.schedule(powers, steps=20) * 0.5 >> gl.Constant(0.01)
    for schedule in (gl.schedule(powers), gl.schedule(powers, steps=9), whole):
        rates = run(schedule)
        assert rates.dtype == np.float32
        assert rates.tolist() == pytest.approx([schedule(step) for step in STEPS], rel=1e-6)


@pytest.mark.parametrize(
    ("run", "cos"),
    [
        (in_jit, jax.numpy.cos),
        (in_torch, torch.cos),
        (in_compiled_torch, torch.cos),
        (in_tf_function, tf.cos),
    ],
)
def test_a_function_of_the_frameworks_operations_works_as_a_part_in_a_graph(run, cos):
    whole = gl.Constant(0.2, steps=2) >> gl.schedule(lambda step: 0.1 + 0.05 * cos(step))
    truth = [0.2, *(by_math(step - 2) for step in STEPS[1:])]
    assert run(whole).tolist() == pytest.approx(truth, rel=1e-6)


@pytest.mark.parametrize("run", [in_jit, in_tf_function])
@pytest.mark.parametrize("function", [by_numpy, by_math, by_if])
def test_a_function_that_cannot_run_in_a_graph_is_named_with_what_to_write(run, function):
    library = "jnp" if run is in_jit else "tf"
    with pytest.raises(
        Exception, match=rf"gl.schedule\({function.__name__}\): it cannot"
    ) as caught:
        run(gl.Linear(0.0, 0.1, steps=5) >> gl.schedule(function))
    assert f"the framework's operations, {library}.where and {library}.cos" in str(caught.value)


@pytest.mark.parametrize("function", [by_math, by_if])
def test_a_function_of_single_numbers_is_named_when_it_gets_several_steps(function):
    for steps in (torch.tensor(STEPS), jax.numpy.array(STEPS), tf.constant(STEPS)):
        with pytest.raises(gl.ScheduleError, match="it cannot run on tensors"):
            gl.schedule(function)(steps)
    assert gl.schedule(function)(torch.tensor(12)).item() == pytest.approx(function(12))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.1, 1e31])
def test_a_bad_rate_of_a_tensor_is_named_with_its_step(bad):
    for steps in (torch.tensor([7, 8]), jax.numpy.array([7, 8]), tf.constant([7, 8])):
        with pytest.raises(
            gl.ScheduleError, match=r"finite number of 0 or more, got \S+ at step 7"
        ):
            gl.schedule(lambda step: step / step * bad)(steps)


@pytest.mark.parametrize(
    "bad", ["0.1", None, [0.1], -0.1, float("inf"), True, 10**5000], ids=lambda b: type(b).__name__
)
def test_what_is_no_rate_is_refused_on_tensors_too(bad):
    for steps in (3, np.arange(3), torch.tensor([1]), jax.numpy.array([1]), tf.constant([1])):
        with pytest.raises(gl.ScheduleError, match="must be a finite number of 0 or more, got"):
            gl.schedule(lambda step: bad)(steps)


def test_no_rate_of_a_function_is_below_0_in_a_graph():
    falling = gl.schedule(lambda step: 0.1 - 0.01 * step)
    for run in (in_jit, in_compiled_torch, in_tf_function):
        assert run(falling).tolist()[-3:] == [0.0, 0.0, 0.0]


def test_gradients_reach_a_parameter_inside_a_function():
    peak = torch.tensor(0.5, requires_grad=True)
    gl.schedule(lambda step: peak * 0.5**step)(torch.tensor([0, 1])).sum().backward()
    assert peak.grad == 1.5
    with pytest.raises(gl.ScheduleError, match="it is learned or traced"):
        gl.schedule(lambda step: peak)(3)


@pytest.mark.parametrize(
    "kind", [torch.optim.lr_scheduler.StepLR, gl.Cosine, float, type("Own", (), {"__call__": abs})]
)
def test_a_class_is_no_function_and_refused_when_built(kind):
    with pytest.raises(gl.ScheduleError, match="`function` must be a function of the step, got <c"):
        gl.schedule(kind)


def test_numpys_warnings_of_a_users_own_function_are_left_to_the_user():
    def own(step):
        return float(np.exp(np.float64(-1e3)) + np.log(np.float64(step)) ** 0)

    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        gl.schedule(own)(np.array([0, 1]))
