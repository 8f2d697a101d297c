"""`gl.torch.Training`: an update at a rate, and nothing left behind."""

import errno
import functools
import math
import random
import tempfile
from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch._dynamo.testing import CompileCounter
from torch.nn import functional as F  # noqa: N812
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, Dataset, DistributedSampler, TensorDataset

import glissando as gl
from glissando.finder import random_state

# a loader's workers are forked, of which JAX warns if another test has loaded it
pytestmark = pytest.mark.filterwarnings(r"ignore:os\.fork\(\) was called:RuntimeWarning")

INPUTS = torch.randn(40, 6, generator=torch.Generator().manual_seed(1))
TARGETS = (INPUTS[:, 0] > 0).long() + (INPUTS[:, 1] > 0).long()
RATES = (1e-4, 1e-2, 1.0)


def seed_all(seed=0):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class Net(nn.Module):
    """Batch norm, dropout, tied weights, and state that is no parameter."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 8)
        self.norm = nn.BatchNorm1d(8)
        self.second = nn.Linear(8, 6)
        self.third = nn.Linear(6, 8)
        self.third.weight = self.first.weight
        self.head = nn.Linear(8, 3)
        self.noise = torch.Generator().manual_seed(3)
        self.calls = 0
        self.seen = []
        self.register_buffer("mean", torch.zeros(8), persistent=False)

    def forward(self, inputs):
        self.calls += 1
        self.seen.append(self.calls)
        hidden = F.dropout(self.norm(self.first(inputs)).relu(), 0.2, self.training)
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * hidden.detach().mean(0)
        hidden = self.third(self.second(hidden))
        jitter = torch.randn(hidden.shape, generator=self.noise) * random.random()
        return self.head(hidden + 0.01 * jitter + 0.01 * np.random.rand() + 0.01 * self.mean)


def run(optimizer=None, *, model=None, loader=None, scheduler=None, scaler=None, accumulate=1):
    """A training that makes its own updates by `update`, and has a `gl.torch.Training`."""
    seed_all()
    model = model() if model else Net()
    make = optimizer or (lambda parameters: torch.optim.SGD(parameters, 0.1, momentum=0.9))
    optimizers = make(model.parameters()) if not isinstance(make, Several) else make(model)
    optimizers = optimizers if isinstance(optimizers, list) else [optimizers]
    loader = loader() if loader else DataLoader(TensorDataset(INPUTS, TARGETS), 8, shuffle=True)
    one = SimpleNamespace(
        model=model,
        optimizers=optimizers,
        loader=loader,
        scaler=scaler() if scaler else None,
        schedulers=[scheduler(each) for each in optimizers] if scheduler else [],
        accumulate=accumulate,
        batches=None,
        interrupt=lambda: None,
    )

    def loss(batch):
        value = F.cross_entropy(model(batch[0]), batch[1])
        one.interrupt()
        return value

    one.loss = loss
    return one


class Several:
    """Optimizers made from the whole model."""

    def __init__(self, make):
        self.make = make

    def __call__(self, model):
        return self.make(model)


def update(one):
    """The training's own update; the loss that it started from."""
    for optimizer in one.optimizers:
        optimizer.zero_grad()
    losses = []
    for _ in range(one.accumulate):
        batch = next(one.batches, None) if one.batches else None
        if batch is None:
            one.batches = iter(one.loader)
            batch = next(one.batches)
        loss = one.loss(batch)
        losses.append(loss.item())
        share = loss / one.accumulate
        (one.scaler.scale(share) if one.scaler else share).backward()
    for optimizer in one.optimizers:
        one.scaler.step(optimizer) if one.scaler else optimizer.step()
    if one.scaler:
        one.scaler.update()
    for scheduler in one.schedulers:
        scheduler.step()
    return losses


def training_of(one, **options):
    scaler, accumulate = one.scaler, one.accumulate
    named = {"scaler": scaler, "accumulate": accumulate, **options}
    return gl.torch.Training(one.model, one.optimizers, one.loss, one.loader, **named)


def find(training, rates=RATES, seeds=(4, 5)):
    """What a range test does with a training."""
    losses = []
    with random_state.kept():
        state = training.save()
        try:
            for seed in seeds:
                training.restore(state)
                training.reseed(seed)
                losses.append([training.step(rate) for rate in rates])
        finally:
            training.restore(state)
    return losses


def content(value):
    """A value as text: tensors by their bits and their identity."""
    if isinstance(value, torch.Tensor):
        dense = value.detach().to_dense() if value.is_sparse else value.detach()
        bits = bytes(dense.reshape(-1).contiguous().view(torch.uint8).numpy())
        return id(value), value.requires_grad, bits, content(value.grad)
    if isinstance(value, dict):
        return [(id(key), content(entry)) for key, entry in value.items()]
    if isinstance(value, list | tuple | deque):
        return [content(entry) for entry in value]
    return repr(value)


def look(one):
    """All that a training consists of."""
    return [
        [content(vars(part)) for part in one.model.modules()],
        [content(dict(vars(optimizer))) for optimizer in one.optimizers],
        [content(dict(vars(scheduler))) for scheduler in one.schedulers],
        [getattr(scheduler, "last_epoch", None) for scheduler in one.schedulers],
        content(vars(one.scaler)) if one.scaler else None,
        one.model.noise.get_state().tolist() if hasattr(one.model, "noise") else None,
        random.getstate(),
        repr(np.random.get_state()),
        torch.get_rng_state().tolist(),
    ]


def trained(one, updates):
    """The losses and weights of further updates."""
    losses = [update(one) for _ in range(updates)]
    return losses, [entry.tolist() for entry in one.model.state_dict().values()]


class Words(nn.Module):
    """Sparse gradients, a complex parameter, and parameters of all layouts."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(30, 8, sparse=True)
        flat = nn.Parameter(torch.randn(24).view(8, 3).t())
        self.turned = flat  # not contiguous
        self.wave = nn.Parameter(torch.randn(3, dtype=torch.complex64))
        self.short = nn.Parameter(torch.randn(3, dtype=torch.bfloat16))
        self.register_buffer("same", torch.zeros(1).expand(3))

    def forward(self, inputs):
        hidden = self.words((inputs[:, :4].abs() * 9).long().clamp(max=29)).mean(1)
        return F.linear(hidden, self.turned) + self.wave.abs() + self.short.float() + self.same


def words_optimizers(model):
    dense = [model.turned, model.wave, model.short]
    return [
        torch.optim.SparseAdam(model.words.parameters(), 0.01),
        torch.optim.Adagrad(dense, 0.05),
    ]


def parametrized():
    net = Net()
    nn.utils.parametrizations.spectral_norm(net.second)
    nn.utils.parametrizations.weight_norm(net.head)
    net.norm.eval()
    net.second.bias.requires_grad_(False)
    return net


class Index(Dataset):
    """A data set that draws its augmentation from a generator of its own, and counts."""

    def __init__(self):
        self.rng = np.random.default_rng(5)
        self.python = random.Random(6)
        self.count = 0

    def __len__(self):
        return len(INPUTS)

    def __getitem__(self, i):
        self.count += 1
        noise = self.rng.normal(scale=0.1) + self.python.gauss(0, 0.1) + 0.001 * self.count
        return INPUTS[i] + float(noise), TARGETS[i]


class Collate:
    """A method of an object that draws makes the batches."""

    def __init__(self):
        self.rng = np.random.default_rng(8)

    def batch(self, samples):
        inputs, targets = zip(*samples, strict=True)
        noise = self.rng.normal(size=(len(inputs), 6))
        return torch.stack(inputs) + torch.tensor(noise).float(), torch.stack(targets)


def sharded():
    data = TensorDataset(INPUTS, TARGETS)
    sampler = DistributedSampler(data, num_replicas=1, rank=0)
    return DataLoader(data, 8, sampler=sampler)


class OwnLoader:
    """A loader that shuffles its order in place, in each epoch further."""

    def __init__(self):
        self.order = np.arange(len(INPUTS))
        self.old = list(range(2_000))
        self.rng = np.random.RandomState(3)
        self.epoch = 0

    def __iter__(self):
        self.rng.shuffle(self.order)
        self.epoch += 1
        random.shuffle(self.old)
        shift = self.old[0] * 1e-4 + self.epoch * 1e-2
        for i in range(0, len(self.order), 8):
            rows = self.order[i : i + 8]
            yield INPUTS[rows] + shift, TARGETS[rows]


def loader(generator=None, data=None, **options):
    given = None if generator is None else torch.Generator().manual_seed(generator)
    data = data or TensorDataset(INPUTS, TARGETS)
    return DataLoader(data, 8, shuffle=True, generator=given, **options)


def groups(model):
    return [
        {"params": [*model.first.parameters(), *model.norm.parameters()], "lr": 0.02},
        {"params": model.second.parameters(), "weight_decay": 0.1},
        {"params": [model.third.bias, *model.head.parameters()], "lr": 0.2},
    ]


ADAM = functools.partial(functools.partial, torch.optim.AdamW, lr=0.01)
RUNS = {
    "SGD with momentum": {},
    "AdamW": {"optimizer": ADAM(amsgrad=True)},
    "AdamW, foreach": {"optimizer": ADAM(foreach=True)},
    "AdamW, fused": {"optimizer": ADAM(fused=True)},
    "a rate in a tensor": {"optimizer": ADAM(lr=torch.tensor(0.01), foreach=False)},
    "NAdam, RMSprop": {
        "optimizer": Several(
            lambda model: [
                torch.optim.NAdam([*model.first.parameters(), model.third.bias], 0.01),
                torch.optim.RMSprop([*model.second.parameters(), *model.head.parameters()], 0.02),
            ]
        ),
        "model": parametrized,
    },
    "groups": {"optimizer": Several(lambda model: torch.optim.SGD(groups(model), 0.1, 0.9))},
    "accumulation": {"accumulate": 3},
    "a scaler": {"scaler": lambda: torch.amp.GradScaler("cpu", 2.0**9), "optimizer": ADAM()},
    "a scaler that skips": {
        # no float holds such gradients
        "scaler": lambda: torch.amp.GradScaler("cpu", 2.0**127, growth_interval=2),
        "optimizer": ADAM(fused=True),
    },
    "sparse, complex, strided": {"model": Words, "optimizer": Several(words_optimizers)},
    "a generator of the loader's": {"loader": functools.partial(loader, 7)},
    "workers": {"loader": functools.partial(loader, num_workers=1)},
    "data with generators": {"loader": lambda: loader(data=Index())},
    "a method that draws": {"loader": lambda: loader(collate_fn=Collate().batch)},
    "a sampler that shuffles by the epoch": {"loader": sharded},
    "a loader of another kind": {"loader": OwnLoader},
    "a scheduler of ours": {
        "scheduler": lambda optimizer: gl.torch.Scheduler(
            optimizer, {"lr": gl.Linear(0.0, 0.1, steps=4), "momentum": gl.Linear(0.5, 0.9, 9)}
        ),
    },
    "a scheduler of ours, of groups": {
        "optimizer": Several(lambda model: torch.optim.SGD(groups(model), 0.1, 0.9)),
        "scheduler": lambda optimizer: gl.torch.Scheduler(
            optimizer, gl.Linear(0.1, 0.0, steps=50), groups="relative", on_length="raise"
        ),
    },
    "OneCycleLR": {"scheduler": lambda o: lr_scheduler.OneCycleLR(o, 0.2, total_steps=30)},
    "LambdaLR": {"scheduler": lambda o: lr_scheduler.LambdaLR(o, lambda k: k / 5)},
}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # small tensors: several wait for each other
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("warm", [0, 7])
@pytest.mark.parametrize("name", RUNS)
def test_training_goes_on_as_if_it_had_never_been_tried(name, warm, tmp_path):
    """Before the first update, and in an epoch whose iterator is open."""
    untouched, one = run(**RUNS[name]), None
    for _ in range(warm):
        update(untouched)
    expected = trained(untouched, 7)
    one = run(**RUNS[name])
    for _ in range(warm):
        update(one)
    before = look(one)
    training = training_of(one, directory=tmp_path if warm else None)
    first, second = find(training)
    assert first != second  # the seed makes a difference
    assert find(training) == [first, second]  # and the same one each time
    assert look(one) == before
    assert trained(one, 7) == expected
    assert not list(tmp_path.iterdir())
    untouched.batches = one.batches = None  # collected later, workers would be waited for long


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("where", ["the loss", "the gradients", "the update"])
def test_an_interruption_leaves_nothing_behind(error, where):
    """At each micro-batch of a test, in the middle of an update as well."""
    whole = {"optimizer": Several(lambda model: torch.optim.SGD(groups(model), 0.1, 0.9))}
    whole |= {"accumulate": 2, "scaler": lambda: torch.amp.GradScaler("cpu", 4.0)}
    whole |= {"scheduler": lambda o: gl.torch.Scheduler(o, gl.Linear(0.2, 0, 30), "relative")}
    untouched = run(**whole)
    expected = [trained(untouched, 1), trained(untouched, 4)]
    one = run(**whole)
    assert trained(one, 1) == expected[0]
    before = look(one)
    calls = iter(())

    def interrupt(*_):
        if next(calls, False):
            raise error("now")

    if where == "the loss":
        one.interrupt = interrupt
    options = {"before_update": interrupt} if where == "the gradients" else {}
    if where == "the update":
        hook = one.optimizers[0].register_step_post_hook(interrupt)
        before = look(one)
    for at in range(12 if where == "the loss" else 6):
        calls = iter([False] * at + [True])
        with pytest.raises(error, match="now"):
            find(training_of(one, **options))
        assert look(one) == before
    if where == "the update":
        hook.remove()
    assert trained(one, 4) == expected[1]


def test_the_gradients_that_were_there_stay_the_very_ones():
    """A training may be tried between the batches of an update."""
    one = run()
    one.loss((INPUTS, TARGETS)).backward()
    gradients = [parameter.grad for parameter in one.model.parameters()]
    bits = [gradient.clone() for gradient in gradients]
    find(training_of(one))
    for parameter, gradient, saved in zip(one.model.parameters(), gradients, bits, strict=True):
        assert parameter.grad is gradient
        assert torch.equal(gradient, saved)


def test_what_a_step_replaces_comes_back():
    """Parameters that got other memory, and attributes that came and went."""
    one = run()
    weight, memory = one.model.head.weight, one.model.head.weight.data_ptr()

    def meddle():
        weight.data = weight.data.double().float().clone()
        one.model.head.bias = nn.Parameter(torch.zeros(3))
        one.model.new = nn.Linear(2, 2)
        del one.model.mean
        one.model.register_buffer("mean", torch.ones(8))
        one.model.head.register_forward_hook(lambda *_: None)
        one.model.eval()
        weight.requires_grad_(False)

    training = training_of(one, before_update=meddle)
    before = look(one)
    find(training, rates=[0.1])
    assert look(one) == before
    assert one.model.head.weight is weight
    assert weight.data_ptr() == memory
    assert not hasattr(one.model, "new")


def test_other_things_come_back():
    one = run()
    average = torch.optim.swa_utils.AveragedModel(one.model)
    own = SimpleNamespace(rng=np.random.default_rng(0), shadow={"w": torch.zeros(2)}, seen=[])

    def follow():
        average.update_parameters(one.model)
        own.shadow["w"] += float(own.rng.normal())
        own.seen.append(1)

    others = [average, Holder(own)]
    training = training_of(one, before_update=follow, others=others)

    def averaged():
        parts = [content(vars(part)) for part in average.modules()]
        return parts, content(own.shadow), repr(own.rng.bit_generator.state), own.seen

    before = content(averaged())
    losses = find(training)
    assert content(averaged()) == before
    assert losses == find(training)


class Holder:
    """An object of a class of the user's."""

    def __init__(self, held):
        self.__dict__.update(vars(held))


def unit(optimizers, *weights, **options):
    """A training whose gradients are all 1."""
    model = nn.ParameterList(weights)
    ones = [torch.ones(1)] * 3
    return gl.torch.Training(
        model, optimizers, lambda one: one * sum(w.sum() for w in weights), ones, **options
    )


def moved(weights, training, rate):
    before = [weight.detach().clone() for weight in weights]
    training.step(rate)
    return [(old - new).item() for old, new in zip(before, weights, strict=True)]


def weights(count):
    return [nn.Parameter(torch.zeros(1, dtype=torch.float64)) for _ in range(count)]


ATTACHED = {
    "nothing": lambda optimizer: None,
    "a scheduler of ours": lambda optimizer: gl.torch.Scheduler(
        optimizer, gl.Linear(0.0, 1.0, steps=3), groups="relative", on_conflict="raise"
    ),
    "LambdaLR": lambda optimizer: lr_scheduler.LambdaLR(optimizer, lambda k: k / 5),
    "a hook": lambda optimizer: optimizer.register_step_pre_hook(
        lambda chosen, *_: chosen.param_groups[0].update(lr=77.0)
    ),
}


@pytest.mark.parametrize("attached", ATTACHED)
def test_an_update_uses_the_rate_in_every_group(attached):
    """The largest group of all optimizers has it, the others keep their proportion."""
    a, b, c = weights(3)
    first = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.4}], 0.1)
    second = torch.optim.SGD([c], 0.2, foreach=True)
    kept = [ATTACHED[attached](optimizer) for optimizer in (first, second)]
    training = unit([first, second], a, b, c)
    if attached == "a scheduler of ours":  # it gave both optimizers the same rate
        first_, second_ = training.optimizers
        assert (first_.built, second_.built) == ([0.1, 0.4], [0.2])
    for rate in (1e-3, 0.5, 8.0, 0.0):
        expected = pytest.approx([rate / 4, rate, rate / 2], rel=1e-12)
        assert moved((a, b, c), training, rate) == expected
    assert first.param_groups[1]["lr"] == 0.0  # the very rate, not one that was rounded
    del kept


@pytest.mark.parametrize("options", [{}, {"fused": True}], ids=repr)
def test_a_rate_in_a_tensor_is_written_in_place(options):
    (a,) = weights(1)
    rate = torch.tensor(0.1, dtype=torch.float64)
    optimizer = torch.optim.SGD([a], rate, **options)
    training = unit(optimizer, a)
    state = training.save()
    assert moved([a], training, 0.25) == [0.25]
    assert optimizer.param_groups[0]["lr"] is rate
    training.restore(state)
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == 0.1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's own
def test_what_is_compiled_is_tried_and_put_back():
    """A model, and an optimizer's step, of which no variants are compiled meanwhile."""
    torch.compiler.reset()  # what other tests have compiled counts
    compiled = CompileCounter()

    def both():
        seed_all()
        model = torch.compile(nn.Linear(6, 3), backend="eager")
        optimizer = torch.optim.SGD(model.parameters(), torch.tensor(0.1), 0.9)
        optimizer.step = torch.compile(optimizer.step, backend=compiled)
        return run(model=lambda: model, optimizer=lambda _: optimizer)

    expected = trained(both(), 3)
    one = both()
    count = compiled.frame_count
    find(training_of(one), seeds=range(5))
    assert compiled.frame_count == count > 0
    assert trained(one, 3) == expected


def test_an_accumulation_and_a_scaler_give_the_update_of_the_whole_batch():
    given = []
    for options in (
        {},
        {"accumulate": 3},
        {"accumulate": 3, "scaler": torch.amp.GradScaler("cpu")},
    ):
        (a,) = weights(1)
        optimizer = torch.optim.SGD([a], 0.1)
        clip = functools.partial(nn.utils.clip_grad_value_, [a], 0.5)
        training = unit(optimizer, a, before_update=clip, **options)
        given.append((moved([a], training, 0.25), training.step(0.5)))
    assert given == [([0.125], -0.125)] * 3  # the loss before the update


def test_a_skipped_update_is_none():
    (a,) = weights(1)
    scaler = torch.amp.GradScaler("cpu", 2.0)
    optimizer = torch.optim.SGD([a], 0.1)
    model = nn.ParameterList([a])
    batches = [torch.tensor([math.inf]), torch.ones(1)]
    training = gl.torch.Training(
        model, optimizer, lambda one: (one * a).sum(), batches, scaler=scaler
    )
    state = training.save()
    assert moved([a], training, 0.25) == [0.0]
    assert scaler.get_scale() == 1.0
    assert moved([a], training, 0.25) == [0.25]
    training.restore(state)
    assert scaler._scale is None  # as it was before its first loss


def test_a_model_in_evaluation_mode_trains_in_training_mode():
    one = run(model=lambda: Net().eval())
    seen = []
    one.interrupt = lambda: seen.append((one.model.training, one.model.norm.training))
    training = training_of(one)
    find(training)
    assert not one.model.training
    assert not one.model.norm.training
    one.model.train()
    one.model.norm.eval()  # frozen statistics stay frozen
    find(training)
    assert set(seen) == {(True, True), (True, False)}
    assert one.model.training
    assert not one.model.norm.training


def test_the_validation_is_the_mean_loss_in_evaluation_mode():
    one = run()
    one.model.norm.eval()
    shuffled = DataLoader(TensorDataset(INPUTS, TARGETS), 10, shuffle=True)
    training = training_of(one, validation=shuffled)
    before = look(one)
    losses = []
    one.interrupt = lambda: losses.append((one.model.training, torch.is_grad_enabled()))
    assert training.validate() == training.validate()
    assert losses == [(False, False)] * 8
    assert look(one) == before
    one.model.eval()
    with torch.no_grad(), random_state.kept():
        parts = [one.loss(batch).item() for batch in DataLoader(shuffled.dataset, 10)]
    one.model.train()
    assert training.validate() == pytest.approx(np.mean(parts), abs=0.02)  # but for its noise
    assert training_of(one).validate() is None


def test_the_state_on_disk_is_gone_with_it(tmp_path, monkeypatch):
    """Also on a full disk: nothing has changed then, and the error is plain."""
    one = run()
    training, before = training_of(one, directory=tmp_path), look(one)
    write = tempfile.TemporaryFile

    class Full:
        def __init__(self, room):
            self.room = room

        def __call__(self, **options):
            file = write(**options)
            return SimpleNamespace(
                write=lambda data: self.write(file, data),
                tell=file.tell,
                fileno=file.fileno,
                seek=file.seek,
                readinto=file.readinto,
                close=file.close,
            )

        def write(self, file, data):
            part = data[: self.room]  # some of it may still have its place
            self.room -= len(part)
            if not part:
                raise OSError(errno.ENOSPC, "No space left on device")
            return file.write(part)

    for room in (0, 100, 500):
        monkeypatch.setattr(tempfile, "TemporaryFile", Full(room))
        with pytest.raises(OSError, match="No space left"):
            find(training)
        assert look(one) == before
    assert not list(tmp_path.iterdir())


def test_a_disk_that_holds_no_more_is_told_plainly(tmp_path):
    """The system itself refuses, in the middle of a tensor."""
    resource = pytest.importorskip("resource")
    model = nn.Linear(300, 300)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    training = gl.torch.Training(
        model, optimizer, lambda x: model(x).mean(), [torch.ones(2, 300)], directory=tmp_path
    )
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            training.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    training.restore(training.save())
    assert not list(tmp_path.iterdir())


def test_workers_that_persist_are_left_alone():
    """They have random states of their own, which cannot be put back."""

    def persisting():
        return loader(data=Index(), num_workers=1, persistent_workers=True)

    untouched, one = run(loader=persisting), run(loader=persisting)
    seed_all()
    expected = trained(untouched, 7)
    seed_all()
    one = run(loader=persisting)
    seed_all()
    got = [update(one) for _ in range(3)]
    workers = one.loader._iterator
    find(training_of(one), RATES, seeds=(1,))
    assert one.loader._iterator is workers
    assert [*got, *(update(one) for _ in range(4))] == expected[0]
    untouched.batches = one.batches = None


def test_one_made_ready_by_accelerate():
    accelerate = pytest.importorskip("accelerate")

    def prepared():
        seed_all()
        accelerator = accelerate.Accelerator(cpu=True)
        model = Net()
        data = DataLoader(TensorDataset(INPUTS, TARGETS), 8, shuffle=True)
        optimizer = torch.optim.AdamW(model.parameters(), 0.01)
        model, optimizer, data = accelerator.prepare(model, optimizer, data)
        return accelerator, model, optimizer, data

    def go_on(accelerator, model, optimizer, data):
        losses = []
        for _ in range(2):
            for inputs, targets in data:
                loss = F.cross_entropy(model(inputs), targets)
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()
                losses.append(loss.item())
        return losses

    expected = go_on(*prepared())
    accelerator, model, optimizer, data = prepared()
    loss = lambda batch: F.cross_entropy(model(batch[0]), batch[1])  # noqa: E731
    training = gl.torch.Training(model, optimizer, loss, data)
    first, second = find(training)
    assert first != second
    assert go_on(accelerator, model, optimizer, data) == expected
    with accelerator.accumulate(model):
        accelerator.gradient_state._set_sync_gradients(False)
        with pytest.raises(gl.ScheduleError, match="made no update"):
            find(training)
    accelerator.gradient_state._set_sync_gradients(True)
    assert optimizer.scaler is None
    optimizer.scaler = torch.amp.GradScaler("cpu", 4.0)
    wrapped = accelerate.optimizer.AcceleratedOptimizer(
        torch.optim.SGD(model.parameters(), 0.1), scaler=torch.amp.GradScaler("cpu", 4.0)
    )
    find(gl.torch.Training(model, wrapped, loss, data, before_update=lambda: None))
    assert wrapped.scaler._scale is None


REFUSED = {
    "a generator": (
        {"batches": (x for x in [1])},
        "`batches` must be what can be iterated over again, since",
    ),
    "an iterator": ({"batches": iter([1])}, "`batches` must be .*: give the DataLoader itself"),
    "a number": ({"batches": 3}, "`batches` must be a DataLoader, or something else"),
    "an iterator to validate": ({"validation": iter([1])}, "`validation` must be what can be"),
    "no model": ({"model": 3}, "`model` must be a torch.nn.Module, or several, got 3"),
    "no optimizers": ({"optimizers": []}, "`optimizers` must have one or more"),
    "no optimizer": ({"optimizers": 3}, "`optimizers` must be a torch.optim.Optimizer, got 3"),
    "no loss": ({"loss": 3}, "`loss` must be a function, got 3"),
    "no function": ({"before_update": 3}, "`before_update` must be a function, got 3"),
    "no batches": ({"accumulate": 0}, "`accumulate` must be 1 or more, got 0"),
    "no directory": ({"directory": "/nowhere"}, "`directory` must be a directory that is there"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_tried_is_refused(name):
    options, message = REFUSED[name]
    model = nn.Linear(1, 1)
    named = {
        "model": model,
        "optimizers": torch.optim.SGD(model.parameters(), 0.1),
        "loss": lambda x: model(x).mean(),
        "batches": [torch.ones(1)],
    }
    with pytest.raises(gl.ScheduleError, match=f"^Training: {message}"):
        gl.torch.Training(**{**named, **options})


def test_optimizers_without_one_rate_are_refused():
    (a,) = weights(1)
    with pytest.raises(gl.ScheduleError, match=r"LBFGS of `optimizers` asks for the loss"):
        unit(torch.optim.LBFGS([a]), a)
    with pytest.raises(gl.ScheduleError, match="the largest must be above 0 and finite, got 0"):
        unit(torch.optim.SGD([a], 0.0), a)
    optimizer = torch.optim.SGD([a], 0.1)
    optimizer.param_groups[0]["lr"] = None
    with pytest.raises(gl.ScheduleError, match="group 0 of SGD must have a rate, as `lr`, got No"):
        unit(optimizer, a)


LOSSES = {
    "a number": lambda model, x: 3.0,
    "many": lambda model, x: model(x),
    "one without a gradient": lambda model, x: model(x).mean().detach(),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_that_is_none_is_refused(name):
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    loss = functools.partial(LOSSES[name], model)
    training = gl.torch.Training(model, optimizer, loss, [torch.ones(2)])
    with pytest.raises(gl.ScheduleError, match="`loss` must return a tensor with one number that"):
        training.step(0.1)


def test_no_batches_and_no_shapes_are_refused():
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    empty = gl.torch.Training(model, optimizer, lambda x: model(x).mean(), [], validation=[])
    with pytest.raises(gl.ScheduleError, match="`batches` must yield a batch or more, got none"):
        empty.step(0.1)
    with pytest.raises(gl.ScheduleError, match="`validation` must yield a batch or more"):
        empty.validate()
    lazy = nn.LazyLinear(2)
    optimizer = torch.optim.SGD(lazy.parameters(), 0.1)
    training = gl.torch.Training(lazy, optimizer, lambda x: lazy(x).mean(), [torch.ones(2)])
    with pytest.raises(gl.ScheduleError, match="run it on one batch first"):
        training.save()
