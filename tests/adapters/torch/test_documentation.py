"""The loops of PyTorch's documentation, with our scheduler in place of theirs, warn of nothing."""

import warnings

import pytest
import torch
from torch.optim import lr_scheduler as theirs

import glissando as gl

ours = gl.dialects.torch
LR = 0.05


@pytest.fixture(autouse=True)
def no_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


class Training:
    """A model, data, and the rate of each epoch that was trained."""

    def __init__(self, lr=LR, **options):
        torch.manual_seed(0)
        self.model = torch.nn.Linear(3, 1)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=lr, **options)
        self.batches = [(torch.rand(4, 3), torch.rand(4, 1)) for _ in range(3)]
        self.rates = []

    def loss(self, batch):
        x, y = batch
        return torch.nn.functional.mse_loss(self.model(x), y)

    def batch(self, batch):
        self.optimizer.zero_grad()
        self.loss(batch).backward()
        self.optimizer.step()

    def epoch(self):
        for batch in self.batches:
            self.batch(batch)
        self.rates.append(self.optimizer.param_groups[0]["lr"])


EPOCHS = {
    "MultiplicativeLR": (
        ours.MultiplicativeLR(lambda epoch: 0.95, lr=LR),
        lambda o: theirs.MultiplicativeLR(o, lambda epoch: 0.95),
    ),
    "StepLR": (ours.StepLR(30, lr=LR), lambda o: theirs.StepLR(o, 30)),
    "MultiStepLR": (ours.MultiStepLR([30, 80], lr=LR), lambda o: theirs.MultiStepLR(o, [30, 80])),
    "ConstantLR": (ours.ConstantLR(0.5, 40, lr=LR), lambda o: theirs.ConstantLR(o, 0.5, 40)),
    "LinearLR": (
        ours.LinearLR(0.05, total_iters=40, lr=LR),
        lambda o: theirs.LinearLR(o, 0.05, total_iters=40),
    ),
    "ExponentialLR": (ours.ExponentialLR(0.95, lr=LR), lambda o: theirs.ExponentialLR(o, 0.95)),
    "LambdaLR": (
        ours.LambdaLR(lambda epoch: epoch // 30, lr=LR),
        lambda o: theirs.LambdaLR(o, lambda epoch: epoch // 30),
    ),
    "SequentialLR": (
        ours.SequentialLR([ours.ConstantLR(0.1, 20, lr=LR), ours.ExponentialLR(0.9, lr=LR)], [20]),
        lambda o: theirs.SequentialLR(
            o, [theirs.ConstantLR(o, 0.1, 20), theirs.ExponentialLR(o, 0.9)], [20]
        ),
    ),
    "CosineAnnealingLR": (
        ours.CosineAnnealingLR(100, lr=LR),
        lambda o: theirs.CosineAnnealingLR(o, 100),
    ),
    "CosineAnnealingWarmRestarts": (
        ours.CosineAnnealingWarmRestarts(20, lr=LR),
        lambda o: theirs.CosineAnnealingWarmRestarts(o, 20),
    ),
}


@pytest.mark.parametrize(("schedule", "peer"), EPOCHS.values(), ids=list(EPOCHS))
def test_for_epoch_in_range_100_train_and_step(schedule, peer):
    run, other = Training(), Training()
    scheduler = gl.torch.Scheduler(run.optimizer, schedule, unit="epoch")
    reference = peer(other.optimizer)
    for _ in range(100):
        run.epoch()
        other.epoch()
        scheduler.step()
        reference.step()
    assert run.rates == pytest.approx(other.rates, rel=1e-9, abs=1e-12)


def test_the_last_epochs_at_0_are_the_one_example_that_is_told():
    run = Training()  # PolynomialLR's trains half of its 100 epochs at rate 0
    scheduler = gl.torch.Scheduler(run.optimizer, ours.PolynomialLR(5, lr=LR), unit="epoch")
    for _ in range(6):
        run.epoch()
        scheduler.step()
    with pytest.warns(UserWarning, match="5 steps, but this is epoch 6, and its rate is 0"):
        run.epoch()


def test_reduce_on_plateau_is_given_the_loss_of_each_epoch():
    run, other = Training(), Training()
    plateau = gl.Plateau("torch", patience=2).on(gl.Constant(LR))
    scheduler = gl.torch.Scheduler(run.optimizer, plateau, unit="epoch")
    reference = theirs.ReduceLROnPlateau(other.optimizer, "min", patience=2)
    for _ in range(10):
        run.epoch()
        other.epoch()
        scheduler.step(1.0)
        reference.step(1.0)
    assert run.rates == pytest.approx(other.rates)


def test_one_cycle_and_cyclic_are_stepped_after_each_batch():
    run = Training(momentum=0.9)
    steps = {"epochs": 10, "steps_per_epoch": len(run.batches)}
    cycle = {
        "lr": ours.OneCycleLR(0.01, **steps, of="lr"),
        "momentum": ours.OneCycleLR(0.01, **steps, of="momentum"),
    }
    for knobs in (cycle, ours.CyclicLR(0.01, 0.1, of="lr")):
        run = Training(momentum=0.9)
        scheduler = gl.torch.Scheduler(run.optimizer, knobs)
        for _ in range(10):
            for batch in run.batches:
                run.batch(batch)
                scheduler.step()
        assert scheduler.last_epoch == 30


def test_automatic_mixed_precision_with_gradient_accumulation():
    run = Training()
    scheduler = gl.torch.Scheduler(run.optimizer, gl.Cosine(LR, 0.0, steps=20))
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**4)
    accumulate = 3
    for epoch in range(20):
        for i, batch in enumerate(run.batches):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = run.loss(batch) / accumulate
            overflow = float("inf") if epoch < 2 else 1.0
            scaler.scale(loss * overflow).backward()
            if (i + 1) % accumulate == 0:
                scaler.unscale_(run.optimizer)
                torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
                scaler.step(run.optimizer)
                scaler.update()
                scheduler.step()
                run.optimizer.zero_grad()
    assert scheduler.last_epoch == 18


def test_two_optimizers_that_take_turns():
    generator, critic = Training(), Training()
    rate = gl.Cosine(LR, 0.0, steps=30)
    schedulers = [gl.torch.Scheduler(part.optimizer, rate) for part in (generator, critic)]
    for _ in range(10):
        for batch in generator.batches:
            critic.batch(batch)
            generator.batch(batch)
            for scheduler in schedulers:
                scheduler.step()
    assert [scheduler.last_epoch for scheduler in schedulers] == [30, 30]


def test_averaged_weights():
    run = Training()
    averaged = torch.optim.swa_utils.AveragedModel(run.model)
    rate = ours.CosineAnnealingLR(30, lr=LR).take(16) >> gl.Constant(0.05)
    scheduler = gl.torch.Scheduler(run.optimizer, rate, unit="epoch")
    for epoch in range(30):
        run.epoch()
        if epoch > 16:
            averaged.update_parameters(run.model)
        scheduler.step()
    torch.optim.swa_utils.update_bn(run.batches, averaged)
    assert run.rates[-1] == 0.05


def test_a_closure_is_called_several_times_for_one_update():
    run = Training()
    run.optimizer = torch.optim.LBFGS(run.model.parameters(), lr=LR, max_iter=5)
    scheduler = gl.torch.Scheduler(run.optimizer, gl.Cosine(LR, 0.0, steps=9))
    for _ in range(3):
        for batch in run.batches:

            def closure(batch=batch):
                run.optimizer.zero_grad()
                loss = run.loss(batch)
                loss.backward()
                return loss

            run.optimizer.step(closure)
            scheduler.step()
    assert scheduler.last_epoch == 9


def test_an_optimizer_of_two_groups_as_it_is_built_in_the_documentation():
    model = torch.nn.ModuleDict(
        {"base": torch.nn.Linear(3, 3), "classifier": torch.nn.Linear(3, 1)}
    )
    optimizer = torch.optim.SGD(
        [
            {"params": model["base"].parameters(), "lr": 1e-2},
            {"params": model["classifier"].parameters()},
        ],
        lr=1e-3,
        momentum=0.9,
    )
    gl.torch.Scheduler(optimizer, gl.Cosine(1e-2, 0.0, steps=9), groups="relative")
    assert [group["lr"] for group in optimizer.param_groups] == [1e-2, 1e-3]
