"""PyTorch on a GPU: what replays, skips, compiles or fuses an update there reads the new rate.

`make gpu` runs it. It takes only torch, pytest and the source tree: where glissando is not
installed, `PYTHONPATH=src python -m pytest -o addopts= tests/gpu` does the same.
"""

import warnings

import pytest
import torch

import glissando as gl

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no GPU: PyTorch sees no CUDA device on this machine"
)

WARM = gl.Linear(0.0, 0.5, steps=4) >> gl.Cosine(0.5, 0.1, steps=40)
UPDATES = 20


@pytest.fixture(autouse=True)
def no_word():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what PyTorch itself says when it compiles or captures
        warnings.filterwarnings("error", message="Scheduler")
        yield


class Plain(torch.optim.Optimizer):
    """Plain SGD that reads its rate on the device, so that it can be captured."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for param in group["params"]:
                param.addcmul_(param.grad, group["lr"], value=-1)


def weight():
    return torch.nn.Parameter(torch.zeros(4, device="cuda"))


def on_device():
    return torch.tensor(9.0, device="cuda")


def warmed_up(param, optimizer, scheduler):
    """Do three updates in a stream of its own, as PyTorch asks for, and return a captured one."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        moves(param, optimizer.step, scheduler, 3)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        optimizer.step()  # captured, not done
    assert scheduler.last_epoch == 3
    return graph


def rates(n, start=0):
    return pytest.approx([WARM(k) for k in range(start, start + n)], rel=1e-6, abs=1e-7)


def moves(param, apply, scheduler, n):
    """Return by how much a weight under gradient 1 moves in each of `n` updates."""
    found = []
    for _ in range(n):
        param.detach().zero_()
        if param.grad is None:
            param.grad = torch.ones_like(param)
        param.grad.fill_(1.0)
        apply()
        scheduler.step()
        found.append(-param[0].item())
    return found


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("tensor", [False, True])
def test_each_update_uses_the_rate_of_its_step(fused, tensor):
    param = weight()
    optimizer = torch.optim.SGD([param], lr=on_device() if tensor else 9.0, fused=fused)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    assert moves(param, optimizer.step, scheduler, UPDATES) == rates(UPDATES)
    assert scheduler.last_epoch == UPDATES


def test_a_replayed_graph_reads_the_new_rate():
    param, lr = weight(), on_device()
    optimizer = Plain([param], lr)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    graph = warmed_up(param, optimizer, scheduler)
    assert moves(param, graph.replay, scheduler, UPDATES) == rates(UPDATES, 3)
    assert scheduler.last_epoch == 3 + UPDATES
    assert optimizer.param_groups[0]["lr"] is lr
    assert moves(param, optimizer.step, scheduler, 3) == rates(3, 3 + UPDATES)  # and without it


@pytest.mark.parametrize("fused", [False, True])
def test_a_capturable_adam_in_a_graph_moves_by_the_new_rate(fused):
    param = weight()
    optimizer = torch.optim.Adam([param], lr=on_device(), capturable=True, fused=fused)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    graph = warmed_up(param, optimizer, scheduler)
    # under a gradient that is always 1, Adam moves by the rate
    found = moves(param, graph.replay, scheduler, UPDATES)
    assert found == pytest.approx([WARM(k) for k in range(3, 3 + UPDATES)], rel=1e-3)


@pytest.mark.parametrize("fused", [False, True])
def test_an_update_that_the_scaler_skips_does_not_count(fused):
    param = torch.nn.Parameter(torch.zeros((), device="cuda"))
    optimizer = torch.optim.SGD([param], lr=9.0, fused=fused)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    scaler = torch.amp.GradScaler("cuda", init_scale=4.0)
    found = []
    for batch in range(UPDATES):
        param.detach().zero_()
        optimizer.zero_grad()
        skip = batch in (0, 1, 2, 3, 9)
        scaler.scale(param * (float("inf") if skip else 1.0)).backward()
        scaler.step(optimizer)
        scaler.update()
        scheduler.step()
        if skip:
            assert param.item() == 0.0
        else:
            found.append(-param.item())
    assert found == rates(UPDATES - 5)
    assert scheduler.last_epoch == UPDATES - 5


def test_a_compiled_step_is_compiled_once_and_reads_the_new_rate():
    from torch._dynamo.testing import CompileCounterWithBackend

    param, lr = weight(), on_device()
    optimizer = torch.optim.SGD([param], lr=lr)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    torch._dynamo.reset()
    counter = CompileCounterWithBackend("inductor")
    step = torch.compile(optimizer.step, backend=counter)
    assert moves(param, step, scheduler, UPDATES) == rates(UPDATES)
    assert counter.frame_count == 1
    assert optimizer.param_groups[0]["lr"] is lr


def test_a_write_to_the_rate_makes_the_host_wait_for_nothing():
    param = weight()
    optimizer = Plain([param], on_device())
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    param.grad = torch.ones_like(param)
    optimizer.step()
    scheduler.step()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(5):
            optimizer.step()
            scheduler.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert scheduler.last_epoch == 6


def test_the_best_weights_are_kept_in_the_memory_of_the_cpu_and_come_back():
    param = weight()
    module = torch.nn.Module()
    module.weight = param
    optimizer = torch.optim.SGD([param])
    rate = gl.Plateau("torch", factor=0.5, patience=0).on(gl.Constant(0.5))
    scheduler = gl.torch.Scheduler(optimizer, rate, restore_best=module)
    assert scheduler.state_dict()["best"]["weights"][0]["weight"].device.type == "cpu"
    for value, metric in ((1.0, 0.5), (2.0, 0.9)):
        param.detach().fill_(value)
        scheduler.step(metric)
    assert param.device.type == "cuda"
    assert param.tolist() == [1.0] * 4
