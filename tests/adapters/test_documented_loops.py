"""The examples of the frameworks' own documentation, with our adapters, warn of nothing."""

import logging

import lightning
import pytest
import torch
import transformers
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.handlers import EarlyStopping, create_lr_scheduler_with_warmup
from ignite.metrics import Accuracy, Loss
from torch.utils.data import DataLoader, TensorDataset

import glissando as gl

# A warning is an error here, as in all tests; these are of the frameworks' own.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*LeafSpec.* is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*'pin_memory' argument is set as true"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]


@pytest.fixture(autouse=True)
def quiet(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.ERROR, "lightning.pytorch")  # it advertises


def batches(n=6, size=4):
    torch.manual_seed(0)
    return DataLoader(TensorDataset(torch.rand(n * size, 3), torch.rand(n * size, 1)), size)


# Lightning: the forms of `configure_optimizers` in the documentation of LightningModule


class Lit(lightning.LightningModule):
    def __init__(self, configure):
        super().__init__()
        self.layer, self.configure = torch.nn.Linear(3, 1), configure
        self.rates = []

    def configure_optimizers(self):
        return self.configure(self, torch.optim.Adam(self.parameters(), lr=1e-3))

    def training_step(self, batch, index):
        x, y = batch
        self.rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])
        return torch.nn.functional.mse_loss(self.layer(x), y)

    def validation_step(self, batch, index):
        x, y = batch
        self.log("val_loss", torch.nn.functional.mse_loss(self.layer(x), y))


def steps_of(module):
    return module.trainer.estimated_stepping_batches


STEP = {"interval": "step", "frequency": 1}
LIGHTNING = {
    "configure": lambda m, o: gl.lightning.configure(m, o, gl.Cosine(1e-3, 0.0, steps_of(m))),
    "configure, a text": lambda m, o: gl.lightning.configure(
        m, o, "linear(0, 1e-3, steps=10%) >> cosine(1e-3, 0, steps=rest)"
    ),
    "configure, a plateau": lambda m, o: gl.lightning.configure(
        m, o, gl.Plateau("torch", patience=3).on(gl.Constant(1e-3)), monitor="val_loss"
    ),
    "two lists": lambda m, o: ([o], [gl.torch.Scheduler(o, gl.Cosine(1e-3, 0, 4), unit="epoch")]),
    "a dictionary": lambda m, o: {
        "optimizer": o,
        "lr_scheduler": gl.torch.Scheduler(o, gl.dialects.torch.StepLR(2, lr=1e-3), unit="epoch"),
    },
    "interval step": lambda m, o: {
        "optimizer": o,
        "lr_scheduler": STEP
        | {
            "scheduler": gl.torch.Scheduler(
                o, gl.dialects.torch.OneCycleLR(max_lr=1e-3, total_steps=steps_of(m))
            )
        },
    },
}


@pytest.mark.parametrize("form", LIGHTNING)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"accumulate_grad_batches": 2},
        {"limit_train_batches": 4},
        {"limit_train_batches": 0.5, "accumulate_grad_batches": 2},
        {"fast_dev_run": True},
        {"max_epochs": None, "max_steps": 15},
        {"max_epochs": -1, "max_steps": 15},
        {"overfit_batches": 2},
        {"check_val_every_n_epoch": 2},
        {"val_check_interval": 0.5},
        {"num_sanity_val_steps": 0, "gradient_clip_val": 0.5},
    ],
    ids=str,
)
def test_the_forms_of_lightnings_documentation(form, options, tmp_path):
    options = {"max_epochs": 4} | options
    if "lists" in form or "a dictionary" in form:
        options |= {"max_epochs": 4, "max_steps": -1}
    trainer = lightning.Trainer(
        accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=tmp_path,
        callbacks=[lightning.pytorch.callbacks.EarlyStopping("val_loss", patience=9)],
        **options,
    )  # fmt: skip
    module = Lit(LIGHTNING[form])
    trainer.fit(module, batches(), batches(2))
    assert len(module.rates) >= 1


class Manual(Lit):
    """The manual optimization of the documentation, with accumulated gradients."""

    automatic_optimization = False

    def training_step(self, batch, index):
        optimizer = self.optimizers()
        x, y = batch
        self.manual_backward(torch.nn.functional.mse_loss(self.layer(x), y) / 2)
        if (index + 1) % 2 == 0:
            optimizer.step()
            optimizer.zero_grad()
        scheduler = self.lr_schedulers()
        if scheduler is not None and self.trainer.is_last_batch:
            scheduler.step()


@pytest.mark.parametrize("unit", ["step", "epoch"])
def test_the_manual_optimization_of_lightnings_documentation(unit, tmp_path):
    schedule = gl.Cosine(1e-3, 0.0, 4 if unit == "epoch" else 12)

    def configure(module, optimizer):
        if unit == "step":
            return gl.lightning.configure(module, optimizer, schedule)
        return [optimizer], [gl.torch.Scheduler(optimizer, schedule, unit=unit)]

    trainer = lightning.Trainer(
        accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, max_epochs=4, default_root_dir=tmp_path,
    )  # fmt: skip
    trainer.fit(Manual(configure), batches(), batches(2))


# Transformers: the quick tour's Trainer


class Regression(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3, 1)

    def forward(self, x, labels):
        y = self.layer(x)
        return {"loss": torch.nn.functional.mse_loss(y, labels), "logits": y}


@pytest.mark.parametrize(
    "rate",
    [
        "linear(0, 2e-5, steps=10%) >> linear(2e-5, 0, steps=rest)",
        lambda steps: gl.Linear(2e-5, 0.0, steps=steps),
        gl.Plateau("torch", patience=1).on(gl.Constant(2e-5)),
    ],
)
@pytest.mark.parametrize(
    "options",
    [{}, {"gradient_accumulation_steps": 4}, {"max_steps": 11}, {"num_train_epochs": 1.5}],
    ids=str,
)
def test_the_trainer_of_transformers_quick_tour(rate, options, tmp_path):
    args = transformers.TrainingArguments(
        output_dir=str(tmp_path), learning_rate=2e-5, per_device_train_batch_size=2,
        per_device_eval_batch_size=2, weight_decay=0.01, eval_strategy="epoch",
        save_strategy="epoch", load_best_model_at_end=True, report_to="none", use_cpu=True,
        disable_tqdm=True, metric_for_best_model="loss",
        **{"num_train_epochs": 2} | options,
    )  # fmt: skip
    data = [{"x": x, "labels": y} for x, y in batches().dataset]
    trainer = transformers.Trainer(
        Regression(), args, train_dataset=data, eval_dataset=data[:4],
        callbacks=[transformers.EarlyStoppingCallback(early_stopping_patience=3)],
    )  # fmt: skip
    trainer.remove_callback(transformers.PrinterCallback)
    gl.transformers.follow(trainer, rate).train()


# Accelerate: the quick tour's loop


@pytest.mark.parametrize("accumulate", [1, 2])
def test_the_loop_of_accelerates_quick_tour(accumulate):
    AcceleratorState._reset_state()
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=accumulate)
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    epochs, loader = 3, batches()
    schedule = gl.dialects.transformers.get_linear_schedule_with_warmup(
        num_warmup_steps=2, num_training_steps=epochs * len(loader) // accumulate, lr=1e-3
    )
    scheduler = gl.torch.Scheduler(optimizer, schedule)
    model, optimizer, loader, scheduler = accelerator.prepare(model, optimizer, loader, scheduler)
    for _ in range(epochs):
        for x, y in loader:
            with accelerator.accumulate(model):
                optimizer.zero_grad()
                accelerator.backward(torch.nn.functional.mse_loss(model(x), y))
                optimizer.step()
                scheduler.step()
    assert scheduler.state_dict()["last_epoch"] == epochs * 6 // accumulate


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_loop_of_accelerate_past_the_end_of_its_schedule_is_told(accumulate):
    AcceleratorState._reset_state()
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=accumulate)

    def run(**options):
        model = torch.nn.Linear(3, 1)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        scheduler = gl.torch.Scheduler(optimizer, gl.Cosine(1e-3, 0.0, steps=5), **options)
        parts = accelerator.prepare(model, optimizer, batches(), scheduler)
        for _ in range(3):
            for x, y in parts[2]:
                with accelerator.accumulate(parts[0]):
                    accelerator.backward(torch.nn.functional.mse_loss(parts[0](x), y))
                    parts[1].step()
                    parts[3].step()

    with pytest.warns(UserWarning, match="has 5 steps, but this is update 6") as told:
        run()
    assert len(told) == 1
    run(on_length="ignore")


# Ignite: the quickstart


@pytest.mark.parametrize("each", [1, 2])
def test_the_quickstart_of_ignite(each):
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.005)
    criterion = torch.nn.CrossEntropyLoss()
    data = [(x, torch.randint(2, (4,))) for x, _ in batches()]
    trainer = create_supervised_trainer(
        model, optimizer, criterion, gradient_accumulation_steps=each
    )
    scheduler = gl.ignite.Scheduler(
        optimizer, gl.Linear(0.0, 0.005, steps=5) >> gl.Cosine(0.005, 0.0, 30 // each - 5)
    )
    scheduler.attach(trainer)
    metrics = {"accuracy": Accuracy(), "loss": Loss(criterion)}
    evaluator = create_supervised_evaluator(model, metrics=metrics)

    @trainer.on(Events.EPOCH_COMPLETED)
    def log_validation_results(engine):
        evaluator.run(data)

    stop = EarlyStopping(10, lambda engine: -engine.state.metrics["loss"], trainer)
    evaluator.add_event_handler(Events.COMPLETED, stop)
    trainer.run(data, max_epochs=5)
    assert scheduler.last_epoch == 30 // each


def test_ignites_own_warm_up_around_ours_is_left_alone():
    """`create_lr_scheduler_with_warmup` copies a scheduler to look at its first rates."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    ours = gl.torch.Scheduler(optimizer, gl.Constant(0.1), on_conflict="ignore")
    create_lr_scheduler_with_warmup(
        ours, warmup_start_value=0.0, warmup_duration=3, warmup_end_value=0.1
    )
