"""One process of a distributed `Trainer`; writes what it saw to `FOLDER/PART-RANK.json`.

Under torchrun it is run as it is.
"""

import json
import os
import sys
from pathlib import Path

import torch
import torch.distributed
import transformers
from ending import end_together

import glissando as gl

SCHEDULE = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
PLATEAU = gl.Plateau("torch", factor=0.5, patience=0).on(SCHEDULE)


class Probe(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, x):
        return {"loss": self.weight + x.double().mean(), "logits": x}


class Watch(transformers.TrainerCallback):
    def __init__(self, stop):
        self.used = []
        self.stop = stop

    def on_pre_optimizer_step(self, args, state, control, model, **_):
        model.weight.data.zero_()

    def on_optimizer_step(self, args, state, control, model, **_):
        self.used.append(-model.weight.item())
        model.weight.data.zero_()

    def on_step_end(self, args, state, control, **_):
        if state.global_step == self.stop:
            control.should_save = control.should_training_stop = True

    def on_evaluate(self, args, state, control, metrics, **_):
        # on rank 0 it stands still, and on the others it improves
        metrics["eval_rank"] = -state.global_step * float(os.environ["RANK"])


def train(folder, stop=None, rate=SCHEDULE, resume=None, **options):
    args = transformers.TrainingArguments(
        str(folder),
        **{
            "max_steps": 60,
            "per_device_train_batch_size": 2,
            "logging_steps": 1,
            "save_strategy": "no",
            "optim": "sgd",
            "learning_rate": 9.0,
            "max_grad_norm": 0.0,
            "report_to": "none",
            "use_cpu": True,
            "ddp_backend": "gloo",
            "ddp_find_unused_parameters": False,
            "disable_tqdm": True,
            "dataloader_pin_memory": False,
            "label_names": ["x"],
        }
        | options,
    )
    watch = Watch(stop)
    trainer = transformers.Trainer(
        Probe(),
        args,
        train_dataset=[{"x": torch.zeros(1)}] * 64,
        eval_dataset=[{"x": torch.ones(1)}] * 8,
        callbacks=[watch],
    )
    trainer.remove_callback(transformers.PrinterCallback)
    gl.transformers.follow(trainer, rate, on_length="ignore", metric="rank")
    trainer.train(resume_from_checkpoint=resume)
    logs = trainer.state.log_history
    return {
        "used": watch.used,
        "logged": [log["learning_rate"] for log in logs if "learning_rate" in log],
        "step": trainer.state.global_step,
        "state": trainer.lr_scheduler.state_dict(),
    }


def rank(folder, part):
    folder = Path(folder)
    checkpoint = folder / "run" / f"checkpoint-{20 * part}"
    seen = {
        "world": int(os.environ["WORLD_SIZE"]),
        # 20 updates a part, which the next part goes on from
        "part": train(folder / "run", 20 * part + 20, resume=str(checkpoint) if part else None),
    }
    if part == 0:
        # three epochs of 64 samples, two batches of 2 an update
        seen["epochs"] = train(
            folder / "epochs", max_steps=-1, num_train_epochs=3, gradient_accumulation_steps=2
        )
        seen["plateau"] = train(
            folder / "plateau", 12, PLATEAU, eval_strategy="steps", eval_steps=4
        )
    seen["ranks"] = torch.distributed.get_world_size()
    (folder / f"{part}-{os.environ['RANK']}.json").write_text(json.dumps(seen))
    end_together()


if __name__ == "__main__":
    rank(sys.argv[1], 0)
