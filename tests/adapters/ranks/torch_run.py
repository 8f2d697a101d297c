"""Trains with several real processes: `python torch_run.py FOLDER WORK WORLD:UPDATES...`.

Each `WORLD:UPDATES` starts so many processes, which go on from the checkpoint of rank 0 and save
one; `new` forgets the checkpoint. Every process writes what it saw to a file `<place>-<rank>.json`:
for each update, the samples that all had consumed before it and how far the weight moved under a
gradient of 1, its rate.

WORK is what they follow: `samples`, a schedule over samples; `skips`, the same with a `GradScaler`
that skips updates, so that processes may change in the midst of what is an update of the new ones;
`plateau`, one that hears a metric, which is another on each rank.
"""

import json
import os
import sys
from pathlib import Path

import torch
import torch._dynamo  # else each process does it, at its first update
import torch.multiprocessing
from ending import end_together
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

import glissando as gl

BATCH = 8  # samples of a process
OVER_SAMPLES = gl.Linear(0.0, 0.5, steps=256) >> gl.Cosine(0.5, 0.01, steps=3328)
Scheduler = gl.torch.Scheduler  # imported before there are processes
PLATEAU = gl.Plateau("torch", factor=0.5, patience=2).on(
    gl.Linear(0.0, 0.5, steps=10) >> gl.Cosine(0.5, 0.25, steps=90), after=10
)


def metric(rank: int, update: int) -> object:
    """Only rank 0's stands still; the others' would improve, or is none."""
    if rank:
        return "none" if update % 3 == 0 else -float(update * rank)
    return 1.0


def save(path: Path, state: dict[str, object]) -> None:
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def train(rank: int, world: int, updates: int, work: str, folder: Path, part: int) -> None:
    torch.set_num_threads(1)
    store = f"file://{folder / f'store-{part}'}"
    distributed.init_process_group("gloo", init_method=store, rank=rank, world_size=world)
    model = torch.nn.Linear(1, 1, bias=False, dtype=torch.float64)
    parallel = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=9.0)

    plan = gl.plan(batch=BATCH, world_size=world, steps=10_000)
    rate = PLATEAU if work == "plateau" else plan.over_samples(OVER_SAMPLES)
    scheduler = Scheduler(optimizer, rate)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0, enabled=work == "skips")
    consumed = 0
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        optimizer.load_state_dict(state["optimizer"])
        consumed = state["samples"]
        saved = state["scheduler"]
        if work != "plateau" and state["world"] != world:
            try:  # its steps are of other size
                scheduler.load_state_dict(saved)
            except gl.ScheduleMismatch:
                pass
            else:
                raise AssertionError("a schedule over other steps was taken")
            if work == "samples":
                saved = {"step": plan.steps_at(consumed), "schedule": rate.to_data()}
            else:
                step = saved["last_epoch"]
                so_far = gl.from_data(json.loads(saved["glissando"])["schedule"]).take(step)
                rate = so_far >> plan.over_samples(OVER_SAMPLES.drop(consumed))
                saved = {"step": step, "schedule": rate.to_data()}
        scheduler.load_state_dict(saved, "keep" if work == "skips" else "raise")

    # the mean over the ranks is 1, and no rank's own gradient is
    inputs = torch.full((BATCH, 1), 2 * (rank + 0.5) / world, dtype=torch.float64)
    seen = []
    for update in range(updates):
        with torch.no_grad():
            model.weight.zero_()  # so that the move is the rate to the last bit
        optimizer.zero_grad()
        loss = parallel(inputs).mean()
        if work == "skips" and update % 5 == 2 and rank == world - 1:
            loss = loss * float("inf")  # all ranks get it by the mean, and skip
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        skipped = work == "skips" and update % 5 == 2
        if not skipped:
            seen.append((consumed, -model.weight.item()))
            consumed += BATCH * world
        if work == "plateau":
            scheduler.step(metric(rank, update))
        else:
            scheduler.step()
    if work == "plateau":
        try:  # no rank waits for another that found it out
            scheduler.step("none" if rank == 0 else 1.0)
        except gl.ScheduleError:
            pass
        else:
            raise AssertionError("the metric of rank 0 is no number")
    if rank == 0:
        state = {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
        save(checkpoint, {**state, "samples": consumed, "world": world})
    (folder / f"{part}-{rank}.json").write_text(json.dumps(seen))
    end_together()


def main() -> None:
    folder, work = Path(sys.argv[1]), sys.argv[2]
    for part, phase in enumerate(sys.argv[3:]):
        if phase == "new":
            (folder / "checkpoint.pt").unlink()
            continue
        world, updates = map(int, phase.split(":"))
        torch.multiprocessing.start_processes(
            train,
            (world, updates, work, folder, part),
            nprocs=world,
            start_method="fork",  # PyTorch is imported already
        )


if __name__ == "__main__":
    main()
