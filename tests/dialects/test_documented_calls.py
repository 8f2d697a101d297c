"""The examples of the frameworks' own documentation: nothing is warned of, nothing doubted."""

import pytest
import torch

import glissando as gl

CALLS = """
torch.StepLR(step_size=30, gamma=0.1, lr=0.05)
torch.MultiStepLR(milestones=[30, 80], gamma=0.1, lr=0.05)
torch.ConstantLR(factor=0.5, total_iters=40, lr=0.05)
torch.LinearLR(start_factor=0.05, total_iters=40, lr=0.05)
torch.ExponentialLR(gamma=0.95, lr=0.05)
torch.PolynomialLR(total_iters=50, power=0.9, lr=0.05)
torch.CosineAnnealingLR(T_max=10, eta_min=0.001, lr=0.05)
torch.CosineAnnealingWarmRestarts(T_0=20, lr=0.05)
torch.CyclicLR(base_lr=0.01, max_lr=0.1, step_size_up=10)
torch.OneCycleLR(max_lr=0.01, steps_per_epoch=100, epochs=10)
torch.SWALR(swa_lr=0.05, anneal_strategy="linear", anneal_epochs=20, lr=0.1)
keras.ExponentialDecay(1e-2, decay_steps=10000, decay_rate=0.9)
keras.ExponentialDecay(0.1, decay_steps=100000, decay_rate=0.96, staircase=True)
keras.CosineDecay(0.1, 1000)
keras.CosineDecay(0.0, 1000, warmup_target=0.1, warmup_steps=1000)
keras.CosineDecayRestarts(0.001, 1000)
keras.InverseTimeDecay(0.1, 1.0, 0.5)
keras.PiecewiseConstantDecay([100000, 110000], [1.0, 0.5, 0.1])
keras.PolynomialDecay(0.1, 10000, 0.01, power=0.5)
optax.warmup_cosine_decay_schedule(0.0, 1.0, 50, 1000, end_value=0.0)
optax.cosine_onecycle_schedule(1000, 0.1)
transformers.get_linear_schedule_with_warmup(100, 1000, lr=5e-5)
transformers.get_cosine_schedule_with_warmup(100, 1000, lr=5e-5)
transformers.get_cosine_with_hard_restarts_schedule_with_warmup(100, 1000, 2, lr=5e-5)
timm.CosineLRScheduler(200, lr_min=1e-4, warmup_t=20, warmup_lr_init=1e-4, lr=0.05)
timm.StepLRScheduler(decay_t=30, decay_rate=0.1, warmup_t=5, warmup_lr_init=1e-5, lr=0.1)
fastai.fit_one_cycle(4, 1e-3, steps_per_epoch=100)
fastai.fit_flat_cos(4, 1e-3, steps_per_epoch=100)
fastai.fine_tune(3, steps_per_epoch=100)
paddle.NoamDecay(512, 4000)
paddle.OneCycleLR(1.0, 100)
ignite.CosineAnnealingScheduler(1e-1, 1e-3, 100)
ignite.PiecewiseLinear([(10, 0.5), (20, 0.45), (21, 0.3), (30, 0.1), (40, 0.1)])
mmengine.LinearLR(start_factor=0.001, begin=0, end=500, lr=0.02)
mmengine.MultiStepLR(milestones=[8, 11], gamma=0.1, begin=0, end=12, lr=0.02)
composer.CosineAnnealingWithWarmupScheduler("100ba", "1dur", alpha_f=0.1, lr=6e-4, steps=4800)
megatron.OptimizerParamScheduler(0.0, 6e-5, 6e-6, 183105, 200_000_000, "cosine")
torchtitan.LRSchedulersContainer(lr=3e-4, training_steps=1000, warmup_steps=200)
ultralytics.BaseTrainer(cos_lr=True, optimizer="SGD", steps_per_epoch=100)
""".strip().splitlines()

PEERS = {peer: getattr(gl.dialects, peer) for peer in gl.dialects.PEERS}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.partition("(")[0])
def test_an_example_of_the_peers_documentation_is_built_and_followed_without_a_doubt(call):
    made = eval(call, PEERS)  # a warning is an error here
    for name, schedule in ({"lr": made} if isinstance(made, gl.Schedule) else made).items():
        findings = [finding.rule for finding in gl.lint(schedule)]
        # that the first update changes nothing is true of these, and a peer's own choice
        assert findings in ([], ["zero-start"]), name
        assert bool(findings) == (schedule(0) == 0)
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.5)
    scheduler = gl.torch.Scheduler(optimizer, made)
    for step in range(5):
        assert optimizer.param_groups[0]["lr"] == made(step)
        weight.grad = torch.ones(1)
        optimizer.step()
        scheduler.step()
