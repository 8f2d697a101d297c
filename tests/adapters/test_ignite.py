"""PyTorch-Ignite's real engine: a rate is what a weight under gradient 1 moves by."""

import pytest
import torch
from ignite.engine import Engine, Events
from ignite.handlers import Checkpoint, DiskSaver, EarlyStopping, LRScheduler

import glissando as gl

WARM = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
PLATEAU = gl.Plateau("torch", factor=0.5, patience=0).on(WARM)


def table(schedule, n, start=0):
    return [schedule(k) for k in range(start, start + n)]


class Run:
    """A trainer of one weight; `used` is what each update moved it by."""

    def __init__(self, schedule=WARM, each=1, attach=True, skipped=(), whole=False, **options):
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
        self.optimizer = torch.optim.SGD([self.weight], lr=9.0, weight_decay=0.0)
        options = options if whole else {"on_length": "ignore"} | options
        self.scheduler = gl.ignite.Scheduler(self.optimizer, schedule, **options)
        self.used = []
        self.each, self.skipped = each, skipped
        self.scaler = torch.amp.GradScaler("cpu", enabled=bool(skipped))
        self.optimizer.register_step_post_hook(lambda *_: self.used.append(-self.weight.item()))
        self.trainer = Engine(self.update)
        if attach:
            self.scheduler.attach(self.trainer)
        self.to_save = {
            "trainer": self.trainer,
            "optimizer": self.optimizer,
            "scheduler": self.scheduler,
        }

    def update(self, engine, batch):
        k = engine.state.iteration - 1
        overflow = float("inf") if k in self.skipped else 1.0
        self.weight.data.zero_()  # so that the move is the rate to the last bit
        self.scaler.scale(self.weight * overflow / self.each).backward()
        if (k + 1) % self.each == 0:
            self.scaler.step(self.optimizer)
            self.scaler.update()
            self.optimizer.zero_grad()

    def go(self, epochs=3, length=7):
        self.trainer.run(range(length), max_epochs=epochs)
        return self.used

    def load(self, file):
        Checkpoint.load_objects(to_load=self.to_save, checkpoint=file)
        return self


def save_every(run, folder, event=Events.ITERATION_COMPLETED):
    saver = DiskSaver(folder, create_dir=True, require_empty=False)
    checkpoint = Checkpoint(
        run.to_save, saver, n_saved=None, global_step_transform=lambda e, _: e.state.iteration
    )
    run.trainer.add_event_handler(event, checkpoint)


def saved(folder):
    return {int(f.stem.split("_")[-1]): f for f in folder.glob("*.pt")}


def test_pain_18_update_k_uses_the_rate_of_step_k():
    """Off by one at the level of batches: the choice of the event."""
    assert Run().go() == table(WARM, 21)
    assert Run(attach=False).go() == table(WARM, 21)
    for event in (Events.ITERATION_COMPLETED, Events.EPOCH_STARTED, Events.GET_BATCH_COMPLETED):
        run = Run(attach=False)
        run.scheduler.attach(run.trainer, event)
        assert run.go() == table(WARM, 21)


@pytest.mark.parametrize("each", [2, 4])
def test_pain_15_accumulation_in_the_users_function_counts_updates(each):
    """Gradient accumulation: stepped per micro-batch."""
    assert Run(each=each).go(3, 8) == table(WARM, 24 // each)


def test_pain_19_an_update_that_the_scaler_skipped_does_not_count():
    """GradScaler skips the update, the scheduler moves on."""
    run = Run(skipped=(0, 5, 6, 14))
    assert run.go() == table(WARM, 17)
    assert run.scheduler.state_dict()["last_epoch"] == 17


def test_pain_20_each_optimizer_has_a_clock_of_its_own():
    """Several optimizers inflate the count."""
    other = gl.Geometric(0.25, 0.5, every=4)
    first, second = Run(), Run(other)

    def both(engine, batch):
        first.update(engine, batch)
        first.update(engine, batch)
        second.update(engine, batch)

    trainer = Engine(both)
    first.scheduler.attach(trainer)
    second.scheduler.attach(trainer)
    trainer.run(range(7), max_epochs=3)
    assert first.used == table(WARM, 42)
    assert second.used == table(other, 21)


def test_interrupted_after_every_update_the_rest_is_bit_equal(tmp_path):
    run = Run()
    save_every(run, tmp_path)
    assert run.go(6, 10) == table(WARM, 60)
    files = saved(tmp_path)
    assert sorted(files) == list(range(1, 61))
    del files[60]  # an engine that is through begins anew
    for k, file in files.items():
        state = torch.load(file, weights_only=True)["scheduler"]
        assert state["last_epoch"] == k
        again = Run().load(file)
        assert again.optimizer.param_groups[0]["lr"] == WARM(k)
        assert again.go(6, 10) == table(WARM, 60 - k, k)


@pytest.mark.parametrize(
    ("event", "each"),
    [
        (Events.ITERATION_STARTED, 1),
        (Events.EPOCH_STARTED, 1),
        (Events.EPOCH_STARTED, 2),
        (Events.EPOCH_COMPLETED, 1),
        (Events.EPOCH_COMPLETED, 2),
    ],
)
def test_pain_09_saved_at_any_event_training_goes_on_bit_equal(event, each, tmp_path):
    """A checkpoint that is written before the scheduler steps is one step off."""
    run = Run(each=each)
    save_every(run, tmp_path, event)
    whole = run.go(4, 6)
    assert whole == table(WARM, 24 // each)
    files = saved(tmp_path)
    assert len(files) == (24 if event is Events.ITERATION_STARTED else 4)
    for file in files.values():
        again = Run(each=each).load(file)
        step = again.scheduler.state_dict()["last_epoch"]
        used = again.go(4, 6)
        assert used == table(WARM, len(used), step)


LONGER = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=113)


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("keep", WARM.drop(14)),
        ("replace", LONGER.drop(14)),
        ("continue", LONGER.drop(14) * (WARM(14) / LONGER(14))),
        ("rewarm", LONGER),
    ],
)
def test_pain_04_another_schedule_is_refused_or_follows_a_named_policy(policy, after, tmp_path):
    """Extending a run: the checkpoint silently overwrites the new length."""
    run = Run()
    save_every(run, tmp_path)
    run.go(3)
    file = saved(tmp_path)[14]
    with pytest.raises(gl.ScheduleMismatch, match="first differ at step 8"):
        Run(LONGER).load(file)
    used = Run(LONGER, on_mismatch=policy).load(file).go()
    assert used == pytest.approx(table(after, 7), rel=1e-14)


LOSSES = [5.0, 4.0, 4.0, 3.0, 3.0, 3.0]  # it falls after the epochs 2, 4 and 5
FACTORS = [1.0, 1.0, 1.0, 0.5, 0.5, 0.25]


def listening(save=None, **options):
    run = Run(PLATEAU, **options)
    evaluator = Engine(lambda engine, batch: None)
    run.scheduler.monitor(evaluator, "loss")

    @run.trainer.on(Events.EPOCH_COMPLETED)
    def evaluate(engine):
        loss = LOSSES[engine.state.epoch - 1]
        evaluator.add_event_handler(
            Events.EPOCH_COMPLETED, lambda e: e.state.metrics.update(loss=loss)
        )
        evaluator.run([0])

    if save is not None:
        save_every(run, save)
        save_every(run, save, Events.EPOCH_COMPLETED)
    return run


def test_pain_36_a_plateau_composes_and_is_saved(tmp_path):
    """Plateau cannot be composed; loses state."""
    whole = listening(tmp_path).go(6, 3)
    assert whole == [WARM(k) * FACTORS[k // 3] for k in range(18)]
    files = saved(tmp_path)  # at the end of an epoch that which was written after the metric
    assert sorted(files) == list(range(1, 19))
    del files[18]
    for k, file in files.items():
        run = listening().load(file)
        assert run.optimizer.param_groups[0]["lr"] == whole[k]
        assert run.go(6, 3) == whole[k:]


def test_a_metric_that_is_not_there_is_named():
    run = Run(PLATEAU)
    evaluator = Engine(lambda engine, batch: None)
    run.scheduler.monitor(evaluator, "los")
    evaluator.add_event_handler(Events.EPOCH_COMPLETED, lambda e: e.state.metrics.update(loss=1.0))
    with pytest.raises(gl.ScheduleError, match=r"no metric 'los', only \['loss'\]"):
        evaluator.run([0])
    with pytest.raises(gl.ScheduleError, match="no schedule monitors the metric 'loss'"):
        Run().scheduler.monitor(evaluator, "loss")


@pytest.mark.parametrize("each", [1, 2])
def test_pain_40_the_history_is_what_was_used(each):
    """The logged rate is that of the next step."""
    run = Run(each=each, save_history=True)
    run.go(3, 6)
    history = run.trainer.state.param_history
    assert set(history) == {"lr"}
    assert [[rate] for rate in run.used for _ in range(each)] == history["lr"]


def test_the_history_has_each_name_and_each_group():
    first, second = (torch.nn.Parameter(torch.zeros(())) for _ in range(2))
    groups = [{"params": [first]}, {"params": [second], "name": "head", "lr": torch.tensor(1.0)}]
    optimizer = torch.optim.AdamW(groups, lr=9.0)
    knobs = {"lr": gl.Linear(1.0, 0.0, steps=4), "betas[0]": gl.Linear(0.5, 0.75, steps=4)}
    scheduler = gl.ignite.Scheduler(optimizer, knobs, groups={"head": 0.5}, save_history=True)
    trainer = Engine(lambda engine, batch: optimizer.step())
    scheduler.attach(trainer)
    trainer.run(range(2))
    assert trainer.state.param_history == {
        "lr": [[1.0, 0.5], [0.75, 0.375]],
        "betas[0]": [[0.5, 0.5], [0.5625, 0.5625]],
    }


def test_pain_40_whoever_reads_the_optimizer_after_the_iteration_reads_what_was_used():
    """The logged rate is that of the next step."""
    run, read = Run(), []

    @run.trainer.on(Events.ITERATION_STARTED | Events.ITERATION_COMPLETED)
    def note(engine):
        read.append(run.optimizer.param_groups[0]["lr"])

    run.go()
    assert read[::2] == read[1::2] == run.used


def test_ignites_own_wrapper_takes_a_scheduler_too(tmp_path):
    run = Run(attach=False)
    wrapper = LRScheduler(run.scheduler, save_history=True)
    run.trainer.add_event_handler(Events.ITERATION_STARTED, wrapper)
    run.to_save["scheduler"] = wrapper
    save_every(run, tmp_path)
    assert run.go() == table(WARM, 21)
    assert run.trainer.state.param_history["lr"] == [[rate] for rate in run.used]
    again = Run(attach=False)
    again.to_save["scheduler"] = wrapper = LRScheduler(again.scheduler)
    again.trainer.add_event_handler(Events.ITERATION_STARTED, wrapper)
    assert again.load(saved(tmp_path)[10]).go() == table(WARM, 11, 10)


def test_pain_17_a_second_writer_is_reported_at_its_first_write():
    """Two owners both step."""
    run = Run()

    @run.trainer.on(Events.ITERATION_STARTED(once=6))
    def meddle(engine):
        run.optimizer.param_groups[0]["lr"] = 7.0

    with pytest.warns(UserWarning, match="before update 5 `lr` of group 0 is 7"):
        assert run.go() == table(WARM, 21)


# The length of the run


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (WARM, "`lr` has 60 steps, but the run makes 21 updates: training stops 39 steps before"),
        (gl.Linear(0.5, 0.1, steps=10), "has 10 steps, .* the last 11 updates are past"),
    ],
)
def test_a_schedule_of_another_length_than_the_run_is_told_once(schedule, message):
    run = Run(schedule, whole=True)
    with pytest.warns(UserWarning, match=message) as told:
        assert run.go() == table(schedule, 21)
    assert len(told) == 1
    assert "schedule.stretch(21)" in str(told[0].message)
    with pytest.raises(gl.ScheduleError, match="has"):
        Run(schedule, on_length="raise").go()
    Run(schedule, on_length="ignore").go()


@pytest.mark.parametrize("each", [1, 2, 3, 5])
def test_accumulation_and_skipped_updates_are_not_taken_for_another_length(each):
    Run(gl.Linear(0.5, 0.0, steps=60 // each), each=each, whole=True).go(6, 10)
    if each == 1:
        Run(gl.Linear(0.5, 0.0, steps=57), whole=True, skipped=(0, 1, 2)).go(6, 10)
        Run(gl.Linear(0.5, 0.0, steps=58), whole=True, skipped=(0, 3)).go(6, 10)


def test_a_last_update_of_each_epoch_that_takes_fewer_iterations_is_no_other_length():
    run = Run(gl.Linear(0.5, 0.0, steps=18), whole=True, each=4, attach=False)

    def update(engine, batch):  # 10 iterations are updates of 4, 4 and 2
        run.weight.grad = torch.ones_like(run.weight)
        if (engine.state.iteration - 1) % 10 in (3, 7, 9):
            run.optimizer.step()

    trainer = Engine(update)
    run.scheduler.attach(trainer)
    trainer.run(range(10), max_epochs=6)
    assert run.scheduler.last_epoch == 18


def test_several_updates_in_an_iteration_are_counted_in_the_length():
    run = Run(gl.Linear(0.5, 0.0, steps=42), whole=True)

    def twice(engine, batch):
        run.update(engine, batch)
        run.update(engine, batch)

    trainer = Engine(twice)
    run.scheduler.attach(trainer)
    trainer.run(range(7), max_epochs=3)
    assert run.used == table(gl.Linear(0.5, 0.0, steps=42), 42)
    other = Run(gl.Linear(0.5, 0.0, steps=21), whole=True)
    run.update = other.update
    other.scheduler.attach(trainer)
    with pytest.warns(UserWarning, match="has 21 steps, but the run makes 42 updates"):
        trainer.run(range(7), max_epochs=3)


def test_epochs_are_compared_with_epochs_when_the_run_begins():
    rate = gl.Linear(0.5, 0.1, steps=3)
    run = Run(rate, whole=True, unit="epoch")
    with pytest.warns(UserWarning, match="has 3 steps, but the run makes 9 epochs"):
        assert run.go(9, 2) == [rate(epoch) for epoch in range(9) for _ in range(2)]
    Run(rate, whole=True, unit="epoch").go(3, 2)


def test_a_run_that_is_resumed_is_compared_as_a_whole(tmp_path):
    whole = Run(gl.Linear(0.5, 0.0, steps=30), whole=True)
    save_every(whole, tmp_path)
    whole.go(3, 10)
    again = Run(gl.Linear(0.5, 0.0, steps=30), whole=True).load(saved(tmp_path)[13])
    assert again.go(3, 10) == whole.used[13:]
    with pytest.warns(UserWarning, match="has 30 steps, but the run makes 50 updates"):
        Run(gl.Linear(0.5, 0.0, steps=30), whole=True).load(saved(tmp_path)[13]).go(5, 10)


def test_a_length_in_iterations_and_one_that_is_not_known():
    run = Run(gl.Linear(0.5, 0.0, steps=13), whole=True)
    run.trainer.run(range(5), max_iters=13)
    assert run.used == table(gl.Linear(0.5, 0.0, steps=13), 13)
    run = Run(gl.Linear(0.5, 0.1, steps=99), whole=True)
    run.trainer.run(iter(range(9)), max_epochs=1)
    assert run.used == table(gl.Linear(0.5, 0.1, steps=99), 9)


# What fills the run

TEXT = "linear(0, 0.5, steps=10%) >> cosine(0.5, 0.01, steps=rest)"


def filling(steps):
    first = round(steps / 10)
    return gl.Linear(0.0, 0.5, steps=first) >> gl.Cosine(0.5, 0.01, steps=steps - first)


@pytest.mark.parametrize(
    "rate", [TEXT, filling, {"lr": TEXT}, {"lr": filling(60), "weight_decay": "constant(0)"}]
)
def test_a_text_or_a_function_fills_the_run_and_is_resumed(rate, tmp_path):
    whole = Run(rate, whole=True)
    save_every(whole, tmp_path)
    assert whole.go(6, 10) == table(filling(60), 60)
    files = saved(tmp_path)
    for k in (1, 25, 59):
        again = Run(rate, whole=True).load(files[k])
        assert again.go(6, 10) == table(filling(60), 60 - k, k)
        assert again.scheduler.state_dict()["last_epoch"] == 60
    if rate == TEXT:
        with pytest.raises(gl.ScheduleMismatch):  # of a run of another length
            Run(rate).load(files[25]).go(8, 10)
        used = Run(rate, on_mismatch="replace").load(files[25]).go(8, 10)
        assert used == table(filling(80), 55, 25)


def test_iterations_of_an_update_are_counted_if_they_are_named():
    run = Run(TEXT, each=4, attach=False, whole=True)
    run.scheduler.attach(run.trainer, gradient_accumulation_steps=4)
    assert run.go(3, 40) == table(filling(30), 30)
    with pytest.warns(UserWarning, match="120 steps, .* 30 updates.*gradient_accumulation_steps"):
        Run(TEXT, each=4, whole=True).go(3, 40)


def test_epochs_are_filled_where_they_are_the_unit():
    run = Run(TEXT, whole=True, unit="epoch")
    assert run.go(20, 2) == [filling(20)(epoch) for epoch in range(20) for _ in range(2)]


def test_an_update_before_the_run_begins_or_a_run_of_no_known_length_is_refused():
    run = Run(TEXT, attach=False)
    with pytest.raises(gl.ScheduleError, match=r"attach\(\) the Scheduler to the trainer"):
        run.go()
    run = Run(TEXT)
    with pytest.raises(gl.ScheduleError, match="does not know how long it runs"):
        run.trainer.run(iter(range(9)), max_epochs=1)
    for text in ("cosin(1, 0, steps=rest)", "cosine(1, 0, steps=rest", "cosine(1, 0)", ""):
        with pytest.raises(gl.ScheduleError):
            Run(text)
        with pytest.raises(gl.ScheduleError):
            Run({"lr": text})


def test_a_state_that_is_loaded_before_the_run_begins_is_kept(tmp_path):
    run = Run(TEXT)
    state = gl.torch.Scheduler(run.optimizer, filling(21)).state_dict() | {"last_epoch": 9}
    run.scheduler.load_state_dict(state)
    assert run.scheduler.state_dict() == state
    run.trainer.load_state_dict({"iteration": 9, "max_epochs": 3, "epoch_length": 7})
    assert run.go() == table(filling(21), 12, 9)


# Early stopping


@pytest.mark.parametrize("attach", [True, False])
@pytest.mark.parametrize("event", [Events.COMPLETED, Events.COMPLETED(every=1)])
def test_early_stopping_before_the_plateau_lowers_the_rate_is_told(attach, event):
    def trained(patience, **options):
        run = Run(gl.Plateau("torch", factor=0.5, patience=2).on(WARM), attach=attach, **options)
        evaluator = Engine(lambda engine, batch: None)
        evaluator.add_event_handler(
            Events.EPOCH_COMPLETED, lambda e: e.state.metrics.update(loss=1.0)
        )
        run.scheduler.monitor(evaluator, "loss")
        stop = EarlyStopping(patience, lambda e: -e.state.metrics["loss"], run.trainer)
        evaluator.add_event_handler(event, stop)
        run.trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
        return len(run.go(9))

    with pytest.warns(UserWarning, match="patience of 3 ends .* only after 3: nothing") as told:
        assert trained(3) == 4 * 7
    assert len(told) == 1
    with pytest.raises(gl.ScheduleError, match="such as 6, or the plateau a shorter"):
        trained(1, on_conflict="raise")
    assert trained(1, on_conflict="ignore") == 2 * 7
    assert trained(4) == 5 * 7
