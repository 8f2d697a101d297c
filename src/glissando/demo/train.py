"""A worker: reads runs from standard input, one a line, and answers each with its result.

It is a process of its own, so that it can train on one thread and die without harm.
"""

import json
import os
import platform
import queue
import sys
import threading
import time
from typing import Any

from glissando.demo import DemoError
from glissando.demo.data import DATA, load


class Trainer:
    """One compiled network, trained again and again from fresh weights."""

    def __init__(self, data: str) -> None:
        import keras

        self.parts = load(data)
        self.batch = DATA[data].batch
        image = self.parts["train"][0].shape[1:]
        pooling = [keras.layers.MaxPooling2D()] if image[0] > 8 else []  # to a like size inside
        self.model = keras.Sequential(
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
        self.model.compile(keras.optimizers.Adam(), loss, metrics=["accuracy"])
        self.model.optimizer.build(self.model.trainable_variables)
        # one size of batch, so that validation is compiled once for both parts
        self.glance = min(len(self.parts["tune"][0]), 500)
        self.blank = [v.numpy() for v in self.model.optimizer.variables]
        self._fit("tune", epochs=1, callbacks=[])  # compiles: this time is not measured

    def train(self, schedule: Any, seed: int, part: str, epochs: int) -> dict[str, Any]:
        """Train from the weights of `seed` and return what was measured."""
        import keras

        from glissando.adapters.keras import LearningRateScheduler

        keras.utils.set_random_seed(seed)
        self.model.set_weights(keras.models.clone_model(self.model).get_weights())
        for variable, value in zip(self.model.optimizer.variables, self.blank, strict=True):
            variable.assign(value)
        callback = LearningRateScheduler(schedule, unit="epoch")
        begin = time.process_time()
        history = self._fit(part, epochs, [callback])
        return {
            "accuracy": [float(value) for value in history["val_accuracy"]],
            "rates": [float(value) for value in history["learning_rate"]],
            "cpu_seconds": time.process_time() - begin,
            "parameters": int(self.model.count_params()),
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}",
        }

    def _fit(self, part: str, epochs: int, callbacks: list[Any]) -> dict[str, list[float]]:
        fitted = self.model.fit(
            *self.parts["train"],
            batch_size=self.batch,
            epochs=epochs,
            callbacks=callbacks,
            validation_data=self.parts[part],
            validation_batch_size=self.glance,
            verbose=0,
        )
        return dict(fitted.history)


def main() -> None:
    """Answer runs until standard input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what else prints must not be taken for an answer
    keep_to_one_core(int(sys.argv[1]))
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_jobs, args=(lines,), daemon=True).start()
    trainers: dict[str, Trainer] = {}
    while True:
        job = json.loads(lines.get())
        answer: dict[str, Any] = {}
        try:
            answer["result"] = _answer(trainers, **job)
        except DemoError as error:
            answer["error"] = str(error)
        print(json.dumps(answer), file=answers, flush=True)


def keep_to_one_core(number: int) -> None:
    """Stay on one core, where the system lets a process choose: JAX sizes its threads by that."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})


def _answer(
    trainers: dict[str, Trainer], data: str, run: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Get the images ready and, if there is a run, train it."""
    from glissando.text import from_data

    if run is None:
        load(data)
        return {}
    trainer = trainers[data] = trainers.get(data) or Trainer(data)
    return trainer.train(from_data(run["schedule"]), run["seed"], run["part"], run["epochs"])


def _read_jobs(lines: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)  # there is nobody to answer: leave at once, in the middle of a run too


if __name__ == "__main__":
    main()
