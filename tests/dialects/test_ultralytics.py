"""What is odd about the rates of Ultralytics; docs/parity.md compares them with its trainer's."""

import pytest

import glissando as gl

trainer = gl.dialects.ultralytics.BaseTrainer


def test_the_optimizer_auto_goes_by_the_classes_and_ignores_the_rate():
    rate = trainer(lr0=0.5, iterations=10_000, nc=80, warmup_epochs=0.0, steps_per_epoch=10)
    assert rate(0) == 0.000119  # 0.01 / 84, in six decimal places


def test_the_optimizer_auto_is_another_one_above_10_000_iterations():
    rate = trainer(lr0=0.5, iterations=10_001, warmup_epochs=0.0, steps_per_epoch=10)
    assert rate(0) == 0.01


def test_with_auto_the_warm_up_of_biases_begins_at_0():
    options = {"iterations": 1, "nc": 1, "steps_per_epoch": 10}
    assert trainer(**options, of="bias") == trainer(**options)


def test_the_warm_up_comes_up_to_the_rate_of_its_epoch():
    rate = trainer(lr0=1.0, lrf=0.0, epochs=10, optimizer="SGD", steps_per_epoch=10)
    assert [rate(k) for k in (0, 15, 29, 30)] == pytest.approx([0, 0.9 / 2, 0.8 * 29 / 30, 0.7])


def test_the_warm_up_leaves_the_last_epoch():
    rate = trainer(lr0=1.0, lrf=1.0, epochs=2, optimizer="SGD", steps_per_epoch=10)
    assert (rate(5), rate(10)) == (0.5, 1.0)


@pytest.mark.parametrize(("options", "name"), [({}, "iterations"), ({"iterations": 1}, "nc")])
def test_what_auto_goes_by_must_be_given(options, name):
    with pytest.raises(gl.ScheduleError, match=f"ultralytics.BaseTrainer: `{name}` must be given"):
        trainer(**options, steps_per_epoch=10)
