"""What `configure_optimizers` returns is read as Lightning's trainer steps it."""

import lightning
import pytest
import torch

import glissando as gl
from glissando.convert.given import Given
from glissando.convert.objects.lightning import read_config
from torch_probe import sgd

EPOCHS, UPDATES = 6, 5


class Module(lightning.LightningModule):
    """A weight that moves by the rate at each update, which is written down."""

    def __init__(self, options):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
        self.options, self.rates, self.before = options, [], 0.0

    def training_step(self, _batch, _index):
        return self.weight.sum()

    def on_train_batch_end(self, *_unused):
        self.rates.append(self.before - self.weight.item())
        self.before = self.weight.item()

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=1.0)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 7)
        self.config = {"scheduler": scheduler, **self.options}
        return {"optimizer": optimizer, "lr_scheduler": self.config}


def read(value, **given):
    return read_config(value, Given(**given))


def trained(tmp_path, options):
    module = Module(options)
    trainer = lightning.Trainer(
        max_epochs=EPOCHS,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        default_root_dir=tmp_path,
    )
    trainer.fit(module, torch.utils.data.DataLoader(torch.zeros(UPDATES, 1)))
    return trainer, module


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"interval": "epoch", "frequency": 2},
        {"interval": "step"},
        {"interval": "step", "frequency": 3},  # counted anew in each epoch
        {"interval": "step", "frequency": 9},  # which never comes
    ],
)
def test_the_rates_are_the_trainers(tmp_path, options):
    trainer, module = trained(tmp_path, options)
    rate = read(module.config, steps_per_epoch=UPDATES)
    assert len(module.rates) == EPOCHS * UPDATES
    expected = pytest.approx(module.rates, rel=1e-12, abs=1e-15)
    assert [rate(k) for k in range(len(module.rates))] == expected
    assert read(trainer.lr_scheduler_configs[0], steps_per_epoch=UPDATES) == rate


def test_a_frequency_that_fills_an_epoch_is_even():
    scheduler = torch.optim.lr_scheduler.StepLR(sgd(1.0), 1, 0.5)
    config = {"scheduler": scheduler, "interval": "step", "frequency": 2}
    assert [read(config, steps_per_epoch=4)(k) for k in range(5)] == [1, 1, 0.5, 0.5, 0.25]
    with pytest.raises(gl.ScheduleError, match="anew in each epoch, of 5"):
        read(config, steps_per_epoch=5)


def test_all_forms_are_read_alike():
    optimizer = sgd(1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5, 0.5)
    given = {"steps_per_epoch": 3}
    rate = read({"scheduler": scheduler}, **given)
    assert rate(14) == 1.0
    assert rate(15) == 0.5
    assert read({"optimizer": optimizer, "lr_scheduler": scheduler}, **given) == rate
    assert read(([optimizer], [scheduler]), **given) == rate
    assert read(([optimizer], [{"scheduler": scheduler}]), **given) == rate


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"`steps_per_epoch` \(--steps-per-epoch\)"),
        ({"interval": "batch"}, "`interval` must be one of 'epoch', 'step'"),
        ({"frequency": 0}, "`frequency` must be 1 or more, got 0"),
    ],
)
def test_what_is_not_said_or_wrong_is_refused(options, message):
    scheduler = torch.optim.lr_scheduler.StepLR(sgd(1.0), 5, 0.5)
    with pytest.raises(gl.ScheduleError, match=message):
        read({"scheduler": scheduler, **options})
