"""Back to the best weights when a plateau lowers the rate."""

import copy
import io
import math

import pytest
import torch

import glissando as gl

LOSSES = [4.0, 2.0, 3.0, 3.0, 1.0, 5.0, 5.0, 5.0, 5.0, 0.5]
RATE = gl.Plateau("torch", factor=0.5, patience=1).on(gl.Constant(0.1))


def make(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))


def weights(model):
    return copy.deepcopy(model.state_dict())


def equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


class Run:
    """A model in training, with other data each epoch; the losses are made up."""

    def __init__(self, unit="step", with_optimizer=False, **options):
        self.model = make()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=9.0, momentum=0.9)
        restored = [self.model, self.optimizer] if with_optimizer else self.model
        self.scheduler = gl.torch.Scheduler(
            self.optimizer, RATE, unit=unit, restore_best=restored, **options
        )

    def epoch(self, number):
        generator = torch.Generator().manual_seed(number)
        for _ in range(3):
            self.optimizer.zero_grad()
            self.model(torch.rand(8, 3, generator=generator)).square().mean().backward()
            self.optimizer.step()

    def go(self, start=0, stop=10):
        """Return the weights before and after each call of `step(loss)`."""
        seen = []
        for number in range(start, stop):
            self.epoch(number)
            before = weights(self.model)
            self.scheduler.step(LOSSES[number])
            seen.append((before, weights(self.model), self.optimizer.param_groups[0]["lr"]))
        return seen


@pytest.mark.parametrize("unit", ["step", "epoch"])
def test_when_the_plateau_lowers_the_rate_the_best_weights_and_buffers_come_back(unit):
    seen = Run(unit).go()
    assert [rate for _, _, rate in seen] == [0.1] * 3 + [0.05] * 3 + [0.025] * 2 + [0.0125] * 2
    for number, (before, after, _) in enumerate(seen):
        best = {3: 1, 6: 4, 8: 4}.get(number, number)
        assert equal(after, seen[best][0])
        assert equal(after, before) is (best == number)


@pytest.mark.parametrize("with_optimizer", [False, True])
def test_the_optimizers_own_state_stays_unless_it_is_named(with_optimizer):
    run = Run(with_optimizer=with_optimizer)
    buffers = []
    for number in range(7):
        run.epoch(number)
        buffers.append(copy.deepcopy(run.optimizer.state_dict()["state"][0]["momentum_buffer"]))
        run.scheduler.step(LOSSES[number])
    now = run.optimizer.state_dict()["state"][0]["momentum_buffer"]
    assert torch.equal(now, buffers[4 if with_optimizer else 6])
    assert run.optimizer.param_groups[0]["lr"] == 0.025
    run.epoch(7)  # what comes after must not change what is kept
    run.scheduler.step(LOSSES[7])
    run.scheduler.step(LOSSES[8])
    if with_optimizer:
        now = run.optimizer.state_dict()["state"][0]["momentum_buffer"]
        assert torch.equal(now, buffers[4])


@pytest.mark.parametrize("with_optimizer", [False, True])
def test_interrupted_at_every_epoch_the_rest_is_bit_equal(with_optimizer):
    whole = Run(with_optimizer=with_optimizer).go()
    for stop in range(len(LOSSES)):
        run = Run(with_optimizer=with_optimizer)
        run.go(0, stop)
        file = io.BytesIO()
        parts = run.model, run.optimizer, run.scheduler
        torch.save([part.state_dict() for part in parts], file)
        file.seek(0)
        states = torch.load(file, weights_only=True)
        again = Run(with_optimizer=with_optimizer)
        parts = again.model, again.optimizer, again.scheduler
        for part, state in zip(parts, states, strict=True):
            part.load_state_dict(state)
        for (_, after, rate), (_, expected, expected_rate) in zip(
            again.go(stop), whole[stop:], strict=True
        ):
            assert equal(after, expected)
            assert rate == expected_rate


def test_a_state_without_the_best_weights_is_told_and_the_best_is_looked_for_anew():
    run = Run()
    run.go(0, 5)
    state = run.scheduler.state_dict()
    del state["glissando_best"]
    again = Run()
    with pytest.warns(UserWarning, match="has no best weights"):
        again.scheduler.load_state_dict(state)
    seen = again.go(5, 9)
    assert equal(seen[1][1], seen[0][0])  # the first of those with 5.0, the best since then
    plain = gl.torch.Scheduler(again.optimizer, RATE)
    plain.load_state_dict(run.scheduler.state_dict())  # one without `restore_best` can do without


def test_a_damaged_or_foreign_best_is_refused_and_changes_nothing():
    run = Run()
    run.go(0, 5)
    good = run.scheduler.state_dict()
    again = Run()
    before = again.scheduler.last_epoch
    right = good["glissando_best"]["weights"]
    for best in ({}, 3, {"metric": 1.0}, {"metric": "x", "weights": right}):
        with pytest.raises(gl.ScheduleError, match="best"):
            again.scheduler.load_state_dict(good | {"glissando_best": best})
        assert again.scheduler.last_epoch == before
    again = Run(with_optimizer=True)
    with pytest.raises(gl.ScheduleError, match="weights of 2 models"):
        again.scheduler.load_state_dict(good)


def test_several_models_a_metric_to_maximize_and_nan():
    models = [make(1), make(2)]
    optimizer = torch.optim.SGD([p for m in models for p in m.parameters()])
    rate = gl.Plateau("torch", factor=0.5, patience=0, mode="max").on(gl.Constant(0.1))
    scheduler = gl.torch.Scheduler(optimizer, rate, restore_best=models)
    first = [weights(model) for model in models]
    scheduler.step(math.nan)  # the rate falls, and there is no best yet
    assert optimizer.param_groups[0]["lr"] == 0.05
    for metric, best in ((1.0, 0), (3.0, 1), (2.0, 1), (math.nan, 1)):
        for model in models:
            with torch.no_grad():
                model[0].weight.fill_(metric)
        scheduler.step(metric)
        if metric == 3.0:
            first = [weights(model) for model in models]
        if best and metric != 3.0:
            assert all(equal(weights(m), f) for m, f in zip(models, first, strict=True))


def test_restore_best_needs_a_plateau_and_a_model():
    model = make()
    optimizer = torch.optim.SGD(model.parameters())
    with pytest.raises(gl.ScheduleError, match="needs a schedule on a plateau"):
        gl.torch.Scheduler(optimizer, gl.Constant(0.1), restore_best=model)
    for wrong in (True, torch.nn.Linear, [model, 3], model.parameters()):
        with pytest.raises(gl.ScheduleError, match="must be a model, or a list of models"):
            gl.torch.Scheduler(optimizer, RATE, restore_best=wrong)
