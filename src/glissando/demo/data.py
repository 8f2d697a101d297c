"""The images: scikit-learn's digits, or Fashion-MNIST, each in two fixed parts."""

import gzip
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from glissando.errors import ScheduleError

Part: TypeAlias = tuple[Any, Any]
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts its files."""


@dataclass(frozen=True)
class DataSet:
    """How many images each part has, and how many an update sees."""

    train: int
    held_out: int
    batch: int


DATA = {
    # scikit-learn's bundled digits; the parts are drawn at random once, the same in every run
    "digits": DataSet(train=736, held_out=1_050, batch=32),
    # the first of the 60,000 training images, and all test images
    "fashion-mnist": DataSet(train=6_000, held_out=10_000, batch=32),
}


def load(name: str, folder: Path = DEBIAN) -> dict[str, Part]:
    """Return the parts "train" and "held out": images from 0 to 1 with a channel, and labels.

    Raises:
        ScheduleError: the images cannot be had; the message says how to get them.
    """
    size = DATA[name]
    x, y = _digits() if name == "digits" else _fashion(folder)
    x = (x / x.max()).astype("float32")[..., None]
    y = y.astype("int32")
    return {
        "train": (x[: size.train], y[: size.train]),
        "held out": (x[-size.held_out :], y[-size.held_out :]),
    }


def _digits() -> Part:
    import numpy as np
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.RandomState(0).permutation(len(digits.images))  # a stream frozen for good
    return digits.images[order], digits.target[order]


def _fashion(folder: Path) -> Part:
    import numpy as np

    if folder.is_dir():
        images, labels = (
            [read_idx(folder / f"{part}-{kind}-ubyte") for part in ("train", "t10k")]
            for kind in ("images-idx3", "labels-idx1")
        )
    else:
        from keras.datasets import fashion_mnist

        try:
            train, test = fashion_mnist.load_data()
        except Exception as error:  # the downloader's failures have no common class
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ScheduleError(
                f"Fashion-MNIST is not in {folder} and Keras could not download it ({reason}). "
                "Install Debian's package dataset-fashion-mnist, or use --data digits."
            ) from error
        images, labels = [train[0], test[0]], [train[1], test[1]]
    return np.concatenate(images), np.concatenate(labels)


def read_idx(path: Path) -> Any:
    """Return the array in an IDX file of bytes, gzipped if only `path`.gz is there.

    Raises:
        ScheduleError: the file is missing, damaged or of another kind.
    """
    import numpy as np

    try:
        raw = path.read_bytes() if path.exists() else _unzipped(path.with_name(path.name + ".gz"))
        kind, axes = struct.unpack_from(">HxB", raw)[0], raw[3]
        shape = struct.unpack_from(f">{axes}I", raw, 4)
        if raw[:3] != b"\0\0\x08" or len(raw) != 4 + 4 * axes + math.prod(shape):
            raise ValueError(f"{len(raw)} bytes of kind {kind} do not hold {shape}")
    except (OSError, EOFError, ValueError, IndexError, struct.error) as error:
        raise ScheduleError(
            f"{path}: not a whole IDX file of bytes ({error}). Reinstall Debian's package "
            "dataset-fashion-mnist, or use --data digits."
        ) from error
    return np.frombuffer(raw, "uint8", offset=4 + 4 * axes).reshape(shape)


def _unzipped(path: Path) -> bytes:
    with gzip.open(path) as file:
        return file.read()
