"""Trains 60 updates with `BackupAndRestore`; may be killed at any moment and run again.

Appends `k rate` to a log for each update, the rate being how far the weight moved. The backend is
that of `KERAS_BACKEND`, by default JAX.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import glissando as gl

UPDATES, BATCHES = 60, 4
SCHEDULE = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=50)


class Backup(keras.callbacks.BackupAndRestore):
    """Keras's backup, but whole at every moment.

    Keras writes its two files over the last ones; a process that is killed meanwhile leaves half a
    backup behind. Here both go into a new folder, and one `os.replace` makes it the one in use.
    """

    def __init__(self, folder):
        self.folder = folder
        super().__init__(os.path.realpath(folder / "now"), delete_checkpoint=False)

    def _save_model(self):
        name = f"{self._current_epoch}-{os.getpid()}"
        self.backup_dir = str(self.folder / name)
        self._weights_path = str(self.folder / name / "latest.weights.h5")
        self._training_metadata_path = str(self.folder / name / "training_metadata.json")
        super()._save_model()
        link = self.folder / f"{name}.link"
        link.symlink_to(name)
        os.replace(link, self.folder / "now")


class Log(keras.callbacks.Callback):
    """Write down every move at once."""

    def __init__(self, file):
        super().__init__()
        self.file = file

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        self.model.trainable_weights[0].assign([[0.0]])

    def on_train_batch_end(self, batch, logs=None):
        moved = -keras.ops.convert_to_numpy(self.model.trainable_weights[0].value).item()
        print(BATCHES * self.epoch + batch, repr(moved), file=self.file, flush=True)
        time.sleep(0.01)


def main(folder):
    kernel = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), kernel])
    model.compile(keras.optimizers.SGD(9.0), lambda _, y: keras.ops.mean(y, axis=-1))
    ours = gl.keras.LearningRateScheduler(SCHEDULE, unit="step")
    (folder / "backup").mkdir(exist_ok=True)
    ones = np.ones((BATCHES, 1))
    print("ready", flush=True)
    with open(folder / "log", "a") as file:
        callbacks = [ours, Backup(folder / "backup"), Log(file)]
        epochs = UPDATES // BATCHES
        model.fit(ones, ones, batch_size=1, epochs=epochs, verbose=0, callbacks=callbacks)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
