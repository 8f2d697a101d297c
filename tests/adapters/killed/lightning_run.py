"""Lightning: its own checkpoint, which it writes to a file of another name first."""

import logging
import warnings

import lightning.pytorch as pl
import torch
from common import SCHEDULE, UPDATES, folder, log, pause, ready

import glissando as gl

torch.set_num_threads(1)


class Model(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))

    def configure_optimizers(self):
        optimizer = torch.optim.SGD([self.weight], lr=9.0)
        return gl.lightning.configure(self, optimizer, SCHEDULE)

    def on_fit_start(self):  # also where nothing is left to train
        ready()

    def training_step(self, batch, index):
        return self.weight * 1.0

    def on_before_optimizer_step(self, optimizer):
        self.weight.data.zero_()  # so that the move is the rate to the last bit


class Log(pl.Callback):  # before a checkpoint is saved; the model's own hook comes after that
    def on_train_batch_end(self, trainer, model, outputs, batch, index):
        log(trainer.global_step - 1, -model.weight.item())
        pause()


def main() -> None:
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    saving = pl.callbacks.ModelCheckpoint(
        folder(), "checkpoint", every_n_train_steps=3, enable_version_counter=False
    )
    trainer = pl.Trainer(
        max_steps=UPDATES,
        callbacks=[Log(), saving],
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder(),
    )
    checkpoint = folder() / "checkpoint.ckpt"
    trainer.fit(
        Model(),
        torch.utils.data.DataLoader(torch.zeros(7, 1)),
        ckpt_path=checkpoint if checkpoint.exists() else None,
    )


if __name__ == "__main__":
    main()
