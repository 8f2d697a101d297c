"""What the demo's study tries, and what it trains."""

import os
from importlib import util
from pathlib import Path
from typing import Any

from glissando.demo.data import DATA, load
from glissando.errors import ScheduleError
from glissando.families import Cosine, Linear
from glissando.recipes import keras_tip
from glissando.schedule import Schedule
from glissando.studies.conduct import Study
from glissando.studies.study import prepare

BACKENDS = ("jax", "tensorflow", "torch")
NEEDED = ("keras", "plotly", "sklearn", "tqdm", "loky", "pyarrow")
ON_THE_CPU = {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_TORCH_DEVICE": "cpu"}

TIP = {
    "constant": keras_tip.constant(),
    "time-based decay": keras_tip.time_based_decay(),
    "exponential decay": keras_tip.exponential_decay(),
    "constant then exponential": keras_tip.constant_then_exponential(),
    "one cycle": keras_tip.one_cycle(),
}
"""The five schedules of the tip, a rate for each of 20 epochs."""

PEAKS = (1e-3, 3e-3, 1e-2)
"""The peaks that the search begins with."""

AS_WRITTEN = ", as written"
"""How the name of a schedule ends whose rates are the tip's own."""


def schedules(epochs: int, per_epoch: int) -> dict[str, Schedule]:
    """Return the tip's schedules by update, as written and to be tuned, and a cosine.

    Each rate is held for an epoch, as the tip's callback does.

    Args:
        epochs: how many epochs a full run makes.
        per_epoch: how many updates an epoch makes.
    """
    steps = epochs * per_epoch
    tip = {name: schedule.cut(epochs).hold_each(per_epoch) for name, schedule in TIP.items()}
    warmup = per_epoch
    cosine = Linear(0.0, 1.0, warmup) >> Cosine(1.0, 0.0, steps - warmup)
    written = {name + AS_WRITTEN: schedule for name, schedule in tip.items()}
    return {**tip, "cosine": cosine, **written}


def demo(data: str, epochs: int, seeds: int, jobs: int | None, folder: Path, command: str) -> Study:
    """Return the demo's study, which has yet to be conducted.

    Args:
        data: "digits" or "fashion-mnist".
        epochs: how many epochs a full run makes.
        seeds: with how many seeds the best are compared.
        jobs: how many runs at once; None for as many as there are cores.
        folder: where results and report go.
        command: what repeats it.

    Raises:
        ScheduleError: something is missing; the message says what to install.
        OSError: the folder cannot be written to.
    """
    os.environ.update(ON_THE_CPU, KERAS_BACKEND=find_backend())
    per_epoch = DATA[data].train // DATA[data].batch
    tried = schedules(epochs, per_epoch)
    return prepare(
        training(data),
        tried,
        steps=epochs * per_epoch,
        peaks=PEAKS,
        literal=[name for name in tried if name.endswith(AS_WRITTEN)],
        seeds=seeds,
        baselines=list(tried),
        goal="max",
        jobs=jobs,
        folder=folder,
        command=command,
    )


def training(data: str) -> Any:
    """Return the function that trains the demo's network, and gives its accuracy in the end."""
    from glissando.adapters.keras import train_function

    parts = load(data)
    images, labels = parts["train"]
    return train_function(
        lambda: network(images.shape[1:]),
        images,
        labels,
        batch=DATA[data].batch,
        validation_data=parts["held out"],
        metric="val_accuracy",
    )


def network(image: tuple[int, ...]) -> Any:
    """Return the demo's network for images of a shape, compiled."""
    import keras

    pooling = [keras.layers.MaxPooling2D()] if image[0] > 8 else []  # to a like size inside
    model = keras.Sequential(
        [
            keras.Input(image),
            *pooling,
            keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(), loss, metrics=["accuracy"])
    return model


def find_backend() -> str:
    """Return Keras's backend, by KERAS_BACKEND or what is installed.

    Raises:
        ScheduleError: a package is missing; the message says what to install.
    """
    missing = [name for name in NEEDED if not util.find_spec(name)]
    installed = [name for name in BACKENDS if util.find_spec(name)]
    backend = os.environ.get("KERAS_BACKEND") or next(iter(installed), None)
    if missing or backend is None:
        what = ", ".join(missing) or "a backend for Keras (jax, tensorflow or torch)"
        raise ScheduleError(f'the demo needs {what}: pip install "glissando[demo]"')
    if backend not in installed:
        raise ScheduleError(
            f"KERAS_BACKEND={backend}: no such backend is installed here; "
            + (f"take one of {', '.join(installed)}" if installed else f"pip install {backend}")
        )
    return backend
