"""Accelerate: the folders of `save_state`, each put in its place when it is whole."""

import os
import shutil

import accelerate
import torch
from common import SCHEDULE, UPDATES, folder, log, pause, ready

import glissando as gl

torch.set_num_threads(1)


def main() -> None:
    ready()
    accelerator = accelerate.Accelerator(cpu=True)
    weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr=9.0)
    scheduler = gl.torch.Scheduler(optimizer, SCHEDULE, on_conflict="raise")
    optimizer, scheduler = accelerator.prepare(optimizer, scheduler)
    if saved := sorted(folder().glob("saved-*")):
        accelerator.load_state(saved[-1])
    for k in range(scheduler.state_dict()["last_epoch"], UPDATES):
        accelerator.backward(weight * 1.0)
        weight.data.zero_()  # so that the move is the rate to the last bit
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        log(k, -weight.item())
        pause()
        if k % 3 == 2:
            part = folder() / "part"
            shutil.rmtree(part, ignore_errors=True)
            accelerator.save_state(part)
            os.replace(part, folder() / f"saved-{k:02}")


if __name__ == "__main__":
    main()
