"""Train the probe in a process that is killed, then in one that resumes; the test reads the logs.

`python killed.py FOLDER WORKS...`: each argument is what one process does, and how each of them
ended is printed. Of its works, with commas between, each is `form:batch`, where `form` is epoch,
step or graph and `batch` the one, counted over all epochs, at which the process kills itself (-1:
never); or `load:FILE`, which trains a saved model on. The processes are forks of one that has
imported Keras and done nothing with it.
"""

import json
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


def do(works, folder):
    for work in works.split(","):
        form, _, argument = work.partition(":")
        if form == "load":
            go_on(folder, argument)
        else:
            train(folder, form, int(argument))


if __name__ == "__main__":
    ends = []
    for works in sys.argv[2:]:
        child = os.fork()
        if not child:
            do(works, Path(sys.argv[1]))
            os._exit(0)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    print(json.dumps(ends))
