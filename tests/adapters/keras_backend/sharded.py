"""Prints the moves of the probe's weight, trained on 1, 2 and 4 devices: see test_sharding."""

import json

import keras
import numpy as np
from probe import WARM_UP, Probe, network

import glissando as gl
from glissando.adapters.keras import LearningRateSchedule, LearningRateScheduler

MOMENTUM = gl.Linear(0.5, 0.25, steps=24)


def moves(count, optimizer, *callbacks):
    model, probe, ones = network(optimizer), Probe(), np.ones((16, 1))
    model.fit(ones, ones, batch_size=4, epochs=6, verbose=0, callbacks=[*callbacks, probe])
    assert len(model.trainable_weights[0].value.sharding.device_set) == count
    return probe.moves


def run(count):
    devices = keras.distribution.list_devices()[:count]
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
    sgd = keras.optimizers.SGD
    both = {"learning_rate": WARM_UP, "momentum": MOMENTUM}
    return {
        "epoch": moves(count, sgd(0.5), LearningRateScheduler(WARM_UP)),
        "step": moves(count, sgd(0.5), LearningRateScheduler(WARM_UP, unit="step")),
        "graph": moves(count, sgd(LearningRateSchedule(WARM_UP))),
        "momentum": moves(count, sgd(0.5, momentum=0.9), LearningRateScheduler(both, unit="step")),
    }


if __name__ == "__main__":
    print(json.dumps([run(count) for count in (1, 2, 4)]))
