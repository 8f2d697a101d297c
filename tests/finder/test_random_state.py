"""`random_state.kept`: all global random states are put back."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from glissando.finder import random_state


def drawn():
    return (
        [random.random(), random.gauss(0, 1)],
        [*np.random.rand(3), np.random.randn()],
        torch.rand(2).tolist(),
    )


def seeded(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def nothing():
    pass


def interrupted():
    raise KeyboardInterrupt


@pytest.mark.parametrize("end", [nothing, interrupted])
@pytest.mark.parametrize("within", [drawn, lambda: seeded(9), nothing])
def test_what_comes_next_is_as_if_nothing_had_been_drawn(within, end):
    """Also what a generator has drawn ahead: normal numbers come in pairs."""
    seeded(3)
    first, expected = drawn(), drawn()
    seeded(3)
    assert drawn() == first
    try:
        with random_state.kept():
            within()
            end()
    except KeyboardInterrupt:
        pass
    assert drawn() == expected
    assert torch.initial_seed() == 3


def test_one_within_another():
    seeded(3)
    expected = drawn()
    seeded(3)
    with random_state.kept():
        inner = drawn()
        with random_state.kept():
            seeded(1)
        assert drawn() != inner
    assert drawn() == expected


def test_a_seed_is_that_of_every_generator():
    random_state.seed(5)
    first = drawn()
    random_state.seed(6)
    other = drawn()
    random_state.seed(5)
    assert drawn() == first
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_a_gpu_that_starts_later_starts_with_the_seed_that_was_told(monkeypatch):
    told = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", told.append)
    seeded(3)
    with random_state.kept():
        seeded(9)
    assert told[-1] == 3


KERAS = """
import os, sys
os.environ["KERAS_BACKEND"] = sys.argv[1]
import keras
from keras.src.utils.rng_utils import get_random_seed as told
from glissando.finder import random_state

draw = lambda: (keras.ops.convert_to_numpy(keras.random.normal((3,))).tolist(), operations())
operations = lambda: None
if sys.argv[1] == "tensorflow":
    import tensorflow as tf

    def operations():
        data = tf.data.Dataset.range(9).shuffle(9)
        own = tf.random.get_global_generator().normal([2]).numpy().tolist()
        return tf.random.uniform([2]).numpy().tolist(), own, list(data.as_numpy_iterator())

    tf.random.get_global_generator().reset_from_seed(5)
    first = operations()  # without a global seed
    with random_state.kept():
        keras.utils.set_random_seed(3)
    assert operations() != first
    assert told() is None

with random_state.kept():
    seeds = []
    for seed in (5, 6, 5):
        random_state.seed(seed)
        seeds.append(draw())
    assert seeds[0] == seeds[2] != seeds[1], seeds

for used in (False, True):  # whether the generator of Keras was there before
    drawn = []
    for within in (lambda: None, draw, lambda: keras.utils.set_random_seed(9)):
        keras.utils.set_random_seed(3)
        if sys.argv[1] == "tensorflow":
            tf.random.get_global_generator().reset_from_seed(5)
        if used:
            draw()
        with random_state.kept():
            within()
            draw()
        drawn.append((draw(), draw(), told()))
    assert drawn[0] == drawn[1] == drawn[2], drawn
    assert drawn[0][0] != drawn[0][1]
"""


SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"


@pytest.mark.parametrize("backend", ["tensorflow", *["jax", "torch"] * SOAK])
def test_the_states_of_keras_and_tensorflow_are_put_back(backend):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KERAS, backend],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_framework_that_is_not_loaded_is_not_loaded():
    code = (
        "import sys; from glissando.finder import random_state; random_state.kept().__enter__(); "
        "print({'torch', 'tensorflow', 'keras', 'jax'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
