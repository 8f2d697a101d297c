"""Results on disk survive what may happen to them; images are read whole or not at all."""

import gzip
import json
import struct

import numpy as np
import pytest

import glissando as gl
from glissando.demo import DemoError, store
from glissando.demo.data import DATA, load, read_idx
from glissando.demo.plan import Run, Setup
from glissando.demo.pool import Pool, find_backend

RUN = Run(gl.Linear(0.1, 0.0, steps=2) >> gl.Constant(0.0), 1, "report", Setup(epochs=2))
RESULT = {
    "accuracy": [0.25, 0.5],
    "rates": [0.1, 0.05],
    "cpu_seconds": 1.5,
    "parameters": 10,
    "machine": "m",
}


@pytest.fixture
def folder(tmp_path):
    store.open_folder(tmp_path)
    return tmp_path


def test_a_result_comes_back(folder):
    assert store.load(folder, RUN, pytest.fail) is None
    store.save(folder, RUN, RESULT)
    assert store.load(folder, RUN, pytest.fail) == RESULT
    assert [path.name for path in (folder / "runs").iterdir()] == [f"{RUN.key}.json"]


@pytest.mark.parametrize(
    "other",
    [
        Run(gl.Constant(0.1), 1, "report", RUN.setup),
        Run(RUN.schedule, 2, "report", RUN.setup),
        Run(RUN.schedule, 1, "tune", RUN.setup),
        Run(RUN.schedule, 1, "report", Setup(epochs=3)),
        Run(RUN.schedule, 1, "report", Setup(epochs=2, data="fashion-mnist")),
        Run(RUN.schedule, 1, "report", Setup(epochs=2, backend="torch")),
        Run(RUN.schedule, 1, "report", Setup(epochs=2, versions="Keras 9")),
    ],
)
def test_another_run_has_another_result(other, folder):
    store.save(folder, RUN, RESULT)
    assert store.load(folder, other, pytest.fail) is None


def test_more_seeds_leave_the_stored_runs_valid(folder):
    store.save(folder, RUN, RESULT)
    more = Run(RUN.schedule, 1, "report", Setup(epochs=2, seeds=9))
    assert more.key == RUN.key
    assert store.load(folder, more, pytest.fail) == RESULT


def damaged(**change):
    return json.dumps({"run": RUN.to_data(), "result": RESULT | change})


@pytest.mark.parametrize(
    "text",
    [
        "",
        damaged()[:50],
        "[]",
        "null",
        "[" * 100_000,
        "\0\xff",
        json.dumps({"run": RUN.to_data()}),
        json.dumps({"run": RUN.to_data() | {"seed": 7}, "result": RESULT}),
        damaged(accuracy=[0.5]),
        damaged(accuracy=[0.5, float("nan")]),
        damaged(accuracy=[0.5, "1"]),
        damaged(accuracy=[0.5, 2]),
        damaged(rates=None),
        damaged(cpu_seconds=-1),
        damaged(parameters="10"),
    ],
)
def test_a_damaged_file_is_named_and_not_used(text, folder):
    path = store.path_of(folder, RUN)
    path.write_bytes(text.encode("latin-1"))
    said = []
    assert store.load(folder, RUN, said.append) is None
    assert len(said) == 1
    assert str(path) in said[0]
    assert "repeated" in said[0]
    assert path.read_bytes() == text.encode("latin-1")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(folder, monkeypatch):
    store.save(folder, RUN, RESULT)
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(DemoError, match=r"cannot write .*: full"):
        store.save(folder, RUN, RESULT | {"cpu_seconds": 9})
    assert store.load(folder, RUN, pytest.fail) == RESULT
    assert len(list((folder / "runs").iterdir())) == 1


def test_a_report_of_yours_is_not_overwritten(folder):
    (folder / "report.html").write_text("my own")
    with pytest.raises(DemoError, match="was not written by the demo"):
        store.open_folder(folder)
    (folder / "report.html").write_text(f"<html>{store.MARK}")
    store.open_folder(folder)


def test_the_parts_of_the_digits_do_not_overlap():
    parts = load("digits")
    size = DATA["digits"]
    assert [len(parts[part][0]) for part in ("train", "tune", "report")] == [
        size.train,
        size.tune,
        size.report,
    ]
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
    assert [len(x) for x, _ in parts.values()] == [size.train, size.tune, size.report]
    assert parts["tune"][0][:, 0, 0].min() > 0  # of the training file
    assert parts["report"][0][:, 0, 0].max() == 0  # of the test file
    labels = read_idx(fashion / "t10k-labels-idx1-ubyte")
    assert (parts["report"][1] == labels).all()


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08", idx(np.zeros((3, 3), "uint8"))[:-1], b"x" * 99]
)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_damaged_idx_file_is_named(content, ending, tmp_path):
    path = tmp_path / f"images{ending}"
    path.write_bytes(gzip.compress(content) if ending else content)
    with pytest.raises(DemoError, match=r"images: not a whole IDX file .*dataset-fashion-mnist"):
        read_idx(tmp_path / "images")


def test_a_cut_or_missing_archive_is_named(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx(np.zeros((30, 3), "uint8")))[:-9])
    with pytest.raises(DemoError, match="images: not a whole IDX file"):
        read_idx(tmp_path / "images")
    with pytest.raises(DemoError, match="labels: not a whole IDX file"):
        read_idx(tmp_path / "labels")


def test_no_fashion_mnist_anywhere_says_what_to_install(tmp_path, monkeypatch):
    from keras.datasets import fashion_mnist

    def fail():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(fashion_mnist, "load_data", fail)
    with pytest.raises(DemoError, match=r"could not download it \(URL fetch failure\)\. Install"):
        load("fashion-mnist", tmp_path / "absent")


def test_a_worker_that_dies_leaves_its_last_words():
    with Pool(1, "jax") as pool, pytest.raises(DemoError, match=r"ended by itself: .*KeyError"):
        pool.prepare("no such data")


@pytest.mark.parametrize(
    ("installed", "chosen", "message"),
    [
        ({"keras", "sklearn", "tqdm", "jax"}, "", r"needs plotly: .*glissando\[demo\]"),
        ({"keras", "plotly", "sklearn", "tqdm"}, "", r"backend for Keras.*glissando\[demo\]"),
        ({"keras", "plotly", "sklearn", "tqdm", "jax"}, "torch", "KERAS_BACKEND=torch: .*jax"),
        ({"keras", "plotly", "sklearn", "tqdm", "jax"}, "nonsense", "KERAS_BACKEND=nonsense"),
    ],
)
def test_what_is_not_installed_is_named(installed, chosen, message, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name in installed)
    monkeypatch.setenv("KERAS_BACKEND", chosen)
    with pytest.raises(DemoError, match=message):
        find_backend()


def test_the_backend_is_keras_backend_or_else_jax(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert find_backend()[0] == "tensorflow"
    monkeypatch.delenv("KERAS_BACKEND")
    backend, versions = find_backend()
    assert backend == "jax"
    assert versions.startswith("Keras ")
