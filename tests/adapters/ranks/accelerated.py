"""One process of a plain `Accelerator` loop; writes what it saw to `FOLDER/PART-RANK.json`.

Under `accelerate launch` it is run as it is.
"""

import json
import os
import sys
from itertools import product
from pathlib import Path

import torch
import torch.distributed
from accelerate import Accelerator, DataLoaderConfiguration
from accelerate.scheduler import AcceleratedScheduler
from accelerate.state import AcceleratorState
from accelerate.utils import set_seed
from ending import end_together

import glissando as gl

SCHEDULE = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
OVER_SAMPLES = gl.Linear(0.0, 0.5, steps=64) >> gl.Cosine(0.5, 0.0, steps=640)
PLATEAU = gl.Plateau("torch", factor=0.5, patience=0).on(SCHEDULE)
SAMPLES = 96
BATCH = 4
WORLDS = (4, 2, 4)  # of the parts; each makes 20 updates


class Probe(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, x):
        return self.weight + 0 * x.mean()


class Run:
    """A prepared loop, and the rates that its updates used."""

    def __init__(self, rate, accumulate=1, split=False, with_optimizer=True, peer=False, **options):
        AcceleratorState._reset_state()  # what the last accelerator was told; not the processes
        self.accelerator = Accelerator(
            cpu=True,
            gradient_accumulation_steps=accumulate,
            dataloader_config=DataLoaderConfiguration(split_batches=split),
            step_scheduler_with_optimizer=with_optimizer,
        )
        model = Probe()
        optimizer = torch.optim.SGD(model.parameters(), lr=9.0)
        scheduler = rate(optimizer) if peer else gl.torch.Scheduler(optimizer, rate, **options)
        loader = torch.utils.data.DataLoader(torch.zeros(SAMPLES, 1), batch_size=BATCH)
        self.weight = model.weight
        self.model, self.optimizer, self.loader, self.scheduler = self.accelerator.prepare(
            model, optimizer, loader, scheduler
        )
        assert type(self.scheduler) is AcceleratedScheduler
        self.used = []
        self.told = []  # what a logger would ask for

    def train(self, updates):
        """Go on until so many updates are done, an epoch after the other."""
        while True:
            for x in self.loader:
                with self.accelerator.accumulate(self.model):
                    self.accelerator.backward(self.model(x))
                    self.weight.data.zero_()  # so that the move is the rate to the last bit
                    self.optimizer.step()
                    self.scheduler.step()
                    self.optimizer.zero_grad()
                if self.accelerator.sync_gradients:
                    self.used.append(-self.weight.item())
                    self.told.append(self.scheduler.get_last_lr()[0])
                    if len(self.used) == updates:
                        return self.seen()

    def seen(self):
        return {"used": self.used, "told": self.told, "state": self.scheduler.state_dict()}


def grid():
    """Return what each way to prepare a loop gave, and how many updates an epoch made."""
    seen = {}
    for accumulate, split, with_optimizer in product((1, 2), (False, True), (True, False)):
        run = Run(SCHEDULE, accumulate, split, with_optimizer)
        name = f"accumulate={accumulate} split={split} with_optimizer={with_optimizer}"
        epoch = len(run.loader) // accumulate
        seen[name] = run.train(2 * epoch) | {"epoch": epoch}
    return seen


def saved_and_loaded(folder):
    """Return the rates with a save and a load into a new loop after each 5 updates."""
    used = []
    for part in range(4):
        run = Run(SCHEDULE)
        if part:
            run.accelerator.load_state(folder / f"{part - 1}")
        used += run.train(5)["used"]
        run.accelerator.save_state(folder / f"{part}")
    return used


def on_plateau():
    """Return the rates with a metric after each 4 updates, which differs on the other ranks."""
    run = Run(PLATEAU)
    for updates in (4, 8, 12):
        run.train(updates)
        # the prepared scheduler would tell it once for each process
        run.scheduler.scheduler.step(-updates * run.accelerator.process_index)
    return run.seen()


def a_peer():
    """Return the rates of PyTorch's own scheduler after each of 3 updates."""

    def fall(optimizer):
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5**step)

    return Run(fall, peer=True).train(3)["told"]


def by_samples(part):
    """Return the schedule of a part: what the parts before did, then what is left."""
    rate, left = gl.Chain(()), OVER_SAMPLES
    for world in WORLDS[:part]:
        plan = gl.plan(batch=BATCH, world_size=world, steps=20)
        rate, left = rate >> plan.over_samples(left).take(20), left.drop(plan.consumed(20))
    plan = gl.plan(batch=BATCH, world_size=WORLDS[part], steps=20)
    return rate >> plan.over_samples(left)


def in_parts(folder, part, rate, **options):
    run = Run(rate, **options)
    if part:
        run.accelerator.load_state(folder / f"{part - 1}")
    seen = run.train(20)
    run.accelerator.save_state(folder / f"{part}")
    return seen


def rank(folder, part):
    folder = Path(folder)
    set_seed(0)
    seen = {"world": int(os.environ["WORLD_SIZE"])}
    seen["updates"] = in_parts(folder / "updates", part, SCHEDULE)
    if seen["world"] == WORLDS[part]:
        rate = by_samples(part)
        seen["samples"] = in_parts(folder / "samples", part, rate, on_mismatch="replace")
        seen["expected"] = [rate(k) for k in range(20 * part, 20 * part + 20)]
    if part < 2:
        seen["grid"] = grid()
    if part == 0:
        seen["saved and loaded"] = saved_and_loaded(folder / "saved")
        seen["plateau"] = on_plateau()
        seen["peer"] = a_peer()
    seen["ranks"] = torch.distributed.get_world_size()
    (folder / f"{part}-{os.environ['RANK']}.json").write_text(json.dumps(seen))
    end_together()


if __name__ == "__main__":
    rank(sys.argv[1], 0)
