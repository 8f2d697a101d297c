"""Transformers' real `Trainer`: a rate is what a weight under gradient 1 moves by."""

import gc
import json
import math
from pathlib import Path

import pytest
import torch
import transformers
from transformers.trainer_pt_utils import LayerWiseDummyOptimizer

import glissando as gl
from processes import launched

HERE = Path(__file__).parent
WARM = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Leave what was imported out of the collection that each training begins with."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


class Probe(torch.nn.Module):
    """Two groups of the optimizer: the trainer decays biases of their own."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
        self.bias = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, x):
        # the evaluation's loss is that of the data, so that the tests choose it
        return {"loss": self.weight + self.bias + x.double().mean(), "logits": x}


class Watch(transformers.TrainerCallback):
    """Notes by how much each update moves the weights, from 0, so that no bit is lost."""

    def __init__(self):
        self.used = []
        self.biases = []

    def on_pre_optimizer_step(self, args, state, control, model, **_):
        for weight in model.parameters():
            weight.data.zero_()

    def on_optimizer_step(self, args, state, control, model, **_):
        self.used.append(-model.weight.item())
        self.biases.append(-model.bias.item())
        for weight in model.parameters():
            weight.data.zero_()


def build(folder, rate=WARM, *, samples=4096, follow=True, data=None, **options):
    """Return a trainer of plain SGD with the watch, and what it shall be called with."""
    named = {key: options.pop(key) for key in tuple(options) if key in FOLLOW}
    made = {key: options.pop(key) for key in tuple(options) if key in MADE}
    options = {
        "max_steps": 60,
        "per_device_train_batch_size": 2,
        "logging_steps": 1,
        "save_strategy": "no",
        "optim": "sgd",
        "learning_rate": 9.0,  # a rate that no schedule here has
        "max_grad_norm": 0.0,
        "report_to": "none",
        "use_cpu": True,
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "label_names": ["x"],  # else the trainer takes no loss of an evaluation
    } | options
    args = transformers.TrainingArguments(str(folder), **options)
    trainer = transformers.Trainer(
        Probe(),
        args,
        train_dataset=data or [{"x": torch.zeros(1)}] * samples,
        callbacks=[watch := Watch()],
        **made,
    )
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.watch = watch
    return gl.transformers.follow(trainer, rate, **named) if follow else trainer


FOLLOW = ("groups", "metric", "on_length", "on_conflict", "on_mismatch")
MADE = ("eval_dataset", "compute_metrics", "optimizers")


def logged(trainer):
    return [log["learning_rate"] for log in trainer.state.log_history if "learning_rate" in log]


def table(schedule, n=60, start=0):
    return [schedule(k) for k in range(start, start + n)]


# The contract


def test_update_k_uses_the_rate_of_step_k(tmp_path):
    trainer = build(tmp_path)
    trainer.train()
    assert trainer.watch.used == trainer.watch.biases == table(WARM)
    assert type(trainer.lr_scheduler) is gl.torch.Scheduler
    assert trainer.lr_scheduler.last_epoch == trainer.state.global_step == 60


def test_pain_40_the_logged_rate_is_the_one_that_the_update_used(tmp_path):
    """The logged rate is that of the next step."""
    trainer = build(tmp_path)
    trainer.train()
    assert logged(trainer) == trainer.watch.used == table(WARM)


@pytest.mark.parametrize("accumulate", [2, 4])
def test_pain_15_accumulated_batches_are_one_update(tmp_path, accumulate):
    """With gradient accumulation the scheduler is stepped for each batch."""
    # 27 batches an epoch: the last update of each has fewer
    trainer = build(
        tmp_path,
        samples=54,
        max_steps=-1,
        num_train_epochs=3,
        gradient_accumulation_steps=accumulate,
        on_length="ignore",
    )
    trainer.train()
    updates = 3 * math.ceil(27 / accumulate)
    assert trainer.state.global_step == len(trainer.watch.used) == updates
    assert logged(trainer) == table(WARM, updates)
    # the trainer divides the last, smaller update by the batches it has
    assert trainer.watch.used == pytest.approx(table(WARM, updates), rel=1e-6)


def test_the_optimizer_of_the_user_and_the_scheduler_of_torch_do_as_well(tmp_path):
    model = Probe()
    optimizer = torch.optim.SGD(model.parameters(), lr=9.0)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    trainer = build(tmp_path, follow=False, optimizers=(optimizer, scheduler))
    trainer.model = trainer.model_wrapped = model
    trainer.train()
    assert trainer.lr_scheduler is scheduler
    assert trainer.watch.used == logged(trainer) == table(WARM)


def test_an_optimizer_of_the_user_alone_is_followed(tmp_path):
    trainer = build(tmp_path, follow=False)
    trainer.optimizer = torch.optim.SGD(trainer.model.parameters(), lr=9.0)
    gl.transformers.follow(trainer, WARM).train()
    assert trainer.watch.used == table(WARM)


def test_every_training_begins_anew_and_leaves_no_second_writer(tmp_path):
    trainer = build(tmp_path, max_steps=10, on_length="ignore", on_conflict="raise")
    for _ in range(2):
        trainer.train()
    assert trainer.watch.used == table(WARM, 10) * 2
    other = gl.Constant(0.25)
    assert gl.transformers.follow(trainer, other, on_conflict="raise") is trainer
    trainer.train()
    assert trainer.watch.used[20:] == [0.25] * 10


def test_a_model_init_makes_model_optimizer_and_scheduler_anew(tmp_path):
    trainer = build(tmp_path, max_steps=5, on_length="ignore")
    trainer.model_init = Probe
    trainer.train()
    trainer.train()
    assert trainer.watch.used == table(WARM, 5) * 2


def test_other_hyperparameters_and_groups_pass_through(tmp_path):
    decay = gl.Linear(0.25, 0.0, steps=10)
    trainer = build(
        tmp_path,
        {"lr": gl.Linear(0.5, 0.0, steps=10), "weight_decay": decay},
        groups=lambda group: (
            {"lr": 0.5, "weight_decay": 1.0} if group["weight_decay"] == 0 else None
        ),
        max_steps=10,
        weight_decay=0.25,  # what tells the trainer's two groups from each other
    )
    seen = []

    class Decays(transformers.TrainerCallback):
        def on_pre_optimizer_step(self, args, state, control, optimizer, **_):
            seen.append([group["weight_decay"] for group in optimizer.param_groups])

    trainer.add_callback(Decays)
    trainer.train()
    assert trainer.watch.used == table(gl.Linear(0.5, 0.0, steps=10), 10)
    assert trainer.watch.biases == [rate / 2 for rate in trainer.watch.used]
    assert seen == [[decay(k)] * 2 for k in range(10)]


def test_a_function_of_the_number_of_updates_fits_the_run(tmp_path):
    asked = []

    def rate(steps):
        asked.append(steps)
        return gl.Cosine(0.5, 0.0, steps=steps)

    trainer = build(tmp_path, rate, samples=30, max_steps=-1, num_train_epochs=2, on_length="raise")
    trainer.train()
    assert asked == [30]
    assert trainer.watch.used == table(gl.Cosine(0.5, 0.0, steps=30), 30)


@pytest.mark.filterwarnings("error")
def test_another_owner_is_reported(tmp_path):
    class Other(transformers.TrainerCallback):
        def on_step_begin(self, args, state, control, optimizer, **_):
            if state.global_step == 3:
                optimizer.param_groups[0]["lr"] = 0.125

    trainer = build(tmp_path, max_steps=10, on_length="ignore")
    trainer.add_callback(Other)
    with pytest.warns(UserWarning, match="before update 3 `lr` of group 0 is 0.125"):
        trainer.train()
    assert trainer.watch.used == table(WARM, 10)
    trainer = build(tmp_path, max_steps=10, on_length="ignore", on_conflict="raise")
    trainer.add_callback(Other)
    with pytest.raises(gl.ScheduleError, match="something else writes"):
        trainer.train()
    assert len(trainer.watch.used) == 3


# Resume


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of 60 updates with a checkpoint after each."""
    folder = tmp_path_factory.mktemp("whole")
    trainer = build(folder, save_strategy="steps", save_steps=1, gradient_accumulation_steps=2)
    trainer.train()
    assert trainer.watch.used == table(WARM)
    return folder, trainer


def resumed(whole, k, folder, **options):
    trainer = build(folder, gradient_accumulation_steps=2, **options)
    trainer.train(resume_from_checkpoint=str(whole[0] / f"checkpoint-{k}"))
    return trainer


@pytest.mark.parametrize("k", range(1, 60))
def test_pain_08_resumed_at_every_update_used_and_logged_rates_are_bit_equal(whole, k, tmp_path):
    """After a resume the rate is discontinuous, and rates are repeated."""
    trainer = resumed(whole, k, tmp_path)
    assert trainer.watch.used == whole[1].watch.used[k:]
    assert logged(trainer) == logged(whole[1]) == table(WARM)
    assert trainer.lr_scheduler.state_dict() == whole[1].lr_scheduler.state_dict()


def test_a_stop_and_a_resume_in_the_same_folder(tmp_path):
    class Stop(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            control.should_save = control.should_training_stop = state.global_step == 23

    first = build(tmp_path, save_strategy="steps", save_steps=1000)
    first.add_callback(Stop)
    first.train()
    second = build(tmp_path)
    second.train(resume_from_checkpoint=True)
    assert first.watch.used + second.watch.used == table(WARM)


def test_what_is_saved_is_a_step_and_the_schedule(whole):
    state = torch.load(whole[0] / "checkpoint-23" / "scheduler.pt", weights_only=True)
    assert state["last_epoch"] == 23
    assert json.loads(state["glissando"]) == {"schedule": WARM.to_data()}


def test_a_checkpoint_of_the_model_alone_goes_on_at_the_trainers_step(tmp_path):
    first = build(tmp_path, save_strategy="steps", save_steps=20, save_only_model=True)
    first.train()
    assert not (tmp_path / "checkpoint-20" / "scheduler.pt").exists()
    second = build(tmp_path / "again")
    second.train(resume_from_checkpoint=str(tmp_path / "checkpoint-20"))
    assert second.watch.used == table(WARM, 40, 20)
    assert logged(second) == table(WARM)


def test_a_longer_run_goes_on_with_the_same_schedule(whole, tmp_path):
    with pytest.warns(UserWarning, match="60 steps, but the run makes 80 updates"):
        trainer = resumed(whole, 30, tmp_path, max_steps=80)
    assert trainer.watch.used == table(WARM, 50, 30)
    with pytest.warns(UserWarning, match="60 steps, but the run makes 40 updates"):
        trainer = resumed(whole, 30, tmp_path, max_steps=40)
    assert trainer.watch.used == table(WARM, 10, 30)


LONG = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=73)


def test_pain_04_another_schedule_is_refused_and_the_policies_are_followed(whole, tmp_path):
    """An extended run keeps the old length, and the rate climbs again."""
    with pytest.raises(gl.ScheduleMismatch, match="saved after 30 updates") as caught:
        resumed(whole, 30, tmp_path, rate=LONG, max_steps=80)
    assert (caught.value.saved, caught.value.new, caught.value.step) == (WARM, LONG, 30)
    after = {
        "keep": lambda k: WARM(k),
        "replace": lambda k: LONG(k),
        "rewarm": lambda k: LONG(k - 30),
        "continue": lambda k: LONG(k) * (WARM(30) / LONG(30)),
    }
    for policy, expected in after.items():
        trainer = resumed(
            whole, 30, tmp_path, rate=LONG, max_steps=80, on_mismatch=policy, on_length="ignore"
        )
        assert trainer.watch.used == pytest.approx([expected(k) for k in range(30, 80)], rel=1e-12)
        assert logged(trainer) == table(WARM, 30) + trainer.watch.used


def test_a_function_of_the_number_of_updates_meets_another_number(tmp_path):
    def rate(steps):
        return gl.Linear(0.5, 0.0, steps=steps)

    build(tmp_path, rate, max_steps=8, save_strategy="steps", save_steps=4).train()
    at = str(tmp_path / "checkpoint-4")
    with pytest.raises(gl.ScheduleMismatch):
        build(tmp_path, rate, max_steps=16).train(resume_from_checkpoint=at)
    trainer = build(tmp_path, rate, max_steps=16, on_mismatch="continue")
    trainer.train(resume_from_checkpoint=at)
    expected = [0.25 * (16 - k) / 12 for k in range(4, 16)]
    assert trainer.watch.used == pytest.approx(expected, rel=1e-12)


def test_the_checkpoint_of_another_scheduler_is_refused(tmp_path):
    build(tmp_path, follow=False, max_steps=4, save_strategy="steps", save_steps=2).train()
    resume = str(tmp_path / "checkpoint-2")
    with pytest.raises(gl.ScheduleMismatch, match="has counted 2 calls of its step"):
        build(tmp_path).train(resume_from_checkpoint=resume)
    trainer = build(tmp_path, on_mismatch="replace")
    trainer.train(resume_from_checkpoint=resume)
    assert trainer.watch.used == table(WARM)[2:]


# The lengths of the schedule and of the run


@pytest.mark.parametrize(
    ("updates", "message"),
    [
        (
            50,
            "60 steps, but the run makes 50 updates: training stops 10 steps before",
        ),
        (70, "60 steps, but the run makes 70 updates: the last 10 updates are past"),
    ],
)
def test_pain_07_a_schedule_that_does_not_fit_the_run_is_told(tmp_path, updates, message):
    """The schedule is longer or shorter than the run, so that the rate never lands."""
    trainer = build(tmp_path, max_steps=updates)
    with pytest.warns(UserWarning, match=message):
        trainer.train()
    assert trainer.watch.used == table(WARM, updates)  # told, but not changed
    build(tmp_path, max_steps=updates, on_length="ignore").train()  # where a warning is an error
    trainer = build(tmp_path, max_steps=updates, on_length="raise")
    with pytest.raises(gl.ScheduleError, match=message):
        trainer.train()
    assert trainer.watch.used == []


@pytest.mark.parametrize(
    "rate",
    [gl.Constant(0.1), gl.Linear(0.0, 0.1, steps=3) >> gl.InverseSqrt(0.1, 3), WARM],
    ids=["constant", "endless", "as long"],
)
@pytest.mark.parametrize("updates", [60, 61])  # the last update of 61 is at step 60, the end
def test_a_schedule_that_fits_is_not_told(tmp_path, rate, updates):
    build(tmp_path, rate, max_steps=updates, on_length="raise").train()


def test_the_length_in_epochs_is_told_in_updates(tmp_path):
    trainer = build(tmp_path, samples=20, max_steps=-1, num_train_epochs=3)
    with pytest.warns(UserWarning, match="`lr` has 60 steps, but the run makes 30 updates"):
        trainer.train()


def test_the_length_after_a_resume_is_that_of_the_joined_schedule(whole, tmp_path):
    options = {"rate": gl.Linear(0.5, 0.0, steps=20), "on_mismatch": "rewarm"}
    resumed(whole, 30, tmp_path, max_steps=50, on_length="raise", **options)


TEXT = "linear(0, 0.5, steps=10%) >> cosine(0.5, 0.01, steps=rest)"


def filling(steps, share=0.1):
    return gl.parse(TEXT.replace("10%", f"{round(share * steps)}"), gl.plan(steps=steps))


def test_a_text_in_percent_of_the_run_fills_it_and_is_resumed(tmp_path):
    options = {"samples": 40, "max_steps": -1, "num_train_epochs": 3, "on_length": "raise"}
    whole = build(tmp_path, TEXT, save_strategy="steps", save_steps=25, **options)
    whole.train()
    assert whole.watch.used == logged(whole) == table(filling(60))
    assert whole.lr_scheduler.schedule == filling(60)
    again = build(tmp_path, TEXT, **options)
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-25"))
    assert again.watch.used == table(filling(60))[25:]
    # a run of another length has another schedule
    with pytest.raises(gl.ScheduleMismatch):
        build(tmp_path, TEXT, **options | {"num_train_epochs": 4}).train(
            resume_from_checkpoint=str(tmp_path / "checkpoint-25")
        )


def test_texts_and_schedules_stand_beside_each_other(tmp_path):
    rate = {"lr": TEXT, "weight_decay": gl.Constant(0.0)}
    trainer = build(tmp_path, rate, max_steps=30, on_length="raise")
    trainer.train()
    assert trainer.watch.used == table(filling(30), 30)
    assert trainer.lr_scheduler.schedule == {"lr": filling(30), "weight_decay": gl.Constant(0.0)}


def test_a_function_of_the_updates_fills_the_run(tmp_path):
    def rate(steps):
        return {"lr": gl.Cosine(0.5, 0.0, steps=steps), "momentum": "linear(0, 0, steps=rest)"}

    trainer = build(tmp_path, rate, max_steps=20, on_length="raise")
    trainer.train()
    assert trainer.watch.used == table(gl.Cosine(0.5, 0.0, steps=20), 20)


def test_the_documented_line_rounds_a_warm_up_as_the_trainer_does(tmp_path):
    def rate(steps):
        return filling(steps, math.ceil(0.03 * steps) / steps)

    for steps in (20, 34, 60, 67):
        args = transformers.TrainingArguments(str(tmp_path), warmup_steps=0.03, use_cpu=True)
        assert rate(steps).parts[0].steps == args.get_warmup_steps(steps)


# Plateau

LOSSES = [5, 4, 4, 4, 3, 3, 3, 3, 3, 3]
PLATEAU = gl.Plateau("torch", factor=0.5, patience=1).on(WARM, after=7)


def expected(losses, every=6, rates=60):
    """Return the rates with an evaluation after each 6 updates, by the plateau itself."""
    state, told = PLATEAU.init(), []
    for k in range(rates):
        told.append(PLATEAU(k, state))
        if (k + 1) % every == 0:
            state = PLATEAU.update(state, losses[(k + 1) // every - 1], k + 1)
    return told


class Falling(transformers.TrainerCallback):
    """Gives the evaluation after 6, 12, ... updates the losses of the list."""

    def __init__(self, data, losses=LOSSES):
        self.data = data
        self.losses = losses

    def on_step_end(self, args, state, control, **_):
        # not in a dataset: also a float that float32 holds
        self.data[0]["x"] = torch.tensor([float(self.losses[(state.global_step - 1) // 6])])


def listening(folder, losses=LOSSES, rate=PLATEAU, **options):
    data = [{"x": torch.zeros(1)}]
    options = {"eval_strategy": "steps", "eval_steps": 6} | options
    trainer = build(folder, rate, eval_dataset=data, **options)
    trainer.add_callback(Falling(data, losses))
    return trainer


def test_a_plateau_hears_the_evaluations(tmp_path):
    trainer = listening(tmp_path, eval_on_start=True)  # which it does not hear
    trainer.train()
    assert len(set(expected(LOSSES))) > 50
    assert trainer.watch.used == logged(trainer) == expected(LOSSES)
    assert expected(LOSSES)[30] == WARM(30) / 2
    state = trainer.lr_scheduler.state_dict()
    trainer.evaluate()  # the user's own, after training
    assert trainer.lr_scheduler.state_dict() == state


def test_early_stopping_before_the_plateau_lowers_the_rate_is_told(tmp_path):
    def trained(patience, metric="loss", **options):
        trainer = listening(
            tmp_path,
            save_strategy="steps",
            save_steps=6,
            load_best_model_at_end=True,
            metric_for_best_model="loss",
            metric=metric,
            **options,
        )
        trainer.add_callback(transformers.EarlyStoppingCallback(patience))
        trainer.train()
        return trainer.state.global_step

    with pytest.warns(UserWarning, match="patience of 2 ends .* only after 2: nothing is trained"):
        assert trained(2) == 24
    with pytest.raises(gl.ScheduleError, match="such as 4, or the plateau a shorter"):
        trained(1, on_conflict="raise")
    assert trained(1, on_conflict="ignore") < 24
    trained(3)  # the plateau is first


def test_early_stopping_by_another_metric_is_no_matter(tmp_path):
    trainer = listening(tmp_path, metric="rank", metric_for_best_model="loss")
    trainer.add_callback(transformers.EarlyStoppingCallback(1))
    with pytest.raises(gl.ScheduleError, match="needs the metric 'eval_rank'"):  # and not before
        trainer.train()


@pytest.mark.parametrize("k", [12, 18, 24, 36])
def test_a_plateau_resumes_with_what_it_remembers(tmp_path, k):
    first = listening(tmp_path, save_strategy="steps", save_steps=6)
    first.train()
    second = listening(tmp_path / "again", eval_on_start=True)
    second.train(resume_from_checkpoint=str(tmp_path / f"checkpoint-{k}"))
    assert first.watch.used[:k] + second.watch.used == expected(LOSSES)
    assert logged(second) == expected(LOSSES)


GREEDY = gl.Greedy(factor=0.5, patience=0, floor=0.25, ceiling=4.0, reset=3)


def test_a_greedy_rate_moves_as_the_trainers_own(tmp_path):
    losses = [5, 4, 3, 3, 3, 3, 3, 3, 2, 1]
    ours = listening(tmp_path, losses, rate=GREEDY.on(gl.Constant(0.5)))
    kwargs = {"factor": 0.5, "patience": 0, "min_lr": 0.125, "max_lr": 2.0, "reset_start": 3}
    theirs = listening(
        tmp_path / "peer",
        losses,
        follow=False,
        learning_rate=0.5,
        lr_scheduler_type="greedy",
        lr_scheduler_kwargs=kwargs,
    )
    for trainer in (ours, theirs):
        trainer.train()
    assert {0.125, 0.25, 0.5, 1.0, 2.0} <= set(theirs.watch.used)
    assert ours.watch.used == theirs.watch.used


@pytest.mark.parametrize("k", [12, 18, 36])
def test_a_greedy_rate_resumes_with_what_it_remembers(tmp_path, k):
    losses = [5, 4, 3, 3, 3, 3, 3, 3, 2, 1]
    rate = GREEDY.on(WARM, after=7)
    first = listening(tmp_path, losses, rate=rate, save_strategy="steps", save_steps=6)
    first.train()
    second = listening(tmp_path / "again", losses, rate=rate)
    second.train(resume_from_checkpoint=str(tmp_path / f"checkpoint-{k}"))
    assert second.watch.used == first.watch.used[k:]
    moved = {used / WARM(step) for step, used in enumerate(first.watch.used) if step}
    assert {0.5, 1.0, 2.0} <= moved


@pytest.mark.parametrize(
    "options", [{"metric": "score"}, {"metric": "eval_score"}, {"metric_for_best_model": "score"}]
)
def test_a_plateau_hears_the_metric_that_is_named(tmp_path, options):
    scores = iter(LOSSES)
    trainer = listening(
        tmp_path, [9] * 10, compute_metrics=lambda _: {"score": next(scores)}, **options
    )
    trainer.train()
    assert trainer.watch.used == expected(LOSSES)


def test_a_metric_that_is_missing_is_named(tmp_path):
    trainer = listening(tmp_path, metric="f1")
    with pytest.raises(gl.ScheduleError, match=r"needs the metric 'eval_f1', but .* eval_loss"):
        trainer.train()
    assert len(trainer.watch.used) == 6


def test_a_plateau_without_an_evaluation_is_told(tmp_path):
    trainer = build(tmp_path, PLATEAU)
    with pytest.warns(UserWarning, match="the plateau has no metric to monitor"):
        trainer.train()
    assert trainer.watch.used == table(WARM)


def test_of_several_evaluation_sets_one_is_heard(tmp_path):
    data = {"a": [{"x": torch.zeros(1)}], "b": [{"x": torch.ones(1)}]}
    options = {"eval_strategy": "steps", "eval_steps": 6}
    trainer = build(tmp_path, PLATEAU, eval_dataset=data, metric="a_loss", **options)
    trainer.add_callback(Falling(data["a"]))
    trainer.train()
    assert trainer.watch.used == expected(LOSSES)
    trainer = build(tmp_path, PLATEAU, eval_dataset=data, **options)
    with pytest.raises(gl.ScheduleError, match="'eval_loss', but the evaluation gave eval_a_loss"):
        trainer.train()


# What is refused


def test_bad_arguments_are_refused_at_once(tmp_path):
    trainer = build(tmp_path, follow=False)
    follow = gl.transformers.follow
    with pytest.raises(gl.ScheduleError, match=r"must be a transformers\.Trainer, got"):
        follow(trainer.model, WARM)
    with pytest.raises(gl.ScheduleError, match="the rate must be a schedule, a text"):
        follow(trainer, 0.1)
    with pytest.raises(gl.ScheduleError, match="`momentum` must be a schedule, got"):
        follow(trainer, {"lr": WARM, "momentum": 0.9})
    with pytest.raises(gl.ScheduleError, match="`on_length` must be one of"):
        follow(trainer, WARM, on_length="no")
    with pytest.raises(gl.ScheduleError, match="`on_conflict` must be one of"):
        follow(trainer, WARM, on_conflict="no")
    with pytest.raises(gl.ScheduleError, match="`on_mismatch` must be one of"):
        follow(trainer, WARM, on_mismatch="no")
    with pytest.raises(gl.ScheduleError, match="the rate must be a schedule"):
        follow(trainer, lambda step: 0.1).train()  # a function of the step it is not
    for text in ("cosin(1, 0, steps=rest)", "cosine(1, 0, steps=rest", "cosine(1, 0)", ""):
        with pytest.raises(gl.ScheduleError):
            follow(trainer, text)
        with pytest.raises(gl.ScheduleError):
            follow(trainer, {"lr": WARM, "weight_decay": text})


def test_pain_17_a_trainer_with_a_scheduler_of_its_own_is_refused(tmp_path):
    """Two owners both step the scheduler."""
    optimizer = torch.optim.SGD(Probe().parameters(), lr=9.0)
    scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer)
    trainer = build(tmp_path, follow=False, optimizers=(optimizer, scheduler))
    with pytest.raises(gl.ScheduleError, match="has a scheduler already"):
        gl.transformers.follow(trainer, WARM)
    trainer = build(tmp_path, follow=False)
    trainer.is_deepspeed_enabled = True
    with pytest.raises(gl.ScheduleError, match="DeepSpeed"):
        gl.transformers.follow(trainer, WARM)


def test_an_optimizer_that_updates_in_the_backward_pass_is_refused(tmp_path):
    trainer = build(tmp_path, follow=False)
    trainer.optimizer = LayerWiseDummyOptimizer()
    with pytest.raises(gl.ScheduleError, match="a layer-wise optimizer"):
        gl.transformers.follow(trainer, WARM).train()


def test_an_optimizer_that_does_not_count_one_update_a_step_is_refused(tmp_path):
    trainer = build(tmp_path, max_steps=3, on_length="ignore")

    class Again(transformers.TrainerCallback):
        def on_optimizer_step(self, args, state, control, optimizer, **_):
            optimizer.step()

    trainer.add_callback(Again)
    with pytest.raises(gl.ScheduleError, match="step 1 of the trainer was 2 updates"):
        trainer.train()


def test_the_trainers_files_are_its_own(tmp_path):
    build(tmp_path, max_steps=4, save_strategy="steps", save_steps=2, on_length="ignore").train()
    folder = Path(tmp_path / "checkpoint-2")
    state = json.loads((folder / "trainer_state.json").read_text())
    assert [log["learning_rate"] for log in state["log_history"]] == table(WARM, 2)


def test_pain_21_a_dataset_without_a_length(tmp_path):
    """The number of steps needs to be known for the scheduler."""

    class Endless(torch.utils.data.IterableDataset):
        def __iter__(self):
            while True:
                yield {"x": torch.zeros(1)}

    endless = gl.Linear(0.0, 0.5, steps=10) >> gl.InverseSqrt(0.5, 10)
    trainer = build(tmp_path, endless, data=Endless(), on_length="raise")
    trainer.train()
    assert trainer.watch.used == table(endless)


# Updates that are no updates


def test_pain_19_an_update_that_the_scaler_skipped_does_not_count(tmp_path):
    """A GradScaler skips the update, and the scheduler moves on."""
    skipped = {3, 4, 11, 19}

    class Overflow(transformers.TrainerCallback):
        def on_pre_optimizer_step(self, args, state, control, model, **_):
            if state.global_step in skipped:
                model.weight.grad.fill_(torch.inf)

    def scaled(**options):
        trainer = build(tmp_path, max_steps=24, on_length="ignore", **options)
        trainer.accelerator.scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
        trainer.add_callback(Overflow)
        return trainer

    first = scaled(save_strategy="steps", save_steps=12)
    first.train()
    assert [k for k, rate in enumerate(first.watch.used) if k and rate == 0] == sorted(skipped)
    done = [rate for k, rate in enumerate(first.watch.used) if k not in skipped]
    assert done == table(WARM, 20)
    assert (first.state.global_step, first.lr_scheduler.last_epoch) == (24, 20)
    second = scaled()
    second.train(resume_from_checkpoint=str(tmp_path / "checkpoint-12"))
    assert second.watch.used == first.watch.used[12:]
    assert logged(second) == logged(first)


def test_a_training_that_begins_again_with_smaller_batches(tmp_path):
    class Full(transformers.TrainerCallback):
        def on_step_begin(self, args, state, control, **_):
            if state.global_step == 5 and state.train_batch_size == 8:
                raise RuntimeError("CUDA out of memory. Tried to allocate")

    trainer = build(
        tmp_path,
        max_steps=10,
        per_device_train_batch_size=8,
        auto_find_batch_size=True,
        on_length="ignore",
        on_conflict="raise",
    )
    trainer.add_callback(Full)
    trainer.train()
    assert trainer.state.train_batch_size < 8
    assert trainer.watch.used == table(WARM, 5) + table(WARM, 10)


# Several processes


def several(part):
    world = len(part)
    updates = 3 * 64 // (2 * 2 * world)  # epochs * samples // (batch * accumulate * world)
    for rank in part:
        assert rank["epochs"]["step"] == updates
        assert rank["epochs"]["used"] == table(WARM, updates)
        # on rank 0 the metric stands still: the second one is bad
        lowered = [rate / 2 for rate in table(WARM, 4, 8)]
        assert rank["plateau"]["used"] == table(WARM, 8) + lowered
        assert rank["plateau"]["state"] == part[0]["plateau"]["state"]
        assert rank["plateau"]["state"]["last_epoch"] == 12


def test_pain_14_all_ranks_use_the_rates_of_one_process(tmp_path):
    """With several processes the scheduler is stepped once for each of them."""
    # two processes go on from the checkpoint of four, and then four again
    ranks = HERE / "ranks"
    parts = launched([ranks / "launch.py", ranks / "trainer.py", tmp_path, 4, 2, 4], tmp_path)
    assert [[rank["ranks"] for rank in part] for part in parts] == [[4] * 4, [2] * 2, [4] * 4]
    for number, part in enumerate(parts):
        for rank in part:
            assert rank["part"]["used"] == table(WARM, 20, 20 * number)
            assert rank["part"]["step"] == rank["part"]["state"]["last_epoch"] == 20 * number + 20
        assert part[0]["part"]["logged"] == table(
            WARM, 20 * number + 20
        )  # also of the parts before
    several(parts[0])


def test_it_is_the_same_under_torchrun(tmp_path):
    run = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", 2]
    (part,) = launched([*run, HERE / "ranks" / "trainer.py", tmp_path], tmp_path)
    assert [rank["ranks"] for rank in part] == [2, 2]
    for rank in part:
        assert rank["part"]["used"] == table(WARM, 20)
    several(part)
