"""Bad input: one clear message that says the class, the argument, the rule and what came."""

import enum
import inspect
import math
from array import array
from collections import UserList, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import jax
import keras
import ml_dtypes
import numpy as np
import optax
import pandas as pd
import pytest
import tensorflow as tf
import torch
import transformers
from flax import nnx
from omegaconf import OmegaConf

import glissando as gl
from glissando.errors import hint, shown

BAD = [
    (
        lambda: gl.Linear(0, 1, -1),
        "Linear: `steps` must be 0 or more, got -1; is the warm-up longer than the run?",
    ),
    (lambda: gl.Linear(0, 1, 2.5), "Linear: `steps` must be a whole number, got 2.5"),
    (lambda: gl.Linear(0, 1, math.nan), "Linear: `steps` must be a whole number, got nan"),
    (lambda: gl.Linear(0, 1, math.inf), "Linear: `steps` must be finite, got inf"),
    (lambda: gl.Linear(0, 1, 10**400), "Linear: `steps` must be finite, got 1000000000000"),
    (lambda: gl.Constant(-(10**400)), "Constant: `value` must be finite, got -100000000000"),
    (lambda: gl.Linear(0, 1, "10"), "Linear: `steps` must be a whole number, got '10'"),
    (lambda: gl.Linear(0, 1, True), "Linear: `steps` must be a whole number, got True"),
    (lambda: gl.Linear(0, 1, 2**54), "Linear: `steps` must be at most 9.0072e+15"),
    (lambda: gl.Linear(-0.1, 1, 5), "Linear: `start` must be 0 or more, got -0.1"),
    (lambda: gl.Linear(0, math.nan, 5), "Linear: `end` must be a number, got nan"),
    (lambda: gl.Linear(0, math.inf, 5), "Linear: `end` must be finite, got inf"),
    (lambda: gl.Linear(0, 1j, 5), "Linear: `end` must be a number, got 1j"),
    (lambda: gl.Linear(0, 1e31, 5), "Linear: `end` must be at most 1e+30, got 1e+31"),
    (lambda: gl.Constant(None), "Constant: `value` must be a number, got None"),
    (lambda: gl.Polynomial(1, 0, 9, power=0), "Polynomial: `power` must be above 0, got 0"),
    (lambda: gl.Geometric(1, ratio=1.1), "Geometric: `ratio` must be at most 1, got 1.1"),
    (lambda: gl.Geometric(1, ratio=0), "Geometric: `ratio` must be above 0, got 0"),
    (lambda: gl.Exponential(1, rate=-1), "Exponential: `rate` must be 0 or more, got -1"),
    (
        lambda: gl.Piecewise([1, 2], [5, 9]),
        "Piecewise: `values` must be one more than `boundaries`, got 2 values and 2 boundaries",
    ),
    (lambda: gl.Piecewise([1, 2, 3], [9, 5]), "Piecewise: `boundaries` must be a list of whole"),
    (lambda: gl.Piecewise([1, -2], [5]), "Piecewise: `values`[1] must be 0 or more, got -2"),
    (lambda: gl.Piecewise(3, [5]), "Piecewise: `values` must be a list of rates, got 3"),
    (
        lambda: gl.Chain([3]),
        "Chain: `parts`[0] must be a schedule, got 3; a rate that stays is gl.Constant(3.0)",
    ),
    (
        lambda: gl.Exponential(1, 1) >> gl.Constant(1),
        "Chain: a part that another follows must end, got gl.Exponential(1.0, rate=1.0); give",
    ),
    (lambda: gl.Chain(())(0), "Chain: an empty chain has no rate"),
    (lambda: gl.Sum([]), "Sum: `parts` must be 1 or more, got none"),
    (lambda: gl.Constant(1) * -1, "Scale: `factor` must be 0 or more, got -1"),
    (lambda: gl.Constant(1) * math.nan, "Scale: `factor` must be a number, got nan"),
    (lambda: gl.Constant(1e20) * gl.Constant(1e20), "Product: rates must stay at most 1e+30"),
    (lambda: gl.Linear(0, 1, 5).drop(6), "Drop: `count` must be at most the schedule's 5 steps"),
    (lambda: gl.Constant(1).clip(2, 1), "Clip: `floor` must be at most `ceiling`, got 2.0 and 1.0"),
    (
        lambda: gl.Constant(1).repeat(),
        "Repeat: `schedule` must be a schedule that ends, got gl.Con",
    ),
    (lambda: gl.Linear(0, 1, 5).repeat(scale=2), "Repeat: `scale` must be at most 1, got 2"),
    (lambda: gl.Linear(0, 1, 5).strict()(6), "Strict: `step` must be at most 5, the schedule's"),
    (lambda: gl.schedule(3), "Function: `function` must be a function of the step, got 3"),
    (lambda: gl.schedule(abs, steps=-1), "Function: `steps` must be 0 or more, got -1"),
    (lambda: gl.Constant(1)(-1), "Constant: `step` must be from 0 to 2**53, got -1"),
    (lambda: gl.Constant(1)(np.array([3, -2])), "Constant: `step` must be from 0 to 2**53, got -2"),
]


@pytest.mark.parametrize(("build", "message"), BAD, ids=[message for _, message in BAD])
def test_message(build, message):
    with pytest.raises(gl.ScheduleError) as caught:
        build()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("step", ["3", None, 1j, {}, np.array(["a"]), np.array([True])])
def test_a_step_that_is_no_number(step):
    with pytest.raises(TypeError, match=r"Linear: `step` must be a number, a NumPy array, or a"):
        gl.Linear(0, 1, 5)(step)


def test_schedules_are_nested_at_most_32_deep():
    schedule = gl.Constant(1)
    for _ in range(31):
        schedule = schedule * 0.9
    with pytest.raises(gl.ScheduleError, match="Scale: schedules may be nested 32 deep, got 33"):
        schedule * 0.9
    assert schedule(0) == pytest.approx(0.9**31, rel=1e-12)


def test_a_schedule_is_frozen():
    schedule = gl.Linear(0, 1, 5)
    with pytest.raises(AttributeError):
        schedule.start = 3
    assert schedule == gl.Linear(0.0, 1.0, steps=5.0)
    assert {schedule: "found"}[gl.Linear(-0.0, 1, np.int64(5))] == "found"


LINE = gl.Linear(0.0, 1.0, steps=5)
PARAMETER = torch.nn.Parameter(torch.tensor(0.5))


class WithoutRepr:
    def __repr__(self):
        raise RuntimeError("no repr")


class Endless:
    def __repr__(self):
        return repr(self)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10_000,
        "x" * 10_000_000,
        [*range(100_000)],
        {k: k for k in range(100_000)},
        {*range(100_000)},
        nested(600),
        nested(100_000),
        [nested(600), (10**5000, {"a": 10**5000})],
        10**5000,
        -(10**5000),
        b"x" * 10_000,
        WithoutRepr(),
        [WithoutRepr()],
        Endless(),
        pd.Series(range(1_000)),
        np.zeros(1_000_000),
        gl.Chain([LINE] * 1_000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_came_is_quoted_in_80_characters_whatever_it_is(value):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.Linear(value, 1, 5)
    got = str(caught.value).partition(", got ")[2]
    assert 2 < len(got) < 130
    assert "\n" not in got


def test_a_huge_number_is_told_by_its_digits():
    assert shown(-(10**5000)) == "a whole number of 5,001 digits"
    assert shown(10**300) == "1" + "0" * 59 + "… (int)"


LEARNED = {
    "jax.grad": lambda use: jax.grad(use)(0.5),
    "jax.jit": lambda use: jax.jit(use)(0.5),
    "jax.vmap": lambda use: jax.vmap(use)(jax.numpy.ones(3)),
    "jax.jvp": lambda use: jax.jvp(use, (0.5,), (1.0,)),
    "nnx.Param": lambda use: use(nnx.Param(jax.numpy.array(0.5))),
    "Parameter": lambda use: use(PARAMETER),
    "product of it": lambda use: use(PARAMETER * 2),
    "torch.func.grad": lambda use: torch.func.grad(use)(torch.tensor(0.5)),
    "torch.func.vmap": lambda use: torch.func.vmap(use)(torch.ones(3)),
    "torch.func.jvp": lambda use: torch.func.jvp(use, (torch.ones(()),), (torch.ones(()),)),
    "tf.Variable": lambda use: use(tf.Variable(0.5)),
    "tf.function": lambda use: tf.function(use, autograph=False)(tf.constant(0.5)),
    "keras.Variable": lambda use: use(keras.Variable(0.5)),
}
USES = {
    "a family": lambda p: gl.Linear(0.0, p, steps=10)(5),
    "a length": lambda p: gl.Geometric(0.5, ratio=p)(5),
    "a table": lambda p: gl.Table([0.0, p], [0, 5])(3),
    "scale": lambda p: (LINE * p)(3),
    "scaled by": lambda p: LINE.__rmul__(p)(3),
    "sum": lambda p: (LINE + p)(3),
    "clip": lambda p: LINE.clip(p)(3),
    "repeat": lambda p: LINE.repeat(scale=p)(3),
    "a recipe": lambda p: gl.recipes.wsd(p, 100, 10, 10)(3),
    "a dialect": lambda p: gl.dialects.torch.ExponentialLR(0.9, lr=p)(3),
    "a plateau": lambda p: gl.Plateau(factor=p),
    "a schedule": lambda p: gl.Chain([p]),
}


@pytest.mark.parametrize("use", USES.values(), ids=list(USES))
@pytest.mark.parametrize("learn", LEARNED.values(), ids=list(LEARNED))
def test_a_learned_or_traced_number_does_not_become_a_constant_without_a_word(learn, use):
    with pytest.raises(gl.ScheduleError, match=r"learned or traced, .* write p \* rate\(k\)"):
        learn(use)


@pytest.mark.parametrize(
    "rates", [torch.nn.Parameter(torch.ones(3)), tf.Variable([1.0, 2.0, 3.0])], ids=type
)
def test_a_learned_list_does_not_become_constant_without_a_word(rates):
    with pytest.raises(gl.ScheduleError, match=r"Table: `rates` .* write p \* rate\(k\)"):
        gl.Table(rates, [0, 1, 2])


def test_what_the_message_says_gives_the_gradient():
    assert jax.grad(lambda p: p * LINE(3))(0.5) == LINE(3)
    (PARAMETER * LINE(3)).backward()
    assert PARAMETER.grad.item() == pytest.approx(LINE(3))


@pytest.mark.parametrize(
    "value",
    [
        np.float32(0.5), np.float64(0.5), np.array(0.5), jax.numpy.array(0.5), torch.tensor(0.5),
        tf.constant(0.5), Decimal("0.5"), Fraction(1, 2), ml_dtypes.bfloat16(0.5),
        torch.tensor(0.5, dtype=torch.bfloat16), type("Own", (float,), {})(0.5),
    ],
    ids=type,
)  # fmt: skip
def test_a_number_of_any_kind_is_read_as_a_plain_one(value):
    schedule = gl.Constant(value)
    assert type(schedule.value) is float
    assert repr(schedule) == "gl.Constant(0.5)"


class Level(enum.IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    "rates",
    [
        (1, 2.0), range(1, 3), deque([1, 2]), UserList([1, 2]), array("d", [1, 2]),
        memoryview(array("i", [1, 2])), np.array([1, 2]), (np.float32(1), np.int8(2)),
        pd.Series([1, 2]), pd.Index([1, 2]), torch.tensor([1, 2]), jax.numpy.array([1, 2]),
        tf.constant([1, 2]), OmegaConf.create([1, 2]), [Level.ONE, Decimal(2)],
    ],
    ids=type,
)  # fmt: skip
def test_any_sequence_is_a_list(rates):
    assert gl.Table(rates, [0, 5]) == gl.Table([1.0, 2.0], [0, 5])
    assert gl.Piecewise([3.0, 2.0, 1.0], rates) == gl.Piecewise([3.0, 2.0, 1.0], [1, 2])
    assert eval(repr(gl.Table(rates, [0, 5])), {"gl": gl}) == gl.Table([1.0, 2.0], [0, 5])


@pytest.mark.parametrize("parts", [(LINE, LINE), deque([LINE, LINE]), UserList([LINE, LINE])])
def test_any_sequence_of_schedules_is_a_list(parts):
    assert gl.Chain(parts) == LINE >> LINE


@pytest.mark.parametrize(
    ("rates", "write"),
    [
        ({1, 2}, "; a set has no order: write sorted(...)"),
        (frozenset([1]), "; a set has no order: write sorted(...)"),
        ((rate for rate in (1, 2)), "; write list(...)"),
        (map(float, [1]), "; write list(...)"),
        ({1: 2}.values(), "; write list(...)"),
        ({1: 2}, "{1: 2}"),
        ("12", "'12'"),
        (b"12", "b'12'"),
        (np.array(1), "array(1)"),
        (1, "1"),
        (None, "None"),
    ],
)
def test_what_is_no_sequence_is_refused_with_what_to_write(rates, write):
    with pytest.raises(
        gl.ScheduleError, match="Table: `rates` must be a list of rates, got"
    ) as told:
        gl.Table(rates, [0, 5])
    assert str(told.value).endswith(write)


@pytest.mark.parametrize(
    ("text", "number"), [("1e-3", "0.001"), ("0.1", "0.1"), (" 3 ", "3"), ("1_000", "1000.0")]
)
def test_a_text_that_spells_a_number_is_told_how_to_write_it(text, number):
    for build in (lambda: gl.Constant(text), lambda: gl.Table([text, 1], [0, 5])):
        with pytest.raises(gl.ScheduleError, match=f"it is a text: write {number} "):
            build()


OPTIMIZER = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
HINTS = [
    (0.001, "a rate that stays is gl.Constant(0.001)"),
    (np.float64(0.001), "a rate that stays is gl.Constant(0.001)"),
    ("1e-3", "a rate that stays is gl.Constant(0.001)"),
    ("linear(0, 1, 5)", "a text is read by gl.parse('linear(0, 1, 5)')"),
    ("rate.yaml", "a file is read by gl.load('rate.yaml')"),
    (Path("rate.json"), "a file is read by gl.load(PosixPath('rate.json'))"),
    ({"type": "constant", "value": 1}, "the JSON form is read by gl.from_data(...)"),
    ([LINE, LINE], "schedules in a list are joined by gl.Chain([...])"),
    (gl.Linear, "it is to be called with its arguments: Linear(...)"),
    (gl.recipes.wsd, "it is to be called with its arguments: wsd(...)"),
    (gl.Plateau(), "a plateau goes around the whole schedule: write plateau.on(schedule)"),
    (torch.optim.lr_scheduler.StepLR, "gl.dialects.torch.StepLR(...) translates it"),
    (
        torch.optim.lr_scheduler.CosineAnnealingLR(OPTIMIZER, 5),
        "gl.dialects.torch.CosineAnnealingLR(...) translates it",
    ),
    (
        keras.optimizers.schedules.CosineDecay(0.1, 5),
        "gl.dialects.keras.CosineDecay(...) translates it",
    ),
    (
        optax.cosine_decay_schedule(0.1, 5),
        "gl.dialects.optax.cosine_decay_schedule(...) translates it",
    ),
    (
        transformers.get_cosine_schedule_with_warmup,
        "gl.dialects.transformers.get_cosine_schedule_with_warmup(...) translates it",
    ),
    (lambda step: 0.1, "wrap a function of your own in gl.schedule(f)"),
    (torch.optim.SGD, "a class is no schedule: wrap a function of the step in gl.schedule(f)"),
]


@pytest.mark.parametrize(("value", "words"), HINTS, ids=[words for _, words in HINTS])
def test_what_is_no_schedule_is_told_how_to_become_one(value, words):
    for build in (
        lambda: gl.Chain([value]),
        lambda: gl.Scale(value, 0.5),
        lambda: gl.torch.Scheduler(OPTIMIZER, {"lr": value}),
    ):
        with pytest.raises(gl.ScheduleError, match="must be a schedule, got") as caught:
            build()
        assert words in str(caught.value)


@pytest.mark.parametrize("value", [None, object(), True, OPTIMIZER, {"a": 1}, b"x"], ids=type)
def test_what_is_no_schedule_and_cannot_become_one_is_only_quoted(value):
    with pytest.raises(gl.ScheduleError, match="must be a schedule, got") as caught:
        gl.Chain([value])
    assert str(caught.value).endswith(shown(value))


def own_schedulers():
    """Schedulers by every public name of the frameworks that are installed."""
    lr_scheduler = torch.optim.lr_scheduler
    for name in [*lr_scheduler.__all__, "SWALR"]:
        yield getattr(lr_scheduler, name, torch.optim.swa_utils.SWALR)
    yield from filter(inspect.isclass, vars(keras.optimizers.schedules).values())
    yield from (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau)
    yield from (made for name, made in vars(optax.schedules).items() if "inject" not in name)
    own = vars(transformers.optimization).items()
    yield from (made for name, made in own if name.startswith("get_"))


def test_a_hint_names_no_dialect_that_there_is_not():
    named = {hint(made) for made in own_schedulers() if callable(made)}
    found = {words.split("(")[0] for words in named if "gl.dialects." in words}
    assert len(found) > 40
    for path in found:
        *_, room, name = path.split(".")
        assert hasattr(getattr(gl.dialects, room), name), path


def test_a_scheduler_of_ones_own_is_not_taken_for_its_frameworks():
    class Own(torch.optim.lr_scheduler.LRScheduler):
        pass

    assert "gl.dialects" not in hint(Own)
