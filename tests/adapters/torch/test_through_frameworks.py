"""What is told of groups and lengths reaches the users of Lightning, Transformers, Ignite, too."""

import lightning
import pytest
import torch
import transformers
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from ignite.engine import Engine, Events

import glissando as gl
from torch_probe import parameter, sgd, update

pytestmark = [
    # what Lightning says of its own, and of data loaders
    pytest.mark.filterwarnings("ignore:.*LeafSpec.* is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
]

RATE = gl.Linear(0.5, 0.25, steps=6)
ENDS = gl.Cosine(0.5, 0.0, steps=3)


class Module(lightning.LightningModule):
    """Two weights in groups that differ."""

    def __init__(self, configure=None, manual=False, lrs=(1e-4, 1e-2)):
        super().__init__()
        self.weights = torch.nn.ParameterList([torch.zeros(1), torch.zeros(1)])
        self.configure, self.lrs, self.rates = configure, lrs, []
        self.automatic_optimization = not manual

    def training_step(self, batch, index):
        if self.automatic_optimization:
            return sum(w.sum() for w in self.weights)
        self.optimizers().step()
        self.optimizers().step()
        return None

    def configure_optimizers(self):
        pairs = zip(self.weights, self.lrs, strict=True)
        optimizer = torch.optim.SGD([{"params": [w], "lr": lr} for w, lr in pairs])
        return self.configure(self, optimizer) if self.configure else optimizer

    def optimizer_step(self, epoch, index, optimizer, closure):
        self.rates.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step(closure)


def fit(tmp_path, module, *callbacks, batches=6):
    trainer = lightning.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, callbacks=list(callbacks),
        default_root_dir=tmp_path,
    )  # fmt: skip
    data = torch.utils.data.DataLoader(torch.zeros(batches, 1))
    trainer.fit(module, data)


@pytest.mark.parametrize("how", ["configure", "callback"])
def test_lightning_refuses_groups_that_differ_and_keeps_their_proportions(tmp_path, how):
    def parts(groups):
        if how == "callback":
            return Module(), gl.lightning.LearningRateScheduler([RATE], groups and [groups])
        return (
            Module(
                lambda module, optimizer: gl.lightning.configure(module, optimizer, RATE, groups)
            ),
        )

    with pytest.raises(gl.ScheduleError, match="differ in `lr`"):
        fit(tmp_path, *parts(None))
    module, *callbacks = parts("relative")
    fit(tmp_path, module, *callbacks)
    assert module.rates == [[RATE(k) * (1e-4 / 1e-2), RATE(k)] for k in range(6)]
    gl.lightning.LearningRateScheduler([RATE, RATE], "relative")  # all of them


@pytest.mark.parametrize("how", ["configure", "callback"])
def test_lightning_tells_of_the_length_once_and_with_manual_optimization_past_the_end(
    tmp_path, how
):
    def parts(manual):
        if how == "callback":
            return Module(None, manual, (0.1, 0.1)), gl.lightning.LearningRateScheduler(ENDS)
        made = Module(lambda m, o: gl.lightning.configure(m, o, ENDS), manual, (0.1, 0.1))
        return (made,)

    for manual, message in ((False, "the run makes 6 updates"), (True, "this is update 4")):
        with pytest.warns(UserWarning, match=message) as told:
            fit(tmp_path, *parts(manual))
        assert sum("the schedule of `lr`" in str(warning.message) for warning in told) == 1


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.bias = parameter(), parameter()

    def forward(self, x):
        return {"loss": (self.weight + self.bias) * x.sum()}


def test_transformers_refuses_groups_that_differ_and_tells_of_the_length_once(tmp_path):
    def trained(rate, lrs, **options):
        model = Model()
        pairs = zip(model.parameters(), lrs, strict=True)
        optimizer = torch.optim.SGD([{"params": [p], "lr": lr} for p, lr in pairs])
        args = transformers.TrainingArguments(
            str(tmp_path), max_steps=6, save_strategy="no", report_to="none", use_cpu=True,
            disable_tqdm=True, max_grad_norm=0, per_device_train_batch_size=1,
            dataloader_pin_memory=False,
        )  # fmt: skip
        data = [{"x": torch.ones(1, dtype=torch.float64)}] * 6
        trainer = transformers.Trainer(
            model, args, train_dataset=data, optimizers=(optimizer, None)
        )
        gl.transformers.follow(trainer, rate, **options).train()
        return [p.item() for p in model.parameters()]

    with pytest.raises(gl.ScheduleError, match="differ in `lr`"):
        trained(RATE, (1e-4, 1e-2))
    total = sum(RATE(k) for k in range(6))
    assert trained(RATE, (1e-4, 1e-2), groups="relative") == pytest.approx([-total / 100, -total])
    with pytest.warns(UserWarning, match="schedule") as told:
        trained(ENDS, (0.1, 0.1))
    assert len(told) == 1


@pytest.mark.parametrize("processes", [1, 4])
@pytest.mark.parametrize("accumulate", [1, 2])
def test_accelerate_with_unit_epoch_ends_an_epoch_with_a_call_after_it(
    processes, accumulate, monkeypatch
):
    AcceleratorState._reset_state()
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=accumulate)
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, RATE, unit="epoch")
    prepared, scheduler = accelerator.prepare(optimizer, scheduler)
    monkeypatch.setitem(AcceleratorState._shared_state, "num_processes", processes)
    monkeypatch.setattr(type(accelerator.state), "num_processes", processes, raising=False)
    for epoch in range(4):
        for _ in range(3):
            assert update(prepared) == [RATE(epoch)]
        scheduler.step()


def test_ignite_counts_epochs_and_several_updates_in_an_iteration_are_no_mistake():
    optimizer, used = sgd(), []
    scheduler = gl.ignite.Scheduler(optimizer, RATE, unit="epoch", save_history=True)
    trainer = Engine(lambda engine, batch: used.extend(update(optimizer)))
    scheduler.attach(trainer)
    trainer.run(range(3), max_epochs=6)
    assert used == [RATE(epoch) for epoch in range(6) for _ in range(3)]
    assert trainer.state.param_history["lr"] == [[RATE(epoch)] for epoch in range(6)]

    optimizer = sgd()
    scheduler = gl.ignite.Scheduler(optimizer, gl.Cosine(0.5, 0.0, steps=18))
    trainer = Engine(lambda engine, batch: update(optimizer) + update(optimizer))
    scheduler.attach(trainer)
    trainer.run(range(9))
    optimizer = sgd()
    scheduler = gl.ignite.Scheduler(optimizer, gl.Cosine(0.5, 0.0, steps=36))
    trainer = Engine(lambda engine, batch: update(optimizer))
    scheduler.attach(trainer, Events.EPOCH_COMPLETED)
    with pytest.warns(UserWarning, match="after 9, 9 and 9 updates"):
        trainer.run(range(9), max_epochs=4)
