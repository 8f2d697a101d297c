"""Accelerate's real loops: in this process, and in two and four that train together."""

import gc
from pathlib import Path

import accelerate
import pytest
import torch
from accelerate.state import AcceleratorState

import glissando as gl
from processes import launched

HERE = Path(__file__).parent
WARM = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
OVER_SAMPLES = gl.Linear(0.0, 0.5, steps=64) >> gl.Cosine(0.5, 0.0, steps=640)


def table(schedule, n=60, start=0):
    return [schedule(k) for k in range(start, start + n)]


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Four processes, then two that go on from their checkpoints, then four again."""
    folder = tmp_path_factory.mktemp("parts")
    ranks = HERE / "ranks"
    seen = launched([ranks / "launch.py", ranks / "accelerated.py", folder, 4, 2, 4], folder)
    assert [[rank["ranks"] for rank in part] for part in seen] == [[4] * 4, [2] * 2, [4] * 4]
    return seen


def test_pain_14_several_processes_make_the_schedule_no_faster(parts):
    """Accelerate steps the scheduler once for each process."""
    for part, told in zip(parts, range(2), strict=False):
        for rank in part:
            assert len(rank["grid"]) == 8
            for name, seen in rank["grid"].items():
                rates = table(WARM, 2 * seen["epoch"])
                assert seen["used"] == seen["told"] == rates, name
                assert seen["state"]["last_epoch"] == len(rates), name
            epochs = {name: seen["epoch"] for name, seen in rank["grid"].items()}
            world = [4, 2][told]
            assert epochs["accumulate=1 split=False with_optimizer=True"] == 24 // world
            assert epochs["accumulate=2 split=True with_optimizer=True"] == 12
    # the peer, which it does happen to
    assert parts[0][0]["peer"] == [9.0 * 0.5**4, 9.0 * 0.5**8, 9.0 * 0.5**12]


def test_the_rates_of_all_ranks_are_those_of_one_process(parts):
    for number, part in enumerate(parts):
        for rank in part:
            assert rank["updates"]["used"] == table(WARM, 20, 20 * number)
            assert rank["updates"]["told"] == rank["updates"]["used"]


def test_pain_22_another_number_of_processes_has_the_same_rate_after_the_same_samples(parts):
    """When the number of processes changes, so does the curve."""
    done = 0
    for part in parts:
        world = len(part)
        for rank in part:
            assert rank["samples"]["used"] == rank["expected"]
            by_hand = [OVER_SAMPLES(done + 4 * world * k) for k in range(20)]
            assert rank["samples"]["used"] == pytest.approx(by_hand, rel=1e-12, abs=1e-15)
        done += 20 * 4 * world


def test_save_state_and_load_state_in_several_processes(parts):
    assert [rank["saved and loaded"] for rank in parts[0]] == [table(WARM, 20)] * 4


def test_pain_36_all_ranks_hear_the_metric_of_rank_0(parts):
    """The ranks' metrics differ, and so do their rates from then on."""
    rates = table(WARM, 8) + [rate / 2 for rate in table(WARM, 4, 8)]
    for rank in parts[0]:
        assert rank["plateau"]["used"] == rates
        assert rank["plateau"]["state"] == parts[0][0]["plateau"]["state"]


def test_it_is_the_same_under_accelerate_launch(tmp_path):
    # its launcher for several GPUs is the only one that starts several processes on one machine
    command = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", 2]
    command += ["--num_machines", 1, "--mixed_precision", "no", "--dynamo_backend", "no"]
    command += ["--main_process_port", 0, HERE / "ranks" / "accelerated.py", tmp_path]
    (part,) = launched(command, tmp_path)
    assert [rank["ranks"] for rank in part] == [2, 2]
    for rank in part:
        assert rank["updates"]["used"] == table(WARM, 20)
        for seen in rank["grid"].values():
            assert seen["used"] == table(WARM, 2 * seen["epoch"])


# In one process


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Leave what was imported out of the collections of Accelerate."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


class Loop:
    """A prepared loop of a weight under gradient 1."""

    def __init__(self, rate=WARM, prepare=True, late=False, **options):
        AcceleratorState._reset_state()
        self.accelerator = accelerate.Accelerator(cpu=True, **options)
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
        self.optimizer = torch.optim.SGD([self.weight], lr=9.0)
        if not late:
            self.scheduler = gl.torch.Scheduler(self.optimizer, rate)
        self.optimizer = self.accelerator.prepare(self.optimizer)
        if late:
            self.scheduler = gl.torch.Scheduler(self.optimizer, rate)
        if prepare:
            self.scheduler = self.accelerator.prepare(self.scheduler)

    def train(self, batches):
        """Return by how much the weight moved in each batch, and what a logger would be told."""
        used, told = [], []
        for _ in range(batches):
            with self.accelerator.accumulate(self.weight):
                self.accelerator.backward(self.weight * 1.0)
                self.weight.data.zero_()
                self.optimizer.step()
                self.scheduler.step()
                self.optimizer.zero_grad()
            if self.accelerator.sync_gradients:
                used.append(-self.weight.item())
                told.append(self.scheduler.get_last_lr()[0])
        return used, told


@pytest.mark.parametrize("prepare", [True, False])
@pytest.mark.parametrize("accumulate", [1, 4])
@pytest.mark.parametrize("with_optimizer", [True, False])
def test_pain_15_an_accumulated_batch_is_no_update(prepare, accumulate, with_optimizer):
    """With gradient accumulation the scheduler is stepped for each batch."""
    loop = Loop(
        prepare=prepare,
        gradient_accumulation_steps=accumulate,
        step_scheduler_with_optimizer=with_optimizer,
    )
    used, told = loop.train(60 * accumulate)
    assert used == told == table(WARM)


@pytest.mark.parametrize("prepare", [True, False])
def test_it_may_be_built_on_the_prepared_optimizer(prepare):
    assert Loop(prepare=prepare, late=True).train(60) == (table(WARM),) * 2


@pytest.mark.parametrize("prepare", [True, False])
def test_interrupted_at_every_update_the_rest_is_bit_equal(tmp_path, prepare):
    loop = Loop(prepare=prepare)
    for k in range(60):
        if not prepare and k == 0:
            loop.accelerator.register_for_checkpointing(loop.scheduler)
        loop.accelerator.save_state(tmp_path / f"{k}")
        loop.train(1)
    for k in range(60):
        loop = Loop(prepare=prepare)
        if not prepare:
            loop.accelerator.register_for_checkpointing(loop.scheduler)
        loop.accelerator.load_state(tmp_path / f"{k}")
        assert loop.train(60 - k) == (table(WARM, 60 - k, k),) * 2


def test_pain_19_an_update_that_the_scaler_skipped_does_not_count():
    """A GradScaler skips the update, and the scheduler moves on."""
    loop = Loop()
    loop.accelerator.scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    scheduler = loop.scheduler.scheduler
    loop.optimizer = accelerate.optimizer.AcceleratedOptimizer(
        scheduler.optimizer, scaler=loop.accelerator.scaler
    )
    loop.accelerator._optimizers[:] = [loop.optimizer]
    loop.scheduler = loop.accelerator.prepare_scheduler(scheduler)
    used = []
    for k in range(20):
        loop.weight.register_hook(lambda grad, k=k: grad * torch.inf if k % 4 == 3 else grad)
        used += loop.train(1)[0]
        loop.weight._backward_hooks.clear()
        assert loop.optimizer.step_was_skipped == (k % 4 == 3)
    assert [rate for k, rate in enumerate(used) if k % 4 != 3] == table(WARM, 15)
    assert scheduler.last_epoch == 15


def test_a_saved_state_of_another_schedule_is_refused(tmp_path):
    loop = Loop()
    loop.train(10)
    loop.accelerator.save_state(tmp_path)
    other = Loop(gl.Cosine(0.5, 0.0, steps=60))
    with pytest.raises(gl.ScheduleMismatch, match="saved after 10 updates"):
        other.accelerator.load_state(tmp_path)
    assert other.train(2)[0] == table(gl.Cosine(0.5, 0.0, steps=60), 2)


def test_a_plateau_hears_by_the_prepared_schedulers_own(tmp_path):
    rate = gl.Plateau("torch", factor=0.5, patience=1).on(WARM)
    loop = Loop(rate)
    used = []
    for _ in range(4):
        used += loop.train(10)[0]
        loop.scheduler.scheduler.step(1.0)
    # bad are the second metric and the third: then it falls
    assert used == table(WARM, 30) + [r / 2 for r in table(WARM, 10, 30)]
