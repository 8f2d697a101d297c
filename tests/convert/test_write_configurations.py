"""Configurations that are written: their keys give the schedule, or what cannot is named."""

import json

import pytest
import yaml

import glissando as gl
from convert.running import OWN, differing, run_arguments
from glissando.convert.write import write

PEAK = 1e-3
WARM = gl.Linear(0.0, PEAK, steps=40)


EVERY = OWN | {
    "from one": gl.Linear(PEAK / 41, PEAK, 40) >> gl.Cosine(PEAK, 1e-4, 60),
    "held at the peak": gl.Linear(PEAK / 40, PEAK, 39)
    >> gl.Constant(PEAK, 31)
    >> gl.Cosine(PEAK, 1e-4, 30),
    "first rate twice": gl.Constant(0.0, 1) >> gl.Linear(0.0, PEAK, 9) >> gl.Linear(PEAK, 0.0, 30),
    "any start": gl.Linear(1e-4, PEAK, 40) >> gl.Constant(PEAK, 100) >> gl.Sqrt(PEAK, 1e-5, 60),
    "short constant": gl.Constant(0.1, 100),
    "warm milestones": gl.Linear(1e-5, PEAK, 50)
    >> gl.Piecewise([PEAK, PEAK / 10, PEAK / 100], [60, 80]).take(100),
    "tri-stage": WARM >> gl.Constant(PEAK, 10) >> gl.LogLinear(PEAK, 1e-5, 50),
    "first two": gl.Constant(PEAK / 40, 1)
    >> gl.Linear(PEAK / 40, PEAK, 39)
    >> gl.Cosine(PEAK, 1e-4, 60),
    "held, to a floor": gl.Linear(PEAK / 41, PEAK, 40)
    >> gl.Constant(PEAK, 10)
    >> gl.Polynomial(PEAK, 1e-5, 50, power=2.0),
    "at once": (
        (gl.Linear(0.1, 1.0, 40) >> gl.Constant(1.0)) * gl.Piecewise([1.0, 0.1], [30]) * PEAK
    ).take(99),
    "cut": gl.Constant(PEAK, 9) >> gl.Cosine(PEAK, 1e-4, 60).take(50),
    "one late": gl.Constant(0.0, 1) >> gl.Linear(0.0, PEAK, 40) >> gl.Cosine(PEAK, 1e-4, 60),
    "step one": gl.Linear(PEAK / 40, PEAK, 39) >> gl.InverseSqrt(PEAK, 40),
    "step one, cut": (gl.Linear(PEAK / 40, PEAK, 39) >> gl.InverseSqrt(PEAK, 40)).take(99),
    "epochs": gl.Geometric(0.1, 0.9).hold_each(20),
    "begun": (gl.Linear(1e-4, PEAK, 40) >> gl.Cosine(PEAK, 1e-4, 60)).drop(1),
}
SUFFIXES = {
    "axolotl": (".yaml", 15),
    "composer": (".yaml", 3),
    "deepspeed": (".json", 4),
    "detectron2": (".yaml", 7),
    "diffusers": (".sh", 6),
    "espnet": (".yaml", 6),
    "fairseq": (".yaml", 13),
    "gpt-neox": (".yml", 3),
    "kohya": (".toml", 15),
    "litgpt": (".yaml", 1),
    "llamafactory": (".yaml", 15),
    "megatron": (".sh", 12),
    "mmengine": (".py", 9),
    "nanogpt": (".py", 3),
    "nemo": (".yaml", 6),
    "olmo": (".yaml", 7),
    "paddle": (".yml", 13),
    "speechbrain": (".yaml", 3),
    "timm": (".yaml", 20),
    "torchtitan": (".toml", 3),
    "torchtune": (".yaml", 3),
    "transformers": (".py", 15),
    "trl": (".yaml", 15),
    "ultralytics": (".yaml", 2),
}
"""The suffix of a target's file, and how many of the schedules it can say at least."""

ASKED = {
    "kohya": {"world_size": 1},
    "timm": {"steps_per_epoch": 1},
    "ultralytics": {"steps_per_epoch": 1, "framework_version": "8.4.190"},
}
"""What a file cannot say."""


@pytest.mark.parametrize("target", SUFFIXES)
def test_what_is_written_is_read_as_the_same_schedule(target, tmp_path):
    suffix, least = SUFFIXES[target]
    said = 0
    for schedule in EVERY.values():
        try:
            written = write(schedule, target, native=True)
        except gl.ScheduleError:
            continue
        path = tmp_path / f"schedule{suffix}"
        written.save(path)
        count = int(min(schedule.steps, 1_000))
        found = gl.read(path, framework=target, steps=count, **ASKED.get(target, {}))
        assert differing(schedule, [found(step) for step in range(count)]) < 1e-12 * 2**52
        said += 1
    assert said >= least


def read(written):
    return yaml.safe_load(written.text)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("target", ["trl", "llamafactory", "axolotl"])
@pytest.mark.parametrize("name", ["warm cosine to 0", "warm line", "trapezoid", "restarts", "line"])
def test_the_keys_make_the_trainer_run_it(target, name):
    from transformers import TrainingArguments

    schedule = OWN[name]
    keys = read(write(schedule, target))
    keys.pop("warmup_ratio", None)
    if target == "axolotl":
        keys["lr_scheduler_type"] = keys.pop("lr_scheduler")
    arguments = TrainingArguments(output_dir="unused", **keys)
    assert arguments.max_steps == schedule.steps
    assert differing(schedule, run_arguments(arguments, int(schedule.steps))) < 1e-12 * 2**52


def test_small_rates_are_numbers_in_yaml():
    keys = read(write(gl.Linear(0.0, 1e-5, 40) >> gl.Linear(1e-5, 0.0, 60), "trl"))
    assert keys["learning_rate"] == 1e-5


def test_axolotl_has_its_own_floor_and_no_warmup_of_its_own():
    keys = read(write(WARM >> gl.Cosine(PEAK, 1e-4, 60), "axolotl"))
    assert keys == {
        "learning_rate": PEAK,
        "lr_scheduler": "cosine",
        "warmup_steps": 40,
        "max_steps": 100,
        "cosine_min_lr_ratio": 0.1,
    }
    keys = read(write(gl.Cosine(PEAK, 0.0, 60), "axolotl"))
    assert keys["warmup_ratio"] > 0  # 0 counts as not given, and then 3 % are warmed up
    assert int(keys["warmup_ratio"] * 10**8) == 0


def test_megatron_takes_any_start_of_a_warmup():
    schedule = gl.Linear(1e-4, PEAK, 40) >> gl.Constant(PEAK, 100) >> gl.Sqrt(PEAK, 1e-5, 60)
    lines = write(schedule, "megatron").text.splitlines()
    flags = dict(line.removeprefix("--").split() for line in lines if line.startswith("--"))
    assert flags == {
        "lr": "0.001",
        "min-lr": "1e-05",
        "lr-decay-style": "WSD",
        "lr-decay-iters": "200",
        "lr-warmup-iters": "40",
        "lr-warmup-init": "0.0001",
        "train-iters": "200",
        "lr-wsd-decay-style": "minus_sqrt",
        "lr-wsd-decay-iters": "60",
    }


def test_nanogpt_counts_the_warmup_from_one():
    schedule = gl.Linear(PEAK / 41, PEAK, 40) >> gl.Cosine(PEAK, 1e-4, 60)
    scope = {}
    exec(write(schedule, "nanogpt").text, scope)
    peak, warmup = scope["learning_rate"], scope["warmup_iters"]
    rates = [peak * (k + 1) / (warmup + 1) for k in range(warmup)]
    assert differing(schedule, rates) < 4
    assert (scope["lr_decay_iters"], scope["min_lr"], scope["max_iters"]) == (100, 1e-4, 100)


def test_composer_ends_an_update_before_the_schedule():
    schedule = gl.Constant(0.0, 1) >> gl.Linear(0.0, PEAK, 40) >> gl.Linear(PEAK, 1e-4, 60)
    assert read(write(schedule, "composer")) == {
        "optimizer": {"lr": PEAK},
        "scheduler": {"name": "linear_decay_with_warmup", "t_warmup": "40ba", "alpha_f": 0.1},
        "max_duration": "100ba",
    }


def test_olmo_begins_one_update_before_the_schedule():
    schedule = gl.Linear(1e-4, PEAK, 90) >> gl.Cosine(PEAK, 1e-4, 60)
    assert read(write(schedule, "olmo")) == {
        "optimizer": {"learning_rate": PEAK},
        "scheduler": {
            "name": "cosine_with_warmup",
            "t_warmup": 91,
            "t_max": 151,
            "alpha_f": 0.1,
            "warmup_min_lr": 9e-5,
        },
        "max_duration": 150,
    }


@pytest.mark.parametrize(
    ("target", "first", "line"),
    [
        ("nanogpt", gl.Linear(PEAK / 41, PEAK, 40), "lr_decay_iters = 100"),
        ("olmo", gl.Linear(1e-4, PEAK, 39), "  t_max: 100"),
        ("composer", gl.Constant(0.0, 1) >> WARM, "  t_max: 100ba"),
        ("fairseq", WARM, "  lr_period_updates: 60"),
        ("torchtune", WARM, "  num_cycles: 0.4166666666666667"),
        (
            "torchtitan",
            gl.Linear(PEAK / 40, PEAK, 39) >> gl.Constant(PEAK, 1),
            "total_steps = 100",
        ),
    ],
)
def test_a_run_that_stops_before_its_decay_ends(target, first, line, tmp_path):
    floor = 0.0 if target == "torchtune" else 1e-4
    schedule = (first >> gl.Cosine(PEAK, floor, 60)).take(90)
    written = write(schedule, target)
    path = tmp_path / f"schedule{SUFFIXES[target][0]}"
    written.save(path)
    found = gl.read(path, framework=target, steps=90)
    assert differing(schedule, [found(step) for step in range(90)]) < 1e-12 * 2**52
    assert line in written.text.splitlines()


def test_speechbrain_has_the_optimizers_own_rate_first():
    after = (WARM >> gl.InverseSqrt(PEAK, 40)).drop(1)
    written = write(gl.Constant(0.5, 1) >> after, "speechbrain")
    assert written.text.splitlines()[-5:] == [
        "opt_class: !name:torch.optim.AdamW",
        "  lr: 0.5",
        "lr_annealing: !new:speechbrain.nnet.schedulers.NoamScheduler",
        "  lr_initial: 0.001",
        "  n_warmup_steps: 40",
    ]
    assert written.certificate.largest == 0


def test_a_part_of_a_chain_is_written_as_its_pieces():
    whole = gl.Linear(PEAK / 40, PEAK, 39) >> gl.InverseSqrt(PEAK, 40)
    keys = read(write(whole.take(99), "olmo"))
    assert keys["scheduler"]["name"] == "inverse_sqrt_with_warmup"
    assert keys["max_duration"] == 99


def test_torchtitan_holds_the_peak_for_one_more_update():
    import tomllib

    schedule = gl.Linear(PEAK / 40, PEAK, 39) >> gl.Constant(PEAK, 1) >> gl.Linear(PEAK, 0.0, 60)
    found = tomllib.loads(write(schedule, "torchtitan").text)
    assert found == {
        "optimizer": {"lr": PEAK},
        "lr_scheduler": {"warmup_steps": 40, "decay_type": "linear", "min_lr_factor": 0.0},
        "training": {"steps": 100},
    }


def test_gpt_neox_has_its_first_rate_twice():
    keys = read(write(EVERY["first two"], "gpt-neox"))
    assert keys == {
        "optimizer": {"type": "Adam", "params": {"lr": PEAK}},
        "min_lr": 1e-4,
        "lr_decay_style": "cosine",
        "lr_decay_iters": 100,
        "warmup": 0.4,
        "train_iters": 100,
    }


def test_nemo_holds_and_falls():
    keys = read(write(EVERY["held, to a floor"], "nemo"))
    assert keys["trainer"] == {"max_steps": 100}
    assert keys["model"]["optim"] == {
        "lr": PEAK,
        "sched": {
            "name": "PolynomialHoldDecayAnnealing",
            "warmup_steps": 40,
            "hold_steps": 10,
            "min_lr": 1e-5,
            "power": 2.0,
        },
    }


def test_nemo_has_megatrons_warmup_where_a_floor_is_held():
    schedule = WARM >> gl.Cosine(PEAK, 1e-4, 60) >> gl.Constant(1e-4, 20)
    scheduler = read(write(schedule, "nemo"))["model"]["optim"]["sched"]
    assert (scheduler["name"], scheduler["constant_steps"]) == ("CosineAnnealing", 20)


@pytest.mark.parametrize("rescaled", [True, False])
def test_detectron2_has_a_cosine_that_waits_for_the_warmup_or_not(rescaled):
    fall = gl.Cosine(PEAK, 1e-4, 60) if rescaled else gl.Cosine(PEAK, 1e-4, 100).drop(40)
    schedule = gl.Linear(1e-5, fall(0), 40) >> fall
    solver = read(write(schedule, "detectron2"))["SOLVER"]
    assert solver["LR_SCHEDULER_NAME"] == "WarmupCosineLR"
    assert (solver["MAX_ITER"], solver["RESCALE_INTERVAL"]) == (100, rescaled)


def test_deepspeed_has_its_first_rate_twice():
    schedule = gl.Constant(0.0, 1) >> gl.Linear(0.0, PEAK, 10) >> gl.Linear(PEAK, 0.0, 30)
    written = write(schedule, "deepspeed")
    assert not written.certified
    assert json.loads(written.text)["scheduler"] == {
        "type": "WarmupDecayLR",
        "params": {
            "warmup_min_lr": 0.0,
            "warmup_max_lr": PEAK,
            "warmup_num_steps": 10,
            "warmup_type": "linear",
            "total_num_steps": 40,
        },
    }


STAIRS = gl.Cosine(PEAK, 1e-5, 20).hold_each(7)


@pytest.mark.parametrize(
    ("target", "schedule"),
    [
        ("timm", STAIRS),
        ("timm", (gl.Linear(1e-5, PEAK, 5) >> gl.Cosine(PEAK, 0.0, 20).drop(5)).hold_each(7)),
        ("timm", (gl.Linear(0.0, PEAK, 5) >> gl.Staircase(PEAK, 0.5, 3)).hold_each(7)),
        ("timm", gl.Polynomial(0.1, 0.0, 10, 0.9).repeat(2, scale=0.5).hold_each(7)),
        ("ultralytics", STAIRS),
        ("ultralytics", STAIRS * (gl.Linear(0.0, 1.0, 20) >> gl.Constant(1.0))),
    ],
)
def test_epochs_of_several_updates_are_written_as_epochs(target, schedule, tmp_path):
    path = tmp_path / "args.yaml"
    write(schedule, target, path)
    found = gl.read(path, framework=target, steps_per_epoch=7, framework_version="8.4.190")
    assert differing(schedule, [found(step) for step in range(200)]) < 1e-12 * 2**52


COSINE = gl.Constant(0.0, 1) >> gl.Linear(0.0, PEAK, 8) >> gl.Cosine(PEAK, 1e-5, 40).drop(1)
LOG = {"warmup_max_lr": PEAK, "warmup_num_steps": 30, "total_num_steps": 90}


@pytest.mark.parametrize(
    ("schedule", "kind"),
    [
        (COSINE, "WarmupCosineLR"),
        (gl.Linear(0.01, 0.1, 30) >> gl.Linear(0.1, 0.01, 20), "OneCycle"),
        (gl.Linear(0.01, 0.1, 9) >> gl.Linear(0.1, 0.01, 9) >> gl.InverseTime(0.01, 2.0), "OneC"),
        (gl.Linear(0.01, 0.1, 30), "LRRangeTest"),
        (gl.Linear(0.01, 0.1, 30).hold_each(4), "LRRangeTest"),
        (gl.read({"scheduler": {"type": "WarmupDecayLR", "params": LOG}}), "WarmupDecayLR"),
    ],
)
def test_deepspeed_has_other_schedulers(schedule, kind, tmp_path):
    path = tmp_path / "ds_config.json"
    written = write(schedule, "deepspeed", path)
    assert json.loads(written.text)["scheduler"]["type"].startswith(kind)
    count = int(min(schedule.steps, 100))
    found = gl.read(path, steps=count)
    assert differing(schedule, [found(step) for step in range(count)]) < 1e-12 * 2**52


@pytest.mark.parametrize(
    ("target", "schedule", "message"),
    [
        (
            "axolotl",
            gl.Constant(0.1, 10) >> gl.Linear(0.1, 1.0, 10),
            r"axolotl: `lr_scheduler` cannot say a warm-up after another part, gl.Linear\(.*\) "
            "at update 10",
        ),
        (
            "trl",
            WARM >> gl.Cosine(1e-4, 0.0, 10),
            "trl: `lr_scheduler_type` cannot say a jump from 0.001, to",
        ),
        (
            "llamafactory",
            gl.Linear(1e-4, PEAK, 40) >> gl.Cosine(PEAK, 0.0, 60),
            "llamafactory: `warmup_steps` begin at 0, .* they cannot begin at 0.0001",
        ),
        (
            "axolotl",
            gl.Linear(0.0, PEAK, 1) >> gl.Cosine(PEAK, 0.0, 9),
            "`warmup_steps` cannot be 1",
        ),
        ("trl", gl.Exponential(0.1, 0.1), "trl: `lr_scheduler_type` cannot say the decay"),
        (
            "nanogpt",
            WARM >> gl.Cosine(PEAK, 0.0, 60),
            "nanogpt: `warmup_iters` begin at learning_r",
        ),
        (
            "nanogpt",
            WARM >> gl.Linear(PEAK, 0.0, 60),
            "nanogpt: `lr_decay_iters` is the end of a c",
        ),
        ("torchtitan", gl.Constant(0.1), r"torchtitan: `steps` of \[training\] must be known"),
        (
            "torchtitan",
            WARM >> gl.Linear(PEAK, 0.0, 60),
            "torchtitan: `warmup_steps` begin at lr /",
        ),
        (
            "torchtitan",
            gl.Linear(PEAK / 40, PEAK, 39) >> gl.Linear(PEAK, 0.0, 60),
            "torchtitan: `warmup_steps` are followed by the peak for one more update",
        ),
        ("mmengine", WARM >> gl.Constant(PEAK, 9), "mmengine: `start_factor` of LinearLR must be"),
        (
            "mmengine",
            gl.Piecewise([0.1, 0.05, 0.04], [9, 18]).take(27),
            "mmengine: `gamma` of MultiStepLR is one factor for all milestones, here 0.5",
        ),
        ("mmengine", gl.Sqrt(PEAK, 0.0, 9), "mmengine: `param_scheduler` cannot say gl.Sqrt"),
        ("detectron2", gl.Constant(0.1), "detectron2: `SOLVER.MAX_ITER` must be known"),
        (
            "detectron2",
            gl.Sqrt(0.1, 0.0, 9),
            "detectron2: `SOLVER.LR_SCHEDULER_NAME` has constant rates or a cosine",
        ),
        (
            "detectron2",
            gl.Cosine(0.1, 0.0, 9) >> gl.Constant(0.0, 9),
            r"detectron2: `SOLVER.BASE_LR_END` is the end of a cosine .*, and then gl.Constant\(",
        ),
        (
            "detectron2",
            gl.Linear(1e-4, PEAK, 40) >> gl.Cosine(PEAK, 0.0, 100).drop(40),
            r"detectron2: `SOLVER.WARMUP_ITERS` end at the rate that follows, 0\.000",
        ),
        (
            "gpt-neox",
            WARM >> gl.Cosine(PEAK, 0.0, 60),
            "gpt-neox: `warmup` begins at lr / 41 in the first two updates",
        ),
        ("gpt-neox", gl.Linear(0.1, 0.01, 9), "gpt-neox: `lr_decay_style` is a line to 0, a cos"),
        (
            "gpt-neox",
            gl.Constant(0.1, 9) >> gl.Cosine(0.1, 0.0, 9),
            "gpt-neox: `lr_decay_style` has no plateau, here of 9 updates",
        ),
        (
            "nemo",
            WARM >> gl.Cosine(PEAK, 0.0, 60),
            r"nemo: `sched.warmup_steps` begin at lr / \(warmup_steps \+ 1\), here 2.43",
        ),
        ("nemo", gl.Sqrt(0.1, 0.0, 9), "nemo: `sched.name` cannot say the decay gl.Sqrt"),
        (
            "nemo",
            gl.Linear(0.01, 0.1, 9) >> gl.InverseSqrt(0.1, 10),
            "nemo: `trainer.max_steps` must be known",
        ),
        (
            "nemo",
            gl.Linear(0.1, 0.0, 9) >> gl.Constant(0.0, 9),
            "nemo: `sched.constant_steps` hold the floor of a cosine",
        ),
        ("paddle", gl.Constant(0.1), "paddle: `iters` must be known"),
        (
            "paddle",
            WARM >> gl.Constant(PEAK, 9) >> gl.Cosine(PEAK, 0.0, 9),
            r"paddle: `lr_scheduler.type` is one class: it cannot say gl.Cosine\(.* after gl.Cons",
        ),
        (
            "paddle",
            WARM >> gl.Piecewise([PEAK, PEAK / 2, PEAK / 9], [9, 18]).take(27),
            "paddle: `values` of PiecewiseDecay have no `learning_rate` for a warm-up",
        ),
        (
            "paddle",
            WARM >> gl.Cosine(PEAK / 2, 0.0, 9),
            "paddle: `warmup_iters` end at `learning_rate`, with which the rest begins",
        ),
        (
            "fairseq",
            WARM >> gl.Constant(PEAK, 9),
            r"fairseq: `lr_scheduler\._name` has a plateau in",
        ),
        ("diffusers", WARM >> gl.Cosine(PEAK, 1e-5, 9), "diffusers: `--lr_scheduler` "),
        (
            "torchtune",
            WARM >> gl.Cosine(PEAK, 1e-5, 9),
            r"torchtune: `lr_scheduler\._component_` is a cosine to 0 over the rest",
        ),
        (
            "torchtune",
            gl.Linear(1e-4, PEAK, 9) >> gl.Cosine(PEAK, 0.0, 9),
            r"torchtune: `lr_scheduler\.num_warmup_steps` begin at 0",
        ),
        (
            "litgpt",
            WARM >> gl.Cosine(PEAK, 1e-5, 9),
            r"litgpt: `train\.min_lr` has no effect in finetuning",
        ),
        (
            "litgpt",
            (WARM >> gl.Cosine(PEAK, 0.0, 9)).take(45),
            r"litgpt: `train\.max_steps` is 45, where the cosine ends",
        ),
        ("litgpt", gl.Constant(0.1), r"litgpt: `train\.lr_warmup_steps` must be 1 or more"),
        ("litgpt", WARM >> gl.Linear(PEAK, 0.0, 9), r"litgpt: `train\.max_steps` is the end of a"),
        (
            "composer",
            WARM >> gl.Cosine(PEAK, 0.0, 60),
            "composer: `scheduler` is asked before the batch is counted",
        ),
        ("composer", gl.Constant(0.1), "composer: `max_duration` must be known"),
        (
            "composer",
            gl.Constant(PEAK, 10) >> gl.Linear(PEAK, 0.0, 60),
            r"composer: `scheduler\.t_max` is the end of the run",
        ),
        (
            "composer",
            gl.Constant(PEAK, 1) >> gl.Sqrt(PEAK, 0.0, 60),
            r"composer: `scheduler\.name` cannot say the decay gl\.Sqrt",
        ),
        (
            "olmo",
            WARM >> gl.Cosine(PEAK, 0.0, 60),
            r"olmo: `scheduler\.warmup_min_lr` is the rate one update before .* -2\.5e-05",
        ),
        ("olmo", gl.Constant(0.1), "olmo: `max_duration` must be known"),
        (
            "olmo",
            gl.Constant(PEAK, 10) >> gl.Linear(PEAK, 0.0, 60),
            r"olmo: `scheduler\.name` has no plateau",
        ),
        (
            "espnet",
            WARM >> gl.InverseSqrt(PEAK, 40),
            r"espnet: `scheduler_conf\.warmup_steps` begins at lr / warmup_steps",
        ),
        ("espnet", gl.Cosine(PEAK, 0.0, 60), "espnet: `scheduler` cannot say gl.Cosine"),
        ("espnet", WARM >> gl.Constant(PEAK, 9), "espnet: `scheduler` has no plateau"),
        (
            "speechbrain",
            WARM >> gl.Cosine(PEAK, 0.0, 60),
            "speechbrain: `lr_annealing` has no scheduler for a warm-up of 40 updates from 0.0, gl",
        ),
        ("megatron", gl.Constant(0.1), "megatron: `--train-iters` must be known"),
        ("megatron", gl.Polynomial(0.1, 0.0, 50, 2.0), "megatron: `--lr-decay-style` cannot say"),
        (
            "kohya",
            WARM >> gl.Constant(PEAK, 10) >> gl.Linear(PEAK, 0.0, 9) >> gl.Constant(0.0, 5),
            "kohya: `lr_decay_steps` are the last of the run",
        ),
        ("timm", gl.Exponential(0.1, 0.1), r"timm: `sched` cannot say the decay .* never ends"),
        ("timm", gl.Piecewise([1.0, 0.5, 0.1], [3, 6]), "timm: `decay_rate` is the same at all"),
        ("timm", WARM >> gl.Constant(PEAK, 9) >> gl.Tanh(PEAK, 0.0, 9), "after a plateau of 9"),
        ("ultralytics", gl.Constant(0.1), "ultralytics: `epochs` must be known"),
        ("ultralytics", gl.Linear(0.1, 0.2, 9), "ultralytics: `lrf` must be from 0 to 1"),
        ("ultralytics", WARM >> gl.Cosine(PEAK, 0.0, 9), "ultralytics: `cos_lr` has a line or a"),
        (
            "ultralytics",
            gl.Linear(0.1, 0.01, 3).hold_each(7) * gl.Linear(0.0, 1.0, 15),
            "ultralytics: `warmup_epochs` must end before the last epoch, got 15 of 21",
        ),
        (
            "deepspeed",
            WARM >> gl.Constant(PEAK),
            "deepspeed: `scheduler` is stepped after the upda",
        ),
        (
            "deepspeed",
            gl.Constant(0.0, 1) >> gl.Linear(0.0, 1.0, 10) >> gl.Cosine(1.0, 0.0, 30),
            "deepspeed: `scheduler.type` has a warm-up",
        ),
    ],
)
def test_a_refusal_names_the_setting(target, schedule, message):
    with pytest.raises(gl.ScheduleError, match=message):
        write(schedule, target)
