"""Arguments of Ultralytics are read as its trainer uses them, and as it wrote into its logs."""

from pathlib import Path

import pytest

import glissando as gl
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.readers import ultralytics as _registered  # noqa: F401
from glissando.convert.registry import READERS

READER = READERS["ultralytics"]
LOG = Path(__file__).parents[2] / "data/logs/yolo_auto_100.results.csv"
ARGS = {
    "epochs": 100,
    "time": None,
    "batch": 16,
    "optimizer": "auto",
    "cos_lr": False,
    "lr0": 0.001,
    "lrf": 0.01,
    "momentum": 0.937,
    "warmup_epochs": 3.0,
    "warmup_momentum": 0.8,
    "warmup_bias_lr": 0.1,
    "nbs": 64,
}
"""Those of the run whose log is kept: 1527171/HandRaisingDetector-YOLO12n."""
RUN = {"steps_per_epoch": 144, "samples": 2304, "classes": 1}


def read(args=(), **given):
    document = Document(Path("args.yaml"), b"", "", ARGS | dict(args), {})
    assert READER.knows(document) == 1
    return READER.read(document, Given(**given))


def refused(args=(), **given):
    with pytest.raises(gl.ScheduleError) as caught:
        read(args, **given)
    return str(caught.value)


def test_the_optimizer_auto_ignores_the_rate_of_the_file_as_a_real_log_shows():
    rate = read(**RUN)
    header, *rows = [line.split(",") for line in LOG.read_text().splitlines()]
    column = header.index("lr/pg0")
    assert len(rows) == 100
    for epoch, row in enumerate(rows, 1):  # a row has the rate of the last batch
        assert f"{rate(144 * epoch - 1):.6g}" == row[column]


def test_auto_is_another_optimizer_for_a_long_run():
    long = RUN | {"samples": 100_000}
    del long["classes"]
    assert read(**long)(3 * 144) == pytest.approx(0.01 * (1 - 0.03 * 0.99))


@pytest.mark.parametrize("name", ["samples", "classes", "steps_per_epoch"])
def test_what_auto_goes_by_is_asked_for(name):
    given = RUN | {name: None}
    assert f"`{name}` (--{name.replace('_', '-')})" in refused(**given)


def test_a_batch_that_was_found_by_free_memory_is_asked_for():
    assert "`batch_size` (--batch-size)" in refused({"batch": -1}, **RUN)
    assert read({"batch": -1}, **RUN, batch_size=16) == read(**RUN)


def test_another_optimizer_has_the_files_own_rate_and_a_bias_comes_from_above():
    sgd = {"optimizer": "SGD", "lr0": 0.01}
    rate, bias, momentum = (
        read(sgd, steps_per_epoch=144, group=group) for group in (None, "bias", "momentum")
    )
    assert (rate(0), bias(0), momentum(0)) == (0.0, 0.1, 0.8)
    assert bias(216) == pytest.approx(0.05 + rate(216))
    assert rate(432) == bias(432) == pytest.approx(0.01 * (1 - 0.03 * 0.99))
    assert momentum(432) == 0.937
    assert "`group` must be one of lr, bias, momentum" in refused(sgd, **RUN, group=3)


def test_before_8_4_103_a_warm_up_had_at_least_100_batches():
    short = {"optimizer": "SGD", "lr0": 0.01}
    assert "`framework_version` (--framework-version)" in refused(short, steps_per_epoch=10)
    new = read(short, steps_per_epoch=10, framework_version="8.4.103")
    old = read(short, steps_per_epoch=10, framework_version="8.3.200")
    assert new(30) == pytest.approx(old(100) / (1 - 0.1 * 0.99) * (1 - 0.03 * 0.99))
    assert old(50) == pytest.approx(0.01 * 0.5 * (1 - 0.05 * 0.99))
    bias = read(short, steps_per_epoch=10, framework_version="8.3.200", group="bias")
    assert bias(50) == pytest.approx(0.05 + old(50))
    moving = read(short, steps_per_epoch=10, framework_version="8.3.200", group="momentum")
    assert moving(50) == pytest.approx((0.8 + 0.937) / 2)


def test_with_its_accumulation_it_is_the_rate_of_updates():
    args = {"optimizer": "SGD", "epochs": 5, "batch": 16, "warmup_epochs": 2.0}
    by_batch = read(args, steps_per_epoch=30, framework_version="8.4.190")
    rate = read(args, steps_per_epoch=30, framework_version="8.4.190", accumulation=4)
    used, last, every = [], -1, 4  # as the trainer's loop counts
    for batch in range(150):
        every = max(1, round(1 + 3 * batch / 60)) if batch <= 60 else every
        if batch - last >= every:
            used.append(by_batch(batch))
            last = batch
    assert len(used) == 51
    assert [rate(update) for update in range(51)] == used
    assert "`accumulation` must be 4, by a `batch` of 16" in refused(
        args, steps_per_epoch=30, framework_version="8.4.190", accumulation=2
    )


def test_a_run_that_ends_by_the_clock_is_refused():
    assert "`time` ends the run by the clock" in refused({"time": 2.0}, **RUN)


def test_a_wrong_value_is_refused_by_its_name():
    assert "ultralytics.BaseTrainer: `lrf` must be" in refused({"lrf": 3.0}, **RUN)
