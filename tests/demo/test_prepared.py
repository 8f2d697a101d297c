"""The demo's images are read whole or not at all; its schedules are the tip's."""

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import pytest

import glissando as gl
from glissando.demo.data import DATA, load, read_idx
from glissando.demo.prepared import AS_WRITTEN, NEEDED, TIP, find_backend, schedules


def test_the_parts_of_the_digits_do_not_overlap():
    parts = load("digits")
    size = DATA["digits"]
    assert {name: len(x) for name, (x, _) in parts.items()} == {
        "train": size.train,
        "held out": size.held_out,
    }
    images = [image.tobytes() for x, _ in parts.values() for image in x]
    assert len(set(images)) == len(images)
    x, y = parts["train"]
    assert (x.shape[1:], x.dtype, x.min(), x.max()) == ((8, 8, 1), "float32", 0, 1)
    assert set(y) == set(range(10))


def idx(array):
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def fashion(tmp_path):
    """Files like Debian's, small in the image, whole in number."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 60_000), ("t10k", 10_000)):
        images = rng.integers(0, 256, (count, 2, 2), "uint8")
        images[:, 0, 0] = part == "train"
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images), 1))
        labels = rng.integers(0, 10, count, "uint8")
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels))
    return tmp_path


def test_fashion_mnist_is_read_from_debians_files(fashion):
    parts = load("fashion-mnist", fashion)
    size = DATA["fashion-mnist"]
    assert [len(x) for x, _ in parts.values()] == [size.train, size.held_out]
    assert parts["train"][0][:, 0, 0].min() > 0  # of the training file
    assert parts["held out"][0][:, 0, 0].max() == 0  # of the test file
    labels = read_idx(fashion / "t10k-labels-idx1-ubyte")
    assert (parts["held out"][1] == labels).all()


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08", idx(np.zeros((3, 3), "uint8"))[:-1], b"x" * 99]
)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_damaged_idx_file_is_named(content, ending, tmp_path):
    path = tmp_path / f"images{ending}"
    path.write_bytes(gzip.compress(content) if ending else content)
    with pytest.raises(
        gl.ScheduleError, match=r"images: not a whole IDX file .*dataset-fashion-mnist"
    ):
        read_idx(tmp_path / "images")


def test_a_cut_or_missing_archive_is_named(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx(np.zeros((30, 3), "uint8")))[:-9])
    with pytest.raises(gl.ScheduleError, match="images: not a whole IDX file"):
        read_idx(tmp_path / "images")
    with pytest.raises(gl.ScheduleError, match="labels: not a whole IDX file"):
        read_idx(tmp_path / "labels")


def test_no_fashion_mnist_anywhere_says_what_to_install(tmp_path, monkeypatch):
    from keras.datasets import fashion_mnist

    def fail():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(fashion_mnist, "load_data", fail)
    with pytest.raises(
        gl.ScheduleError, match=r"could not download it \(URL fetch failure\)\. Install"
    ):
        load("fashion-mnist", tmp_path / "absent")


@pytest.mark.parametrize(
    ("installed", "chosen", "message"),
    [
        ({*NEEDED, "jax"} - {"plotly"}, "", r"needs plotly: .*glissando\[demo\]"),
        ({*NEEDED}, "", r"backend for Keras.*glissando\[demo\]"),
        ({*NEEDED, "jax"}, "torch", "KERAS_BACKEND=torch: .*jax"),
        ({*NEEDED, "jax"}, "nonsense", "KERAS_BACKEND=nonsense"),
    ],
)
def test_what_is_not_installed_is_named(installed, chosen, message, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name in installed)
    monkeypatch.setenv("KERAS_BACKEND", chosen)
    with pytest.raises(gl.ScheduleError, match=message):
        find_backend()


def test_the_backend_is_keras_backend_or_else_jax(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert find_backend() == "tensorflow"
    monkeypatch.delenv("KERAS_BACKEND")
    assert find_backend() == "jax"


def test_the_tip_is_followed_as_it_is_written():
    """Its callback sets the rate of each epoch; here updates are counted, 23 of them an epoch."""
    tried = schedules(20, 23)
    chart = json.loads((Path(__file__).parents[1] / "data" / "chart.json").read_text())
    written = [tried[name + AS_WRITTEN] for name in TIP]
    for schedule, curve in zip(written, chart.values(), strict=True):
        assert [schedule(23 * epoch) for epoch in range(20)] == curve["learning_rate"]
        assert [schedule(23 * epoch + 22) for epoch in range(20)] == curve["learning_rate"]
    assert all(schedule.steps == 460 for schedule in tried.values())
