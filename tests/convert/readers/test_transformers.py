"""Training arguments against the Trainer: a rate is what a weight under gradient 1 moves by."""

import gc
import json
import re

import pytest
import torch
import transformers

import glissando as gl


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Leave what was imported out of the collection that each training begins with."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


class Probe(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, x):
        return {"loss": self.weight + 0.0 * x.double().mean()}


class Watch(transformers.TrainerCallback):
    def __init__(self):
        self.used = []

    def on_pre_optimizer_step(self, args, state, control, model, **_):
        model.weight.data.zero_()

    def on_optimizer_step(self, args, state, control, model, **_):
        self.used.append(-model.weight.item())


def used(folder, arguments, samples):
    """Return the rates of a training by the Trainer, by plain SGD."""
    watch = Watch()
    model = Probe()
    options = transformers.TrainingArguments(
        output_dir=folder,
        report_to="none",
        use_cpu=True,
        optim="sgd",
        disable_tqdm=True,
        save_strategy="no",
        logging_strategy="no",
        max_grad_norm=0,
        **arguments,
    )
    data = [{"x": torch.tensor([1.0])}] * samples
    transformers.Trainer(model, options, train_dataset=data, callbacks=[watch]).train()
    return watch.used, options


CASES = {
    "the default is a line down from 5e-5 over 3 epochs": {},
    "a warm-up in steps": {"warmup_steps": 4, "lr_scheduler_type": "cosine"},
    "a fraction as warm-up steps is rounded up": {"warmup_steps": 0.11},
    "steps overrule epochs": {"max_steps": 9, "num_train_epochs": 50, "warmup_steps": 0.5},
    "a constant type has no warm-up": {"lr_scheduler_type": "constant", "warmup_steps": 3},
    "a constant type with a warm-up": {
        "lr_scheduler_type": "constant_with_warmup",
        "warmup_steps": 3,
    },
    "arguments of the type as JSON in a text": {
        "lr_scheduler_type": "cosine_with_min_lr",
        "lr_scheduler_kwargs": '{"min_lr_rate": 0.1}',
    },
    "restarts": {
        "lr_scheduler_type": "cosine_with_restarts",
        "lr_scheduler_kwargs": {"num_cycles": 3},
        "warmup_steps": 2,
    },
    "a polynomial ends at 1e-7": {
        "lr_scheduler_type": "polynomial",
        "lr_scheduler_kwargs": {"power": 2.0},
    },
    "an inverse square root": {"lr_scheduler_type": "inverse_sqrt", "warmup_steps": 5},
    "warm-up, stable, decay": {
        "lr_scheduler_type": "warmup_stable_decay",
        "warmup_steps": 3,
        "lr_scheduler_kwargs": {"num_decay_steps": 5, "min_lr_ratio": 0.1},
    },
    "the last accumulated batches are an update": {
        "gradient_accumulation_steps": 4,
        "per_device_train_batch_size": 2,
    },
    "an incomplete batch is dropped": {"dataloader_drop_last": True, "num_train_epochs": 2.5},
}


@pytest.mark.parametrize("arguments", CASES.values(), ids=CASES)
def test_the_used_rate_is_that_of_the_trainer(tmp_path, arguments):
    samples = 53
    rates, options = used(tmp_path, arguments, samples)
    file = tmp_path / "arguments.json"
    file.write_text(json.dumps(arguments | {"per_device_eval_batch_size": 8}))
    rate = gl.read(
        file,
        framework="transformers",
        samples=samples,
        world_size=1,
        framework_version=transformers.__version__,
    )
    expected = [rate(step) for step in range(len(rates))]
    assert rates == pytest.approx(expected, rel=1e-12, abs=1e-20)
    file.write_text(options.to_json_string())  # all arguments, as the Trainer itself writes them
    whole = gl.read(file, samples=samples, world_size=1, framework_version=transformers.__version__)
    assert [whole(step) for step in range(len(rates))] == expected


def test_a_learning_rate_that_yaml_takes_for_a_text_is_a_number(tmp_path):
    file = tmp_path / "train.yaml"
    file.write_text("learning_rate: 1e-4\nlr_scheduler_type: constant\nmax_steps: 5\n")
    assert gl.read(file) == gl.Constant(1e-4)


def test_arguments_are_found_in_code_and_nothing_is_run(tmp_path):
    file = tmp_path / "train.py"
    file.write_text(
        "import os; os.remove(__file__)\nLR = 2e-5\nargs = TrainingArguments(\n    'out', "
        "learning_rate=LR * 2, max_steps=10 * 10, lr_scheduler_type=SchedulerType.COSINE)\n"
    )
    assert str(gl.read(file)) == "cosine(4e-05, 0.0, steps=100)"
    file.write_text("TrainingArguments(learning_rate=args.lr, max_steps=3)")
    with pytest.raises(gl.ScheduleError, match=r"`learning_rate` is code, 'args.lr', which is not"):
        gl.read(file)
    file.write_text("TrainingArguments(max_steps=3)\nTrainingArguments(max_steps=4)")
    with pytest.raises(gl.ScheduleError, match="it has 2 calls of TrainingArguments"):
        gl.read(file)


def test_what_code_adds_may_be_any_argument(tmp_path):
    file = tmp_path / "train.py"
    file.write_text("TrainingArguments('out', max_steps=9, warmup_steps=0, **config['train'])")
    with pytest.raises(
        gl.ScheduleError, match=r"`lr_scheduler_type` may be in .*config\['train'\]"
    ):
        gl.read(file)
    file.write_text("rest = {'max_steps': 9}\nTrainingArguments('out', learning_rate=1e-5, **rest)")
    assert gl.read(file) == gl.Linear(1e-5, 0.0, 9)


def test_the_block_of_a_program_that_is_run_is_read(tmp_path):
    file = tmp_path / "train.py"
    file.write_text(
        "STEPS = 9\nif __name__ == '__main__':\n    lr = 1e-5\n    if STEPS > 5:\n"
        "        warmup = 3\n    TrainingArguments('out', max_steps=STEPS, learning_rate=lr)\n"
    )
    assert gl.read(file) == gl.Linear(1e-5, 0.0, 9)
    file.write_text(file.read_text().replace("learning_rate=lr", "warmup_steps=warmup"))
    with pytest.raises(gl.ScheduleError, match="`warmup_steps` is code"):
        gl.read(file)


@pytest.mark.parametrize(
    ("later", "message"),
    [
        ("args.learning_rate = 1e-4", "`learning_rate` is set on `args` after its call"),
        ("for k, v in found: setattr(args, k, v)", "attributes are set on `args` after its call"),
        ("if args.max_steps == 9: args.seed = 3", ""),
    ],
)
def test_arguments_that_are_set_after_the_call_are_refused(tmp_path, later, message):
    file = tmp_path / "train.py"
    file.write_text(f"args = TrainingArguments('out', max_steps=9)\n{later}\n")
    if not message:
        assert gl.read(file).steps == 9
    else:
        with pytest.raises(gl.ScheduleError, match=message):
            gl.read(file)


def test_one_of_several_parts_is_not_chosen(tmp_path):
    part = {"learning_rate": 1e-5, "per_device_train_batch_size": 4, "max_steps": 9}
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"sft": part, "data": {"path": "x"}}))
    assert gl.read(file) == gl.Linear(1e-5, 0.0, 9)
    file.write_text(json.dumps({"sft": part, "reward": part}))
    with pytest.raises(gl.ScheduleError, match="arguments in 2 parts, sft, reward"):
        gl.read(file)


def test_arguments_are_found_in_a_command(tmp_path):
    file = tmp_path / "run.sh"
    file.write_text(
        'LR=3e-5\nOPTIONS="--learning_rate ${LR} --warmup_steps 10"\n'
        "python run_glue.py --per_device_train_batch_size 8 \\\n  --max_steps=110 $OPTIONS  # 1\n"
    )
    expected = gl.Linear(0.0, 3e-5, 10) >> gl.Linear(3e-5, 0.0, 100)
    assert gl.read(file) == expected
    file.write_text(f"{file.read_text()}python b.py --learning_rate 1e-4\n")
    with pytest.raises(gl.ScheduleError, match=re.escape("got 3e-5 | 1e-4 in several commands")):
        gl.read(file)


CARD = """---
license: mit
---
### Training hyperparameters

The following hyperparameters were used during training:
- learning_rate: 1e-05
- train_batch_size: 8
- num_devices: 2
- gradient_accumulation_steps: 3
- total_train_batch_size: 48
- optimizer: Adam with betas=(0.9,0.999)
- lr_scheduler_type: linear
- lr_scheduler_warmup_ratio: 0.1
- num_epochs: 2.0

### Framework versions
- Transformers 4.38.2
"""


def test_a_model_card_says_the_devices_and_the_version(tmp_path):
    card = tmp_path / "README.md"
    card.write_text(CARD)
    # 1000 samples are 63 batches of 2 x 8, of which three at a time are 21 updates
    rate = gl.read(card, samples=1000)
    assert rate == gl.Linear(0.0, 1e-5, 5) >> gl.Linear(1e-5, 0.0, 37)
    # 1040 are 65 batches, whose last two are an update from 4.57 on
    assert gl.read(card, samples=1040).steps == 42
    assert gl.read(card, samples=1040, framework_version="4.57.1").steps == 44
    card.write_text(CARD.replace("num_epochs: 2.0", "training_steps: 500"))
    assert gl.read(card).steps == 500


def test_the_last_accumulated_batches_count_by_version():
    arguments = {
        "learning_rate": 1e-3,
        "num_train_epochs": 10,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 4,
    }
    known = {"framework": "transformers", "samples": 10, "world_size": 1}
    assert gl.read(arguments, **known, framework_version="4.51.3").steps == 20
    assert gl.read(arguments, **known, framework_version="4.57").steps == 30
    for version in (None, "4.53"):
        with pytest.raises(gl.ScheduleError, match="give `framework_version`"):
            gl.read(arguments, **known, framework_version=version)
    assert gl.read(arguments, **known | {"samples": 12}).steps == 30  # as in all versions


def test_warmup_steps_overrule_a_ratio_and_a_ratio_is_rounded_up():
    arguments = {"max_steps": 101, "lr_scheduler_type": "cosine", "warmup_ratio": 0.1}
    assert str(gl.read(arguments)).startswith("linear(0.0, 5e-05, steps=11)")
    both = arguments | {"warmup_steps": 3}
    assert str(gl.read(both)).startswith("linear(0.0, 5e-05, steps=3)")
    with pytest.raises(gl.ScheduleError, match="`warmup_ratio` must be from 0 to 1, got 2"):
        gl.read(arguments | {"warmup_ratio": 2})
    with pytest.raises(gl.ScheduleError, match="a fraction of the run is `warmup_ratio`"):
        gl.read({"max_steps": 9, "warmup_steps": 0.1, "lr_scheduler_type": "linear"}
                , framework_version="4.57")  # fmt: skip


def test_what_is_missing_is_asked_for_by_name():
    with pytest.raises(gl.ScheduleError, match=r"give `steps` \(--steps\)"):
        gl.read({"learning_rate": 1e-3, "lr_scheduler_type": "linear"})
    with pytest.raises(gl.ScheduleError, match=r"`world_size` \(--world-size\)"):
        gl.read({"learning_rate": 1e-3, "lr_scheduler_type": "linear"}, samples=100)
    plateau = {"learning_rate": 1e-3, "lr_scheduler_type": "reduce_lr_on_plateau"}
    with pytest.raises(gl.ScheduleError, match="it follows a metric"):
        gl.read(plateau)


def test_arguments_are_found_in_a_log(tmp_path):
    options = transformers.TrainingArguments(
        tmp_path / "out", learning_rate=2e-5, per_device_train_batch_size=6, report_to="none"
    )
    log = tmp_path / "cmd.txt"
    log.write_text(f"INFO - Training parameters {options}\n  Total optimization steps = 5,490\n")
    assert gl.read(log) == gl.Linear(2e-5, 0.0, 5490)


def test_a_loop_without_the_trainer_is_not_read_as_one(tmp_path):
    script = tmp_path / "run.sh"
    script.write_text(
        "python run_glue_no_trainer.py --per_device_train_batch_size 8 --learning_rate 1e-4 "
        "--num_warmup_steps 10 --max_train_steps 100"
    )
    with pytest.raises(gl.ScheduleError, match="no framework is known"):
        gl.read(script)


@pytest.mark.parametrize("named", [True, False])
def test_a_scheduler_of_deepspeed_takes_the_place_of_the_trainers(tmp_path, named):
    from accelerate.utils.deepspeed import HfDeepSpeedConfig
    from transformers.integrations.deepspeed import HfTrainerDeepSpeedConfig

    auto = ("warmup_min_lr", "warmup_max_lr", "warmup_num_steps", "total_num_steps")
    engine = {
        "train_batch_size": "auto",
        "scheduler": {"type": "WarmupDecayLR", "params": dict.fromkeys(auto, "auto")},
    }
    arguments = {"learning_rate": 3e-4, "max_steps": 101, "warmup_steps": 0.1}

    class Filled(HfTrainerDeepSpeedConfig, HfDeepSpeedConfig):
        __init__ = HfDeepSpeedConfig.__init__  # which needs no DeepSpeed

    filled = Filled(json.loads(json.dumps(engine)))
    filled.mismatches = []
    options = transformers.TrainingArguments(tmp_path, report_to="none", **arguments)
    filled.trainer_config_process(options)
    filled.trainer_config_finalize(options, None, 101)
    (tmp_path / "ds.json").write_text(json.dumps(engine))
    file = tmp_path / "train.yaml"
    more = {"lr_scheduler_type": "cosine", "deepspeed": "ds.json" if named else engine}
    file.write_text(json.dumps(arguments | more))
    rate = gl.read(file)
    assert rate == gl.read(filled.config, framework="deepspeed")
    assert rate(0) == rate(1) == 0 < rate(2)


def test_a_configuration_of_deepspeed_that_is_not_there_is_warned_about(tmp_path):
    file = tmp_path / "train.yaml"
    arguments = {"learning_rate": 3e-4, "max_steps": 100, "deepspeed": "ds.json"}
    file.write_text(json.dumps(arguments | {"lr_scheduler_type": "linear"}))
    with pytest.warns(UserWarning, match="`deepspeed` names 'ds.json', which is no .json file"):
        assert gl.read(file) == gl.Linear(3e-4, 0.0, 100)


STATE = '{"global_step": 7, "max_steps": 9411, "log_history": [{"loss": NaN}]}'


def test_a_state_of_the_trainer_says_the_length_and_what_to_read_with_it(tmp_path):
    state = tmp_path / "trainer_state.json"
    state.write_text(STATE)
    said = r"`warmup_steps`: .* `steps` \(--steps\) 9411.* glissando infer trainer_state.json"
    with pytest.raises(gl.ScheduleError, match=said):
        gl.read(state)


def test_a_state_is_read_with_the_arguments_beside_it(tmp_path):
    (tmp_path / "trainer_state.json").write_text(STATE)
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')
    arguments = tmp_path / "args.json"
    arguments.write_text(
        '{"learning_rate": 2e-5, "lr_scheduler_type": "linear", "warmup_ratio": 0}'
    )
    assert gl.read(tmp_path / "trainer_state.json") == gl.Linear(2e-5, 0.0, 9411)
    (tmp_path / "README.md").write_text(
        "## Training hyperparameters\n- lr_scheduler_type: linear\n- train_batch_size: 8\n"
    )
    with pytest.raises(gl.ScheduleError, match=r"2 files beside this state .*, README\.md, args"):
        gl.read(tmp_path / "trainer_state.json")


def test_what_wandb_keeps_of_a_run_has_its_arguments(tmp_path):
    file = tmp_path / "config.yaml"
    values = {"learning_rate": 2e-5, "lr_scheduler_type": "cosine", "num_train_epochs": 1.0}
    values |= {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 3}
    kept = "".join(f"{name}:\n  desc: null\n  value: {value}\n" for name, value in values.items())
    for version, updates in (("4.51.3", 8), ("4.57.0", 9)):  # of 25 batches
        said = f"transformers_version:\n  value: {version}\n"
        file.write_text(f"wandb_version: 1\n{kept}{said}")
        rate = gl.read(file, samples=100, world_size=1)
        assert rate == gl.read(values, framework="transformers", steps=updates)


FRONT = "---\nbase_model: openai/whisper-small\ndatasets:\n- mozilla/common_voice\n---\n"
LISTED = """### Training hyperparameters
- learning_rate: 1e-05
- train_batch_size: 16
- lr_scheduler_type: cosine
- lr_scheduler_warmup_steps: 500
- training_steps: 5000
"""


def test_a_model_card_that_names_model_and_data_is_still_one(tmp_path):
    card = tmp_path / "README.md"
    card.write_text(FRONT + LISTED)
    assert gl.read(card)(2750) == pytest.approx(5e-6)
    card.write_text(f"""{FRONT}
<details><summary>See axolotl config</summary>

axolotl version: `0.4.1`
```yaml
base_model: openai/whisper-small
learning_rate: 1e-5
cosine_min_lr_ratio: 0.1
warmup_steps: 500
```
</details>
{LISTED}""")
    assert (
        differs(gl.read(card), gl.Linear(0.0, 1e-5, 500) >> gl.Cosine(1e-5, 1e-6, 4500), 5000)
        < 1e-12
    )


def differs(rate, other, steps):
    return max(abs(rate(step) - other(step)) for step in range(steps)) / other.bound()
