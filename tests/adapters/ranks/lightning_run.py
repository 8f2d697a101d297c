"""Trains on two processes with Lightning, which starts the second one of this file itself.

`python lightning_run.py DIR` writes what rank N used to DIR/configure-N and DIR/callback-N, one
line for each update, interrupted and resumed after three of five epochs.
"""

import logging
import sys
import warnings
from pathlib import Path

import lightning.pytorch as pl
import torch

import glissando as gl

SCHEDULE = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
RATE = gl.Plateau("torch", factor=0.5, patience=0).on(SCHEDULE)


class Model(pl.LightningModule):
    def __init__(self, folder, by):
        super().__init__()
        self.folder, self.by = folder, by
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))

    def configure_optimizers(self):
        optimizer = torch.optim.SGD([self.weight], lr=9.0)
        if self.by == "callback":
            return optimizer
        return gl.lightning.configure(self, optimizer, RATE, monitor="val_loss", on_length="ignore")

    def training_step(self, batch, index):
        return self.weight * batch.sum()

    def validation_step(self, batch, index):
        # another on each rank: on rank 0 it never gets better, on rank 1 it always does
        loss = 1.0 if self.global_rank == 0 else -float(self.current_epoch)
        self.log("val_loss", loss, sync_dist=False, batch_size=1)

    def on_before_optimizer_step(self, optimizer):
        self.weight.data.zero_()  # so that the move is the rate to the last bit

    def on_train_batch_end(self, outputs, batch, index):
        with (self.folder / f"{self.by}-{self.global_rank}").open("a") as file:
            print(repr(-self.weight.item()), file=file)


def train(folder, by, epochs, checkpoint=None):
    follower = gl.lightning.LearningRateScheduler(RATE, monitor="val_loss", on_length="ignore")
    trainer = pl.Trainer(
        max_epochs=epochs,
        callbacks=[follower] if by == "callback" else [],
        strategy="ddp",
        devices=2,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
    )
    data = torch.utils.data.DataLoader(torch.ones(6, 1))  # three batches for each process
    trainer.fit(Model(folder, by), data, data, ckpt_path=checkpoint)
    trainer.save_checkpoint(folder / f"{by}.ckpt")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.getLogger("lightning").setLevel(logging.ERROR)
    folder = Path(sys.argv[1])
    for by in ("configure", "callback"):
        train(folder, by, epochs=3)
        train(folder, by, epochs=5, checkpoint=folder / f"{by}.ckpt")
