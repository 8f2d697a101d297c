"""Trains 60 updates with Lightning; may be killed at any moment and run again: it goes on.

`python lightning.py DIR` appends a line `k rate` for each update to DIR/log, the rate being what
the weight moved by, and resumes from the checkpoint in DIR.
"""

import logging
import sys
import time
import warnings
from pathlib import Path

import torch

# this file's own name hides the package from a script that is started here
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

import lightning.pytorch as pl  # noqa: E402

import glissando as gl  # noqa: E402

SCHEDULE = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=50)


class Model(pl.LightningModule):
    def __init__(self, log):
        super().__init__()
        self.log_file = log
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))

    def configure_optimizers(self):
        optimizer = torch.optim.SGD([self.weight], lr=9.0)
        return gl.lightning.configure(self, optimizer, SCHEDULE)

    def on_fit_start(self):  # also where nothing is left to train
        print("ready", flush=True)

    def training_step(self, batch, index):
        time.sleep(0.015)
        return self.weight * 1.0

    def on_before_optimizer_step(self, optimizer):
        self.weight.data.zero_()  # so that the move is the rate to the last bit

    def on_train_batch_end(self, outputs, batch, index):
        print(self.global_step - 1, repr(-self.weight.item()), file=self.log_file, flush=True)


def main(folder: Path) -> None:
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    # Lightning writes it to a file of another name first
    saving = pl.callbacks.ModelCheckpoint(
        folder, "checkpoint", every_n_train_steps=3, enable_version_counter=False
    )
    trainer = pl.Trainer(
        max_steps=60,
        callbacks=[saving],
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
    )
    checkpoint = folder / "checkpoint.ckpt"
    with (folder / "log").open("a") as log:
        trainer.fit(
            Model(log),
            torch.utils.data.DataLoader(torch.zeros(7, 1)),
            ckpt_path=checkpoint if checkpoint.exists() else None,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
