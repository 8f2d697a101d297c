"""What is written for a framework is run by that framework, and is the schedule."""

import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given

import glissando as gl
import strategies
from convert.running import LONGEST, OWN, WARM, differing, run_arguments, stepped
from docs.docstrings import example_of
from glissando.convert.write import targets, write

SCHEDULES = OWN | {name: example_of(make) for name, make in sorted(gl.recipes.RECIPES.items())[::9]}

written = cache(write)
every_schedule = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=list(SCHEDULES))


def updates(schedule, most=LONGEST):
    return list(range(int(min(schedule.steps, most)) or 1))


def run_torch(text, count):
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=5.0)
    scope = {"optimizer": optimizer}
    exec(text, scope)
    scheduler = scope.get("scheduler") or scope["scheduler_for"](optimizer)
    return stepped(optimizer, scheduler, count)


def run_optax(text, count):
    import jax
    import jax.numpy as jnp

    scope = {}
    exec(text, scope)
    return jax.vmap(scope["schedule"])(jnp.arange(LONGEST))[:count]  # one shape is compiled once


def run_keras(text, count):
    from keras import ops

    scope = {}
    exec(text, scope)
    made = scope["schedule"]
    if isinstance(made, float):
        return [made] * count
    assert scope["optimizer"].learning_rate is not None
    if type(made).__name__ == "Rate":  # of all steps at once
        return ops.convert_to_numpy(made(np.arange(count)))
    return [float(made(step)) for step in range(count)]


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step.*:UserWarning")
@every_schedule
def test_torch_runs_it(schedule):
    count = len(updates(schedule))
    assert differing(schedule, run_torch(written(schedule, "torch").text, count)) < 1e-12 * 2**52


@every_schedule
def test_optax_runs_it(schedule):
    rates = run_optax(written(schedule, "optax").text, len(updates(schedule)))
    assert differing(schedule, rates, 2.0**-23) <= 4


@every_schedule
def test_keras_runs_it(schedule):
    rates = run_keras(written(schedule, "keras").text, len(updates(schedule, 120)))
    assert differing(schedule, rates, 2.0**-23) <= 4


@every_schedule
def test_python_and_numpy_run_it(schedule):
    steps = updates(schedule)
    scope = {}
    exec(write(schedule, "python").text, scope)
    assert [scope["rate"](step) for step in steps] == [schedule(step) for step in steps]
    exec(write(schedule, "numpy").text, scope)
    assert differing(schedule, scope["rate"](np.array(steps))) <= 4


@pytest.mark.filterwarnings("ignore::UserWarning")
@every_schedule
def test_transformers_runs_it(schedule):
    from transformers import TrainingArguments

    made = written(schedule, "transformers")
    count = len(updates(schedule))
    if made.certificate.native:
        scope = {}
        exec(made.text, scope)
        assert isinstance(scope["arguments"], TrainingArguments)
        rates = run_arguments(scope["arguments"], count)
    else:
        rates = run_torch(made.text, count)
    assert differing(schedule, rates) < 1e-12 * 2**52


NATIVE = {
    "torch": {
        "constant", "line", "warm from above 0", "polynomial", "stairs", "milestones",
        "exponential", "geometric, cut", "scaled", "to nothing",
    },
    "keras": {
        "constant", "line", "warm cosine", "warm cosine to 0", "warm from above 0", "polynomial",
        "stairs", "milestones", "uneven milestones", "over time", "scaled", "warm constant",
    },
    "optax": {
        "constant", "line", "warm cosine", "warm cosine to 0", "warm from above 0", "warm line",
        "warm polynomial", "polynomial", "warm constant", "trapezoid", "stairs", "geometric, cut",
        "scaled", "rising cosine",
    },
    "transformers": {
        "constant", "warm cosine", "warm cosine to 0", "warm line", "warm polynomial", "line",
        "polynomial", "warm constant", "inverse root", "inverse root later", "trapezoid",
        "trapezoid of a root", "restarts", "scaled",
    },
}  # fmt: skip


@pytest.mark.parametrize("target", NATIVE)
def test_native_is_what_the_framework_can_say(target):
    found = {name for name, each in OWN.items() if written(each, target).certificate.native}
    assert found == NATIVE[target]
    arguments = target == "transformers"
    said = "`lr_scheduler_type` cannot" if arguments else "no class or setting of its own says"
    with pytest.raises(gl.ScheduleError, match=f"^{target}: {said}"):
        write(OWN["noise"], target, native=True)


@pytest.mark.parametrize("target", ["torch", "optax"])
@strategies.examples(5)
@given(schedule=strategies.schedules)
def test_random_schedules_are_verified(target, schedule):
    short = schedule.take(40) if schedule.steps > 40 else schedule
    found = write(short, target, verify=True).certificate
    assert found.verified
    assert found.holds


def test_what_float32_cannot_hold_is_refused():
    fast = gl.CosineWave(0.1, 0.01, period=0.01)
    with pytest.raises(gl.ScheduleError, match=r"keras: the nearest to .* in float32 by NumPy"):
        write(fast, "keras")
    assert write(fast, "torch").certificate.holds


def test_a_certificate_says_what_was_compared():
    found = write(WARM >> gl.Cosine(1e-3, 0.0, 60), "transformers", verify=True).certificate
    assert found.verified
    assert found.holds
    assert found.compared == "all 100 updates"
    assert found.past_end == "it goes on: 0.000933013 at update 150, where the schedule holds 0"
    assert json.loads(json.dumps(found.to_data()))["holds"] is True
    text = write(gl.Linear(1.0, 0.1, 200_000), "torch", native=False)
    assert text.certificate.compared.startswith(
        "the first 100,000 updates and 1,012 of those up to"
    )
    assert text.certificate.past_end == "the last rate, 0.1, holds"
    assert text.text.startswith("# The learning rate linear(1.0, 0.1, steps=200000), written by")
    assert max(map(len, text.text.splitlines())) <= 100


def test_a_recursion_that_drifts_is_not_called_native():
    fine = gl.Cosine(0.1, 0.0, 2_000)
    assert write(fine, "torch").certificate.ulp < 100
    drifting = gl.Exponential(0.1, 1e-9).take(900_000)
    assert not write(drifting, "torch").certificate.native


def test_it_is_saved_whole(tmp_path):
    path = tmp_path / "schedule.py"
    made = gl.write(gl.Cosine(0.1, 0.0, 100), "keras", path)
    assert path.read_text() == made.text


@pytest.mark.parametrize("target", targets())
def test_what_has_no_formula_is_refused(target):
    with pytest.raises(gl.ScheduleError):
        write(gl.schedule(lambda step: 0.1), target)


def test_bad_calls():
    with pytest.raises(gl.ScheduleError, match="write: `to` must be one of"):
        write(gl.Constant(0.1), "fortran")
    with pytest.raises(gl.ScheduleError, match=r"write: `schedule` must be a schedule, got 0\.1"):
        write(0.1, "torch")
    with pytest.raises(gl.ScheduleError, match="nanogpt: `verify` must be False, since nothing"):
        write(gl.Constant(0.1), "nanogpt", verify=True)
