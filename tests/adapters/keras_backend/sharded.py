"""Prints the moves of the probe's weight, trained on all devices there are: see test_sharding."""

import json

import jax
import keras
import numpy as np
from probe import WARM_UP, Probe, network

import glissando as gl
from glissando.adapters.keras import LearningRateSchedule, LearningRateScheduler

MOMENTUM = gl.Linear(0.5, 0.25, steps=24)


def moves(optimizer, *callbacks):
    model, probe, ones = network(optimizer), Probe(), np.ones((16, 1))
    model.fit(ones, ones, batch_size=4, epochs=6, verbose=0, callbacks=[*callbacks, probe])
    assert len(model.trainable_weights[0].value.sharding.device_set) == len(jax.devices())
    return probe.moves


if __name__ == "__main__":
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    sgd = keras.optimizers.SGD
    both = {"learning_rate": WARM_UP, "momentum": MOMENTUM}
    result = {
        "epoch": moves(sgd(0.5), LearningRateScheduler(WARM_UP)),
        "step": moves(sgd(0.5), LearningRateScheduler(WARM_UP, unit="step")),
        "graph": moves(sgd(LearningRateSchedule(WARM_UP))),
        "momentum": moves(sgd(0.5, momentum=0.9), LearningRateScheduler(both, unit="step")),
    }
    print(json.dumps({"devices": len(jax.devices()), **result}))
