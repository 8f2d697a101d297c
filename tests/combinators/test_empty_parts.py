"""A part of 0 steps: alone it is its end, and in a chain it is nothing."""

import json

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import glissando as gl
import strategies
from glissando.cli import main

UP, DOWN = gl.Linear(0.125, 1.0, steps=5), gl.Cosine(1.0, 0.25, steps=7)
NO_WARMUP, NO_COOLDOWN = gl.Linear(0.0, 1.0, steps=0), gl.Sqrt(1.0, 0.5, steps=0)
NOTHING = gl.Chain(())

WITH_STEPS = [family for family in strategies.FAMILIES.values() if "steps" in family.fields]
every_family_with_steps = pytest.mark.parametrize(
    "family", WITH_STEPS, ids=lambda family: family.tag
)


def emptied(data, family):
    """Any schedule of a family, its steps set to 0."""
    return data.draw(strategies.of(family)).replace(steps=0)


def end_of(empty):
    """The rate that a schedule of 0 steps has, by what its family says of its end."""
    if isinstance(empty, gl.Take):
        return empty.schedule(0)
    if isinstance(empty, gl.Stretch):
        return empty.schedule(int(empty.schedule.steps))
    return empty.end if "end" in empty.fields else empty.replace(steps=1)(0)


WRAPPED = {
    "scaled": lambda s: s * 0.5,
    "clipped": lambda s: s.clip(0.0, 10.0),
    "slow": lambda s: s.slow(3),
    "held": lambda s: s.hold_each(3),
    "reversed": lambda s: s.reverse(),
    "strict": lambda s: s.strict(),
    "noisy": lambda s: s.noise(0.1),
    "taken": lambda s: s.take(0),
    "stretched": lambda s: s.stretch(0),
    "summed": lambda s: s + s,
    "in a chain": lambda s: gl.Chain((s,)),
    "finished at once": lambda s: s.open_ended().finish(at=0),
    "finished inside": lambda s: (s.open_ended() * 0.5).finish(at=0),
}
every_wrapper = pytest.mark.parametrize("wrap", WRAPPED.values(), ids=list(WRAPPED))


@every_family_with_steps
@given(data=st.data())
def test_alone_it_is_its_end(family, data):
    empty = emptied(data, family)
    end = end_of(empty)
    assert empty.steps == 0
    assert list(empty.breaks()) == []
    assert [empty(t) for t in (0, 0.5, 1, 2**53)] == [end] * 4
    assert empty(np.array([0, 1, 10**6])).tolist() == pytest.approx([end] * 3, rel=1e-15)
    copies = (eval(repr(empty), {"gl": gl}), gl.parse(str(empty)), gl.loads(gl.dumps(empty)))
    assert copies == (empty,) * 3


@every_family_with_steps
@given(data=st.data())
def test_in_a_chain_it_is_nothing(family, data):
    empty = emptied(data, family)
    both = UP >> DOWN
    for parts in (
        [empty, UP, DOWN],
        [UP, empty, DOWN],
        [UP, DOWN, empty],
        [UP, empty, empty, DOWN],
    ):
        a, b, *others = parts
        chain = a >> b
        for part in others:
            chain = chain >> part
        assert chain == gl.Chain(parts) == both
        assert eval(" >> ".join(f"({part!r})" for part in parts), {"gl": gl}) == both
        assert gl.parse(" >> ".join(f"({part})" for part in parts)) == both
        form = {"type": "chain", "parts": [part.to_data() for part in parts]}
        assert gl.loads(json.dumps(form)) == both
    assert empty >> UP == UP == UP >> empty == NOTHING >> empty >> UP


@every_wrapper
def test_what_is_made_of_nothing_is_nothing(wrap):
    empty = wrap(NO_WARMUP)
    assert empty.steps == 0
    assert UP >> empty >> DOWN == UP >> DOWN
    assert wrap(NO_WARMUP >> NO_COOLDOWN) == wrap(NO_COOLDOWN)


def test_a_chain_of_empty_parts_is_the_last_of_them():
    assert NO_WARMUP >> NO_COOLDOWN == NO_COOLDOWN
    assert (NO_WARMUP >> NO_COOLDOWN)(0) == 0.5
    whole = gl.Chain((NO_COOLDOWN, NO_WARMUP))
    assert (whole.steps, whole(0), whole(9)) == (0, 1.0, 1.0)
    assert whole == gl.Chain((NO_WARMUP,)) == gl.loads(gl.dumps(whole)) == gl.parse(str(whole))
    assert NOTHING >> NO_WARMUP == NO_WARMUP == NO_WARMUP >> NOTHING


def test_the_empty_chain_says_that_it_has_no_rate():
    for ask in (
        lambda: NOTHING(0),
        lambda: NOTHING.stretch(0)(0),
        lambda: NOTHING.open_ended().finish(at=0)(0),
        lambda: NOTHING.rewarm(0, 5, UP),
    ):
        with pytest.raises(gl.ScheduleError, match="Chain: an empty chain has no rate"):
            ask()


def test_the_operations_of_an_empty_part():
    assert (UP.take(0)(0), UP.take(0)(9), UP.take(0).steps) == (0.125, 0.125, 0)
    assert (UP.stretch(0)(0), UP.stretch(0)(9), UP.stretch(0).steps) == (1.0, 1.0, 0)
    assert UP.take(0) >> DOWN == UP.stretch(0) >> DOWN == DOWN
    assert NO_WARMUP.stretch(8)(3) == NO_WARMUP.reverse()(0) == NO_WARMUP.take(4)(2) == 1.0
    assert NO_WARMUP.strict()(0) == 1.0
    with pytest.raises(gl.ScheduleError, match="at most 0, the schedule's end, got 1"):
        NO_WARMUP.strict()(1)
    assert [(NO_WARMUP * DOWN)(t) for t in (0, 3, 7)] == [DOWN(t) for t in (0, 3, 7)]
    assert gl.minimum(NO_COOLDOWN, DOWN).steps == 7
    assert NO_COOLDOWN.branch(0, gl.Linear(1.0, 0.0, 4)) == gl.Linear(1.0, 0.0, 4) * 0.5
    assert NO_COOLDOWN.rewarm(0, 5, DOWN) == gl.Linear(0.5, 1.0, 5) >> DOWN
    with pytest.raises(
        gl.ScheduleError, match="Drop: `count` must be at most the schedule's 0 steps"
    ):
        NO_WARMUP.drop(1)


@pytest.mark.parametrize(
    "repeated", [lambda s: s.repeat(), lambda s: s.repeat(3), gl.Linear.bounce]
)
def test_it_cannot_be_repeated(repeated):
    with pytest.raises(gl.ScheduleError, match="Repeat: `schedule` must take 1 step or more, got"):
        repeated(NO_WARMUP)


@pytest.mark.parametrize("warmup", [0, 3])
@pytest.mark.parametrize("cooldown", [0, 4])
def test_an_open_ended_schedule_between_empty_parts(warmup, cooldown):
    trunk = (
        gl.Linear(0.0, 1.0, steps=warmup)
        >> gl.Constant(1.0).open_ended()
        >> gl.Linear(1.0, 0.0, steps=cooldown)
    )
    assert trunk.open_part == (warmup, cooldown)
    finished = trunk.finish(steps=20)
    assert finished.steps == 20
    assert finished(warmup) == finished(20 - cooldown) == 1.0
    at_once = trunk.finish(at=warmup)
    assert at_once.steps == warmup + cooldown
    assert at_once(0) == (0.0 if warmup else 1.0)


def test_functions_of_ones_own_may_be_empty():
    for own in (gl.schedule(lambda step: 0.5 + step, steps=0), gl.Imported("math:exp", steps=0)):
        assert own(0) == own(7) == own.value(0)
        assert own >> UP == UP == UP >> own


@every_family_with_steps
def test_a_negative_length_asks_about_the_warm_up(family):
    message = (
        f"{family.__name__}: `steps` must be 0 or more, got -5; is the warm-up longer than the run?"
    )
    fields = {name: field.default for name, field in family.fields.items()}
    fields |= {
        "start": 1.0, "end": 0.5, "value": 1.0, "power": 2.0, "ratio": 0.5, "upper": 100,
        "floor": 0.1, "peak": 1.0, "values": [1.0], "boundaries": [], "schedule": UP,
    }  # fmt: skip
    with pytest.raises(gl.ScheduleError) as caught:
        family(**{name: fields[name] for name in family.fields} | {"steps": -5})
    assert str(caught.value) == message


def test_a_negative_length_is_named_in_every_form():
    asked = "Cosine: `steps` must be 0 or more, got -5; is the warm-up longer than the run?"
    for read in (
        lambda: gl.Linear(0.0, 1.0, steps=15) >> gl.Cosine(1.0, 0.0, steps=10 - 15),
        lambda: gl.parse("linear(0, 1, steps=15) >> cosine(1, 0, steps=-5)"),
        lambda: gl.loads('{"type": "cosine", "start": 1, "end": 0, "steps": -5}'),
        lambda: DOWN.replace(steps=-5),
    ):
        with pytest.raises(gl.ScheduleError) as caught:
            read()
        assert asked in str(caught.value)


# In a graph. Rate times step has a slope by which the step is reached, even where the rate has none


def in_jax(schedule, steps):
    def product(t):
        return schedule(t) * t

    t = jax.numpy.asarray(steps)
    return jax.jit(schedule)(t), jax.jit(jax.vmap(jax.grad(product)))(t)


def in_torch(schedule, steps):
    t = torch.tensor(steps, requires_grad=True)
    rates = schedule(t)
    (rates * t).sum().backward()
    return rates.detach(), t.grad


def in_tensorflow(schedule, steps):
    @tf.function
    def run(t):
        with tf.GradientTape() as tape:
            tape.watch(t)
            rates = schedule(t)
            product = rates * t
        return rates, tape.gradient(product, t)

    return run(tf.constant(steps))


every_framework = pytest.mark.parametrize("run", [in_jax, in_torch, in_tensorflow])
STEPS = np.array([0.0, 0.5, 1.0, 7.0], np.float32)


@every_framework
@every_family_with_steps
@settings(max_examples=3)
@given(data=st.data())
def test_in_a_graph_its_rate_and_its_slope_are_finite(family, run, data):
    empty = emptied(data, family)
    rates, slopes = map(np.asarray, run(empty, STEPS))
    assert rates.tolist() == pytest.approx([end_of(empty)] * len(STEPS), rel=1e-6)
    assert slopes.tolist() == pytest.approx(rates.tolist(), rel=1e-6)


@every_framework
@pytest.mark.parametrize(
    "name", sorted(WRAPPED.keys() - {"noisy"})
)  # PyTorch has no derivative of //
def test_in_a_graph_what_is_made_of_nothing_is_finite(name, run):
    empty = WRAPPED[name](NO_COOLDOWN)
    rates, slopes = map(np.asarray, run(empty, STEPS))
    assert rates.tolist() == pytest.approx([empty(0)] * len(STEPS), rel=1e-6)
    assert np.isfinite(slopes).all()


# Where schedules are shown


@pytest.mark.parametrize("wrap", [lambda s: s, *WRAPPED.values()], ids=["bare", *WRAPPED])
def test_it_is_drawn_and_is_no_finding(wrap):
    empty = wrap(NO_COOLDOWN)
    (line,) = gl.plot(empty).data
    assert (list(line.x), list(line.y)) == ([0], [empty(0)])
    first, second = gl.plot({"empty": empty, "other": DOWN}).data
    assert set(first.y) == {empty(0)}
    assert list(second.y) == [DOWN(t) for t in range(8)]
    assert gl.lint(empty) == []
    assert gl.lint(UP >> empty >> DOWN) == gl.lint(UP >> DOWN) == []


@pytest.mark.parametrize("text", ["sqrt(1, 0.5, steps=0)", "linear(0, 1, 0) >> sqrt(1, 0.5, 0)"])
def test_the_command_line_shows_it(text, tmp_path):
    def run(*arguments):
        result = CliRunner(catch_exceptions=False).invoke(main, list(arguments))
        assert result.exit_code == 0
        return result.output

    assert run("table", text) == "step  rate\n   0  0.5\n"
    assert json.loads(run("table", text, "--json")) == [{"step": 0, "rate": 0.5}]
    assert "0.5          the end: this rate holds" in run("show", text)
    shown = json.loads(run("show", text, "--json"))[text]
    assert (shown["steps"], shown["findings"]) == (0, [])
    assert {(mark["step"], mark["rate"], mark["jump_from"]) for mark in shown["landmarks"]} == {
        (0, 0.5, None)
    }
    chart = tmp_path / "chart.html"
    run("plot", text, "-o", str(chart))
    assert chart.stat().st_size > 0
