"""Train one small network for 200 updates in every framework, and print how far they come apart.

The weights to begin with, the data, the order of the batches and the schedule are the same; the
truth is the same training in NumPy with float64. Run it with `make agreement`.

Distances are in ulp of the largest weight: units in the last place, 2**-23 of the power of two
below it. An update rounds a weight by half an ulp at most when it is written, so that 200 of them
may come to 100; what the gradient is rounded by counts a tenth of that or less, since the rate is
never above 0.1. Training that is off by a single update is much further away, as the last row
tells.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import glissando as gl

UPDATES, BATCHES, BATCH, INPUTS, HIDDEN = 200, 4, 16, 4, 8
BOUND = UPDATES / 2
RATE = gl.Linear(0.0, 0.1, steps=20) >> gl.Cosine(0.1, 0.001, steps=180)

chance = np.random.RandomState(0)
X = chance.standard_normal((BATCHES, BATCH, INPUTS)).astype(np.float32)
Y = np.sin(X.sum(-1, keepdims=True)).astype(np.float32)
START = [
    chance.uniform(-0.5, 0.5, shape).astype(np.float32)
    for shape in ((INPUTS, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,))
]
Weights = list[Any]


def truth(rate: Callable[[int], float]) -> Weights:
    """Train in float64, with the derivatives by hand."""
    a, b, c, d = (weight.astype(np.float64) for weight in START)
    for k in range(UPDATES):
        x, y = X[k % BATCHES].astype(np.float64), Y[k % BATCHES]
        hidden = np.tanh(x @ a + b)
        error = 2 * (hidden @ c + d - y) / BATCH
        back = error @ c.T * (1 - hidden**2)
        gradients = x.T @ back, back.sum(0), hidden.T @ error, error.sum(0)
        a, b, c, d = (w - rate(k) * g for w, g in zip((a, b, c, d), gradients, strict=True))
    return [a, b, c, d]


def in_torch() -> Iterator[tuple[str, Weights]]:
    import torch

    layers = torch.nn.Linear(INPUTS, HIDDEN), torch.nn.Linear(HIDDEN, 1)
    model = torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1])
    for parameter, weight in zip(model.parameters(), START, strict=True):
        parameter.data = torch.from_numpy(weight.T.copy())
    optimizer = torch.optim.SGD(model.parameters())
    scheduler = gl.torch.Scheduler(optimizer, RATE)
    for k in range(UPDATES):
        optimizer.zero_grad()
        x, y = torch.from_numpy(X[k % BATCHES]), torch.from_numpy(Y[k % BATCHES])
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        scheduler.step()
    yield "PyTorch", [parameter.detach().numpy().T for parameter in model.parameters()]


def in_jax() -> Iterator[tuple[str, Weights]]:
    import jax
    import jax.numpy as jnp
    import optax

    def loss(weights: Weights, x: Any, y: Any) -> Any:
        a, b, c, d = weights
        return jnp.mean((jnp.tanh(x @ a + b) @ c + d - y) ** 2)

    for name, optimizer in (
        ("JAX: optax.sgd(schedule)", optax.sgd(RATE)),
        ("JAX: gl.optax.inject", gl.optax.inject(optax.sgd, learning_rate=RATE)),
    ):

        def update(carried: Any, batch: Any, optimizer: Any = optimizer) -> Any:
            weights, state = carried
            changes, state = optimizer.update(jax.grad(loss)(weights, *batch), state)
            return (optax.apply_updates(weights, changes), state), None

        epochs = UPDATES // BATCHES
        batches = jnp.tile(X, (epochs, 1, 1)), jnp.tile(Y, (epochs, 1, 1))
        weights = [jnp.asarray(weight) for weight in START]
        (weights, _), _ = jax.lax.scan(update, (weights, optimizer.init(weights)), batches)
        yield name, [np.asarray(weight) for weight in weights]


def in_keras() -> Iterator[tuple[str, Weights]]:
    import keras

    backend = keras.backend.backend()
    for name in ("LearningRateScheduler", "LearningRateSchedule"):
        model = keras.Sequential(
            [
                keras.Input((INPUTS,)),
                keras.layers.Dense(HIDDEN, activation="tanh"),
                keras.layers.Dense(1),
            ]
        )
        model.set_weights(START)
        callbacks = []
        rate: Any = 1.0
        if name == "LearningRateSchedule":
            rate = gl.keras.LearningRateSchedule(RATE)
        else:
            callbacks = [gl.keras.LearningRateScheduler(RATE, unit="step")]
        model.compile(keras.optimizers.SGD(rate), "mse")
        rows = X.reshape(-1, INPUTS), Y.reshape(-1, 1)
        options = {"batch_size": BATCH, "epochs": UPDATES // BATCHES, "shuffle": False}
        model.fit(*rows, callbacks=callbacks, verbose=0, **options)
        yield f"Keras on {backend}: {name}", model.get_weights()


TRAININGS: dict[str, tuple[Callable[[], Iterator[tuple[str, Weights]]], dict[str, str]]] = {
    "torch": (in_torch, {}),
    "jax": (in_jax, {}),
    **{
        f"keras-{backend}": (in_keras, {"KERAS_BACKEND": backend})
        for backend in ("tensorflow", "jax", "torch")
    },
}


def trained(training: str) -> dict[str, Weights]:
    """Return the weights of a process of its own."""
    environment = {**os.environ, **TRAININGS[training][1], "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, __file__, "--train", training]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(f"{training}: {run.stderr}")
    found: dict[str, Weights] = json.loads(run.stdout.splitlines()[-1])
    return found


def distance(weights: Weights, others: Weights) -> float:
    """Return the largest difference of two weights, in ulp of the largest weight."""
    scale = max(np.abs(other).max() for other in others)
    ulp = float(np.spacing(np.float32(scale)))
    return max(
        float(np.abs(np.subtract(w, o)).max()) / ulp for w, o in zip(weights, others, strict=True)
    )


def table() -> dict[str, float]:
    """Return each training's distance from the truth, and that of one that is an update off."""
    exact = truth(RATE)
    found = {
        name: distance(weights, exact)
        for training in TRAININGS
        for name, weights in trained(training).items()
    }
    off = truth(lambda k: RATE(k + 1))
    return found | {"(an update off)": distance(off, exact)}


def main() -> None:
    """Train in this process, or in one for each framework, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the distances as JSON")
    parser.add_argument("--train", choices=TRAININGS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        weights = dict(TRAININGS[options.train][0]())
        print(json.dumps({k: [w.tolist() for w in v] for k, v in weights.items()}))
        return
    found = table()
    if options.json:
        print(json.dumps(found, indent=2))
        return
    print(
        f"{UPDATES} updates, distance from float64 in ulp of the largest weight, at most {BOUND:g}"
    )
    for name, ulps in found.items():
        print(f"{name:48} {ulps:12,.1f}")


if __name__ == "__main__":
    main()
