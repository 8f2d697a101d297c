"""Models that Keras saved are read without building anything of them."""

import io
import json
import zipfile

import h5py
import keras
import pytest

import glissando as gl
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.readers import keras as _registered  # noqa: F401
from glissando.convert.registry import READERS

pytestmark = pytest.mark.filterwarnings("ignore:__array__", "ignore:You are saving")
READER = READERS["keras"]
RATE = gl.Linear(0.0, 0.1, 30) >> gl.Cosine(0.1, 0.01, 200)


def document(path):
    return Document(path, path.read_bytes()[:4096], "", {}, {})


def read(path):
    assert READER.knows(document(path)) == 1
    return READER.read(document(path), Given())


def refused(path):
    with pytest.raises(gl.ScheduleError) as caught:
        read(path)
    return str(caught.value)


def model(**options):
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    if options:
        made.compile(**options)
    return made


def schedule():
    return keras.optimizers.schedules.CosineDecay(0.0, 200, 0.1, warmup_target=0.1, warmup_steps=30)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_the_schedule_of_a_saved_model_is_read(tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    model(optimizer=keras.optimizers.Adam(schedule()), loss="mse").save(path)
    rate = read(path)
    assert [rate(k) for k in range(0, 300, 10)] == pytest.approx(
        [RATE(k) for k in range(0, 300, 10)]
    )


def test_an_optimizer_by_its_name_has_its_own_rate(tmp_path):
    model(optimizer="sgd", loss="mse").save(tmp_path / "model.keras")
    assert read(tmp_path / "model.keras")(7) == pytest.approx(0.01)


def test_a_model_that_was_not_compiled_has_no_rate(tmp_path):
    model().save(tmp_path / "model.keras")
    assert "saved without `compile`" in refused(tmp_path / "model.keras")


def archive(path, config):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("metadata.json", "{}")
        made.writestr("config.json", config)
    return path


def test_a_class_in_the_file_is_never_built(tmp_path):
    rate = {"module": "os", "class_name": "system", "config": {"command": "false"}}
    config = {"compile_config": {"optimizer": {"config": {"learning_rate": rate}}}}
    path = archive(tmp_path / "model.keras", json.dumps(config))
    assert "'system' is a class of your own, which is never built" in refused(path)


def test_an_archive_that_unpacks_to_more_than_any_model_is_refused(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("metadata.json", "{}")
        with made.open("config.json", "w") as file:
            for _ in range(80):
                file.write(b" " * 2**20)
    path = tmp_path / "model.keras"
    path.write_bytes(content.getvalue())
    assert "config.json may have 64 MiB unpacked" in refused(path)


def test_damage_is_refused(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    assert "no archive that Keras saved" in refused(path)
    assert "config.json is no JSON" in refused(archive(path, "[" * 100_000))
    path = tmp_path / "model.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 100)
    assert "the HDF5 file cannot be read" in refused(path)
    with h5py.File(path, "w") as file:
        file.attrs["training_config"] = "{"
    assert "training_config is no JSON" in refused(path)


def test_a_configuration_in_json_is_read():
    config = keras.saving.serialize_keras_object(schedule())
    from pathlib import Path

    held = Document(Path("schedule.json"), b"", "", config, {})
    assert READER.knows(held) > 0
    assert READER.read(held, Given())(30) == pytest.approx(0.1)
