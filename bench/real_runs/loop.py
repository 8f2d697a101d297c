"""A loop in PyTorch, which writes TensorBoard's events as it goes."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from bench.real_runs.jobs import Hand, Job
from bench.real_runs.plans import Plan


class Trained:
    """A weight, its optimizer and its scheduler."""

    def __init__(self, plan: Plan) -> None:
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.optimizer = torch.optim.SGD([self.weight], plan.peak)
        self.scheduler = plan.scheduler(self.optimizer)

    @property
    def rate(self) -> float:
        """The rate that the next update uses."""
        return float(self.optimizer.param_groups[0]["lr"])

    def backward(self, scaler: Any, infinite: bool = False) -> None:
        """Compute a gradient, which is infinite where half precision overflows."""
        loss = self.weight.sum() * (float("inf") if infinite else 1.0)
        scaler.scale(loss).backward()

    def update(self, scaler: Any) -> bool:
        """Make an update; return whether it was made, and not skipped."""
        scale = scaler.get_scale()
        scaler.step(self.optimizer)
        scaler.update()
        self.optimizer.zero_grad()
        return bool(scaler.get_scale() >= scale)


def changed(hand: Hand, optimizer: Any, scheduler: Any) -> None:
    """Change the rate by hand, so that the scheduler keeps to it."""
    group = optimizer.param_groups[0]
    group["lr"] *= hand.factor
    if hasattr(scheduler, "lr_lambdas"):
        scheduler.base_lrs = [rate * hand.factor for rate in scheduler.base_lrs]
    if hand.rate is not None:
        group["lr"] = hand.rate


def rates(job: Job, plan: Plan | None = None) -> Iterator[tuple[int, float]]:
    """Yield each update and the rate that it used, those of a resumed run after those before it."""
    run = Trained(plan or job.plan)
    states: dict[int, Any] = {}
    scaler = torch.amp.GradScaler("cpu", enabled=bool(job.infinite))
    for _ in range(job.early):
        run.scheduler.step()
    parts = [(0, job.updates)]
    if job.resume is not None:
        parts = [(0, job.resume.at + job.resume.lost), (job.resume.at, job.updates)]
    for begin, end in parts:
        if begin and job.resume is not None:
            run = Trained(job.resume.plan)
            if job.resume.state is not None:
                run.scheduler.load_state_dict(states[job.resume.state][0])
                run.optimizer.load_state_dict(states[job.resume.state][1])
        for update in range(begin, end):
            if job.hand is not None and job.hand.at == update:
                changed(job.hand, run.optimizer, run.scheduler)
            yield update, run.rate
            for _ in range(job.accumulation):
                run.backward(scaler, update in job.infinite)
                if job.advance == "batch":
                    run.scheduler.step()
            made = run.update(scaler)
            if job.hand is not None and job.hand.rate is not None and update >= job.hand.at:
                continue  # whoever sets a constant has done with the scheduler
            whole = (update + 1) % job.per_epoch == 0
            if made and (job.advance == "update" or (job.advance == "epoch" and whole)):
                run.scheduler.step()
            if job.resume is not None and update + 1 in (job.resume.at, job.resume.state):
                state = run.scheduler.state_dict(), run.optimizer.state_dict()
                states[update + 1] = copy.deepcopy(state)


def train(job: Job, folder: Path) -> Path:
    """Run a job; return its log."""
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for update, rate in rates(job):
            writer.add_scalar("train/lr", rate, update)
        if job.other is not None:
            for update, rate in rates(job, job.other):
                writer.add_scalar("train/lr", rate, update)
    return folder
