"""Ignite: its own checkpoint, with the trainer in it, written in one piece."""

import torch
from common import SCHEDULE, UPDATES, folder, log, pause, ready, whole
from ignite.engine import Engine, Events
from ignite.handlers import Checkpoint

import glissando as gl

torch.set_num_threads(1)


def main() -> None:
    weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr=9.0)
    scheduler = gl.ignite.Scheduler(optimizer, SCHEDULE)

    def update(engine, batch):
        weight.data.zero_()  # so that the move is the rate to the last bit
        weight.grad = torch.ones_like(weight)
        optimizer.step()
        log(engine.state.iteration - 1, -weight.item())
        pause()

    trainer = Engine(update)
    scheduler.attach(trainer)
    parts = {"trainer": trainer, "optimizer": optimizer, "scheduler": scheduler}
    checkpoint = folder() / "checkpoint.pt"

    def save(state, *_):  # Ignite's own DiskSaver removes the old file before there is a new one
        with whole(checkpoint) as part:
            torch.save(state, part)

    trainer.add_event_handler(Events.ITERATION_COMPLETED(every=3), Checkpoint(parts, save))
    if checkpoint.exists():
        Checkpoint.load_objects(parts, checkpoint)
    ready()
    if trainer.state.iteration < UPDATES:  # an engine that is through would begin anew
        trainer.run(range(10), max_epochs=6)


if __name__ == "__main__":
    main()
