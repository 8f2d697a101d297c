"""What is copied from the designer runs in its framework, and gives the schedule's rates."""

import math

import numpy as np
import pytest
from hypothesis import given

import glissando as gl
import strategies
from designer.generate import starting_points

POINTS = {point["name"]: gl.from_data(point["schedule"]) for point in starting_points()}

LINEAR = gl.Linear(0.0, 1e-3, steps=30)
OTHERS = {
    "arithmetic": (LINEAR + gl.Cosine(1e-3, 0.0, 50) * 2) * gl.Linear(1.0, 0.5, 40),
    "chain in a product": (LINEAR >> gl.Cosine(1e-3, 0.0, 50)) * gl.Constant(0.5),
    "constant": gl.Constant(1e-3),
    "difference": gl.Difference([gl.Constant(1e-3), LINEAR]),
    "extremes": gl.minimum(gl.maximum(LINEAR, 1e-4), 9e-4),
    "nothing": gl.Linear(0.1, 0.2, 0),
    "repeated chain": (LINEAR >> LINEAR.reverse()).repeat(3, scale=0.5),
    "noise": LINEAR.noise(0.1, seed=7),
    "taken apart": gl.Geometric(0.1, 0.9).take(20) >> LINEAR.drop(10).slow(2).hold_each(3),
    "tables": gl.Table([0, 1, 0.5], knots=[0, 2.5, 10])
    >> gl.CubicTable([0.5, 1, 0.2], knots=[0, 7, 30])
    >> gl.CosineTable([0.2, 0.1], knots=[0, 12]),
    "chebyshev": gl.Chebyshev(0.01, 0.1, 12),
}
EXAMPLES = POINTS | OTHERS
every_example = pytest.mark.parametrize("schedule", EXAMPLES.values(), ids=EXAMPLES)


def steps_of(schedule):
    near = {b + d for _, b in zip(range(20), schedule.breaks(), strict=False) for d in (-1, 0, 1)}
    beyond = {int(schedule.steps) + 10} if schedule.steps < math.inf else {5_000}
    steps = near | {0, 1, 2, 77} | (beyond if not isinstance(schedule, gl.Strict) else set())
    last = schedule.steps if isinstance(schedule, gl.Strict) else math.inf
    return sorted(int(step) for step in steps if step <= last)


def run(text, **names):
    exec(text, names)
    return names


def off(schedule, rates, steps):
    """How far rates are from a schedule's, in parts of its full scale."""
    scale = max(schedule.bound(), 1e-300)
    return np.abs(np.subtract(rates, [schedule(step) for step in steps])).max() / scale


@strategies.examples(100)
@given(schedule=strategies.schedules)
def test_numbers_and_arrays_of_any_schedule(module, schedule):
    steps = steps_of(schedule)
    torch_text, numpy_text = (module.copied(t, schedule) for t in ("torch", "numpy"))
    rate = run(torch_text.partition("\n\n\ndef scheduler_for")[0])["rate"]
    assert off(schedule, [rate(step) for step in steps], steps) <= 1e-12
    assert off(schedule, run(numpy_text)["rate"](np.array(steps)), steps) <= 1e-12


@every_example
def test_glissando_text_and_json_are_the_schedule(module, schedule):
    assert run(module.copied("glissando", schedule))["rate"] == schedule
    assert gl.parse(module.copied("text", schedule)) == schedule
    assert gl.loads(module.copied("json", schedule)) == schedule


def probe(torch):
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    return weight, torch.optim.SGD([weight], lr=0.3)


@every_example
def test_the_rate_that_pytorch_uses(module, schedule):
    import torch

    weight, optimizer = probe(torch)
    scheduler = run(module.copied("torch", schedule), optimizer=optimizer)["scheduler"]
    used = []
    for _ in range(100):
        before = weight.item()
        weight.grad = torch.ones_like(weight)
        optimizer.step()
        scheduler.step()
        used.append(before - weight.item())
    assert off(schedule, used, range(100)) <= 1e-12


def test_the_rate_that_the_trainer_uses(module, tmp_path):
    import torch
    from transformers import Trainer, TrainingArguments

    class Probe(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))

        def forward(self, x):
            return {"loss": self.weight.sum()}

    schedule = LINEAR >> gl.Cosine(1e-3, 0.0, 20)
    model = Probe()
    names = run(module.copied("transformers", schedule))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    arguments = TrainingArguments(
        str(tmp_path), max_steps=50, per_device_train_batch_size=1, report_to="none",
        logging_steps=1, disable_tqdm=True, use_cpu=True, save_strategy="no", max_grad_norm=0,
    )  # fmt: skip
    data = [{"x": 0.0}] * 50
    trainer = Trainer(
        model, arguments, train_dataset=data,
        optimizers=(optimizer, names["scheduler_for"](optimizer)),
    )  # fmt: skip
    trainer.train()
    assert -model.weight.item() == pytest.approx(sum(map(schedule, range(50))), rel=1e-12)


FLOAT32 = 4 * 2.0**-23


def steps_in_float32(schedule):
    return [step for step in steps_of(schedule) if step < 2**24]


@every_example
def test_the_rate_that_optax_uses(module, schedule):
    import jax
    import jax.numpy as jnp
    import optax

    sgd = optax.sgd(run(module.copied("optax", schedule))["rate"])
    gradient = jnp.ones(())
    empty, counted = sgd.init(gradient)

    @jax.jit
    def move(step):
        return sgd.update(gradient, (empty, counted._replace(count=step)))[0]

    steps = steps_in_float32(schedule)
    used = [-float(move(jnp.asarray(step, jnp.int32))) for step in steps]
    assert off(schedule, used, steps) <= FLOAT32


@every_example
def test_the_rate_that_keras_uses(module, schedule):
    import keras

    rate = run(module.copied("keras", schedule))["Rate"]()
    weight, sgd = keras.Variable(0.0), keras.optimizers.SGD(rate)
    gradient = keras.ops.ones(())
    steps, used = steps_in_float32(schedule), []
    for step in steps:
        weight.assign(0.0)
        sgd.iterations.assign(step)
        sgd.apply([gradient], [weight])
        used.append(-float(keras.ops.stop_gradient(weight.value)))
    assert off(schedule, used, steps) <= FLOAT32


@pytest.mark.parametrize(("steps", "said"), [(2**24, False), (2**24 + 1, True)])
def test_a_schedule_that_is_longer_than_float32_counts_is_said_to_be(module, steps, said):
    text = module.copied("keras", gl.Linear(0.1, 0.0, steps))
    assert ("float32 counts steps" in text) == said
    compile(text, "copied", "exec")
