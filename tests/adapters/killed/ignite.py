"""Trains 60 updates with Ignite; may be killed at any moment and run again: it goes on.

`python ignite.py DIR` appends a line `k rate` for each update to DIR/log, the rate being what the
weight moved by, and resumes from the checkpoint in DIR.
"""

import io
import sys
import time
from pathlib import Path

import torch

# this file's own name hides the package from a script that is started here
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

from ignite.engine import Engine, Events  # noqa: E402
from ignite.handlers import Checkpoint  # noqa: E402

import glissando as gl  # noqa: E402
from glissando.text.files import write_whole  # noqa: E402

SCHEDULE = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=50)


def main(folder: Path) -> None:
    weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr=9.0)
    scheduler = gl.ignite.Scheduler(optimizer, SCHEDULE)

    def update(engine, batch):
        time.sleep(0.015)
        weight.data.zero_()  # so that the move is the rate to the last bit
        weight.grad = torch.ones_like(weight)
        optimizer.step()
        with (folder / "log").open("a") as log:
            print(engine.state.iteration - 1, repr(-weight.item()), file=log, flush=True)

    trainer = Engine(update)
    scheduler.attach(trainer)
    parts = {"trainer": trainer, "optimizer": optimizer, "scheduler": scheduler}
    checkpoint = folder / "checkpoint.pt"

    def save(state, *_):  # Ignite's own DiskSaver removes the old file before there is a new one
        buffer = io.BytesIO()
        torch.save(state, buffer)
        write_whole(checkpoint, buffer.getvalue())

    trainer.add_event_handler(Events.ITERATION_COMPLETED(every=3), Checkpoint(parts, save))
    if checkpoint.exists():
        Checkpoint.load_objects(parts, checkpoint)
    print("ready", flush=True)
    if trainer.state.iteration < 60:  # an engine that is through would begin anew
        trainer.run(range(10), max_epochs=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
