"""Rates of logs: of real ones, of each format, and of damaged ones."""

import json
import math
import sqlite3
import struct
import tracemalloc
import zlib
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

import glissando as gl
from glissando.logs.log import READERS
from glissando.logs.rates_of import read_rates
from strategies import examples

DATA = Path(__file__).parents[1] / "data/logs"


@pytest.fixture
def log(tmp_path):
    """What writes a log and returns its path."""

    def write(content, name="run.log"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def told(logged):
    return list(zip(logged.steps, logged.rates, strict=True))


# Real logs


def cosine(peak, end, warmup, steps):
    def rate(k):
        if k < warmup:
            return peak * k / warmup
        share = (k - warmup) / (steps - warmup)
        return end + (peak - end) * 0.5 * (1 + math.cos(math.pi * share))

    return rate


def milestone_in_warmup(k):
    return 1e-5 * (0.01 + 0.99 * k / 1000) if k < 1000 else 1e-5


def skipping(k):
    return cosine(5e-5, 0, 0, 8712)(k - (k >= 110) - (k >= 115))


def last_of_epoch(e):
    update = 144 * e - 1
    curve = 0.002 * (max(1 - update // 144 / 100, 0) * 0.99 + 0.01)
    return curve * min(update / 432, 1)


REAL = {
    "csv_steplr_6_decimals.csv": ("csv", "epoch", (0, 1, -1), 0, lambda e: 1e-3 * 0.1 ** (e // 8)),
    "d2_milestone_in_warmup.metrics.json": ("detectron2", "update", (0,), 0, milestone_in_warmup),
    "events.out.tfevents.1737181496.host.1.0": (
        "detectron2", "update", (0,), 0, milestone_in_warmup,
    ),
    "hf_linear_sparse.trainer_state.json": (
        "trainer_state", "update", (0,), 0, lambda k: 2e-5 * (5490 - k) / 5490,
    ),
    "hf_linear_used_rate.trainer_state.json": (
        "trainer_state", "update", (1, 0), 1, lambda k: 5e-5 * (750 - k) / 750,
    ),
    "keras_csv_plateau_a.csv": (
        "keras", "epoch", (0,), 0, lambda e: 1e-5 if e < 5 else 2e-6 if e < 10 else 1e-6,
    ),
    "lf_cosine_old_key_skips.trainer_log.jsonl": ("llama_factory", "update", (0, 1), 0, skipping),
    "lightning_missing_cells.metrics.csv": ("lightning", "update", (0,), 0, lambda k: 0.003),
    "megatron_cosine.out": ("megatron", "update", (0,), 0, cosine(1.5e-4, 1e-5, 8, 800)),
    "mmengine_multistep.scalars.json": (
        "mmengine", "update", (1,), 1, lambda k: 0.02 if k < 30 * 69 else 0.002,
    ),
    "wandb_cosine_78.wandb": ("wandb", "update", (0, 1, -1), -1, cosine(2e-5, 0, 3, 80)),
    "yolo_auto_100.results.csv": ("ultralytics", "epoch", (1,), 0, last_of_epoch),
}  # fmt: skip
"""For each: who wrote it, what its steps count, the lags to try, its lag, and what is meant."""


@pytest.mark.parametrize("name", REAL)
def test_each_rate_of_a_real_log_is_the_meant_one_within_its_resolution(name):
    writer, clock, lags, lag, meant = REAL[name]
    logged = read_rates(DATA / name)
    assert (logged.format, logged.clock, logged.lags) == (writer, clock, lags)
    assert logged.last == (writer == "ultralytics")
    off = [abs(rate - meant(step - lag)) for step, rate in told(logged)]
    assert np.all(off <= logged.resolutions), name
    assert not logged.notes


RESOLUTIONS = {
    "csv_steplr_6_decimals.csv": 0.5e-6,
    "hf_linear_used_rate.trainer_state.json": 5e-17,
    "keras_csv_plateau_a.csv": 4.6e-13,
    "events.out.tfevents.1737181496.host.1.0": 2.9e-14,
    "lightning_missing_cells.metrics.csv": 3.1e-15,
    "megatron_cosine.out": 0.5e-8,
    "yolo_auto_100.results.csv": 0.5e-9,
}


@pytest.mark.parametrize("name", RESOLUTIONS)
def test_the_resolution_comes_from_the_text(name):
    assert read_rates(DATA / name).resolutions[0] == pytest.approx(RESOLUTIONS[name], rel=0.05)


# Formats


def wandb(*rows, kind=1):
    """Write a .wandb file of one chunk a record, as long as it fits its first block."""

    def field(number, data):
        return bytes(varint(number << 3 | 2)) + bytes(varint(len(data))) + data

    def varint(value):
        while value > 127:
            yield value & 127 | 128
            value >>= 7
        yield value

    content = b":W&B\xe1\xbe\x00"
    for row in rows:
        items = [
            field(1, b"".join(field(2 if "/" in name else 1, part.encode())
                              for part in name.split("/")) + field(16, text.encode()))
            for name, text in row.items()
        ]  # fmt: skip
        data = field(2, b"".join(items))
        checksum = zlib.crc32(bytes([kind]) + data)
        content += struct.pack("<IHB", checksum, len(data), kind) + data
    return content


def test_wandb_with_nested_keys_and_numbers_that_json_has_not(log):
    rows = [{"train/lr": "0.5", "train/loss": "NaN", "_step": "0"},
            {"train/lr": "NaN", "train/loss": "1.5", "_step": "1"},
            {"train/lr": "0.25", "train/loss": "Infinity", "_step": "2"}]  # fmt: skip
    logged = read_rates(log(wandb(*rows), "run.wandb"))
    assert told(logged) == [(0, 0.5), (2, 0.25)]
    assert list(logged.lines) == [1, 3]
    assert logged.notes == (
        "1 rows have a 'train/lr' that is no finite number, and are left out: the first is row 2",
    )


def mlflow(path, *rows, runs=("a",)):
    with closing(sqlite3.connect(path)) as base:
        base.execute(
            "CREATE TABLE metrics (key VARCHAR(250), value FLOAT, timestamp BIGINT, "
            "run_uuid VARCHAR(32), step BIGINT, is_nan BOOLEAN)"
        )
        for run in runs:
            for time, (key, value, step) in enumerate(rows):
                values = (key, value, time, run, step, 0)
                base.execute("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", values)
        base.commit()
    return path


def test_mlflow_databases(tmp_path):
    rows = [("loss", 3.0, 1), ("lr", 0.1, 1), ("loss", 2.0, 2), ("lr", 0.3, 2)]
    logged = read_rates(mlflow(tmp_path / "one.db", *rows))
    assert told(logged) == [(1, 0.1), (2, 0.3)]
    assert logged.resolutions[0] < 1e-12
    several = mlflow(tmp_path / "two.db", *rows, runs=("a", "b"))
    with pytest.raises(gl.ScheduleError, match=r"say which by `rate`; .*'a/lr', 'b/lr'"):
        read_rates(several)
    assert told(read_rates(several, rate="b/lr")) == [(1, 0.1), (2, 0.3)]


def test_trackio_databases(tmp_path):
    path = tmp_path / "project.db"
    with closing(sqlite3.connect(path)) as base:
        base.execute(
            "CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, "
            "step INTEGER, metrics TEXT)"
        )
        for step, rate in enumerate((0.5, 0.25)):
            values = ("t", "run", step, json.dumps({"train": {"lr": rate}}))
            base.execute("INSERT INTO metrics VALUES (NULL, ?, ?, ?, ?)", values)
        base.commit()
    assert told(read_rates(path)) == [(0, 0.5), (1, 0.25)]


def test_mlflow_files_by_themselves_and_in_the_folder_of_their_run(log):
    path = log("1700000000000 0.5 10\n1700000000001 0.25 20\n", "mlruns/0/ab/metrics/train/lr")
    log("1700000000000 3.5 10\n", "mlruns/0/ab/metrics/loss")
    root = path.parents[5]
    for place in (path, root / "mlruns", root / "mlruns/0", root / "mlruns/0/ab"):
        assert told(read_rates(place)) == [(10, 0.5), (20, 0.25)], place
    log("1700000000000 0.5 10\n", "mlruns/0/cd/metrics/lr")
    with pytest.raises(gl.ScheduleError, match="holds several runs, such as '0/ab' and '0/cd'"):
        read_rates(root / "mlruns")


PREFACE = "loading\n" * 20_000

MEGATRON = (
    " iteration {:8d}/     100 | consumed samples: 96 | learning rate: {} | global batch size: 96 "
    "| number of skipped iterations: {:3d} | number of nan iterations:   0 |\n"
)

FAIRSEQ = '2021-03-08 12:31:36 | INFO | {} | {{"epoch": 1, "{}num_updates": "{}", "{}lr": "{}"}}\n'

CONSOLES = {
    "megatron": (
        PREFACE + MEGATRON.format(10, "3.000E-04", 0) + "time (ms)\n"
        + MEGATRON.format(20, "3.100E-04", 2) + MEGATRON.format(30, "3.200E-04", 1),
        [(10, 3e-4), (20, 3.1e-4), (30, 3.2e-4)], 0.5e-7, [0, 2, 3],
    ),
    "deepspeed": (
        "[INFO] [Rank 0] step=0, skipped=0, lr=[0.001], mom=[(0.9, 0.999)]\n"
        "[INFO] [Rank 0] step=10, skipped=1, lr=[3.3e-05, 3.3e-05], mom=[(0.9, 0.999)]\n"
        "[INFO] [Rank 0] step=20, skipped=3, lr=[3.25e-05, 3.25e-05], mom=[(0.9, 0.999)]\n",
        [(10, 3.3e-5), (20, 3.25e-5)], 3.3e-17, [1, 3],
    ),
    "fairseq": (
        FAIRSEQ.format("train_inner", "", 100, "", "1.25e-05")
        + FAIRSEQ.format("train_inner", "", 200, "", "2e-05")
        + FAIRSEQ.format("train", "train_", 200, "train_", "2e-05"),
        [(100, 1.25e-5), (200, 2e-5)], 0.5e-10, None,
    ),
    "torchtune": (
        "Step 1 | loss:2.5 lr:2e-05 tokens_per_second_per_gpu:12.5 \n"
        "Step 2 | loss:2.25 lr:1.9000000000000004e-05 tokens_per_second_per_gpu:12.5 \n",
        [(1, 2e-5), (2, 1.9000000000000004e-5)], 2e-17, None,
    ),
    "llmc": (
        "s:0 tel:10.9\ns:0 trl:10.965596 lr:0.000120 norm:1.5\ns:0 eval:0.3\n"
        "s:1 trl:10.814037 lr:0.000219 norm:1.5\n",
        [(0, 0.00012), (1, 0.000219)], 0.5e-6, None,
    ),
    "llmc_screen": (
        "| learning rate (LR) | 6.0e-04 |\n"
        "step    1/19560 | loss 11.0 (+nanz)| norm 15.3 (+nanz)| lr 8.57e-07 | 3914.05 ms |\n"
        "step    2/19560 | loss 10.9 (+nanz)| norm 14.3 (+nanz)| lr 1.71e-06 | 3852.53 ms |\n",
        [(1, 8.57e-7), (2, 1.71e-6)], 0.5e-9, None,
    ),
    "openmmlab": (
        "2021-03-25 20:14:27,562 - mmdet - INFO - Epoch [1][50/60]\tlr: 1.978e-03, eta: 1 day\n"
        "2021-03-25 20:15:27,562 - mmdet - INFO - Epoch [2][50/60]\tlr: 1.000e-02, eta: 1 day\n"
        "11/28 20:15:27 - mmengine - INFO - Epoch(train)  [3][50/60]  lr: 2.0000e-02  eta: 0\n"
        "11/28 20:15:27 - mmengine - INFO - Epoch(val)  [3][50/99]    eta: 0:00:00\n",
        [(50, 1.978e-3), (110, 1e-2), (170, 2e-2)], 0.5e-6, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONSOLES)
def test_what_training_prints(log, name):
    text, rows, resolution, skipped = CONSOLES[name]
    logged = read_rates(log(text))
    assert (logged.format, told(logged)) == (name, rows)
    assert logged.resolutions[0] == pytest.approx(resolution, rel=0.05)
    assert skipped == (None if logged.skipped is None else list(logged.skipped))


def test_other_forms_of_fairseq(log):
    line = '[2022-04-08 18:48:05,372][train_inner][INFO] - {{"num_updates": "{}", "lr": "{}"}}\n'
    logged = read_rates(log(line.format(200, "3.125e-06") + line.format(400, "6.25e-06")))
    assert (logged.format, told(logged)) == ("fairseq", [(200, 3.125e-6), (400, 6.25e-6)])
    line = "| INFO | train_inner | epoch 001: 9 / 48 loss=4.6, num_updates={}, lr={}, gnorm=1\n"
    logged = read_rates(log(line.format(100, "1.25e-05") + line.format(200, "0.0001")))
    assert told(logged) == [(100, 1.25e-5), (200, 1e-4)]
    assert list(logged.resolutions) == pytest.approx([0.5e-10, 0.5e-9])


def test_parquet(tmp_path):
    path = tmp_path / "history.parquet"
    table = {"_step": [0, 1, 2], "lr": [0.1, None, 0.3], "text": ["a", "b", "c"]}
    parquet.write_table(pyarrow.table(table), path)
    logged = read_rates(path)
    assert told(logged) == [(0, 0.1), (2, 0.3)]
    table["lr"] = pyarrow.array([0.1, 0.2, 0.3], pyarrow.float32())
    parquet.write_table(pyarrow.table(table), path)
    assert told(read_rates(path))[0][1] == pytest.approx(0.1, rel=1e-7)


def test_a_chart_that_wandb_exports(log):
    text = (
        '"Step","run-7 - train/learning_rate","run-7 - train/learning_rate__MIN",'
        '"run-7 - train/learning_rate__MAX"\n"0","0.5","0.5","0.5"\n"10","0.25","0.25","0.25"\n'
    )
    assert told(read_rates(log(text, "chart.csv"))) == [(0, 0.5), (10, 0.25)]


def test_the_mean_of_an_epoch_and_what_an_epochs_clock_is(log):
    rows = [{"train_lr": 0.1 / (e + 1), "train_loss": 1.5, "epoch": e} for e in range(3)]
    logged = read_rates(log("".join(json.dumps(row) + "\n" for row in rows), "log.txt"))
    assert (logged.format, logged.mean, logged.clock) == ("mae", True, "epoch")
    logged = read_rates(log("epoch,lr\n0.5,0.1\n1.0,0.2\n", "run.csv"))
    assert (logged.clock, list(logged.steps)) == ("epoch", [0.5, 1.0])


def test_of_early_ultralytics_the_weights_group_is_taken(log):
    text = (
        "epoch,  lr/pg0,  lr/pg1,  lr/pg2\n  0,  0.07,  0.0033,  0.0033\n 1, 0.04, 0.0066, 0.0066\n"
    )
    logged = read_rates(log(text, "results.csv"))
    assert (told(logged), logged.lags, logged.last) == ([(0, 0.0033), (1, 0.0066)], (0,), True)


def test_of_megatrons_the_rate_by_iterations_is_taken(log):
    name = "learning-rate/learning-rate"
    rows = [
        {"step": 1, name: 0.25},
        {"step": 2048, f"{name} vs tokens": 0.5},
        {"step": 2, name: 0.2},
    ]
    logged = read_rates(log("".join(json.dumps(row) + "\n" for row in rows)))
    assert (told(logged), logged.lags) == ([(1, 0.25), (2, 0.2)], (0,))


def test_of_mmcv_iterations_that_begin_anew_are_counted_through_the_epochs(log):
    rows = [{"env_info": "", "config": "x" * 70_000}]
    for epoch in (1, 2):
        rows += [
            {"mode": "train", "epoch": epoch, "iter": k, "lr": round(0.0123 / epoch, 5)}
            for k in (50, 100)
        ]
        rows += [{"mode": "val", "epoch": epoch, "iter": 7, "lr": 0.5}]
    logged = read_rates(log("".join(json.dumps(row) + "\n" for row in rows)))
    assert told(logged) == [(50, 0.0123), (100, 0.0123), (150, 0.00615), (200, 0.00615)]
    assert (list(logged.epochs), logged.lengths, logged.lags) == ([0, 0, 1, 1], (100, 149), (1,))
    assert logged.resolutions[0] == pytest.approx(0.5e-5)  # it is rounded to 5 decimals
    longer = logged.with_epochs_of(120)
    assert list(longer.steps) == [50, 100, 170, 220]


def test_curves_are_read_from_the_new_formats_too(tmp_path):
    curve = gl.read_curve(DATA / "wandb_cosine_78.wandb", lag=0)
    assert curve.steps[-1] == 77
    assert curve.schedule(2) == 2e-5
    curve = gl.read_curve(DATA / "megatron_cosine.out")
    assert (curve.steps[-1], curve.losses[0]) == (62, 12.44238)


# Rows


def test_exact_repeats_are_kept_once_and_others_as_they_are(log):
    text = "step,lr\n5,0.5\n10,0.4\n5,0.5\n10,0.3\n3,0.9\n10,0.3\n"
    logged = read_rates(log(text))
    assert told(logged) == [(5, 0.5), (10, 0.4), (10, 0.3), (3, 0.9)]
    assert list(logged.lines) == [1, 2, 4, 5]
    assert logged.notes == ("2 rows repeat an earlier one, and are not kept",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("step,loss\n1,2\n", "no column has the usual name of a rate: say which by `rate`; its co"),
        ("a,lr\n1,2\n", "no column has the usual name of a step: say which by `step`; its columns"),
        ("step,lr\n1,x\n2,3\n", "row 1: 'lr' must be a number, got 'x'"),
        ("step,lr\n1.5,1\n2,3\n", "row 1: `step` must be a whole number, got 1.5"),
        ("step,lr\n1,1\n-2,3\n", "row 2: `step` must be 0 or more and at most 2"),
        ("step,lr\n1,nan\n", "no row has a 'lr' that is a finite number"),
        ("step,lr\n1,\n,3\n", "no row has both 'lr' and a step"),
        ("step,lr/a,lr/b\n1,2,3\n", "several columns may be meant, 'lr/a' and 'lr/b': say which"),
    ],
)
def test_what_is_no_rate_or_step_is_said_with_its_row(log, text, message):
    path = log(text)
    with pytest.raises(gl.ScheduleError, match=message) as caught:
        read_rates(path)
    assert str(caught.value).startswith(f"{path}: ")


# Long logs


def rows_of(name, count, odd=()):
    for k in range(count):
        rate = odd[k] if k in odd else repr(1e-3 * (1 - k / count))
        yield f"{k},{rate},x\n" if name == "run.csv" else f'{{"step": {k}, "lr": {rate}}}\n'


@pytest.mark.parametrize("name", ["run.csv", "run.jsonl"])
def test_a_long_log_is_scanned_to_the_same_as_row_by_row(log, monkeypatch, name):
    empty = "" if name == "run.csv" else "null"
    text = "step,lr,note\n" * (name == "run.csv") + "".join(rows_of(name, 15_000, {7: empty}))
    path = log(text, name)
    plain = read_rates(path)
    used = []
    monkeypatch.setattr("glissando.logs.rates_of.LONG", 1_000)
    monkeypatch.setattr("glissando.logs.growing.IN_MEMORY", 1_000)  # and so its arrays are files
    from glissando.logs import rates_of

    scanned = rates_of.scanned
    monkeypatch.setattr(rates_of, "scanned", lambda *a: used.append(scanned(*a)) or used[-1])
    long = read_rates(path)
    assert used[0] is not None
    assert isinstance(long.rates, np.memmap)
    for field in ("steps", "rates", "resolutions", "lines"):
        assert np.array_equal(getattr(plain, field), getattr(long, field)), field
    assert len(long.steps) == 14_999
    log(text.replace("\n12000,", "\n12000,x", 1).replace('12000, "lr": ', '12000, "lr": ['), name)
    if name == "run.csv":
        with pytest.raises(gl.ScheduleError, match="row 12001: 'lr' must be a number, got 'x"):
            read_rates(path)
    else:
        assert read_rates(path).notes[0].startswith("line 12001 is no JSON")
    assert used[1] is None  # what is odd is told by the reader of rows


def test_a_long_log_whose_last_number_is_cut(log, monkeypatch):
    monkeypatch.setattr("glissando.logs.rates_of.LONG", 1_000)
    rows = "".join(f"{k},{1e-5 * (1 - k / 2_000)!r}\n" for k in range(1_000))
    whole = read_rates(log("step,lr\n" + rows + "1000,4.5e-06"))
    assert told(whole)[-1] == (1000, 4.5e-6)
    cut = read_rates(log("step,lr\n" + rows + "1000,4.5"))
    assert len(cut.rates) == len(whole.rates) - 1
    assert cut.notes == ("line 1002 ends in '4.5' as if cut: left out",)


# Damage


def damaged_event(path, place):
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString())
        for k in range(5):
            summary = Summary(value=[Summary.Value(tag="lr", simple_value=0.5**k)])
            writer.write(Event(wall_time=1.0, step=k, summary=summary).SerializeToString())
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    return path


def test_a_wrong_checksum_is_refused_with_its_place(tmp_path, log):
    path = damaged_event(tmp_path / "events.out.tfevents.1", -3)
    with pytest.raises(gl.ScheduleError, match=r"follows event 5 of .* has a wrong checksum"):
        read_rates(path)
    content = bytearray((DATA / "wandb_cosine_78.wandb").read_bytes())
    content[900] ^= 1
    with pytest.raises(gl.ScheduleError, match=r"byte \d+: the checksum is wrong, the file is dam"):
        read_rates(log(bytes(content)))
    with pytest.raises(gl.ScheduleError, match=r"byte 7: a record goes on that has not begun"):
        read_rates(log(wandb({"lr": "0.5"}, kind=3)))


def test_what_is_cut_is_read_up_to_there_and_that_is_said(log):
    content = (DATA / "wandb_cosine_78.wandb").read_bytes()
    logged = read_rates(log(content[:-20]))
    assert len(logged.rates) == 77
    assert logged.notes == ("the chunk at byte 14382 is cut: left out",)


BOMBS = {
    b"\x1f\x8b\x08\x00": "is compressed by gzip: unpack it first",
    b"PK\x03\x04": "is a zip archive: unpack it first",
    b"step,lr\n1,": "must be shorter than 16 MiB",
    b'{"step": 1, "lr": ': "must be shorter than 16 MiB",
    b"s:0 trl:1.0 lr:0.1\n" + b"lr=[step=1, skipped=0, ": "must be shorter than 16 MiB",
}


@pytest.mark.parametrize("number", range(len(BOMBS)))
def test_a_line_without_end_takes_little_memory(log, number):
    begin, message = list(BOMBS.items())[number]
    path = log(begin + b"1" * (2**25))
    tracemalloc.start()
    with pytest.raises(gl.ScheduleError, match=message):
        read_rates(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**26


def test_a_database_of_another_shape_and_a_view_are_refused(tmp_path):
    path = tmp_path / "any.db"
    with closing(sqlite3.connect(path)) as base:
        base.execute(
            "CREATE VIEW metrics AS WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n)"
            " SELECT k AS step, 'lr' AS key, 1.0 AS value, 'a' AS run_uuid FROM n"
        )
        base.commit()
    with pytest.raises(gl.ScheduleError, match="has no table `metrics` as MLflow or Trackio has"):
        read_rates(path)


def test_more_rows_than_bytes_are_no_log(tmp_path, monkeypatch):
    path = tmp_path / "bomb.parquet"
    parquet.write_table(pyarrow.table({"step": [0] * 9_000, "lr": [0.5] * 9_000}), path)
    monkeypatch.setattr("glissando.logs.parquet.MOST", 1)
    with pytest.raises(gl.ScheduleError, match=r"9000 rows in .* bytes are no log"):
        read_rates(path)


def test_folders_and_saved_curves_are_refused(tmp_path):
    with pytest.raises(gl.ScheduleError, match="got a folder without"):
        read_rates(tmp_path)
    path = tmp_path / "curve.json"
    gl.Curve(gl.Constant(0.1), steps=[1], losses=[2.0]).save(path)
    with pytest.raises(gl.ScheduleError, match="is a saved curve, not a log"):
        read_rates(path)
    with pytest.raises(gl.ScheduleError, match="read_rates: `format` must be one of"):
        read_rates(path, format="xml")
    with pytest.raises(gl.ScheduleError, match="read_rates: `rate` must be the name of a column"):
        read_rates(path, rate=1)


@examples(120)
@given(st.sampled_from(sorted(READERS)), st.binary(max_size=99))
def test_whatever_a_file_holds_no_other_error_is_raised(tmp_path_factory, form, content):
    path = tmp_path_factory.getbasetemp() / "run.any"
    path.write_bytes(content)
    with suppress(gl.ScheduleError):
        read_rates(path, format=form)


@examples(120)
@given(st.sampled_from(sorted(REAL)), st.integers(0, 9_000), st.binary(max_size=9))
def test_whatever_is_damaged_no_other_error_is_raised(tmp_path_factory, name, place, damage):
    content = (DATA / name).read_bytes()
    path = tmp_path_factory.getbasetemp() / "run.any"
    path.write_bytes(content[:place] + damage + content[place + len(damage) :])
    with suppress(gl.ScheduleError):
        read_rates(path)
