"""Train the probe in a process that is killed, then in one that resumes; the test reads the logs.

`python killed.py FOLDER WORK...`: a work is `form:batch`, where `form` is epoch, step or graph and
`batch` the one, counted over all epochs, at which the process kills itself (-1: never); or
`load:FILE`, which trains a saved model on.
"""

import os
import signal
import sys
from pathlib import Path

import keras
from probe import WARM_UP, Probe, fit, network

import glissando as gl


class Recorder(Probe):
    """Write down every move at once; kill the process when its batch comes."""

    def __init__(self, log, last):
        super().__init__()
        self.log = log
        self.last = last

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        super().on_train_batch_begin(batch)
        if 4 * self.epoch + batch == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch)
        print(4 * self.epoch + batch, self.moves[-1], file=self.log, flush=True)


def train(folder, form, last):
    in_graph = form == "graph"
    model = network(
        keras.optimizers.SGD(gl.keras.LearningRateSchedule(WARM_UP) if in_graph else 1.0)
    )
    callbacks = [] if in_graph else [gl.keras.LearningRateScheduler(WARM_UP, unit=form)]
    backup = keras.callbacks.BackupAndRestore(folder / f"{form}.backup")
    with open(folder / f"{form}.log", "a") as log:
        fit(model, *callbacks, backup, Recorder(log, last))


def go_on(folder, file):
    model = keras.models.load_model(file)
    moves, _ = fit(model, epochs=1)
    (folder / "load.log").write_text("\n".join(map(str, moves)))


if __name__ == "__main__":
    for work in sys.argv[2:]:
        form, _, argument = work.partition(":")
        if form == "load":
            go_on(Path(sys.argv[1]), argument)
        else:
            train(Path(sys.argv[1]), form, int(argument))
