"""Lightning's real Trainer: a rate is what a weight under gradient 1 moves by."""

import logging
import subprocess
import sys
import warnings
from pathlib import Path

import lightning.pytorch as pl
import pytest
import torch
from lightning.pytorch.callbacks import (
    EarlyStopping,
    GradientAccumulationScheduler,
    LearningRateMonitor,
    ModelCheckpoint,
    StochasticWeightAveraging,
)
from lightning.pytorch.loggers.logger import Logger
from lightning.pytorch.plugins import MixedPrecision
from lightning.pytorch.tuner import Tuner

import glissando as gl

pytestmark = [
    # a helper of Lightning asks for the class of a leaf as PyTorch no longer wants it
    pytest.mark.filterwarnings("ignore:.*LeafSpec.* is deprecated:FutureWarning"),
    # most of these runs do without validation
    pytest.mark.filterwarnings("ignore:You defined a `validation_step` but"),
    # advice about data loaders, of which these have one item a batch
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    # checkpoints are written to a folder that the test before it resumed from
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty"),
    # it is resumed without the callback that wrote the checkpoint
    pytest.mark.filterwarnings("ignore:Be aware that when using `ckpt_path`"),
    # what the checkpoint of a manual optimization holds of the weights
    pytest.mark.filterwarnings("ignore:Using ModelCheckpoint with manual optimization"),
    # the probes are interrupted where Lightning would rather not be
    pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended before"),
]

WARM = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
BY = pytest.mark.parametrize("by", ["configure", "callback"])


@pytest.fixture(autouse=True)
def quiet(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.ERROR, "lightning.pytorch")  # it advertises


def table(schedule, n, start=0):
    return [schedule(k) for k in range(start, start + n)]


def data(n=7):
    return torch.utils.data.DataLoader(torch.ones(n, 1))


class Probe(pl.LightningModule):
    """One weight for each optimizer; `used` is what each of their updates moved it by."""

    def __init__(self, schedules, by="configure", **options):
        super().__init__()
        self.schedules = schedules if isinstance(schedules, list) else [schedules]
        self.by, self.options = by, options
        self.weights = torch.nn.ParameterList(
            torch.zeros((), dtype=torch.float64) for _ in self.schedules
        )
        self.used = [[] for _ in self.schedules]
        self.metrics = {}

    def configure_optimizers(self):
        made = [
            self.optimizer(weight, used)
            for weight, used in zip(self.weights, self.used, strict=True)
        ]
        if self.by == "configure":
            made = [
                gl.lightning.configure(self, optimizer, schedule, **self.options)
                for optimizer, schedule in zip(made, self.schedules, strict=True)
            ]
        return made if len(made) > 1 else made[0]

    def optimizer(self, weight, used):
        optimizer = torch.optim.SGD([weight], lr=9.0, weight_decay=0.0)
        optimizer.register_step_post_hook(lambda *_: used.append(-weight.item()))
        return optimizer

    def training_step(self, batch, index):
        if "train_loss" in self.metrics:
            value = float(self.metrics["train_loss"](self.current_epoch))
            self.log("train_loss", value, on_step=False, on_epoch=True, batch_size=1)
        return self.weights[0] * batch.sum()

    def validation_step(self, batch, index):
        if "val_loss" in self.metrics:
            value = float(self.metrics["val_loss"](self.current_epoch))
            self.log("val_loss", value, batch_size=1)

    def on_before_optimizer_step(self, optimizer):
        weight = optimizer.param_groups[0]["params"][0]
        weight.data.zero_()  # so that the move is the rate to the last bit
        weight.grad = torch.ones_like(weight)

    def on_save_checkpoint(self, checkpoint):
        checkpoint["used"] = [list(used) for used in self.used]

    def on_load_checkpoint(self, checkpoint):
        for used, saved in zip(self.used, checkpoint["used"], strict=True):
            used[:] = saved


class Gan(Probe):
    """Two updates of the first weight to one of the second."""

    automatic_optimization = False

    def training_step(self, batch, index):
        for optimizer, times in zip(self.optimizers(), (2, 1), strict=True):
            for _ in range(times):
                self.manual_backward(optimizer.param_groups[0]["params"][0] * 1.0)
                optimizer.step()
                optimizer.zero_grad()


def trainer(module, *callbacks, epochs=3, logger=False, **options):
    """Return a Trainer that writes nothing, and has the callback if it is to be that one."""
    if module.by == "callback":
        schedules = module.schedules if len(module.schedules) > 1 else module.schedules[0]
        follower = gl.lightning.LearningRateScheduler(schedules, **module.options)
        callbacks = (follower, *callbacks)
    saves = any(isinstance(callback, ModelCheckpoint) for callback in callbacks)
    return pl.Trainer(
        max_epochs=epochs,
        callbacks=list(callbacks),
        logger=logger,
        accelerator="cpu",
        log_every_n_steps=1,
        enable_checkpointing=saves,
        enable_progress_bar=False,
        enable_model_summary=False,
        **options,
    )


def train(schedules, by, *callbacks, batches=7, kind=Probe, resume=None, val=False, **options):
    """Return the rates used, of the only optimizer or of each."""
    own = {"on_length": "ignore"}
    for key in ("monitor", "on_mismatch", "on_conflict", "on_length", "groups"):
        if key in options:
            own[key] = options.pop(key)
    module = kind(schedules, by, **own)
    module.metrics = options.pop("metrics", {})
    validation = {"val_dataloaders": data(1)} if val else {}
    made = trainer(module, *callbacks, **options)
    made.fit(module, data(batches), ckpt_path=resume, weights_only=resume and True, **validation)
    return module.used if len(module.used) > 1 else module.used[0]


# What is counted


@BY
def test_pain_16_three_epochs_of_seven_steps_follow_the_table(by):
    """Lightning steps per epoch by default; `interval` at the wrong level is ignored."""
    assert train(WARM, by) == table(WARM, 21)


@BY
@pytest.mark.parametrize(("each", "updates"), [(2, 4), (4, 2)])
def test_pain_15_gradient_accumulation_counts_updates(by, each, updates):
    """Gradient accumulation: stepped per micro-batch."""
    used = train(WARM, by, epochs=5, accumulate_grad_batches=each)
    assert used == table(WARM, 5 * updates)  # the last batches of an epoch make an update too


@BY
def test_pain_15_accumulation_that_changes_counts_updates(by):
    """Gradient accumulation: totals not divided."""
    changing = GradientAccumulationScheduler({0: 4, 2: 2})
    used = train(WARM, by, changing, epochs=4, on_length="raise")  # there is no length to tell
    assert used == table(WARM, 2 + 2 + 4 + 4)


def test_weight_averaging_takes_the_rate_over():
    averaging = StochasticWeightAveraging(0.25, swa_epoch_start=2, annealing_epochs=1)
    with pytest.warns(UserWarning, match="SWA is currently only supported every epoch"):
        used = train(WARM, "configure", averaging, epochs=5)
    assert used[:7] == table(WARM, 7)  # it counts its epochs from 1, and needs one to get there
    assert used[14:] == [0.25] * 21


@BY
def test_pain_19_an_update_that_the_scaler_skipped_does_not_count(by):
    """GradScaler skips the update, the scheduler moves on."""

    class Overflowing(Probe):
        def training_step(self, batch, index):
            factor = float("inf") if index in (0, 3) else 1.0
            return (self.weights[0] * factor).float()

    precision = MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu"))
    # CPUs want another type for what would be autocast, of which there is nothing here
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "In CPU autocast")
        used = train(WARM, by, kind=Overflowing, plugins=[precision], epochs=4)
    assert used == table(WARM, 4 * 5)


@BY
@pytest.mark.parametrize("limit", [3, 0.5])
def test_limited_epochs_are_counted_as_they_are(by, limit):
    assert train(WARM, by, batches=6, limit_train_batches=limit) == table(WARM, 9)


@BY
def test_pain_20_each_optimizer_has_a_clock_of_its_own(by):
    """Several optimizers inflate global_step."""
    other = gl.Geometric(0.25, 0.5, every=4)
    first, second = train([WARM, other], by, kind=Gan)
    assert first == table(WARM, 42)
    assert second == table(other, 21)


def test_an_optimizer_can_be_left_alone():
    first, second = train([None, WARM], "callback", kind=Gan)
    assert first == [9.0] * 42
    assert second == table(WARM, 21)


@BY
def test_other_hyperparameters_and_groups(by):
    class Two(Probe):
        def configure_optimizers(self):
            self.seen = []
            self.other = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
            groups = [{"params": [self.weights[0]]}, {"params": [self.other], "name": "head"}]
            optimizer = torch.optim.SGD(groups, lr=9.0)
            optimizer.register_step_post_hook(
                lambda o, *_: self.used[0].append(
                    [(group["lr"], group["weight_decay"]) for group in o.param_groups]
                )
            )
            if self.by == "callback":
                return optimizer
            return gl.lightning.configure(self, optimizer, self.schedules[0], **self.options)

    decay = gl.Linear(0.0, 0.1, steps=10)
    named = {"lr": WARM, "weight_decay": decay}
    used = train(named, by, kind=Two, groups={"head": 0.5}, epochs=1)
    assert used == [[(WARM(k), decay(k)), (WARM(k) * 0.5, decay(k))] for k in range(7)]


@BY
def test_a_second_fit_of_a_trainer_goes_on(by):
    module = Probe(WARM, by, on_length="ignore")
    made = trainer(module, epochs=2)
    made.fit(module, data())
    made.fit_loop.max_epochs = 4
    made.fit(module, data())
    assert module.used[0] == table(WARM, 28)
    again = Probe(WARM, by, on_length="ignore")  # another Trainer trains from the start
    follower = [c for c in made.callbacks if isinstance(c, gl.lightning.LearningRateScheduler)]
    again.by = "none" if follower else by
    trainer(again, *follower, epochs=1).fit(again, data())
    assert again.used[0] == table(WARM, 7)


# Checkpoints


class Save(pl.Callback):
    """Saves a checkpoint whenever a hook is called."""

    def __init__(self, hook, folder):
        self.files = []

        def save(trainer, module, *args):
            if not trainer.sanity_checking:
                self.files.append(folder / f"{len(self.files)}.ckpt")
                trainer.save_checkpoint(self.files[-1])

        setattr(self, hook, save)


HOOKS = [
    "on_train_batch_start",
    "on_before_optimizer_step",
    "on_before_zero_grad",
    "on_train_batch_end",
    "on_validation_start",
    "on_validation_end",
    "on_train_epoch_start",
    "on_train_epoch_end",
    "on_train_end",
]


@BY
@pytest.mark.parametrize("hook", HOOKS)
def test_pain_09_saved_from_any_hook_training_goes_on_bit_equal(by, hook, tmp_path):
    """Lightning's resume is one epoch or step off."""
    options = {"epochs": 4, "batches": 3, "val": True, "check_val_every_n_epoch": 2}
    save = Save(hook, tmp_path)
    assert train(WARM, by, save, **options) == table(WARM, 12)
    assert save.files
    for file in save.files:
        used = train(WARM, by, resume=file, **options)
        # Lightning may run a batch twice, or leave out an epoch that had just begun
        assert used == table(WARM, len(used))
        assert 9 <= len(used) <= 13


@BY
def test_interrupted_after_every_update_the_rest_is_bit_equal(by, tmp_path):
    every = ModelCheckpoint(tmp_path, "{step}", every_n_train_steps=1, save_top_k=-1)
    assert train(WARM, by, every, epochs=6, batches=10) == table(WARM, 60)
    files = {int(f.stem.split("=")[1]): f for f in tmp_path.glob("*.ckpt")}
    assert sorted(files) == list(range(1, 61))
    for k, file in files.items():
        saved = torch.load(file, weights_only=True)
        (state,) = saved["lr_schedulers"] if by == "configure" else _state_of_callback(saved)
        assert state["last_epoch"] == k
        assert train(WARM, by, resume=file, epochs=6, batches=10) == table(WARM, 60)


def _state_of_callback(saved):
    return [saved["callbacks"]["LearningRateScheduler"]]


@BY
def test_several_optimizers_resume_in_the_middle(by, tmp_path):
    other = gl.Geometric(0.25, 0.5, every=4)
    every = ModelCheckpoint(tmp_path, "{step}", every_n_train_steps=3, save_top_k=-1)
    train([WARM, other], by, every, kind=Gan, epochs=2)
    files = list(tmp_path.glob("*.ckpt"))
    assert len(files) == 14
    for file in files:
        first, second = train([WARM, other], by, kind=Gan, epochs=3, resume=file)
        assert (first, second) == (table(WARM, 42), table(other, 21))


@BY
def test_a_checkpoint_that_is_only_validated_sets_no_position(by, tmp_path):
    done = ModelCheckpoint(tmp_path, "done")
    train(WARM, by, done, epochs=2)
    module = Probe(WARM, by, on_length="ignore")
    made = trainer(module)
    made.validate(module, data(1), tmp_path / "done.ckpt", verbose=False, weights_only=True)
    module.used[0].clear()
    made.fit(module, data())
    assert module.used[0] == table(WARM, 21)


LONGER = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=113)


@BY
@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("keep", WARM.drop(14)),
        ("replace", LONGER.drop(14)),
        ("continue", LONGER.drop(14) * (WARM(14) / LONGER(14))),
        ("rewarm", LONGER),
    ],
)
def test_pain_04_another_schedule_is_refused_or_follows_a_named_policy(by, policy, after, tmp_path):
    """Extending a run: the checkpoint silently overwrites the new length."""
    done = ModelCheckpoint(tmp_path, "done")
    train(WARM, by, done, epochs=2)
    file = tmp_path / "done.ckpt"
    with pytest.raises(gl.ScheduleMismatch, match="first differ at step 8"):
        train(LONGER, by, resume=file)
    used = train(LONGER, by, resume=file, on_mismatch=policy)
    assert used[:14] == table(WARM, 14)
    assert used[14:] == pytest.approx(table(after, 7), rel=1e-14)


def test_a_checkpoint_of_other_optimizers_is_refused_and_changes_nothing():
    module = Gan([WARM, LONGER], "callback", on_length="ignore")
    made = trainer(module)
    made.fit(module, data())
    follower = made.callbacks[0]
    state = follower.state_dict()
    assert [s["last_epoch"] for s in state["schedulers"]] == [42, 21]
    for wrong in (
        {"step": 3, "schedule": WARM.to_data()},
        {"schedulers": state["schedulers"][:1]},
        {"schedulers": [state["schedulers"][0], None]},
        {"schedulers": [{"step": 1, "schedule": WARM.to_data()}, {"step": 2}]},
        {"schedulers": [{"step": 1, "schedule": WARM.to_data()}] * 2},
    ):
        with pytest.raises(gl.ScheduleError):
            follower.load_state_dict(wrong)
        assert follower.state_dict() == state


# What is logged


class Memory(Logger):
    name = version = "memory"

    def __init__(self):
        super().__init__()
        self.rates = []

    def log_metrics(self, metrics, step):
        self.rates += [(step, v) for k, v in metrics.items() if k.startswith("lr-SGD")]

    def log_hyperparams(self, *args):
        pass


@BY
@pytest.mark.parametrize("interval", [None, "step"])
def test_pain_40_the_rate_logged_is_the_rate_used(by, interval):
    """The logged rate is that of the next step."""
    memory = Memory()
    used = train(WARM, by, LearningRateMonitor(interval), logger=memory)
    logged = [rate for _, rate in memory.rates]
    steps = [step for step, _ in memory.rates]
    if by == "callback" and interval is None:  # for an optimizer alone it logs each epoch, too
        assert len(logged) == 24
        logged = [rate for i, rate in enumerate(logged) if i % 8]
        steps = [step for i, step in enumerate(steps) if i % 8]
    assert logged == used == table(WARM, 21)
    assert steps == list(range(21))


@BY
def test_pain_40_with_accumulation_and_by_epoch(by):
    """The logged rate is that of the next step."""
    memory = Memory()
    options = {"accumulate_grad_batches": 2, "logger": memory}
    used = train(WARM, by, LearningRateMonitor("step"), **options)
    assert dict(memory.rates) == dict(enumerate(used))
    memory.rates = []
    train(WARM, by, LearningRateMonitor("epoch"), **options)
    assert [rate for _, rate in memory.rates] == [WARM(0), WARM(4), WARM(8)]


@BY
def test_pain_40_with_manual_optimization(by):
    """The logged rate is that of the next step."""
    memory = Memory()
    other = gl.Geometric(0.25, 0.5, every=4)
    first, second = train([WARM, other], by, LearningRateMonitor("step"), kind=Gan, logger=memory)
    rates = [rate for _, rate in memory.rates]
    assert rates[::2] == first[::2]  # at the beginning of each batch
    assert rates[1::2] == second


# Plateaus


PLATEAU = gl.Plateau("torch", factor=0.5, patience=0).on(WARM)
LOSSES = [5.0, 4.0, 4.0, 3.0, 3.0, 3.0]  # it falls after the epochs 2, 4 and 5
FACTORS = [1.0, 1.0, 1.0, 0.5, 0.5, 0.25]


@BY
@pytest.mark.parametrize("metric", ["val_loss", "train_loss"])
def test_pain_36_a_plateau_composes_with_the_schedule(by, metric):
    """Plateau cannot be composed."""
    options = {"monitor": metric, "metrics": {metric: lambda epoch: LOSSES[epoch]}}
    memory = Memory()
    monitor = LearningRateMonitor("step")
    used = train(PLATEAU, by, monitor, epochs=6, batches=3, val=True, logger=memory, **options)
    assert used == [WARM(k) * FACTORS[k // 3] for k in range(18)]
    assert [rate for _, rate in memory.rates] == used


@BY
def test_pain_36_a_metric_is_heard_once_although_validation_is_rare(by):
    """Lightning gives the old metric again in epochs without validation."""
    options = {"monitor": "val_loss", "metrics": {"val_loss": lambda epoch: 9.0 - epoch}}
    used = train(PLATEAU, by, epochs=6, batches=3, val=True, check_val_every_n_epoch=2, **options)
    assert used == table(WARM, 18)


@BY
def test_validation_on_its_own_is_not_heard(by):
    options = {"monitor": "val_loss", "on_length": "ignore"}
    module = Probe(PLATEAU, by, **options)
    module.metrics = {"val_loss": lambda epoch: 1.0}
    made = trainer(module, epochs=1)
    made.fit(module, data(3), data(1))
    for _ in range(3):
        made.validate(module, data(1), verbose=False)
    made.fit_loop.max_epochs = 2
    made.fit(module, data(3), data(1))
    assert module.used[0] == table(WARM, 6)


@BY
@pytest.mark.parametrize(
    "hook", ["on_train_batch_start", "on_validation_end", "on_train_epoch_end"]
)
def test_pain_36_what_the_plateau_heard_is_in_the_checkpoint(by, hook, tmp_path):
    """Plateau loses its state."""
    options = {
        "monitor": "val_loss",
        "metrics": {"val_loss": lambda epoch: LOSSES[epoch]},
        "epochs": 6,
        "batches": 3,
        "val": True,
    }
    save = Save(hook, tmp_path)
    whole = train(PLATEAU, by, save, **options)
    assert whole == [WARM(k) * FACTORS[k // 3] for k in range(18)]
    assert len(save.files) >= 6
    for file in save.files:
        assert train(PLATEAU, by, resume=file, **options) == whole


@BY
def test_pain_36_checkpoints_of_lightning_are_written_after_the_metric_was_heard(by, tmp_path):
    """Plateau loses its state."""
    options = {"monitor": "val_loss", "metrics": {"val_loss": lambda epoch: LOSSES[epoch]}}
    options |= {"epochs": 6, "batches": 3, "val": True}
    best = ModelCheckpoint(tmp_path, "{epoch}", monitor="val_loss", save_top_k=-1)
    whole = train(PLATEAU, by, best, **options)
    files = list(tmp_path.glob("*.ckpt"))
    assert len(files) == 6
    for file in files:
        assert train(PLATEAU, by, resume=file, **options) == whole


@BY
def test_a_metric_that_nobody_logs_is_named(by):
    options = {"monitor": "val_los", "metrics": {"val_loss": lambda epoch: 1.0}}
    with pytest.raises(gl.ScheduleError, match=r"no metric 'val_los' .* there are: 'val_loss'"):
        train(PLATEAU, by, val=True, **options)
    with pytest.raises(gl.ScheduleError, match="there are: none"):
        train(PLATEAU, by, monitor="val_loss")


# The length of the run


@BY
@pytest.mark.parametrize("each", [1, 2])
def test_pain_07_a_schedule_of_another_length_is_told_with_both_numbers(by, each):
    """The schedule's length is not the run's, so that the rate never lands."""
    updates = 3 * (7 if each == 1 else 4)
    options = {"on_length": "warn", "accumulate_grad_batches": each}
    with pytest.warns(
        UserWarning, match=rf"has 60 steps, but the run makes {updates} updates: training"
    ):
        assert train(WARM, by, **options) == table(WARM, updates)
    short = gl.Linear(0.5, 0.125, steps=10)
    with pytest.warns(UserWarning, match=r"has 10 steps, but .* are past the schedule's end"):
        assert train(short, by, **options) == table(short, updates)
    with pytest.raises(gl.ScheduleError, match="Build it with"):
        train(short, by, on_length="raise", accumulate_grad_batches=each)
    # the same length, no end, or no full run: nothing to tell
    assert train(WARM.stretch(updates), by, **options) == table(WARM.stretch(updates), updates)
    endless = short >> gl.Constant(0.125)
    assert train(endless, by, **options) == table(short, updates)
    assert train(WARM, by, fast_dev_run=True, **options) == [WARM(0)]


def test_pain_07_the_schedule_can_be_built_to_the_length():
    """The schedule's length is not the run's, so that the rate never lands."""

    class Fitting(Probe):
        def configure_optimizers(self):
            steps = self.trainer.estimated_stepping_batches
            self.schedules[0] = gl.Linear(1.0, 0.0, steps=steps)
            return super().configure_optimizers()

    used = train(None, "configure", kind=Fitting, on_length="raise", accumulate_grad_batches=2)
    assert used == table(gl.Linear(1.0, 0.0, steps=12), 12)


@BY
def test_pain_21_data_without_a_length_needs_none(by):
    """Dataset without length: the number of steps needs to be known."""

    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter(torch.ones(7, 1))

    module = Probe(WARM, by)
    made = trainer(module)
    made.fit(module, torch.utils.data.DataLoader(Stream()))
    assert module.used[0] == table(WARM, 21)
    module = Probe(WARM, by)
    made = trainer(module, epochs=-1, max_steps=10)
    with pytest.warns(UserWarning, match="60 steps, but the run makes 10 updates"):
        made.fit(module, torch.utils.data.DataLoader(Stream()))
    assert module.used[0] == table(WARM, 10)


TEXT = "linear(0, 0.5, steps=10%) >> cosine(0.5, 0.01, steps=rest)"


def filling(steps):
    return gl.Linear(0.0, 0.5, steps=round(steps / 10)) >> gl.Cosine(
        0.5, 0.01, steps=steps - round(steps / 10)
    )


@BY
def test_a_text_in_percent_of_the_run_fills_it_and_is_resumed(by, tmp_path):
    options = {"on_length": "raise", "batches": 10}
    save = ModelCheckpoint(tmp_path, "{epoch}", save_top_k=-1)
    assert train(TEXT, by, save, epochs=4, **options) == table(filling(40), 40)
    file = tmp_path / "epoch=1.ckpt"
    assert train(TEXT, by, resume=file, epochs=4, **options) == table(filling(40), 40)
    with pytest.raises(gl.ScheduleMismatch):  # a run of another length has another schedule
        train(TEXT, by, resume=file, epochs=6, **options)
    used = train(TEXT, by, resume=file, epochs=6, on_mismatch="replace", **options)
    assert used[20:] == table(filling(60), 40, 20)


@BY
@pytest.mark.parametrize(
    "rate",
    [
        {"lr": TEXT, "weight_decay": gl.Constant(0.0)},
        {"lr": TEXT, "weight_decay": "constant(0)"},
        filling,
        lambda steps: {"lr": filling(steps)},
        lambda steps: TEXT,
    ],
)
def test_what_fills_the_run_counts_updates_and_not_batches(by, rate):
    options = {"on_length": "raise", "accumulate_grad_batches": 2, "limit_train_batches": 8}
    assert train(rate, by, epochs=5, batches=10, **options) == table(filling(20), 20)


def test_each_of_several_optimizers_may_fill_the_run():
    module = Gan([TEXT, filling], "callback")
    with pytest.raises(gl.ScheduleError, match="does not know how many updates it makes"):
        trainer(module).fit(module, data())  # with manual optimization
    follower = gl.lightning.LearningRateScheduler([TEXT, None, filling])
    assert follower.state_dict() == {}


@BY
@pytest.mark.parametrize("options", [{"fast_dev_run": True}, {"fast_dev_run": 3}])
def test_a_text_in_percent_survives_a_run_of_a_batch_or_a_few(by, options):
    assert train(TEXT, by, **options)[0] == 0.0


@BY
def test_a_length_that_is_not_known_is_told_where_it_is_needed(by):
    for options in ({"epochs": -1}, {"callbacks": GradientAccumulationScheduler({0: 1, 1: 2})}):
        callback = [options.pop("callbacks")] if "callbacks" in options else []
        with pytest.raises(gl.ScheduleError, match="Give a schedule with its steps"):
            train(TEXT, by, *callback, **options)


@BY
def test_bad_texts_are_refused_at_once(by):
    def refused(rate):
        if by == "callback":
            return gl.lightning.LearningRateScheduler(rate)
        return Probe(rate).configure_optimizers()

    for text in ("cosin(1, 0, steps=rest)", "cosine(1, 0, steps=rest", "cosine(1, 0)", ""):
        for rate in (text, {"lr": text}):
            with pytest.raises(gl.ScheduleError):
                refused(rate)


@BY
def test_a_function_on_a_plateau_needs_its_monitor_when_the_fit_begins(by):
    def rate(steps):
        return gl.Plateau("torch").on(filling(steps))

    with pytest.raises(gl.ScheduleError, match="needs `monitor`"):
        train(rate, by)
    options = {"monitor": "val_loss", "metrics": {"val_loss": lambda epoch: 1.0}, "val": True}
    assert train(rate, by, epochs=2, **options) == table(filling(14), 14)


# What PyTorch's habit makes of it: a scheduler returned as it is, which Lightning steps


class Plain(Probe):
    """Returns a `gl.torch.Scheduler`, as it would one of PyTorch's own."""

    def __init__(self, schedule, form, **options):
        super().__init__(schedule, "callback")
        self.form, self.made = form, options

    def configure_optimizers(self):
        optimizer = self.optimizer(self.weights[0], self.used[0])
        scheduler = gl.torch.Scheduler(optimizer, self.schedules[0], **self.made)
        return self.form(optimizer, scheduler)


FORMS = {
    "lists": lambda o, s: ([o], [s]),
    "dictionary": lambda o, s: {"optimizer": o, "lr_scheduler": s},
    "interval": lambda o, s: {
        "optimizer": o,
        "lr_scheduler": {"scheduler": s, "interval": "epoch", "frequency": 1},
    },
    "list of dictionaries": lambda o, s: ([o], [{"scheduler": s, "interval": "epoch"}]),
}
OVER_EPOCHS = gl.Cosine(0.5, 0.0, steps=5)


def fitted(module, epochs=5, **options):
    module.by = "none"
    trainer(module, epochs=epochs, **options).fit(module, data())
    return module.used[0]


@pytest.mark.parametrize("form", FORMS)
def test_lightnings_interval_of_an_epoch_with_a_schedule_in_epochs_is_told(form):
    with pytest.warns(UserWarning, match="unit='epoch'") as told:
        fitted(Plain(OVER_EPOCHS, FORMS[form]))
    assert 1 <= sum("Scheduler: " in str(warning.message) for warning in told) <= 2


@pytest.mark.parametrize("form", FORMS)
def test_lightnings_interval_of_an_epoch_with_epochs_as_the_unit_trains_all_of_them(form):
    used = fitted(Plain(OVER_EPOCHS, FORMS[form], unit="epoch"))
    assert used == [OVER_EPOCHS(epoch) for epoch in range(5) for _ in range(7)]


def test_lightnings_interval_of_a_step_is_right_without_a_word():
    def form(optimizer, scheduler):
        scheduler = {"scheduler": scheduler, "interval": "step"}
        return {"optimizer": optimizer, "lr_scheduler": scheduler}

    assert fitted(Plain(filling(35), form)) == table(filling(35), 35)
    assert fitted(Plain(filling(20), form), accumulate_grad_batches=2) == table(filling(20), 20)


# Early stopping


@BY
def test_early_stopping_before_the_plateau_lowers_the_rate_is_told(by):
    rate = gl.Plateau("torch", factor=0.5, patience=2).on(WARM)
    options = {"monitor": "val_loss", "metrics": {"val_loss": lambda epoch: 1.0}}
    options |= {"val": True, "epochs": 9}

    def run(patience, monitor="val_loss", **more):
        return len(train(rate, by, EarlyStopping(monitor, patience=patience), **options, **more))

    with pytest.warns(UserWarning, match="patience of 3 ends .* 3 checks .* only after 3: nothing"):
        assert run(3) == 4 * 7
    with pytest.raises(gl.ScheduleError, match="such as 6, or the plateau a shorter"):
        run(1, on_conflict="raise")
    assert run(1, on_conflict="ignore") == 2 * 7
    assert run(4) == 5 * 7


@BY
def test_early_stopping_by_another_metric_is_no_matter(by):
    rate = gl.Plateau("torch", factor=0.5, patience=2).on(WARM)
    metrics = {"val_loss": lambda epoch: -epoch, "train_loss": lambda epoch: -epoch}
    stop = EarlyStopping("train_loss", patience=1)
    train(rate, by, stop, val=True, monitor="val_loss", metrics=metrics)


# Two owners


class Meddler(pl.Callback):
    def on_train_batch_start(self, trainer, module, batch, index):
        if trainer.global_step == 5:
            trainer.optimizers[0].param_groups[0]["lr"] = 7.0


@BY
def test_pain_17_a_second_writer_is_reported_at_its_first_write(by):
    """Two owners both step."""
    with pytest.warns(UserWarning, match="before update 5 `lr` of group 0 is 7"):
        assert train(WARM, by, Meddler()) == table(WARM, 21)
    with pytest.raises(gl.ScheduleError, match="Keep one owner"):
        train(WARM, by, Meddler(), on_conflict="raise")
    assert train(WARM, by, Meddler(), on_conflict="ignore") == table(WARM, 21)


def test_pain_17_the_callback_refuses_a_scheduler_of_the_module():
    """Two owners both step."""
    module = Probe(WARM, "configure", on_length="ignore")
    follower = gl.lightning.LearningRateScheduler(LONGER)
    with pytest.raises(gl.ScheduleError, match=r"a Scheduler\. Keep one owner"):
        trainer(module, follower).fit(module, data())


def test_lightnings_own_finder_is_not_overruled_by_the_callback():
    class Remembering(Probe):
        def on_load_checkpoint(self, checkpoint):  # the finder puts everything back
            pass

    module = Remembering(WARM, "callback", on_length="ignore")
    made = trainer(module)
    options = {"num_training": 20, "update_attr": False, "early_stop_threshold": None}
    found = Tuner(made).lr_find(module, data(), **options)
    assert module.used[0] == pytest.approx(found.results["lr"], rel=1e-12)
    module.used[0].clear()
    made.fit(module, data())
    assert module.used[0] == table(WARM, 21)


# Arguments


@pytest.mark.parametrize(
    ("schedule", "options", "message"),
    [
        (0.1, {}, r"must be a schedule, .* got 0\.1"),
        (lambda step: 0.1, {}, r"gl\.schedule"),
        (WARM, {"monitor": "loss"}, "no schedule monitors the metric 'loss' of `monitor`"),
        (gl.Plateau("torch").on(WARM), {}, "needs `monitor`"),
        (WARM, {"on_length": "tell"}, "`on_length` must be one of"),
        (WARM, {"on_mismatch": "tell"}, "`on_mismatch` must be one of"),
        (WARM, {"on_conflict": "tell"}, "`on_conflict` must be one of"),
    ],
)
@BY
def test_bad_arguments_are_named(by, schedule, options, message):
    with pytest.raises(gl.ScheduleError, match=message):
        train(schedule, by, **options)


def test_bad_arguments_of_the_callback_alone():
    follower = gl.lightning.LearningRateScheduler
    for bad in ([], [None], [WARM, 3]):
        with pytest.raises(gl.ScheduleError):
            follower(bad)
    with pytest.raises(gl.ScheduleError, match="must be a list of 2"):
        follower([WARM, WARM], {"head": 0.1})
    module = Probe(WARM, "none")
    made = trainer(module, follower([WARM, WARM]))
    with pytest.raises(gl.ScheduleError, match="there are 1 optimizers, but schedules for 2"):
        made.fit(module, data())


def test_the_module_is_asked_for_and_may_have_no_trainer():
    module = Probe(WARM)
    config = module.configure_optimizers()
    assert isinstance(config["lr_scheduler"]["scheduler"], gl.torch.Scheduler)
    with pytest.raises(gl.ScheduleError, match=r"as in configure\(self, optimizer, schedule\)"):
        gl.lightning.configure(config["optimizer"], WARM, None)


# Several processes, and the other name of the package


def test_pain_36_two_processes_use_equal_rates_and_hear_rank_0(tmp_path):
    """Plateau: ranks differ."""
    program = [
        sys.executable,
        str(Path(__file__).parent / "ranks" / "lightning_run.py"),
        str(tmp_path),
    ]
    subprocess.run(program, check=True, capture_output=True, timeout=300, cwd=tmp_path)
    factors = [1.0, 1.0, 0.5, 0.25, 0.125]  # rank 0's metric stands still
    expected = [WARM(k) * factors[k // 3] for k in range(15)]
    for by in ("configure", "callback"):
        for rank in (0, 1):
            lines = (tmp_path / f"{by}-{rank}").read_text().splitlines()
            assert [float(line) for line in lines] == expected


def test_the_package_under_its_older_name(tmp_path):
    program = f"""
import logging, sys, warnings
import pytorch_lightning as pl, torch
warnings.simplefilter("ignore")
logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
import glissando as gl
rate = gl.Linear(1.0, 0.0, steps=6)
class Model(pl.LightningModule):
    def __init__(self, by):
        super().__init__()
        self.by, self.weight, self.used = by, torch.nn.Parameter(torch.zeros(())), []
    def configure_optimizers(self):
        optimizer = torch.optim.SGD([self.weight])
        return gl.lightning.configure(self, optimizer, rate) if self.by else optimizer
    def training_step(self, batch, index):
        self.weight.data.zero_()
        return self.weight * 1.0
    def on_train_batch_end(self, *_):
        self.used.append(-self.weight.item())
for by in (True, False):
    model = Model(by)
    pl.Trainer(max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False,
               enable_progress_bar=False, enable_model_summary=False,
               default_root_dir={str(tmp_path)!r},
               callbacks=[] if by else [gl.lightning.LearningRateScheduler(rate)],
    ).fit(model, torch.utils.data.DataLoader(torch.zeros(3, 1)))
    assert model.used == torch.tensor([rate(k) for k in range(6)]).tolist(), model.used
assert "lightning.pytorch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, timeout=300)
