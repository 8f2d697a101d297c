"""Updates are counted wherever they are done, and where they cannot be, that is told."""

import copy

import pytest
import pytorch_optimizer
import torch

import glissando as gl
from torch_probe import parameter, sgd, update

WARM = gl.Linear(0.0, 0.5, steps=4) >> gl.Cosine(0.5, 0.1, steps=40)


def rates(n, start=0):
    return [WARM(k) for k in range(start, start + n)]


class Sam(torch.optim.Optimizer):
    """The usual SAM: its two steps are called by the loop, and the base does the update."""

    def __init__(self, params, base, rho=0.0, **options):
        super().__init__(params, {"rho": rho, **options})
        self.base_optimizer = base(self.param_groups, **options)
        self.param_groups = self.base_optimizer.param_groups
        self.defaults.update(self.base_optimizer.defaults)

    @torch.no_grad()
    def first_step(self, zero_grad=False):
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p]["old"] = p.clone()
                p.add_(p.grad * group["rho"])
        if zero_grad:
            self.zero_grad()

    @torch.no_grad()
    def second_step(self, zero_grad=False):
        for group in self.param_groups:
            for p in group["params"]:
                p.copy_(self.state[p]["old"])
        self.base_optimizer.step()
        if zero_grad:
            self.zero_grad()

    def step(self, closure):
        self.first_step(zero_grad=True)
        with torch.enable_grad():
            closure()
        self.second_step()

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.base_optimizer.param_groups = self.param_groups


def by_hand(optimizer):
    """Update as the loops of SAM do, and return the move."""

    def apply():
        optimizer.first_step()
        optimizer.second_step()

    return update(optimizer, apply)[0]


def by_closure(optimizer):
    weight = optimizer.param_groups[0]["params"][0]
    weight.data.zero_()
    weight.grad = torch.ones_like(weight)

    def closure():
        weight.grad = torch.ones_like(weight)

    optimizer.step(closure)
    return -weight.item()


SAMS = {
    "the usual SAM": lambda weights: Sam(weights, torch.optim.SGD, lr=9.0),
    "SAM": lambda weights: pytorch_optimizer.SAM(weights, torch.optim.SGD, rho=0.01, lr=9.0),
    "WSAM": lambda weights: pytorch_optimizer.WSAM(
        torch.nn.Module(), weights, torch.optim.SGD, lr=9.0
    ),
}


@pytest.mark.parametrize("go", [by_hand, by_closure])
@pytest.mark.parametrize("make", SAMS.values(), ids=list(SAMS))
def test_sam_is_followed_by_its_base_optimizer(make, go):
    optimizer = make([parameter()])
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    used = []
    for _ in range(12):
        used.append(go(optimizer))
        scheduler.step()
    assert used == pytest.approx(rates(12), rel=1e-12)
    assert scheduler.last_epoch == 12
    assert scheduler.optimizer is optimizer


def test_sam_resumes_in_any_order_without_a_word():
    optimizer = Sam([parameter()], torch.optim.SGD, lr=9.0)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    for _ in range(7):
        by_hand(optimizer)
        scheduler.step()
    saved = copy.deepcopy([optimizer.state_dict(), scheduler.state_dict()])
    for order in ("both", "optimizer", "scheduler", "other order"):
        again = Sam([parameter()], torch.optim.SGD, lr=9.0)
        resumed = gl.torch.Scheduler(again, WARM)
        if order in ("other order", "scheduler"):
            resumed.load_state_dict(saved[1])
        if order != "scheduler":
            again.load_state_dict(saved[0])
        if order == "both":
            resumed.load_state_dict(saved[1])
        first = 0 if order == "optimizer" else 7
        assert again.param_groups[0]["lr"] == WARM(first)
        assert [by_hand(again) for _ in range(3)] == rates(3, first)


class Copies(torch.optim.Optimizer):
    """A wrapper with groups of its own, which it copies to those of the optimizer in it."""

    def __init__(self, params, name, copies):
        params = list(params)
        setattr(self, name, torch.optim.SGD(params, lr=9.0))
        self.inner, self.copies = getattr(self, name), copies
        super().__init__(params, {"lr": 9.0})

    def step(self, closure=None):
        if self.copies:
            for mine, theirs in zip(self.param_groups, self.inner.param_groups, strict=True):
                theirs["lr"] = mine["lr"]
        return self.inner.step(closure)


class Bare:
    """A wrapper that only looks like an optimizer, as Apex's did."""

    def __init__(self, optimizer, name="optimizer"):
        setattr(self, name, optimizer)
        self.inner = optimizer

    param_groups = property(lambda self: self.inner.param_groups)

    def step(self):
        self.inner.step()


class Silent(torch.optim.Optimizer):
    """A wrapper that does not call `Optimizer.__init__`."""

    def __init__(self, optimizer):
        self._wrapped = optimizer

    param_groups = property(lambda self: self._wrapped.param_groups)

    def step(self, closure=None):
        self._wrapped.step(closure)


WRAPPERS = {
    **{
        f"{name}, {'copied' if copies else 'apart'}": lambda name=name, copies=copies: Copies(
            [parameter()], name, copies
        )
        for name in ("optimizer", "base_optimizer", "_optimizer", "optim")
        for copies in (True, False)
    },
    "bare": lambda: Bare(sgd()),
    "bare base": lambda: Bare(sgd(), "base_optimizer"),
    "silent": lambda: Silent(sgd()),
    "three levels": lambda: Bare(Silent(Copies([parameter()], "base_optimizer", True))),
    "Lookahead of SAM": lambda: Bare(Sam([parameter()], torch.optim.SGD, lr=9.0)),
    "Lookahead": lambda: pytorch_optimizer.Lookahead(sgd(), k=99),
    "ScheduleFreeWrapper": lambda: pytorch_optimizer.ScheduleFreeWrapper(sgd()),
    "OrthoGrad": lambda: pytorch_optimizer.OrthoGrad(sgd()),
}


@pytest.mark.parametrize("make", WRAPPERS.values(), ids=list(WRAPPERS))
def test_an_optimizer_in_another_is_followed_wherever_it_is_held(make):
    optimizer = make()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    inner = scheduler._target
    used = []
    inner.register_step_pre_hook(lambda o, *_: used.append(o.param_groups[0]["lr"]))
    if hasattr(optimizer, "train"):
        optimizer.train()
    for k in range(9):
        weight = optimizer.param_groups[0]["params"][0]
        weight.grad = torch.ones_like(weight)
        assert optimizer.param_groups[0]["lr"] == WARM(k)
        if isinstance(optimizer, Bare) and isinstance(optimizer.inner, Sam):
            optimizer.inner.first_step()
            optimizer.inner.second_step()
        else:
            optimizer.step()
        scheduler.step()
    assert used == rates(9)


def test_what_holds_several_or_none_is_refused_in_words():
    class Several(torch.optim.Optimizer):
        def __init__(self, *optimizers):
            self.optimizers = optimizers

        param_groups = property(lambda self: [g for o in self.optimizers for g in o.param_groups])

        def step(self, closure=None):
            for optimizer in self.optimizers:
                optimizer.step()

    with pytest.raises(gl.ScheduleError, match="Several does not call Optimizer"):
        gl.torch.Scheduler(Several(sgd(), sgd()), WARM)
    for other in (None, torch.nn.Linear(1, 1), torch.optim.SGD, [sgd()]):
        with pytest.raises(gl.ScheduleError, match=r"must be a torch\.optim\.Optimizer, got"):
            gl.torch.Scheduler(other, WARM)


def test_zero_redundancy_optimizer_is_counted_by_its_own_step(tmp_path):
    import torch.distributed as dist
    from torch.distributed.optim import ZeroRedundancyOptimizer

    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/x", rank=0, world_size=1)
    try:
        optimizer = ZeroRedundancyOptimizer([parameter()], torch.optim.SGD, lr=9.0)
        scheduler = gl.torch.Scheduler(optimizer, WARM)
        used = []
        for _ in range(9):
            used += update(optimizer)
            scheduler.step()
    finally:
        dist.destroy_process_group()
    assert used == rates(9)


# No update is counted


def model():
    torch.manual_seed(0)
    return torch.nn.Linear(3, 1)


def backward(net):
    net(torch.ones(2, 3)).square().mean().backward()


def manual(net, data):
    for p in net.parameters():
        if data:
            p.data.sub_(0.01 * p.grad)
        else:
            with torch.no_grad():
                p -= 0.01 * p.grad


@pytest.mark.parametrize("zero", ["before step", "at the begin", "in place"])
@pytest.mark.parametrize("data", [True, False])
def test_updates_by_hand_are_told_after_a_few_calls(zero, data):
    net = model()
    scheduler = gl.torch.Scheduler(torch.optim.SGD(net.parameters()), WARM)

    def batch():
        if zero != "before step":
            net.zero_grad(set_to_none=zero != "in place")
        backward(net)
        manual(net, data)
        if zero == "before step":
            net.zero_grad()
        scheduler.step()

    batch()
    batch()
    with pytest.warns(UserWarning, match="called 3 times, and no update .* weights change"):
        batch()
    for _ in range(5):
        batch()  # once


@pytest.mark.parametrize("trained", [0, 4])
def test_an_optimizer_that_was_replaced_is_told(trained):
    net = model()
    optimizer = torch.optim.SGD(net.parameters())
    scheduler = gl.torch.Scheduler(optimizer, WARM)

    def batch():
        optimizer.zero_grad()
        backward(net)
        optimizer.step()
        scheduler.step()

    for _ in range(trained):
        batch()
    optimizer = torch.optim.Adam(net.parameters())
    batch()
    batch()
    with pytest.warns(UserWarning, match="needs a Scheduler of its own"):
        batch()
    batch()


def test_a_model_that_was_replaced_with_its_optimizer_is_told():
    net = model()
    scheduler = gl.torch.Scheduler(torch.optim.SGD(net.parameters()), WARM)
    net = model()
    optimizer = torch.optim.SGD(net.parameters())

    def batch():
        optimizer.zero_grad()
        backward(net)
        optimizer.step()
        scheduler.step()

    for _ in range(4):
        batch()
    with pytest.warns(UserWarning, match="nothing happens to the weights"):
        batch()


@pytest.mark.parametrize("unit", ["step", "epoch"])
def test_a_curve_that_is_drawn_by_stepping_is_told(unit):
    scheduler = gl.torch.Scheduler(sgd(), WARM, unit=unit)
    for _ in range(4):
        scheduler.step()
    with pytest.warns(UserWarning, match=r"called 5 times.* gl\.plot\(schedule\) draws a curve"):
        scheduler.step()
    for _ in range(100):
        scheduler.step()  # once


def test_a_step_that_was_put_in_place_of_the_optimizers_is_told():
    net = model()
    optimizer = torch.optim.SGD(net.parameters())
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    optimizer.step = lambda: manual(net, False)
    backward(net)

    def batch():
        optimizer.step()
        scheduler.step()

    batch()
    batch()
    with pytest.warns(UserWarning, match="something else updates them"):
        batch()


def test_updates_by_hand_at_the_rate_of_a_warm_up_that_stays_at_0_are_told():
    net = model()
    scheduler = gl.torch.Scheduler(torch.optim.SGD(net.parameters()), WARM)

    def train():
        for _ in range(64):
            net.zero_grad()
            backward(net)
            for p in net.parameters():
                p.data.sub_(scheduler.get_last_lr()[0] * p.grad)
            scheduler.step()

    with pytest.warns(UserWarning, match="no update of the optimizer was counted"):
        train()


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("to_none", [True, False])
def test_a_scaler_that_skips_its_first_updates_is_no_alarm(fused, to_none):
    net = model()
    optimizer = torch.optim.SGD(net.parameters(), fused=fused)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    scaler = torch.amp.GradScaler("cpu")
    for batch in range(40):
        optimizer.zero_grad(set_to_none=to_none)
        loss = net(torch.ones(2, 3)).square().mean() * (float("inf") if batch < 30 else 1.0)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        scheduler.step()
    assert scheduler.last_epoch == 10


@pytest.mark.parametrize("every", [2, 8, 70])
def test_micro_batches_and_many_processes_are_no_alarm(every):
    net = model()
    optimizer = torch.optim.SGD(net.parameters())
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    for batch in range(3 * every):
        backward(net)
        if batch % every == every - 1:
            optimizer.step()
            optimizer.zero_grad()
        scheduler.step()
    assert scheduler.last_epoch == 3
    for _ in range(3):
        backward(net)
        optimizer.step()
        optimizer.zero_grad()
        for _ in range(every):  # as Accelerate does
            scheduler.step()
    assert scheduler.last_epoch == 6


def test_metrics_are_given_without_updates_and_weights_are_loaded():
    net = model()
    optimizer = torch.optim.SGD(net.parameters())
    scheduler = gl.torch.Scheduler(optimizer, gl.Plateau().on(WARM))
    for _ in range(20):
        scheduler.step(1.0)
        net.load_state_dict(net.state_dict())
    scheduler.step()
    for _ in range(3):
        backward(net)
        optimizer.step()
        scheduler.step(1.0)
        scheduler.step()
    assert scheduler.last_epoch == 3
