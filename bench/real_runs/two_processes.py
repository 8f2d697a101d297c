"""Two processes of Accelerate, the first of which logs JSON lines."""

import copy
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from bench.real_runs.jobs import Job, job
from bench.real_runs.loop import Trained, changed
from bench.real_runs.plans import Plan

PROCESSES = 2


def _prepared(work: Job, plan: Plan, scaler: Any) -> tuple[Any, Trained]:
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=work.accumulation)
    if work.infinite:  # what `mixed_precision="fp16"` sets up on a GPU
        accelerator.scaler = scaler
    run = Trained(plan)
    run.optimizer = accelerator.prepare(run.optimizer)
    if work.prepared:
        run.scheduler = accelerator.prepare(run.scheduler)
    return accelerator, run


def _rates(work: Job, plan: Plan) -> Iterator[tuple[int, float]]:
    scaler = torch.amp.GradScaler("cpu") if work.infinite else None
    accelerator, run = _prepared(work, plan, scaler)
    states: dict[int, Any] = {}
    for _ in range(work.early):
        run.scheduler.step()
    resume = work.resume
    parts = [(0, work.updates)]
    if resume is not None:
        parts = [(0, resume.at + resume.lost), (resume.at, work.updates)]
    for begin, end in parts:
        if begin and resume is not None:
            accelerator, run = _prepared(work, resume.plan, scaler)
            if resume.state is not None:
                run.scheduler.load_state_dict(states[resume.state][0])
                run.optimizer.load_state_dict(states[resume.state][1])
        for update in range(begin, end):
            if work.hand is not None and work.hand.at == update:
                changed(work.hand, run.optimizer, run.scheduler)
            yield update, run.rate
            for batch in range(work.accumulation):
                accelerator.gradient_state._set_sync_gradients(batch + 1 == work.accumulation)
                infinite = float("inf") if update in work.infinite else 1.0
                accelerator.backward(run.weight.sum() * infinite / work.accumulation)
                run.optimizer.step()
                if _due(run, work, accelerator, update):
                    run.scheduler.step()
                run.optimizer.zero_grad()
            if resume is not None and update + 1 in (resume.at, resume.state):
                state = run.scheduler.state_dict(), run.optimizer.state_dict()
                states[update + 1] = copy.deepcopy(state)


def _due(run: Trained, work: Job, accelerator: Any, update: int) -> bool:
    """Return whether the loop of a user steps the scheduler."""
    if work.hand is not None and work.hand.rate is not None and update >= work.hand.at:
        return False  # whoever sets a constant has done with the scheduler
    if work.prepared or work.advance == "batch":
        return True  # a prepared one asks itself whether an update was made
    whole = work.advance == "update" or (update + 1) % work.per_epoch == 0
    return bool(accelerator.sync_gradients and not run.optimizer.step_was_skipped and whole)


def train(work: Job, folder: Path) -> None:
    """Run a job in this process, one of several; the first writes its log, or both do."""
    rank = int(os.environ["RANK"])
    plan = work.other if work.other is not None and rank else work.plan
    rows = [{"step": step, "lr": rate} for step, rate in _rates(work, plan)]
    if rank and work.other is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.jsonl").open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def launch(wanted: list[tuple[str, int]], folder: Path) -> None:
    """Run jobs in two processes, each into its folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.multiprocessing.spawn(_process, (wanted, folder), PROCESSES)


def _process(rank: int, wanted: list[tuple[str, int]], folder: Path) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(PROCESSES)}
    torch.set_num_threads(1)
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115  # of a process that ends with its jobs
    for fault, seed in wanted:
        train(job("accelerate", fault, seed), folder / f"{fault or 'clean'} {seed}")
