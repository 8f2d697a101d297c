"""`gl.transformers.train_function`: what a study trains."""

import pytest
import torch
import transformers
from torch import nn

import glissando as gl
from training_runs import Reports, exact

X = torch.randn(40, 4, generator=torch.Generator().manual_seed(1))
DATA = [{"x": row, "labels": row[:1] - row[1:2]} for row in X]
ARGUMENTS = {"use_cpu": True, "per_device_train_batch_size": 8}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 6), nn.Dropout(0.3), nn.Linear(6, 1))

    def forward(self, x, labels):
        return {"loss": nn.functional.mse_loss(self.layers(x), labels)}


class Weight(nn.Module):
    """A weight whose gradient is always 1; the loss is what it has not moved."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x, labels):
        return {"loss": self.weight.sum()}


def trainer(model, args, **options):
    return transformers.Trainer(model, args, train_dataset=DATA, eval_dataset=DATA, **options)


def make(args):
    return trainer(Net(), args)


def probe(args):
    model = Weight()
    return trainer(model, args, optimizers=(torch.optim.SGD(model.parameters(), lr=9.0), None))


@pytest.mark.parametrize("rate", [
    gl.Linear(0.1, 0.02, steps=7),
    gl.Plateau("torch", factor=0.5, patience=0, threshold=0.9).on(gl.Constant(0.1, steps=7)),
], ids=["schedule", "plateau"])  # fmt: skip
def test_an_interruption_changes_no_bit(rate, tmp_path):
    train = gl.transformers.train_function(make, every=3, **ARGUMENTS)
    whole = exact(train, rate, 5, tmp_path, {2, 6, 7})
    assert list(whole.losses) == [3, 6, 7]
    assert train(rate, 6) != whole.losses[7]


def test_update_k_uses_the_rate_of_step_k(tmp_path):
    rate = gl.Linear(0.0, 0.5, steps=3) >> gl.Constant(0.25, steps=2)
    reports = Reports(tmp_path, ())
    gl.transformers.train_function(probe, every=1, max_grad_norm=0, **ARGUMENTS)(
        rate, report=reports
    )
    moved = 0.0
    for step in range(5):
        moved += rate(step)
        assert -reports.losses[step + 1] == pytest.approx(moved, rel=1e-6)


def test_how_often_it_is_evaluated_changes_nothing():
    rate = gl.Constant(0.1, steps=6)
    results = [
        gl.transformers.train_function(make, every=every, **ARGUMENTS)(rate) for every in (1, 6)
    ]
    assert results[0] == results[1]


def test_wrong_arguments_are_named(tmp_path):
    function, rate = gl.transformers.train_function, gl.Constant(0.1, steps=2)
    with pytest.raises(gl.ScheduleError, match=r"`max_steps` is the study's to decide: leave"):
        function(make, max_steps=3)
    with pytest.raises(gl.ScheduleError, match=r"`make_trainer` must be a function, such as"):
        function(None)
    with pytest.raises(gl.ScheduleError, match=r"`make_trainer` must return a transformers\.Tra"):
        function(lambda args: None, **ARGUMENTS)(rate)
    with pytest.raises(gl.ScheduleError, match="`metric` must be one of 'eval_loss', "):
        function(make, metric="eval_f1", **ARGUMENTS)(rate)
    with pytest.raises(gl.ScheduleError, match=r"`resume` must be a folder that this function"):
        function(make, **ARGUMENTS)(rate, 0, tmp_path)
