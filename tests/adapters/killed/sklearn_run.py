"""scikit-learn: the scheduled estimator, pickled whole."""

import pickle

import numpy as np
from common import SCHEDULE, UPDATES, folder, log, pause, ready, save_atomic
from sklearn.linear_model import SGDRegressor

import glissando as gl


def main() -> None:
    ready()
    checkpoint = folder() / "model.pickle"
    if checkpoint.exists():
        model = pickle.loads(checkpoint.read_bytes())
    else:
        sgd = SGDRegressor(learning_rate="constant", penalty=None, fit_intercept=False)
        model = gl.sklearn.Scheduled(sgd, SCHEDULE)
    for k in range(getattr(model, "step_", 0), UPDATES):
        if k:
            model.coef_[:] = 0.0  # so that the move towards 1 is the rate to the last bit
        model.partial_fit(np.ones((1, 1)), np.ones(1))
        log(k, np.float32(model.coef_[0]))  # a rate of 0 is set as 5e-324
        if k % 3 == 2:
            save_atomic(checkpoint, pickle.dumps(model))
        pause()


if __name__ == "__main__":
    main()
