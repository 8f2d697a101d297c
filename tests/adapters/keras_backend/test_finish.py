"""An open-ended schedule that is finished while a model trains."""

import keras
import pytest
from probe import fit, network, per_epoch, rates

import glissando as gl

TRUNK = gl.Constant(0.5).open_ended()
WSD = gl.Linear(0.1, 0.5, steps=4) >> TRUNK >> gl.Linear(0.5, 0.1, steps=6)


class Tell(keras.callbacks.Callback):
    """Tell a callback in the middle of an update or an epoch, or between two."""

    def __init__(self, follow, moment, when, at):
        super().__init__()
        self.follow, self.moment, self.when, self.at = follow, moment, when, at

    def act(self, moment, now):
        if moment == self.moment and now == self.when:
            self.follow.finish(at=self.at)

    def on_epoch_begin(self, epoch, logs=None):
        self.act("epoch_begin", epoch)
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        self.act("batch_begin", 4 * self.epoch + batch)

    def on_train_batch_end(self, batch, logs=None):
        self.act("batch_end", 4 * self.epoch + batch)

    def on_epoch_end(self, epoch, logs=None):
        self.act("epoch_end", epoch)


@pytest.mark.parametrize(
    ("unit", "moment", "when"),
    [
        ("step", "batch_begin", 7),
        ("step", "batch_end", 7),
        ("step", "epoch_end", 1),
        ("epoch", "epoch_begin", 7),
        ("epoch", "batch_begin", 29),
        ("epoch", "epoch_end", 7),
    ],
)
def test_it_ends_where_it_is_told_to(unit, moment, when):
    follow = gl.keras.LearningRateScheduler(WSD, unit=unit)
    epochs = 5 if unit == "step" else 16
    moves, _ = fit(network(), follow, Tell(follow, moment, when, 8), epochs=epochs)
    told = WSD.finish(at=8)
    assert follow.schedule == told
    assert moves == (rates(told, range(20)) if unit == "step" else per_epoch(told, range(16)))


def test_what_has_begun_is_not_changed():
    follow = gl.keras.LearningRateScheduler(WSD, unit="step")
    with pytest.raises(gl.ScheduleError, match="at step 7: 8 updates are done"):
        fit(network(), follow, Tell(follow, "batch_begin", 7, 7))


def test_it_stays_told_in_another_fit_and_is_saved(tmp_path):
    follow = gl.keras.LearningRateScheduler(WSD, unit="step")
    follow.finish(at=10)
    model = network()
    moves, _ = fit(model, follow, epochs=2)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    more, _ = fit(model, follow, epochs=3)
    assert moves + more == rates(WSD.finish(at=10), range(20))
    follow = gl.keras.LearningRateScheduler(WSD, unit="step")
    follow.finish(at=10)
    more, _ = fit(again, follow, epochs=3)
    assert moves + more == rates(WSD.finish(at=10), range(20))
