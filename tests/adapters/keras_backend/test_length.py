"""A schedule that does not fit the length or the unit of a fit is told once, with the numbers."""

import keras
import numpy as np
import pytest
from probe import BACKEND, fit, network, per_epoch, rates
from test_several import Pair, play

import glissando as gl
from glissando.adapters.keras import LearningRateLogger, LearningRateSchedule, LearningRateScheduler

pytestmark = pytest.mark.filterwarnings(
    "error:LearningRate"
)  # nothing is told but what a test waits for

SHORT = gl.Cosine(0.1, 0.0, steps=3)
WARM = gl.Linear(0.0, 0.1, steps=100) >> gl.Cosine(0.1, 0.0, steps=900)


def told(*words):
    """Expect one warning that has all of these words."""
    return pytest.warns(UserWarning, match=".*".join(words))


def step(schedule, **options):
    return LearningRateScheduler(schedule, unit="step", **options)


def generator(batches=4):
    while True:
        for _ in range(batches):
            yield np.ones((1, 1)), np.zeros((1, 1))


def of_unknown_length(rows=4):
    """Return data of which nobody says how many batches it has."""
    if BACKEND == "tensorflow":
        from tensorflow.data import Dataset

        ones = Dataset.from_tensor_slices((np.ones((rows, 1)), np.zeros((rows, 1))))
        return ones.filter(lambda *_: True).batch(1)
    import torch

    class Rows(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter([(np.ones(1, np.float32), np.zeros(1, np.float32))] * rows)

    return torch.utils.data.DataLoader(Rows(), batch_size=1)


def test_most_epochs_past_the_end_at_rate_0_are_told():
    words = (
        r"^LearningRateScheduler: .*`learning_rate` has 3 steps, but the run makes 10 epochs: ",
        r"the last 7 epochs are past .*schedule\.stretch\(10\).*on_length='ignore'",
    )
    with told(*words) as caught:
        moves, _ = fit(network(), LearningRateScheduler(SHORT), epochs=10)
    assert len([warning for warning in caught if warning.category is UserWarning]) == 1
    assert moves == per_epoch(SHORT, range(10))


def test_the_default_unit_with_a_schedule_in_updates_names_the_other_unit():
    words = r"has 1000 steps, but the run makes 5 epochs: .* makes 20: .*pass unit='step'"
    with told(words):
        fit(network(), LearningRateScheduler(WARM), epochs=5)
    exact = gl.Cosine(0.1, 0.0, steps=20)
    with told(r"has 20 steps, but the run makes 5 epochs.* makes 20: .*pass unit='step'"):
        fit(network(), LearningRateScheduler(exact), epochs=5)
    with told(r"has 1000 steps, but the run makes 1 epochs.* makes 20: .*pass unit='step'"):
        fit(network(), LearningRateScheduler(WARM), epochs=1, batches=20)
    fit(network(), step(exact), epochs=5)
    words = r"has 1000 steps, but the run makes 20 epochs.* makes 1200: .*pass unit='step'"
    with pytest.raises(gl.ScheduleError, match=words):
        fit(network(), LearningRateScheduler(WARM, on_length="raise"), epochs=20, batches=60)


def test_a_schedule_in_epochs_under_unit_step_names_the_other_unit():
    epochs = gl.Cosine(0.1, 0.0, steps=5)
    with told(r"has 5 steps, but the run makes 20 updates: .*makes 5, pass unit='epoch'"):
        fit(network(), step(epochs), epochs=5)
    fit(network(), LearningRateScheduler(epochs), epochs=5)


def test_a_run_that_ends_in_the_warm_up_of_updates_is_told():
    with told(r"has 100000 steps, but the run makes 8 updates.*in the warm-up.*stretch\(8\)"):
        fit(network(), step(WARM.slow(100)), epochs=2)
    fit(network(), step(WARM), epochs=2)  # as a first trial would be


@pytest.mark.parametrize("unit", ["epoch", "step"])
def test_a_second_fit_that_begins_past_the_end_of_a_new_schedule_is_told(unit):
    model, steps = network(), 3 if unit == "epoch" else 12
    schedule = gl.Cosine(0.1, 0.0, steps=steps)
    fit(model, LearningRateScheduler(schedule, unit=unit), epochs=3)
    new = gl.Cosine(0.2, 0.0, steps=steps)
    words = rf"the run makes {2 * steps} .* begins at {unit} {steps}, .*model\.compile\(keras"
    with told(words):
        moves, _ = fit(model, LearningRateScheduler(new, unit=unit), epochs=3)
    assert moves == [0.0] * 12
    model.compile(keras.optimizers.SGD(0.5), model.loss)
    moves, _ = fit(model, LearningRateScheduler(new, unit=unit), epochs=3)
    assert moves[0] == rates(new, [0])[0]


@pytest.mark.parametrize("unit", ["epoch", "step"])
def test_folds_by_set_weights_begin_past_the_end_and_are_told_once(unit):
    model = network()
    weights = model.get_weights()
    callback = LearningRateScheduler(gl.Cosine(0.1, 0.0, 2 if unit == "epoch" else 8), unit=unit)
    fit(model, callback, epochs=2)
    model.set_weights(weights)
    with told("set_weights of a model does not set its optimizer back"):
        fit(model, callback, epochs=2)
    model.set_weights(weights)
    fit(model, callback, epochs=2)  # it was said


def test_one_schedule_over_several_fits_is_no_misfit():
    whole = gl.Linear(0.0, 0.1, steps=3) >> gl.Cosine(0.1, 0.0, steps=7)
    model, callback = network(), LearningRateScheduler(whole)
    moves = [move for _ in range(10) for move in fit(model, callback, epochs=1, batches=3)[0]]
    assert moves == per_epoch(whole, range(10), 3)
    fit(model, callback, epochs=1, batches=3)
    with told("begins at epoch 11"):
        fit(model, callback, epochs=1, batches=3)
    model = network()
    for _ in range(5):  # with callbacks of their own
        fit(model, step(whole.slow(3)), epochs=2, batches=3)
    model = network()
    for first, last in [(0, 2), (2, 7), (7, 10)]:
        fit(model, LearningRateScheduler(whole), initial_epoch=first, epochs=last, batches=3)
        fit(network(), step(whole.slow(3)), initial_epoch=first, epochs=last, batches=3)


def test_early_stopping_is_told_only_when_the_end_is_passed():
    stop = keras.callbacks.EarlyStopping("loss", patience=2, mode="max")  # the loss stands still
    moves, _ = fit(network(), LearningRateScheduler(SHORT), stop, epochs=100)
    assert len(moves) < 4 * 4
    stop = keras.callbacks.EarlyStopping("loss", patience=20, mode="max")
    with told("has 3 steps, but the run makes 100 epochs: the last 97 epochs"):
        fit(network(), LearningRateScheduler(SHORT), stop, epochs=100)


def test_backup_and_restore_is_no_misfit(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    whole = gl.Cosine(0.1, 0.0, steps=5)
    for callback in (lambda: LearningRateScheduler(whole), lambda: step(whole.slow(4))):
        folder = tmp_path / str(callback().unit)
        backup = keras.callbacks.BackupAndRestore(folder)
        with pytest.raises(KeyboardInterrupt):
            fit(network(), callback(), backup, Stop(), epochs=5)
        fit(network(), callback(), keras.callbacks.BackupAndRestore(folder), epochs=5)


@pytest.mark.parametrize(
    "schedule",
    [
        gl.Constant(0.1),
        gl.Linear(0.0, 0.1, steps=2),  # a warm-up, whose peak is held
        gl.Linear(0.0, 0.1, steps=2) >> gl.Constant(0.1),
        gl.Cosine(0.1, 0.0, steps=2).repeat(),
        gl.Cosine(0.1, 0.0, steps=4),  # it would land one epoch later
        gl.Cosine(0.1, 0.0, steps=9),
        gl.schedule(lambda epoch: 0.1, steps=1),
        gl.Plateau("keras", patience=2).on(gl.Constant(0.1)),
        lambda epoch: 0.1,
    ],
)
def test_what_fits_is_not_told(schedule):
    fit(network(), LearningRateScheduler(schedule, monitor="loss"), epochs=5)


def test_a_batch_that_was_rounded_off_in_each_epoch_is_not_told():
    steps = 5 * (82 // 4)
    fit(network(), step(gl.Cosine(0.1, 0.0, steps=steps)), epochs=5, batches=21)


def test_gradient_accumulation_counts_updates():
    def model():
        return network(keras.optimizers.SGD(0.5, gradient_accumulation_steps=4))

    fit(model(), step(gl.Cosine(0.1, 0.0, steps=5)), epochs=5)
    with told("has 2 steps, but the run makes 5 updates"):
        fit(model(), step(gl.Cosine(0.1, 0.0, steps=2)), epochs=5)


def test_in_a_loss_scale_optimizer():
    model = network(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5)))
    with told("has 3 steps, but the run makes 20 updates"):
        fit(model, step(SHORT), epochs=5)


@pytest.mark.skipif(BACKEND == "torch", reason="Keras runs one update an execution there")
def test_steps_per_execution_counts_updates():
    with told(r"has 1000 steps.* makes 24: .*unit='step'"):
        fit(network(steps_per_execution=3), LearningRateScheduler(WARM), epochs=4, batches=6)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras's first epoch of such
def test_data_of_unknown_length_are_told_after_the_first_epoch():
    class Epochs(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            begun.append(epoch)

    def train(callback, epochs=6):
        begun.clear()
        model = network()
        return model.fit(
            of_unknown_length(),
            epochs=epochs,
            shuffle=False,
            verbose=0,
            callbacks=[callback, Epochs()],
        )

    begun = []
    each = 5 if BACKEND == "tensorflow" else 4  # there the batch that is not there is counted
    train(step(gl.Cosine(0.1, 0.0, steps=6 * each)))
    train(LearningRateScheduler(gl.Cosine(0.1, 0.0, steps=6)))
    with pytest.raises(gl.ScheduleError, match=f"has 12 steps, but the run makes {6 * each} up"):
        train(step(gl.Cosine(0.1, 0.0, steps=12), on_length="raise"))
    assert begun == [0]
    with pytest.raises(gl.ScheduleError, match=rf"makes 6 epochs.* makes {6 * each}: .*'step'"):
        train(LearningRateScheduler(WARM, on_length="raise"))
    assert begun == [0]
    words = r"has 2 steps, but training goes on with step 3, at a rate of 0\. If the .* makes 6, "
    with pytest.raises(gl.ScheduleError, match=words):
        train(step(gl.Cosine(0.1, 0.0, steps=2), on_length="raise"))
    assert begun == [0]


def test_steps_per_epoch_say_how_long_a_generator_is():
    model = network()
    with told("has 3 steps, but the run makes 10 updates"):
        model.fit(
            generator(),
            steps_per_epoch=2,
            epochs=5,
            shuffle=False,
            verbose=0,
            callbacks=[step(SHORT)],
        )


@pytest.mark.skipif(BACKEND == "jax", reason="a step of one's own has another form there")
def test_a_step_that_updates_several_times_is_measured_in_the_first_epoch():
    class Twice(keras.Sequential):
        def train_step(self, data):
            for weight in self.trainable_weights:
                self.optimizer.apply([keras.ops.ones_like(weight)] * 1, [weight])
                self.optimizer.apply([keras.ops.ones_like(weight)] * 1, [weight])
            return {"loss": keras.ops.ones(())}

    def model():
        made = Twice([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        made.compile(keras.optimizers.SGD(0.5))
        return made

    ones = np.ones((4, 1))
    options = {"batch_size": 1, "epochs": 5, "verbose": 0}
    model().fit(ones, ones, callbacks=[step(gl.Cosine(0.1, 0.0, steps=40))], **options)
    with told("has 20 steps, but the run makes 40 updates"):
        model().fit(ones, ones, callbacks=[step(gl.Cosine(0.1, 0.0, steps=20))], **options)


@pytest.mark.skipif(BACKEND == "jax", reason="`fit` trains what is in model.optimizer alone")
def test_the_optimizers_of_a_gan_are_counted_each_by_its_own_updates():
    def both(d, g):  # 24 updates, and 12
        return [step(d, optimizer="d_optimizer"), step(g, optimizer="g_optimizer")]

    play(Pair(), *both(gl.Cosine(0.1, 0.0, steps=24), gl.Cosine(0.1, 0.0, steps=12)))
    with told("has 6 steps, but the run makes 12 updates"):
        play(Pair(), *both(gl.Cosine(0.1, 0.0, steps=24), gl.Cosine(0.1, 0.0, steps=6)))


@pytest.mark.parametrize("begin", [True, False])
def test_a_loop_of_train_on_batch_is_told_past_the_end(begin):
    model, callback = network(), step(SHORT)
    callback.set_model(model)
    if begin:
        callback.on_train_begin()
    used, ones = [], np.ones((1, 1))

    def batches(numbers):
        for batch in numbers:
            callback.on_train_batch_begin(batch)
            used.append(float(model.optimizer.learning_rate))
            model.train_on_batch(ones, ones)
            callback.on_train_batch_end(batch)

    batches(range(4))
    with told(r"has 3 steps, but training goes on with step 4, at a rate of 0\. Give it more"):
        batches([4])
    batches(range(5, 8))
    assert used == rates(SHORT, range(8))
    callback.on_epoch_end(0, {})
    callback.on_train_end()


def test_a_loop_of_epochs_sets_each_epoch_s_rate():
    model, callback = network(), LearningRateScheduler(SHORT)
    callbacks = keras.callbacks.CallbackList([callback], model=model)
    used, ones = [], np.ones((1, 1))
    for epoch in range(3):
        callbacks.on_epoch_begin(epoch)
        model.train_on_batch(ones, ones)
        used.append(float(model.optimizer.learning_rate))
        callbacks.on_epoch_end(epoch, {})
    assert used == rates(SHORT, range(3))
    assert callback.state_dict()["step"] == 3


def test_one_of_several_schedules_that_does_not_fit_is_named():
    both = {"learning_rate": gl.Constant(0.1), "weight_decay": SHORT}
    model = network(keras.optimizers.SGD(0.5, weight_decay=0.1))
    with told("the schedule of `weight_decay` has 3 steps, but the run makes 10 epochs"):
        fit(model, LearningRateScheduler(both), epochs=10)


def test_a_schedule_for_the_optimizer_is_compared_too():
    with told("has 3 steps, but the run makes 10 epochs"):
        fit(network(), LearningRateScheduler(LearningRateSchedule(SHORT)), epochs=10)


def test_a_plateau_s_schedule_is_compared_too():
    on = gl.Plateau("keras", patience=50).on(SHORT)
    with told("has 3 steps, but the run makes 10 epochs"):
        fit(network(), LearningRateScheduler(on, monitor="loss"), epochs=10)


def test_it_can_be_raised_before_the_first_update_or_ignored():
    model = network()
    for _ in range(2):
        with pytest.raises(gl.ScheduleError, match="has 3 steps, but the run makes 10 epochs"):
            fit(model, LearningRateScheduler(SHORT, on_length="raise"), epochs=10)
    assert int(model.optimizer.iterations) == 0
    fit(network(), LearningRateScheduler(SHORT, on_length="ignore"), epochs=10)
    fit(network(), step(SHORT, on_length="ignore"), epochs=10)
    for make in (LearningRateScheduler, LearningRateLogger):
        with pytest.raises(gl.ScheduleError, match=r"`on_length` must be one of .* got 'print'"):
            make(*[SHORT] * (make is LearningRateScheduler), on_length="print")


def test_the_logger_tells_of_a_schedule_in_the_optimizer():
    def train(schedule, *, each=None, logger=None, **options):
        sgd = keras.optimizers.SGD(LearningRateSchedule(schedule), gradient_accumulation_steps=each)
        return fit(network(sgd), logger or LearningRateLogger(), epochs=5, **options)

    train(gl.Cosine(0.1, 0.0, steps=20))
    train(gl.Cosine(0.1, 0.0, steps=10).hold_each(2), each=2)
    words = (
        r"^LearningRateLogger: .* has 5 steps, but the run makes 20 updates: .*schedule\.slow\(4"
    )
    with told(words):
        train(gl.Cosine(0.1, 0.0, steps=5))
    with told("has 10 steps, but the run makes 20 updates"):
        train(gl.Cosine(0.1, 0.0, steps=10), each=2)
    with told("has 100000 steps, but the run makes 20 updates.*in the warm-up"):
        train(WARM.slow(100))
    train(SHORT, logger=LearningRateLogger(on_length="ignore"))
    decay = keras.optimizers.schedules.CosineDecay(0.1, 3)  # Keras's own is no business of it
    fit(network(keras.optimizers.SGD(decay)), LearningRateLogger(), epochs=5)
