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


def test_another_decay_from_a_step_on(used, agree):
    stages = [{"duration": 10, "start_lr": 0.0, "end_lr": 3e-4}, {"duration": 200, "end_lr": 0.0}]
    other = {"start": 100, "duration": 50, "shape": "cosine", "end_lr_fraction": 0.1}
    text = config("ComposableScheduler", stages=stages, override_decay=other)

    def staged(k):
        t = k + 1
        if t < 10:
            return 3e-4 * t / 10
        if t < 100:
            return 3e-4 * (1 - (t - 10) / 200)
        done = min(1.0, (t - 100) / 50)
        return 3e-5 + (3e-4 * 0.55 - 3e-5) * (1 + math.cos(math.pi * done)) / 2

    agree(used("config.json", text), staged)


def test_periods_that_each_end_at_the_floor(used, agree):
    text = config(
        "WSDS",
        period_lengths=[100, 60],
        period_lr_multipliers=[1.0, 0.5],
        warmup=20,
        decay_fraction=0.25,
        decay_min_lr=1e-5,
    )

    def periods(k):
        t = k + 1
        if t < 20:
            return 3e-4 * t / 20
        if t >= 160:
            return 1e-5
        end, decay, peak = (100, 25, 3e-4) if t <= 100 else (160, 15, 1.5e-4)
        return 1e-5 + (peak - 1e-5) * min(decay, end - t) / decay

    rate = used("config.json", text)
    agree(rate, periods)
    assert rate(99) == 1e-5 < rate(100)


def test_schedulers_one_after_another_begin_where_the_last_ended(used, agree):
    inner = [
        {"_CLASS_": "olmo_core.optim.scheduler.LinearWithWarmup", "warmup": 10, "alpha_f": 0.5},
        {"_CLASS_": "olmo_core.optim.scheduler.CosWithWarmup", "warmup": 0, "alpha_f": 0.1},
    ]
    text = config("SequentialScheduler", schedulers=inner, schedulers_max=[100, 9])

    def both(k):
        t = k + 1
        if t < 10:
            return 3e-4 * t / 10
        if t <= 100:
            return 3e-4 * (1 - 0.5 * (t - 10) / 90)
        done = min(1.0, (t - 100) / 300)
        return 1.5e-4 * (0.1 + 0.9 * (1 + math.cos(math.pi * done)) / 2)

    agree(used("config.json", text), both, range(450))


def test_a_rise_along_the_exponential(used, agree):
    rate = used("config.json", config("ExponentialScheduler", lr_min=1e-7))
    agree(rate, lambda k: 1e-7 * 3000 ** ((k + 1) / 400), range(400))


SCRIPT = """
from olmo_core.optim import CosWithWarmup, SkipStepAdamWConfig

LR, BATCH = 3e-4, 8
SEQUENCE_LENGTH = 512
BATCH = 8 * SEQUENCE_LENGTH

def build_config(opts):
    train_module = TransformerTrainModuleConfig(
        optim=SkipStepAdamWConfig(lr=3e-4, betas=(0.9, 0.95)),
        scheduler=CosWithWarmup(units=SchedulerUnits.steps, warmup_steps=20),
    )
    loader = NumpyDataLoaderConfig(global_batch_size=BATCH, seed=opts.seed)
    trainer = TrainerConfig(save_folder="x", max_duration=Duration.tokens(int(400 * 4096)))
"""


def test_a_script_that_makes_the_configuration(used):
    whole = used("config.json", config("CosWithWarmup", warmup=20))
    assert used("train.py", SCRIPT) == whole
    with pytest.raises(ScheduleError, match=r"olmo-core: `train_module.optim.lr` must be a number"):
        used("train.py", SCRIPT.replace("lr=3e-4", "lr=opts.lr"))
    two = SCRIPT + "    other = NumpyDataLoaderConfig(global_batch_size=7)\n"
    with pytest.raises(ScheduleError, match="`global_batch_size` must be the same wherever it is"):
        used("train.py", two)
    without = SCRIPT.replace(", max_duration=Duration.tokens(int(400 * 4096))", "")
    with pytest.raises(ScheduleError, match="olmo-core: the file does not say `steps`"):
        used("train.py", without)
    assert used("train.py", without, steps=400) == whole


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("Plateau", {}, "olmo-core: the scheduler must be one of .*, got 'Plateau'"),
        ("WSDS", {"period_lengths": [9], "warmup": 5, "decay": 5}, "`train_module.scheduler.per"),
        ("ComposableScheduler", {"stages": []}, "scheduler.stages` is .*it must have one or more"),
        ("SequentialScheduler", {"schedulers": [{}, {}]}, "scheduler.schedulers_max_steps` is"),
    ],
)
def test_others_are_refused(used, kind, options, message):
    with pytest.raises(ScheduleError, match=message):
        used("config.json", config(kind, **options))


def test_a_stable_rate_needs_no_warmup_but_a_power_does(used, agree):
    rate = used("a.json", config("WSD", warmup=0))
    agree(rate, lambda k: 3e-4 * min(1.0, (399 - k) / 40), range(400))
    with pytest.raises(ScheduleError, match=r"scheduler\.warmup` is 0: OLMo-core divides by it"):
        used("b.json", config("PowerLR", warmup=0))
