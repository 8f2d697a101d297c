"""Lightning, whose LearningRateMonitor logs into metrics.csv."""

from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import LearningRateMonitor
from lightning.pytorch.loggers import CSVLogger

from bench.real_runs.jobs import Job
from bench.real_runs.loop import changed
from bench.real_runs.plans import Plan


class Module(lightning.LightningModule):
    """One weight, and the scheduler of a plan."""

    def __init__(self, job: Job, plan: Plan) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.job, self.plan = job, plan

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.SGD([self.weight], self.plan.peak)
        scheduler = self.plan.scheduler(optimizer)
        for _ in range(self.job.early):
            scheduler.step()
        interval = "epoch" if self.job.advance == "epoch" else "step"
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": interval},
        }

    def training_step(self, batch: Any, index: int) -> Any:
        return self.weight.sum() * batch[0].mean()

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        hand = self.job.hand
        if hand is None or hand.rate is None or self.global_step <= hand.at:
            super().lr_scheduler_step(scheduler, metric)


class Steering(lightning.Callback):
    """What users do in callbacks: save, and change the rate."""

    def __init__(self, job: Job, folder: Path) -> None:
        self.job, self.folder = job, folder

    def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
        hand = self.job.hand
        if hand is not None and trainer.global_step == hand.at:
            changed(hand, trainer.optimizers[0], trainer.lr_scheduler_configs[0].scheduler)

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        resume, step = self.job.resume, trainer.global_step
        if resume is not None and step in (resume.at, resume.state):
            path = self.folder / f"{step}.ckpt"
            if not path.exists():
                trainer.save_checkpoint(path)


def _fit(job: Job, plan: Plan, folder: Path, updates: int, name: str, checkpoint: Any) -> Path:
    logger = CSVLogger(folder, name=name)
    batches = job.per_epoch * job.accumulation
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(batches, 1)))
    trainer = lightning.Trainer(
        max_steps=updates, max_epochs=-1, accumulate_grad_batches=job.accumulation, logger=logger,
        # Steering goes first, so that the monitor sees what it changes
        callbacks=[Steering(job, folder), LearningRateMonitor("step")], log_every_n_steps=1,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        accelerator="cpu",
    )  # fmt: skip
    trainer.fit(Module(job, plan), data, ckpt_path=checkpoint, weights_only=False)
    return Path(logger.log_dir, "metrics.csv")


def train(job: Job, folder: Path) -> Path:
    """Run a job; return its log: those of a run and of what resumed it are put together."""
    resume = job.resume
    stop = resume.at + resume.lost if resume else job.updates
    log = _fit(job, job.plan, folder, stop, "first", None)
    if resume is not None:
        path = folder / f"{resume.at}.ckpt"
        state = torch.load(path, weights_only=False)
        if resume.state is None:
            state["lr_schedulers"] = state["optimizer_states"] = []
        else:
            other = torch.load(folder / f"{resume.state}.ckpt", weights_only=False)
            state["lr_schedulers"] = other["lr_schedulers"]
        torch.save(state, path)
        later = _fit(job, resume.plan, folder, job.updates, "second", path)
        with log.open("a") as file:
            file.writelines(later.read_text().splitlines(keepends=True)[1:])
    return log
