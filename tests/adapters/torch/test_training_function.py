"""`gl.torch.train_function`: what a study trains."""

import math
import re

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

import glissando as gl
from training_runs import Reports, exact

X = torch.randn(30, 4, generator=torch.Generator().manual_seed(1))
Y = X[:, :1] - X[:, 1:2]
RATE = gl.Linear(0.05, 0.0, steps=11)


class Noisy(Dataset):
    """Data that draw, as augmentation does."""

    def __len__(self):
        return len(X)

    def __getitem__(self, row):
        return X[row] + 0.1 * torch.randn(4), Y[row]


class Net(nn.Module):
    """Batch norm, dropout, and what a state_dict does not have."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Dropout(0.3))
        self.head = nn.Linear(6, 1)
        self.noise = torch.Generator().manual_seed(3)
        self.calls = 0
        self.register_buffer("mean", torch.zeros(6), persistent=False)

    def forward(self, x):
        self.calls += self.training
        hidden = self.layers(x)
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * hidden.detach().mean(0)
            hidden = hidden * (1 + 0.1 * torch.randn(6, generator=self.noise) / self.calls)
        return self.head(hidden + self.mean)


def make():
    model = Net()
    return model, torch.optim.AdamW(model.parameters())


def loss(model, batch):
    return nn.functional.mse_loss(model(batch[0]), batch[1])


def validate(model):
    assert not model.training
    assert not torch.is_grad_enabled()
    torch.rand(1)
    return loss(model, (X, Y)).item()


def function(data=(X, Y), **options):
    return gl.torch.train_function(make, loss, data, validate, **{"batch": 8} | options)


def loader(seed):
    return DataLoader(Noisy(), 8, shuffle=True, generator=torch.Generator())


DATA = {
    "tensors": (X, Y),
    "dataset": TensorDataset(X, Y),
    "noisy dataset": Noisy(),
    "loader": DataLoader(Noisy(), 8, shuffle=True),
    "function": loader,
    "list": [(X[:8], Y[:8]), (X[8:], Y[8:])],
}


@pytest.mark.parametrize("kind", DATA)
def test_an_interruption_after_any_update_changes_no_bit(kind, tmp_path):
    train = function(DATA[kind], every=4)
    whole = exact(train, RATE, 3, tmp_path)
    saved = [torch.load(folder / "11" / "torch.pt", weights_only=False)
             for folder in (whole.folder, tmp_path / "from 5")]  # fmt: skip
    for part in ("model", "buffers"):
        first, second = (state[part] for state in saved)
        assert all(torch.equal(first[name], second[name]) for name in first)
    assert train(RATE, 4) != whole.losses[11]


def test_also_with_a_plateau_a_scaler_groups_and_clipping(tmp_path):
    def scaled():
        model = Net()
        groups = [{"params": model.layers.parameters(), "lr": 0.1}, {"params": [model.head.weight]}]
        scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=3)
        return model, torch.optim.SGD(groups, lr=1.0, momentum=0.9), scaler

    rate = gl.Plateau("torch", factor=0.5, patience=0, threshold=0.9).on(gl.Constant(0.02, steps=9))
    train = gl.torch.train_function(
        scaled, loss, (X, Y), validate, batch=8, groups="relative", every=2,
        before_update=lambda model: nn.utils.clip_grad_norm_(model.parameters(), 1.0),
    )  # fmt: skip
    whole = exact(train, rate, 1, tmp_path)
    assert len(whole.losses) == 5
    assert whole.losses[9] != train(rate.schedule, 1)


class Weight(nn.Module):
    """A weight whose gradient is always 1."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))


def probe(every=1, seen=None):
    """Return what trains it: the loss is what it has moved so far."""

    def make():
        model = Weight()
        return model, torch.optim.SGD(model.parameters(), lr=123.0)

    def moved(model, batch):
        if seen is not None:
            seen.append(batch.tolist())
        return model.weight.sum()

    data = torch.arange(10)
    return gl.torch.train_function(
        make, moved, data, lambda model: -model.weight.item(), batch=3, every=every
    )


def test_update_k_uses_the_rate_of_step_k(tmp_path):
    rate = gl.Linear(0.0, 1.0, steps=4) >> gl.Cosine(1.0, 0.0, steps=9)
    reports = Reports(tmp_path, ())
    probe()(rate, report=reports)
    moved = 0.0
    for step in range(13):
        moved += rate(step)
        assert reports.losses[step + 1] == pytest.approx(moved, rel=1e-14)


def test_a_plateau_observes_the_results(tmp_path):
    rate = gl.Plateau("torch", factor=0.5, patience=1).on(gl.Constant(1.0, steps=12))
    reports = Reports(tmp_path, ())
    probe(every=2)(rate, report=reports)  # which rise: the first is the best
    assert list(reports.losses.values()) == [2.0, 4.0, 6.0, 7.0, 8.0, 8.5]


def test_the_same_seed_gives_the_same_data_whatever_the_schedule():
    drawn = []
    for rate, every in ((RATE, 1), (gl.Constant(0.5, steps=23), 7)):
        drawn.append([])
        probe(every, drawn[-1])(rate, seed=6)
    assert drawn[0] == drawn[1][:11]
    assert drawn[1][:3] != drawn[1][3:6]  # another epoch
    drawn.append([])
    probe(1, drawn[-1])(RATE, seed=7)
    assert drawn[0] != drawn[2]


def test_how_often_it_is_validated_changes_nothing():
    assert function(every=1)(RATE, 2) == function(every=11)(RATE, 2)


def test_another_schedule_goes_on_from_the_same_beginning(tmp_path):
    trunk = gl.Constant(0.05, steps=6)
    reports = Reports(tmp_path, {6})
    train = function()
    train(trunk >> gl.Constant(0.05, steps=9), 2, None, reports)
    cooled = trunk >> gl.Linear(0.05, 0.0, steps=4)
    assert train(cooled, 2, reports[6]) == train(cooled, 2)


def test_a_run_that_diverges_ends_early(tmp_path):
    reports = Reports(tmp_path, ())
    assert math.isnan(function(every=5)(gl.Constant(1e30, steps=40), report=reports))
    assert reports.steps[-1] < 40


def test_modes_and_data_stay():
    def frozen():
        model, optimizer = make()
        model.layers[1].eval()
        return model, optimizer

    modes = []

    def noted(model, batch):
        modes.append([module.training for module in model.modules()])
        return loss(model, batch)

    data = DATA["loader"]
    data.generator = torch.Generator().manual_seed(5)
    before = data.generator.get_state()
    gl.torch.train_function(frozen, noted, data, validate, every=1)(RATE)
    assert torch.equal(data.generator.get_state(), before)
    data.generator = None
    assert all(mode == modes[0] for mode in modes)
    assert modes[0].count(False) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"make": 3}, "`make` must be a function, such as lambda: (model, optimizer), which"),
        ({"make": Net}, "`make` must return a model and its optimizer, as `return model, torch.op"),
        ({"loss": None}, "`loss` must be a function, such as lambda model, batch: cross_entropy("),
        ({"loss": lambda model, batch: 1.0}, "`loss` must return a tensor with one number that"),
        (
            {"data": (X, Y[:3])},
            "`data` must be tensors with the same number of rows, 1 or more, got",
        ),
        ({"data": iter([X])}, "`data` must be tensors (x, y), a Dataset, a DataLoader, or a func"),
        ({"data": lambda seed: 3}, "`data` must be tensors (x, y), a Dataset, a DataLoader, or"),
        ({"data": []}, "`data` must have a batch or more, got none"),
        ({"validate": X}, "`validate` must be a function, such as lambda model: cross_entropy("),
        ({"validate": lambda model: None}, "`validate` must return a number, got None"),
        ({"batch": 0}, "`batch` must be"),
        ({"before_update": 1.0}, "`before_update` must be a function"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    given = {"make": make, "loss": loss, "data": (X, Y), "validate": validate} | arguments
    with pytest.raises(gl.ScheduleError, match=re.escape(f"train_function: {message}")):
        gl.torch.train_function(**given)(RATE)


def test_a_folder_without_a_checkpoint_is_named(tmp_path):
    with pytest.raises(gl.ScheduleError, match=r"`resume` must be a folder .* has no torch\.pt"):
        function()(RATE, 0, tmp_path)
