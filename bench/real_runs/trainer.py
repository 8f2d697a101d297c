"""Transformers' Trainer, which logs into trainer_state.json."""

import shutil
from pathlib import Path
from typing import Any

import torch
import transformers

from bench.real_runs.jobs import Job
from bench.real_runs.loop import changed
from bench.real_runs.plans import Plan

NAMES = ("linear", "cosine", "polynomial")


class Weight(torch.nn.Module):
    """One weight, whose loss is infinite in the micro-batches that a job says."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.job = job
        self.batches = 0

    def forward(self, x: Any) -> dict[str, Any]:
        update, self.batches = self.batches // self.job.accumulation, self.batches + 1
        infinite = float("inf") if update in self.job.infinite else 1.0
        return {"loss": self.weight.sum() * x.mean() * infinite}


class Steering(transformers.TrainerCallback):
    """What users do in callbacks: stop, save, advance the scheduler, change the rate."""

    def __init__(self, job: Job, stop: int) -> None:
        self.job, self.stop = job, stop
        resume = job.resume
        self.kept = () if resume is None else (resume.at, resume.state)

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        for _ in range(self.job.early):
            kwargs["lr_scheduler"].step()

    def on_substep_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.job.advance == "batch":
            kwargs["lr_scheduler"].step()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        hand, step = self.job.hand, state.global_step
        if hand is not None and step == hand.at:
            changed(hand, kwargs["optimizer"], kwargs["lr_scheduler"])
            if hand.rate is not None:
                kwargs["lr_scheduler"].step = lambda *_: None
        control.should_save = step in self.kept and step <= self.stop
        control.should_training_stop = step >= self.stop
        return control


class OwnScheduler(transformers.Trainer):
    """What users write whose schedule is none of the arguments'."""

    plan: Plan

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        self.lr_scheduler = self.plan.scheduler(optimizer or self.optimizer)
        return self.lr_scheduler


def _trainer(job: Job, plan: Plan, folder: Path, stop: int) -> transformers.Trainer:
    native = plan.kind in NAMES and not plan.floor and not plan.start and plan.end >= stop
    chosen: dict[str, Any] = {}
    if native:
        chosen = {"lr_scheduler_type": plan.kind, "warmup_steps": plan.warm}
    if native and plan.kind == "polynomial":
        chosen["lr_scheduler_kwargs"] = {"power": 2, "lr_end": 0.0}
    arguments = transformers.TrainingArguments(
        str(folder), max_steps=plan.end if native else stop, learning_rate=plan.peak,
        gradient_accumulation_steps=job.accumulation, per_device_train_batch_size=1, use_cpu=True,
        logging_steps=1, save_strategy="no", report_to=[], disable_tqdm=True, optim="sgd",
        ignore_data_skip=True, **chosen,
    )  # fmt: skip
    trainer = (transformers.Trainer if native else OwnScheduler)(
        Weight(job),
        arguments,
        train_dataset=[{"x": torch.ones(1)}] * job.per_epoch * job.accumulation,
        callbacks=[Steering(job, stop)],
    )
    trainer.plan = plan
    trainer.remove_callback(transformers.PrinterCallback)
    if job.infinite:  # what `fp16` sets up on a GPU
        trainer.accelerator.scaler = torch.amp.GradScaler("cpu")
    return trainer


def train(job: Job, folder: Path) -> Path:
    """Run a job; return its log."""
    resume = job.resume
    trainer = _trainer(job, job.plan, folder, resume.at if resume else job.updates)
    trainer.train()
    if resume is not None:
        checkpoint = folder / f"checkpoint-{resume.at}"
        state = checkpoint / "scheduler.pt"
        if resume.state is None:
            state.unlink()
        elif resume.state != resume.at:
            shutil.copy(folder / f"checkpoint-{resume.state}" / "scheduler.pt", state)
        trainer = _trainer(job, resume.plan, folder, job.updates)
        trainer.train(resume_from_checkpoint=str(checkpoint))
    trainer.save_state()
    return folder / "trainer_state.json"
