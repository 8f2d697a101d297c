"""Transformers: the trainer's own checkpoints, of which those count that were written whole."""

from pathlib import Path

import torch
import transformers
from common import SCHEDULE, UPDATES, folder, log, pause, ready, save_atomic

import glissando as gl

torch.set_num_threads(1)


class Probe(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, x):
        return {"loss": self.weight + x.double().mean()}


class Watch(transformers.TrainerCallback):
    def on_pre_optimizer_step(self, args, state, control, model, **_):
        model.weight.data.zero_()  # so that the move is the rate to the last bit

    def on_optimizer_step(self, args, state, control, model, **_):
        log(state.global_step, -model.weight.item())
        pause()

    def on_save(self, args, state, control, **_):
        save_atomic(Path(args.output_dir) / f"checkpoint-{state.global_step}" / "whole", b"")


def main() -> None:
    ready()
    args = transformers.TrainingArguments(
        str(folder()),
        max_steps=UPDATES,
        per_device_train_batch_size=1,
        save_steps=5,
        optim="sgd",
        learning_rate=9.0,
        max_grad_norm=0.0,
        report_to="none",
        use_cpu=True,
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    data = [{"x": torch.zeros(1)}] * UPDATES
    trainer = transformers.Trainer(Probe(), args, train_dataset=data, callbacks=[Watch])
    gl.transformers.follow(trainer, SCHEDULE, on_conflict="raise", on_length="raise")
    steps = [int(path.parent.name.split("-")[1]) for path in folder().glob("checkpoint-*/whole")]
    last = str(folder() / f"checkpoint-{max(steps)}") if steps else None
    trainer.train(resume_from_checkpoint=last)


if __name__ == "__main__":
    main()
