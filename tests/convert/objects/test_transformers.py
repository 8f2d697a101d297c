"""Training arguments are read as the Trainer makes its scheduler of them."""

import pytest
import transformers

import glissando as gl
from glissando.convert.given import Given
from glissando.convert.objects.transformers import read_arguments
from torch_probe import sgd, update


def arguments(tmp_path, **options):
    return transformers.TrainingArguments(output_dir=str(tmp_path), use_cpu=True, **options)


def read(value, **given):
    return read_arguments(value, Given(**given))


def trainers(args, steps):
    """Return the rates of the Trainer's own scheduler."""
    trainer = transformers.Trainer.__new__(transformers.Trainer)
    trainer.args, trainer.lr_scheduler = args, None
    trainer.optimizer = sgd(args.learning_rate, lr=args.learning_rate)
    scheduler = trainer.create_scheduler(steps, trainer.optimizer)
    rates = []
    for _ in range(steps):
        rates.append(update(trainer.optimizer)[0])
        scheduler.step()
    return rates


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"warmup_steps": 0.1},
        {"lr_scheduler_type": "cosine", "warmup_steps": 7},
        {"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": {"power": 2.0}},
        {"lr_scheduler_type": "cosine_with_min_lr", "lr_scheduler_kwargs": {"min_lr_rate": 0.1}},
        {"lr_scheduler_type": "warmup_stable_decay", "lr_scheduler_kwargs": {"num_decay_steps": 9}},
        {"lr_scheduler_type": "inverse_sqrt", "warmup_steps": 5},
        {"lr_scheduler_type": "constant"},
    ],
)
def test_the_rates_are_the_trainers(tmp_path, options):
    args = arguments(tmp_path, learning_rate=3e-4, **options)
    rate = read(args, steps=73)
    rates = trainers(args, 73)
    assert [rate(k) for k in range(73)] == pytest.approx(rates, rel=1e-12, abs=1e-18)


def test_a_share_of_the_updates_is_rounded_up(tmp_path):
    rate = read(arguments(tmp_path, learning_rate=1.0, warmup_steps=0.1), steps=73)
    assert (rate(7), rate(8)) == (0.875, 1.0)  # 7.3 become 8


def test_max_steps_says_how_many_updates_there_are(tmp_path):
    args = arguments(tmp_path, learning_rate=1.0, max_steps=50)
    assert read(args)(25) == 0.5


def test_the_updates_are_counted_from_samples_as_the_trainer_counts_them(tmp_path):
    args = arguments(
        tmp_path,
        learning_rate=1.0,
        num_train_epochs=2,
        per_device_train_batch_size=4,
        gradient_accumulation_steps=3,
    )
    # 101 samples are 26 batches, and 9 updates with the last two
    assert read(args, samples=101) == read(args, steps=18) == read(args, steps_per_epoch=9)


def test_the_number_of_updates_is_asked_for(tmp_path):
    with pytest.raises(gl.ScheduleError, match=r"`steps` \(--steps\)"):
        read(arguments(tmp_path))
    assert read(arguments(tmp_path, lr_scheduler_type="constant")) == gl.Constant(5e-5)


def test_what_follows_a_metric_is_refused():
    scheduler = transformers.get_scheduler("greedy", sgd(1.0))
    with pytest.raises(gl.ScheduleError, match="follows a metric"):
        read(scheduler)
