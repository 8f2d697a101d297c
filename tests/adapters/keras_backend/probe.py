"""A network whose one weight moves by exactly the learning rate: its gradient is always 1."""

import keras
import numpy as np

import glissando as gl

BACKEND = keras.backend.backend()
# Keras runs one update an execution with PyTorch, and its torch.compile takes most of a minute.
COMPILED = [] if BACKEND == "torch" else [{"jit_compile": True}]
TIP = {
    name: getattr(gl.recipes.keras_tip, name)()
    for name in (
        "constant",
        "time_based_decay",
        "exponential_decay",
        "constant_then_exponential",
        "one_cycle",
    )
}
WARM_UP = gl.Linear(0.0, 0.1, steps=5) >> gl.Cosine(0.1, 0.01, steps=19)


@keras.saving.register_keras_serializable(package="probe")
def prediction(_target, predicted):
    """A loss whose gradient by the weight is the input, 1."""
    return keras.ops.mean(predicted, axis=-1)


def network(optimizer=None, **options):
    """Return the model, compiled."""
    kernel = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), kernel])
    model.compile(optimizer or keras.optimizers.SGD(0.5), prediction, **options)
    return model


def weight(model):
    """Return the model's one weight."""
    return keras.ops.convert_to_numpy(model.trainable_weights[0].value).item()


class Probe(keras.callbacks.Callback):
    """Record how far each batch moves the weight down, which it starts at 0."""

    def __init__(self):
        super().__init__()
        self.moves = []

    def on_train_batch_begin(self, batch, logs=None):
        self.model.trainable_weights[0].assign([[0.0]])

    def on_train_batch_end(self, batch, logs=None):
        self.moves.append(-weight(self.model))


def data(rows):
    """Return what `fit` reads row by row."""
    targets = np.zeros_like(rows)
    if BACKEND == "tensorflow":  # which takes ten times as long to begin an epoch of arrays
        from tensorflow.data import Dataset

        return {"x": Dataset.from_tensor_slices((rows, targets)).batch(1)}
    return {"x": rows, "y": targets, "batch_size": 1}


def fit(model, *callbacks, epochs=6, batches=4, inputs=None, **options):
    """Train with one row a batch; return the move of each batch, and the history."""
    probe = Probe()
    rows = np.ones((batches, 1)) if inputs is None else np.reshape(inputs, (-1, 1))
    history = model.fit(
        **data(rows),
        shuffle=False,
        epochs=epochs,
        callbacks=[*callbacks, probe],
        **{"verbose": 0, **options},
    )
    return probe.moves, history.history


def rates(schedule, steps):
    """Return the schedule's rates at `steps` as float32 holds them."""
    return [float(np.float32(schedule(step))) for step in steps]


def per_epoch(schedule, epochs, batches=4):
    """Return the rates of all updates of `epochs`, each epoch at its own."""
    return rates(schedule, np.repeat(epochs, batches).tolist())


def close(moves, expected, scale):
    """Return whether in-graph float32 is within 4 ulp of full scale."""
    error = np.abs(np.subtract(moves, expected))
    return len(moves) == len(expected) and error.max() <= 4 * np.spacing(np.float32(scale))
