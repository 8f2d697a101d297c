"""Logs that real frameworks wrote, and what may be wrong with a log."""

import json
import math
import shutil
import sys
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.record_writer import RecordWriter

import glissando as gl
from glissando.logs.log import open_log
from glissando.logs.order import ordered
from strategies import examples

DATA = Path(__file__).parents[1] / "data/logs"
EVENTS = "events.out.tfevents.1737181496.host.1.0"


@pytest.fixture
def log(tmp_path):
    """What writes a log and returns its path."""

    def write(content, name="run.log"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def simple(tag, value):
    return Summary(value=[Summary.Value(tag=tag, simple_value=value)])


def events(path, *rows):
    """Write an event file as `SummaryWriter` does, from steps and summaries."""
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString())
        for step, summary in rows:
            writer.write(Event(wall_time=1.0, step=step, summary=summary).SerializeToString())
    return path


# What frameworks wrote


def yolo(update):
    epoch = update // 144
    return min(update / 432, 1) * 0.002 * (max(1 - epoch / 100, 0) * 0.99 + 0.01)


REAL = {
    "csv_steplr_6_decimals.csv": ({}, 0, gl.Staircase(1e-3, ratio=0.1, every=8), 1e-5),
    EVENTS: ({}, 0, gl.Linear(1e-7, 1e-5, steps=1000), 1e-7),
    "hf_linear_sparse.trainer_state.json": ({}, 0, gl.Linear(2e-5, 0.0, steps=5490), 1e-12),
    "hf_linear_used_rate.trainer_state.json": ({}, 1, gl.Linear(5e-5, 0.0, steps=750), 1e-12),
    "keras_csv_plateau_a.csv": ({}, 1, gl.Piecewise([1e-5, 2e-6, 1e-6], [5, 10]), 1e-7),
    "lightning_missing_cells.metrics.csv": ({}, 0, gl.Constant(0.003), 0),
    "mmengine_multistep.scalars.json": ({}, 1, gl.Piecewise([0.02, 0.002], [30 * 69]), 1e-12),
    "yolo_auto_100.results.csv": (
        {"loss": "train/box_loss", "steps_per_epoch": 144}, 1, yolo, 1e-5,
    ),
}  # fmt: skip
"""For each: options, what the rate is of at the run's step s (s minus this), and what is meant."""


@pytest.mark.parametrize("name", REAL)
def test_real_rates_are_those_that_were_meant(name):
    options, behind, meant, close = REAL[name]
    curve = gl.read_curve(DATA / name, **options)
    assert curve.kind == "training"
    for step in curve.steps:
        assert curve.schedule(step - behind) == pytest.approx(meant(step - behind), rel=close)


@pytest.mark.parametrize("name", ["hf_linear_sparse", "hf_linear_used_rate"])
def test_a_line_through_the_first_rates_is_continued_to_step_0(name):
    _, _, meant, _ = REAL[f"{name}.trainer_state.json"]
    curve = gl.read_curve(DATA / f"{name}.trainer_state.json")
    assert [curve.schedule(k) for k in range(9)] == pytest.approx([meant(k) for k in range(9)])


def test_real_losses_are_in_their_rows():
    curve = gl.read_curve(DATA / "hf_linear_sparse.trainer_state.json")
    assert (curve.steps[0], curve.losses[0], len(curve.steps)) == (500, 1.1409, 10)
    curve = gl.read_curve(DATA / "hf_linear_sparse.trainer_state.json", kind="validation")
    assert (curve.steps[0], curve.losses[0], curve.kind) == (549, 0.6597685217857361, "validation")
    curve = gl.read_curve(DATA / "lightning_missing_cells.metrics.csv", kind="validation")
    assert (curve.steps[-1], curve.losses[-1]) == (10795, 0.3406149744987488)
    curve = gl.read_curve(DATA / "mmengine_multistep.scalars.json")  # and no row of validation
    assert curve.steps == tuple(range(69, 4072, 69))


def test_epochs_become_updates_by_their_number():
    plain = gl.read_curve(DATA / "keras_csv_plateau_a.csv")
    assert plain.steps == tuple(range(1, 14))  # epoch 0 is done after its row
    curve = gl.read_curve(DATA / "keras_csv_plateau_a.csv", steps_per_epoch=50)
    assert curve.steps == tuple(50 * step for step in plain.steps)
    assert curve.steps_per_epoch == 50
    rates = [curve.schedule(k) for k in (0, 249, 250, 499, 500)]
    assert rates == pytest.approx([1e-5, 1e-5, 2e-6, 2e-6, 1e-6])
    with pytest.raises(gl.ScheduleError, match=r"must be whole where rates .* got 50.5: pass `sch"):
        gl.read_curve(DATA / "keras_csv_plateau_a.csv", steps_per_epoch=50.5)
    given = gl.read_curve(DATA / "keras_csv_plateau_a.csv", "constant(1)", steps_per_epoch=50.5)
    assert given.steps[:3] == (50, 101, 152)


def test_epochs_in_parts_need_the_length_of_an_epoch(log):
    path = log("epoch,loss\n0.5,3.0\n1.0,2.0\n1.5,1.0\n")
    with pytest.raises(
        gl.ScheduleError, match=r"row 1: `epoch` must be a whole number, got 0.5; ep"
    ):
        gl.read_curve(path, "constant(1)")
    assert gl.read_curve(path, "constant(1)", steps_per_epoch=10).steps == (5, 10, 15)


# Formats


def test_csv_of_any_kind(log):
    expected = gl.Curve(gl.Table([0.5, 0.0], knots=[0, 20]), [0, 10, 20], [3.0, 2.0, 1.5])
    for text in (
        "step,lr,loss\n0,0.5,3.0\n10,,2.0\n20,0.0,1.5\n",
        "step,lr,loss\n0,0.5,3.0\n10,,2.0\n20,0.0,1.5",
        "\ufeffstep,lr,loss\r\n0,0.5,3.0\r\n10,NA,2.0\r\n\r\n20,0.0,1.5\r\n",
        ",step,lr,loss\n0,0.0,0.5,3.0\n1,10.0,,2.0\n2,2e1,0.0,1.5\n",
        "   Step\t   Train/LR\t  Train Loss\n 0\t 0.5\t 3.0\n 10\t\t 2.0\n 20\t 0.0\t 1.5\n",
        'iteration;learning-rate;"note; long";train_loss\n0;0.5;"a;\nb";3\n10;;;2\n20;0;;1.5\n',
        "step,lr,loss\n0,0.5,3.0\nstep,lr,loss\n10,None,2.0\n20,0.0,1.5\n",
    ):
        assert gl.read_curve(log(text)) == expected, text


def test_json_lines_of_any_kind(log):
    expected = gl.Curve(gl.Table([0.5, 0.0], knots=[0, 20]), [0, 10, 20], [3.0, 2.0, 1.5])
    for rows in (
        [{"step": 0, "lr": 0.5, "loss": 3}, {"step": 10, "loss": 2},
         {"step": 20, "lr": 0, "loss": 1.5}],
        [{"env": "any"}, {"num_updates": "0", "lr": "0.5", "loss": "3"},
         {"num_updates": "10", "lr": "", "loss": "2"},
         {"num_updates": "20", "lr": "0", "loss": "1.5"}],
        [{"global_step": 0, "train": {"loss": 3.0, "lr": 0.5}},
         {"global_step": 10, "train": {"loss": 2.0, "lr": None}},
         {"global_step": 20, "train": {"loss": 1.5, "lr": 0.0, "ids": [1]}}],
    ):  # fmt: skip
        assert gl.read_curve(log(lines(*rows))) == expected


def test_the_keys_of_llama_factory_tell_which_rate_a_row_has(log):
    rows = [{"current_steps": k, "total_steps": 9, "loss": 9.0 - k} for k in (1, 2, 3, 5)]
    for key, behind in (("learning_rate", 0), ("lr", 1)):
        path = log(lines(*(row | {key: 0.1 / row["current_steps"]} for row in rows)))
        curve = gl.read_curve(path)
        assert curve.steps == (1, 2, 3, 5)
        assert [curve.schedule(k - behind) for k in curve.steps] == [0.1, 0.05, 0.1 / 3, 0.02]
        assert gl.read_curve(path, lag=-1).schedule(3) == 0.05


def test_event_files_in_both_forms(tmp_path):
    path = tmp_path / "events.out.tfevents.1"
    rows = [(0, 3.0, 0.5), (10, 2.0, 0.1), (20, 1.5, 0.0)]
    for form in (simple, lambda tag, value: scalar_pb(tag, value)):
        events(path, *((s, form(tag, v)) for s, *pair in rows
                       for tag, v in zip(("loss", "lr"), pair, strict=True)))  # fmt: skip
        curve = gl.read_curve(path)
        assert curve.steps == (0, 10, 20)
        assert curve.losses == (3.0, 2.0, 1.5)
        assert [curve.schedule(k) for k in curve.steps] == [0.5, 0.1, 0.0]  # as float32 means them
        assert curve == gl.read_curve(tmp_path)  # the folder


def test_event_files_of_transformers_and_keras(tmp_path):
    path = tmp_path / "events.out.tfevents.1"
    rows = [{"train/loss": 3.0, "train/learning_rate": 0.5, "train/epoch": 0.1},
            {"train/loss": 2.0, "train/learning_rate": 0.25, "train/epoch": 0.2},
            {"eval/loss": 4.0, "train/global_step": 20}]  # fmt: skip
    tags = [(10 * k, simple(tag, v)) for k, row in enumerate(rows, 1) for tag, v in row.items()]
    curve = gl.read_curve(events(path, *tags))
    assert [curve.schedule(k) for k in (9, 19)] == [0.5, 0.25]
    assert gl.read_curve(path, kind="validation").steps == (30,)
    tags = [
        (k, scalar_pb(tag, 0.5**k))
        for k in range(3)
        for tag in ("epoch_loss", "epoch_learning_rate")
    ]
    curve = gl.read_curve(events(path, *tags), steps_per_epoch=100)
    assert curve.steps == (100, 200, 300)
    assert [curve.schedule(k) for k in (0, 99, 100, 200)] == [1.0, 1.0, 0.5, 0.25]


def test_a_run_that_was_resumed_has_several_event_files(tmp_path):
    for name, rows in (
        ("tfevents.1", [(0, 3.0), (10, 2.5), (20, 2.0)]),
        ("tfevents.2", [(10, 2.4), (30, 1.0)]),
    ):
        events(tmp_path / name, *((step, simple("loss", loss)) for step, loss in rows))
    with pytest.warns(
        UserWarning, match=r"first at step 10 after step 20: .* 2 earlier ones left out"
    ):
        curve = gl.read_curve(tmp_path, "constant(1)")
    assert (curve.steps, [round(loss, 1) for loss in curve.losses]) == (
        (0, 10, 30),
        [3.0, 2.4, 1.0],
    )


def test_without_tensorboard_the_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    monkeypatch.delitem(sys.modules, "glissando.logs.scalars", raising=False)
    with pytest.raises(
        ImportError, match=r'needs TensorBoard: pip install "glissando\[tensorboard\]"'
    ):
        gl.read_curve(DATA / EVENTS)


# Columns


def test_columns_are_named_where_names_do_not_tell(log):
    path = log("n,a,b\n1,3.0,0.5\n2,2.0,0.25\n")
    with pytest.raises(
        gl.ScheduleError, match=r"usual name of a training loss.*are 'n', 'a', 'b'$"
    ):
        gl.read_curve(path)
    with pytest.raises(gl.ScheduleError, match="usual name of a step: say which by `step`"):
        gl.read_curve(path, loss="a")
    with pytest.raises(gl.ScheduleError, match="usual name of a rate: pass `schedule`, or say"):
        gl.read_curve(path, loss="a", step="n")
    curve = gl.read_curve(path, loss="a", step="n", rate="b", lag=1)
    assert curve == gl.Curve(gl.Table([0.5, 0.25], knots=[0, 1]), [1, 2], [3.0, 2.0])
    with pytest.raises(
        gl.ScheduleError, match=r"`rate` must be a column that is there, got 'c'.*'b'"
    ):
        gl.read_curve(path, loss="a", step="n", rate="c")


def test_of_several_columns_that_say_the_same_one_is_taken(log):
    path = log("step,lr/pg0,lr/pg1,loss\n1,0.5,0.5,3.0\n2,0.25,0.25,2.0\n")
    assert gl.read_curve(path).schedule(0) == 0.5
    path = log("step,lr/pg0,lr/pg1,loss\n1,0.5,0.5,3.0\n2,0.25,0.125,2.0\n")
    with pytest.raises(
        gl.ScheduleError, match="may be meant, 'lr/pg0' and 'lr/pg1': say which by `ra"
    ):
        gl.read_curve(path)
    assert gl.read_curve(path, rate="lr/pg1").schedule(1) == 0.125
    assert gl.read_curve(path, "constant(1)").steps == (1, 2)  # no rate is needed


def test_what_only_looks_like_a_rate_is_none(log):
    path = log(
        "step,lr-Adam,lr-Adam-momentum,lr-Adam-weight_decay,loss\n1,0.5,9,9,3\n2,0.4,9,9,2\n"
    )
    assert gl.read_curve(path).schedule(1) == 0.5


def test_the_kind_of_the_losses_is_chosen_and_known(log):
    path = log("step,loss,val_loss\n1,3.0,4.0\n2,2.0,\n")
    assert gl.read_curve(path, "constant(1)").losses == (3.0, 2.0)
    other = gl.read_curve(path, "constant(1)", kind="validation")
    assert (other.losses, other.kind) == ((4.0,), "validation")
    assert gl.read_curve(path, "constant(1)", loss="val_loss") == other
    only = log("step,eval_loss\n1,4.0\n")
    assert gl.read_curve(only, "constant(1)") == other
    with pytest.raises(gl.ScheduleError, match="usual name of a training loss"):
        gl.read_curve(only, "constant(1)", kind="training")


def test_what_is_said_of_a_run_is_kept(log):
    path = log("step,loss\n1,3.0\n2,nan\n3,inf\n")
    rate = gl.Linear(1.0, 0.0, steps=9)
    said = {"name": "a", "batch": 64, "steps_per_epoch": 7, "branched_at": 1, "kind": "validation"}
    expected = gl.Curve(rate, [1, 2, 3], [3.0, math.inf, math.inf], **said)
    assert gl.read_curve(path, rate, loss="loss", **said) == expected
    assert gl.read_curve(path, str(rate), loss="loss", **said) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"schedule": 0.1}, "`schedule` must be a schedule, got 0.1; a rate that stays is"),
        ({"schedule": "linea(1)"}, "must be a known schedule, got 'linea'"),
        (
            {"kind": "test"},
            "read_curve: `kind` must be one of 'training', 'validation', got 'test'",
        ),
        ({"format": "xml"}, "`format` must be one of 'csv', 'jsonl', .*got 'xml'"),
        ({"lag": 0.5}, "`lag` must be a whole number, got 0.5"),
        ({"lag": 3}, "`lag` must be at most 1, the first step with a rate, got 3"),
        ({"loss": 3}, "`loss` must be the name of a column, got 3"),
        ({"batch": -1}, "read_curve: `batch` must be above 0, got -1"),
        ({"name": 1}, "read_curve: `name` must be a text, got 1"),
    ],
)
def test_bad_options_are_named(log, options, message):
    path = log("step,loss,lr\n1,3.0,0.5\n2,2.0,0.25\n")
    with pytest.raises(gl.ScheduleError, match=message):
        gl.read_curve(path, **options)


# Rates


def test_one_rate_is_no_schedule_and_one_that_stays_is_a_constant(log):
    with pytest.raises(gl.ScheduleError, match="one rate is no schedule: pass `schedule`"):
        gl.read_curve(log("step,loss,lr\n1,3.0,0.5\n2,2.0,\n"))
    curve = gl.read_curve(log("step,loss,lr\n1,3.0,0.5\n2,2.0,0.5\n"))
    assert curve.schedule == gl.Constant(0.5)
    with pytest.raises(gl.ScheduleError, match=r"step 2: 'lr' must be 0 or more, got -0\.5"):
        gl.read_curve(log("step,loss,lr\n1,3.0,0.5\n2,2.0,-0.5\n"))


def test_a_warm_up_is_continued_to_its_beginning_and_nothing_else_is_made_up(log):
    def first(*rates, steps=(10, 20, 30)):
        rows = [{"step": s, "lr": r, "loss": 1} for s, r in zip(steps, rates, strict=True)]
        return gl.read_curve(log(lines(*rows))).schedule(0)

    assert first(0.1, 0.2, 0.30000000000000004) == 0.0
    assert first(0.3, 0.2, 0.1) == pytest.approx(0.4)
    assert first(0.1, 0.2, 0.25) == 0.1  # no line
    assert first(0.01, 0.2, 0.39) == 0.01  # below 0 at step 0
    with pytest.warns(
        UserWarning, match="begins at step 100: its first rate is taken for what came"
    ):
        assert first(0.3, 0.2, 0.1, steps=(100, 110, 120)) == 0.3


# Steps that come again


def test_what_is_there_twice_is_kept_once(log):
    text = "step,loss\n5,3.0\n5,3.0\n10,2.0\n15,1.0\n10,2.0\n15,1.0\n20,nan\n20,nan\n"
    curve = gl.read_curve(log(text), "constant(1)")
    assert (curve.steps, curve.losses) == ((5, 10, 15, 20), (3.0, 2.0, 1.0, math.inf))


def test_of_a_resumed_run_the_later_rows_are_taken_and_that_is_said(log):
    path = log("step,loss,lr\n10,9,1\n20,8,1\n30,7,1\n40,6,1\n20,8.5,1\n30,5,0.5\n")
    with pytest.warns(UserWarning, match="first at step") as caught:
        curve = gl.read_curve(path)
    assert curve.steps == (10, 20, 30)
    assert curve.losses == (9.0, 8.5, 5.0)
    assert [str(one.message) for one in caught] == [
        f"{path}: 'lr' has other numbers for steps that it had before, first at step 30 after step "
        "40: the run was resumed or begun anew, or the log has two writers; the later rows are "
        "taken, and 2 earlier ones left out",
        f"{path}: 'loss' has other numbers for steps that it had before, first at step 20 after "
        "step 40: the run was resumed or begun anew, or the log has two writers; the later rows "
        "are taken, and 3 earlier ones left out",
    ]
    assert {one.filename for one in caught} == {__file__}


def test_rows_out_of_order_are_put_in_order_and_that_is_said(log):
    path = log("step,loss\n30,1\n20,2\n10,3\n")
    with pytest.warns(
        UserWarning, match=r"not in the order of its steps, first at step 20 after step 30"
    ):
        assert gl.read_curve(path, "constant(1)").steps == (10, 20, 30)


PAIRS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([1.0, 2.0])), max_size=20)


@examples(300)
@given(PAIRS)
def test_nothing_is_lost_unsaid(pairs):
    found = ordered(pairs)
    kept = dict(zip(found.steps, found.values, strict=True))
    assert list(found.steps) == sorted(set(found.steps))
    assert kept.items() <= set(pairs)
    if pairs:
        assert kept[pairs[-1][0]] == pairs[-1][1] or found.notes
    if not found.notes:
        assert kept.items() == set(pairs)
    if "put in order" in found.notes:
        assert kept.items() == set(pairs)


# Damage


def cut(path, tmp_path, count):
    copy = shutil.copy(path, tmp_path)
    with open(copy, "rb+") as file:
        file.truncate(path.stat().st_size - count)
    return copy


@pytest.mark.parametrize(
    ("name", "count"),
    [("csv_steplr_6_decimals.csv", 12), ("mmengine_multistep.scalars.json", 200), (EVENTS, 700)],
)
def test_a_last_row_that_is_cut_is_left_out_and_that_is_said(name, count, tmp_path):
    whole = gl.read_curve(DATA / name)
    with pytest.warns(
        UserWarning, match="line 31 has 4 cells|line 117 is no JSON|what follows event"
    ):
        curve = gl.read_curve(cut(DATA / name, tmp_path, count))
    assert curve.steps == whole.steps[:-1]
    assert curve.losses == whole.losses[:-1]


@pytest.mark.parametrize("last", ["30,1.0,1.25", "30,1.0,1e-", "30,1.0"])
def test_a_last_number_that_is_cut_is_left_out_and_that_is_said(log, last):
    path = log(f"step,loss,lr\n10,3.0,2.5e-05\n20,2.0,2.2e-05\n{last}")
    with pytest.warns(UserWarning, match="line 4|row 3"):
        curve = gl.read_curve(path)
    assert curve.schedule(30) == 2.2e-5


def test_lines_that_cannot_be_read_are_left_out_and_named(log):
    path = log("step,loss\n1,3.0\n2,2.\x00,5\n3,1.0\n4,1.0,9\n5,0.5\n")
    with pytest.warns(UserWarning, match="line 3 .*; line 5 has 3 cells, the header 2: left out"):
        assert gl.read_curve(path, "constant(1)").steps == (1, 3, 5)
    path = log(
        lines({"step": 1, "loss": 3})
        + '{"step": 2, "lo{"step": 3, "loss": 1}\n7\n'
        + lines({"step": 4, "loss": 1})
    )
    with pytest.warns(
        UserWarning, match="line 2 is no JSON: .*; line 3 is no object: '7': left out"
    ):
        assert gl.read_curve(path, "constant(1)").steps == (1, 4)
    path = log(lines({"step": 1, "loss": 3}, {"loss": 2}, {"step": 4, "loss": 1}))
    with pytest.warns(UserWarning, match="1 rows have 'loss' and no 'step', .* the first is row 2"):
        assert gl.read_curve(path, "constant(1)").steps == (1, 4)


DAMAGED = {
    b"": "is empty",
    b"\n\n  \n": "is empty",
    b"\xef\xbb\xbf": "is empty",
    bytes(range(256)) * 9: "must be text in UTF-8 or an event file",
    b"\xff\xfes\x00t\x00e\x00p\x00,\x00": "must be text in UTF-8",
    b"\x1f\x8b\x08\x00": "is compressed by gzip: unpack it first",
    b":W&B\xe1\xbe\x00": "has no rows",
    b":W&B\xe1\xbe\x00" + bytes(3) + b"\x01\x00\x00\x01": "byte 7: the checksum is wrong",
    b"SQLite format 3\0" + bytes(99): "is a damaged database",
    b"PAR1" + bytes(99): "is a damaged Parquet file",
    b"hello\nworld\n": "must be CSV, JSON lines, .*got 'hello'",
    b"step,loss\n": "has no rows",
    b"step,loss,loss\n1,2,3\n": "the header has 'loss' twice",
    b"step,loss\n1,abc\n2,1.0\n": "row 1: 'loss' must be a number, got 'abc'",
    b"step,loss\n-1,1.0\n2,1.0\n": "row 1: `step` must be 0 or more and at most 2",
    b"step,loss\n1.5,1.0\n2,1.0\n": "row 1: `step` must be a whole number, got 1.5",
    b"step,loss\nnan,1.0\n2,1.0\n": "row 1: `step` must be 0 or more and at most 2.*got nan",
    b"step,loss\n" + b"9" * 5000 + b",1.0\n2,1.0\n": "row 1: `step` must be .* got inf",
    b'{"step": ' + b"9" * 5000 + b', "loss": 1}\n': "row 1: `step` must be .* got inf",
    b"[" * 100_000: "must be JSON with an object a line, or with `log_history`",
    b'{"a":' * 100_000: "is no jsonl that can be read: line 1 is no JSON",
    b'{"step": 1, "lo': "is no jsonl that can be read: line 1 is no JSON",
    b"[1, 2]\n": "must be JSON with an object a line",
    b'{\n"loss": [1, 2]\n}\n': "must be JSON with an object a line",
    b'{"log_history": [{"step": 1, "loss": 2.0}, {"st': "is no JSON",
    b'{"log_history": {"a": 1}}': "has no list `log_history`",
    b'{"log_history": []}': "has no rows",
    b'{"log_history": [1, 2]}': "is no trainer_state that can be read: entry 1",
    b'{"log_history": ' + b"[" * 100_000: "is no JSON: nested too deep",
    b'{"type": "curve", "steps": [1], "losses": [1.0]}': "Curve: `schedule` is missing",
    b'{"type": "curve", "steps": [1], "lo': "not valid JSON",
    b'{"type": "curve", "a": ' + b"[" * 100_000: "nested too deep",
    b"step,loss\n1," + b"x" * 2**24: "must be shorter than 16 MiB",
    b"\x18\x00\x00\x00\x00\x00\x00\x00\xa3\x7fK\"\t\x00\x00brain.Event:2": "is no event file",
}  # fmt: skip


@pytest.mark.parametrize("number", range(len(DAMAGED)))
def test_a_file_that_is_no_log_is_refused_in_words(log, number):
    content, message = list(DAMAGED.items())[number]
    path = log(content)
    with pytest.raises(gl.ScheduleError, match=message) as caught:
        gl.read_curve(path, "constant(1)")
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value)) < 500


@examples(200)
@given(
    st.sampled_from(["csv", "jsonl", "trainer_state", "tensorboard", "curve", None]),
    st.binary(max_size=99) | st.text('{}[]",:\n0123456789.esteploss', max_size=99).map(str.encode),
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_whatever_a_file_holds_no_other_error_is_raised(tmp_path_factory, form, content):
    path = tmp_path_factory.getbasetemp() / "run.any"
    path.write_bytes(content)
    with suppress(gl.ScheduleError):
        gl.read_curve(path, "constant(1)", format=form)


@examples(60)
@given(st.sampled_from(sorted(REAL)), st.integers(0, 8_000), st.binary(max_size=9))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_whatever_is_damaged_no_other_error_is_raised(tmp_path_factory, name, place, damage):
    content = (DATA / name).read_bytes()
    path = tmp_path_factory.getbasetemp() / "run.any"
    path.write_bytes(content[:place] + damage + content[place + len(damage) :])
    with suppress(gl.ScheduleError):
        gl.read_curve(path, **REAL[name][0])


@pytest.mark.parametrize("path", [None, 3, b"run.csv", "a\0b"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(gl.ScheduleError, match="`path` must be the path of a file, got"):
        gl.read_curve(path)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(gl.ScheduleError, match="got a folder without event files in it"):
        gl.read_curve(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        gl.read_curve(tmp_path / "nowhere.csv")
    with pytest.raises(gl.ScheduleError, match="got a pipe or a device"):
        gl.read_curve("/dev/null")


# Length


@pytest.mark.parametrize("name", ["run.csv", "run.jsonl"])
def test_rows_are_read_one_at_a_time(name, tmp_path):
    path = tmp_path / name
    with path.open("w") as file:
        file.write("step,loss\n" * (name == "run.csv"))
        for k in range(50_000):
            file.write(
                f"{k},{1 / (k + 1)}\n" if name == "run.csv" else lines({"step": k, "loss": 1})
            )
    tracemalloc.start()
    with open_log(path) as opened:
        assert sum(1 for _ in opened.rows) == 50_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500_000 < path.stat().st_size


def test_a_long_log_shows_how_far_it_is(log, monkeypatch):
    shown = []

    class Bar:
        def __init__(self, **options):
            shown.append(options)

        def close(self):
            shown.append("closed")

        def update(self, count):
            shown.append(count)

    monkeypatch.setattr("tqdm.tqdm", Bar)
    path = log("step,loss\n1,3.0\n2,2.0\n")
    gl.read_curve(path, "constant(1)")
    assert not shown
    monkeypatch.setattr("glissando.logs.source.LONG", 20)
    gl.read_curve(path, "constant(1)")
    options, *counts, closed = shown
    assert options["total"] == sum(counts) == path.stat().st_size
    assert (options["disable"], closed) == (None, "closed")
