"""OLMo-core's JSON: update k has the rate of step k + 1."""

import json
import math

import pytest

from glissando.errors import ScheduleError


def config(kind, unit="steps", value=400, rate=3e-4, **options):
    scheduler = {"_CLASS_": f"olmo_core.optim.scheduler.{kind}", "units": "steps", **options}
    return json.dumps(
        {
            "run_name": "OLMo-hybrid-7B",
            "data_loader": {"global_batch_size": 4096, "seed": 34521},
            "train_module": {
                "optim": {"_CLASS_": "olmo_core.optim.SkipStepAdamWConfig", "lr": rate},
                "scheduler": scheduler,
            },
            "trainer": {"max_duration": {"value": value, "unit": unit}},
        }
    )


def test_a_cosine_whose_first_update_is_step_one(used, agree):
    rate = used("config.json", config("CosWithWarmup", warmup=20, alpha_f=0.1))

    def cosine(k):
        t = k + 1
        if t < 20:
            return 3e-4 * t / 20
        done = min(1.0, (t - 20) / 380)
        return 3e-5 + 2.7e-4 * (1 + math.cos(math.pi * done)) / 2

    agree(rate, cosine, range(450))
    assert rate(0) == pytest.approx(3e-4 / 20)


def test_a_stable_rate_with_fractions_and_tokens(used, agree):
    text = config("WSD", "tokens", 400 * 4096, warmup_fraction=0.05, units="tokens")
    rate = used("config.json", text)

    def stable(k):
        t = k + 1
        if t <= 20:
            return 3e-4 * t / 20
        return 3e-4 * min(1.0, max(0.0, (400 - t) / 40))

    agree(rate, stable, range(420), rel=1e-9)


def test_a_power_with_a_linear_tail(used, agree):
    rate = used("config.json", config("PowerLR", warmup=10, decay=50, decay_fraction=None))

    def power(k):
        t = k + 1
        if t <= 10:
            return 3e-4 * t / 10
        if t >= 350:
            return 3e-4 * 35**-0.51 * max(0, 400 - t) / 50
        return 3e-4 * (t / 10) ** -0.51

    agree(rate, power, range(410))


def test_half_a_cosine_and_one_with_a_line(used, agree):
    half = used("a.json", config("HalfCosWithWarmup", warmup=20))

    def second(k):
        t = k + 1
        if t < 20:
            return (3e-5 + 1.35e-4) * t / 20
        done = (t - 20 + 380) / 760
        return 3e-5 + 2.7e-4 * (1 + math.cos(math.pi * min(1.0, done))) / 2

    agree(half, second, range(420))
    both = used("b.json", config("CosWithWarmupAndLinearDecay", warmup=20, alpha_f=0.0))

    def cosine(t):
        return 3e-4 * (1 + math.cos(math.pi * (t - 20) / 380)) / 2

    def cut(k):
        t = k + 1
        if t >= 360:
            return cosine(360) * max(0, 400 - t) / 40
        return cosine(t) if t >= 20 else 3e-4 * t / 20

    agree(both, cut, range(420))


def test_line_root_and_warmup_alone(used, agree):
    line = used("a.json", config("LinearWithWarmup", warmup=20, t_max=300))
    agree(line, lambda k: 3e-4 * ((k + 1) / 20 if k < 19 else max(0.1, 1 - 0.9 * (k - 19) / 280)))
    root = used("b.json", config("InvSqrtWithWarmup", warmup=20))

    def inverse(k):
        return 3e-4 * ((k + 1) / 20 if k < 19 else 0.1 + 0.9 * math.sqrt(20 / (k + 1)))

    agree(root, inverse)
    flat = used("c.json", config("ConstantWithWarmup", warmup_steps=20))
    agree(flat, lambda k: 3e-4 * min(1.0, (k + 1) / 20))


def test_stages(used, agree):
    stages = [
        {"duration": 10, "start_lr": 0.0, "end_lr_fraction": 1.0},
        {"duration": 100, "shape": "cosine", "end_lr": 1e-4},
    ]
    rate = used("config.json", config("ComposableScheduler", stages=stages))

    def staged(k):
        t = k + 1
        if t < 10:
            return 3e-4 * t / 10
        return 1e-4 + 2e-4 * (1 + math.cos(math.pi * min(1.0, (t - 10) / 100))) / 2

    agree(rate, staged)


def test_others_are_refused(used):
    with pytest.raises(ScheduleError, match="olmo-core: the scheduler must be one of"):
        used("config.json", config("WSDS", period_lengths=[1]))
