"""Dialects whose peers set more than the learning rate give all of it, in one call."""

import copy
import pickle
import warnings
from random import Random

import pytest
import torch
from ignite.handlers import param_scheduler
from torch.optim import lr_scheduler

import glissando as gl
from glissando.dialects import fastai, ignite, megatron
from glissando.dialects import torch as dialect
from parity.case import resolved
from parity.peers import torch as peer

OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "SGD without momentum": lambda p: torch.optim.SGD(p, lr=0.1),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.1, momentum=0.5),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.1, betas=(0.8, 0.95)),
    "RAdam": lambda p: torch.optim.RAdam(p, lr=0.1),
}


def optimizer_of(kind):
    return OPTIMIZERS[kind]([torch.nn.Parameter(torch.zeros(1))])


def used(optimizer, scheduler, steps):
    """What each update of an optimizer uses: its rate, and the momentum of either kind."""
    found = []
    (group,) = optimizer.param_groups

    def note(*_):
        found.append((group["lr"], group["momentum"] if "momentum" in group else group["betas"]))

    hook = optimizer.register_step_pre_hook(note)
    for _ in range(steps):
        group["params"][0].grad = torch.ones(1)
        optimizer.step()
        scheduler.step()
    hook.remove()
    return [(rate, momentum if isinstance(momentum, tuple) else (momentum,))
            for rate, momentum in found]  # fmt: skip


def close(ours, theirs):
    assert len(ours) == len(theirs)
    for (rate, momentum), (own, of_theirs) in zip(ours, theirs, strict=True):
        assert rate == pytest.approx(own, rel=1e-9, abs=1e-12)
        assert momentum == pytest.approx(of_theirs, rel=1e-9)


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("name", ["OneCycleLR", "CyclicLR"])
def test_one_call_sets_the_momentum_that_pytorchs_own_scheduler_sets(kind, name):
    arguments = {
        "OneCycleLR": {"max_lr": 0.5, "total_steps": 30},
        "CyclicLR": {"base_lr": 0.01, "max_lr": 0.5, "step_size_up": 7, "mode": "triangular2"},
    }[name]
    theirs = optimizer_of(kind)
    expected = used(theirs, getattr(lr_scheduler, name)(theirs, **arguments), 30)
    mine = optimizer_of(kind)
    found = used(mine, gl.torch.Scheduler(mine, getattr(dialect, name)(**arguments)), 30)
    close(found, expected)
    assert len({momentum for _, momentum in found}) > 5


def test_an_optimizer_without_momentum_is_refused_as_by_pytorch():
    optimizer = torch.optim.Adagrad([torch.nn.Parameter(torch.zeros(1))])
    with pytest.raises(gl.ScheduleError, match="`momentum` must name a number"):
        gl.torch.Scheduler(optimizer, dialect.OneCycleLR(0.5, 30))
    gl.torch.Scheduler(optimizer, dialect.OneCycleLR(0.5, 30, cycle_momentum=False))


def test_a_group_of_its_own_may_have_another_cycle_with_its_momentum():
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    groups = [{"params": parameters[:1], "name": "body"}, {"params": parameters[1:], "name": "top"}]
    own = {"top": dialect.OneCycleLR(0.2, 30, base_momentum=0.5)}
    optimizer = torch.optim.AdamW(groups)
    scheduler = gl.torch.Scheduler(optimizer, dialect.OneCycleLR(0.5, 30), groups=own)
    for parameter in parameters:
        parameter.grad = torch.ones(1)
    for _ in range(8):
        optimizer.step()
        scheduler.step()
    body, top = (group["betas"][0] for group in optimizer.param_groups)
    assert body == pytest.approx(0.85) != top == pytest.approx(0.5)


def test_the_rate_alone_is_asked_for():
    for build in (
        lambda **options: dialect.OneCycleLR(0.5, 30, **options),
        lambda **options: dialect.CyclicLR(0.1, 0.5, 7, **options),
    ):
        rate = build(of="lr")
        assert isinstance(rate, gl.Schedule)
        assert rate == build(cycle_momentum=False) == build()["lr"]
        assert build()["momentum"] == build(of="momentum")
        assert gl.loads(gl.dumps(rate)) == rate


def test_what_comes_is_a_mapping_that_gives_the_rate_when_it_is_called():
    made = dialect.OneCycleLR(0.5, 30)
    assert dict(made) == {"lr": made["lr"], "momentum": made["momentum"]}
    assert made(8) == made["lr"](8) == pytest.approx(0.5)
    assert made.steps == made["lr"].steps
    assert made == dialect.OneCycleLR(0.5, 30) != dialect.OneCycleLR(0.5, 31)
    assert hash(made) == hash(dialect.OneCycleLR(0.5, 30))
    assert eval(repr(made)) == made
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made


def test_the_momentum_is_not_lost_where_schedules_are_combined():
    made = dialect.OneCycleLR(0.5, 30)
    for combine in (
        lambda: made * 0.5,
        lambda: made + 0.1,
        lambda: made >> gl.Constant(1.0),
        lambda: 2 * made,
    ):
        with pytest.raises(TypeError, match=r'lr and momentum, .* as in made\["lr"\]'):
            combine()
    with pytest.raises(AttributeError, match=r'lr and momentum; take one, as in made\["lr"\].take'):
        made.take(10)
    for build in (
        lambda: gl.Linear(0.0, 1.0, steps=3) >> made,
        lambda: gl.recipes.warmup(made, steps=3),
        lambda: gl.torch.Scheduler(optimizer_of("SGD"), {"lr": made}),
        lambda: dialect.SequentialLR([fastai.fit_one_cycle(1, 0.1, steps_per_epoch=9)], []),
    ):
        with pytest.raises((TypeError, gl.ScheduleError)):
            build()


def momentum_of_pytorch(name, arguments, steps):
    """The momenta that PyTorch's own scheduler sets; None from where on it raises."""
    return peer.rates(name)(arguments | {"of": "momentum"}, steps)


def everything(arguments):
    """Random arguments, of which the schedulers inside give all that they set."""
    for each in arguments["schedulers"]:
        each["arguments"].pop("of", None)
    return arguments


@pytest.mark.parametrize("name", ["SequentialLR", "ChainedScheduler"])
def test_schedulers_of_one_optimizer_move_its_momentum_as_pytorch_does(name):
    def make(inner, given):
        return getattr(dialect, inner)(**given)

    random, compared = Random(f"momentum of {name}"), 0
    while compared < 40:
        arguments = everything(peer.DRAWS[name](random))
        names = {each["call"] for each in arguments["schedulers"]}
        try:
            made = make(name, resolved(arguments, make))
        except gl.ScheduleError:
            continue
        assert isinstance(made, gl.Schedule) == (not names & {"OneCycleLR", "CyclicLR"})
        if isinstance(made, gl.Schedule):
            continue
        compared += 1
        theirs = momentum_of_pytorch(name, arguments, 60)
        for step, value in enumerate(theirs):
            if value is None:
                break
            try:
                made(step)
            except gl.ScheduleError:
                break
            assert made["momentum"](step) == pytest.approx(value, rel=1e-9, abs=1e-12), arguments


def test_ignite_moves_the_momentum_of_what_it_wraps():
    def handled(wrap):
        """Rates and momenta of Ignite's own handler, called before each update."""
        optimizer = optimizer_of("SGD")
        handler = wrap(lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=30))
        (group,) = optimizer.param_groups
        found = []
        for _ in range(20):
            handler(None)
            found.append((group["lr"], group["momentum"]))
        return found

    own = dialect.OneCycleLR(0.5, 30)
    warm = {"warmup_start_value": 0.0, "warmup_duration": 5}
    for theirs, made in (
        (param_scheduler.LRScheduler, ignite.LRScheduler(own)),
        (
            lambda s: param_scheduler.create_lr_scheduler_with_warmup(s, **warm),
            ignite.create_lr_scheduler_with_warmup(own, **warm),
        ),
        (
            lambda s: param_scheduler.create_lr_scheduler_with_warmup(
                s, **warm, warmup_end_value=0.3
            ),
            ignite.create_lr_scheduler_with_warmup(own, **warm, warmup_end_value=0.3),
        ),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = handled(theirs)
        found = [(made["lr"](k), made["momentum"](k)) for k in range(20)]
        assert found == [pytest.approx(pair, rel=1e-9) for pair in expected]


def test_fastai_moves_the_momentum_with_the_rate():
    options = {"n_epoch": 2, "lr_max": 0.1, "steps_per_epoch": 10}
    made = fastai.fit_one_cycle(**options, moms=(0.9, 0.7, 0.95))
    assert made["lr"] == fastai.fit_one_cycle(**options, of="lr")
    assert made["momentum"] == fastai.fit_one_cycle(**options, moms=(0.9, 0.7, 0.95), of="mom")
    tuned = fastai.fine_tune(3, steps_per_epoch=10)
    assert set(tuned) == {"lr", "momentum"}
    assert tuned["momentum"] == fastai.fine_tune(3, steps_per_epoch=10, of="mom")
    optimizer = optimizer_of("Adam")
    gl.torch.Scheduler(optimizer, made)
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.999)


def test_megatron_sets_the_weight_decay_with_the_rate():
    shape = (0.0, 0.1, 0.01, 10, 100, "cosine")
    decay = (0.01, 0.1, 100, "linear")
    made = megatron.OptimizerParamScheduler(*shape, *decay)
    optimizer = optimizer_of("AdamW")
    scheduler = gl.torch.Scheduler(optimizer, made)
    used(optimizer, scheduler, 50)
    assert optimizer.param_groups[0]["weight_decay"] == pytest.approx(0.055)
    assert optimizer.param_groups[0]["lr"] == made(50)
    alone = megatron.OptimizerParamScheduler(*shape)
    assert alone == megatron.OptimizerParamScheduler(*shape, *decay, of="lr") == made["lr"]
    assert made["weight_decay"](50) == pytest.approx(0.055)
    with pytest.raises(gl.ScheduleError, match="`start_wd` and `end_wd` must both be given"):
        megatron.OptimizerParamScheduler(*shape, start_wd=0.1)


def test_a_trainer_gets_the_momentum_of_a_cycle_as_long_as_its_run(tmp_path):
    import transformers

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x):
            return {"loss": (self.weight * x - 1).square().mean()}

    arguments = transformers.TrainingArguments(
        str(tmp_path), max_steps=10, save_strategy="no", report_to="none", use_cpu=True,
        disable_tqdm=True, logging_strategy="no",
    )  # fmt: skip
    trainer = transformers.Trainer(Model(), arguments, train_dataset=[{"x": torch.ones(1)}] * 80)
    gl.transformers.follow(trainer, lambda steps: dialect.OneCycleLR(1e-3, steps)).train()
    last = dialect.OneCycleLR(1e-3, 10)
    (group,) = [group for group in trainer.optimizer.param_groups if group["params"]]
    optimizer = getattr(trainer.optimizer, "optimizer", trainer.optimizer)
    assert optimizer.param_groups[0]["betas"][0] == pytest.approx(last["momentum"](10))
    assert group["lr"] == pytest.approx(last(10))
