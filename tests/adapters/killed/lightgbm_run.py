"""LightGBM: the model, and beside it the callback's state as JSON, of no later round."""

import json

import lightgbm
import numpy as np
from common import SCHEDULE, UPDATES, folder, log, pause, ready, save_atomic

import glissando as gl


def pull(predictions, data):
    # a Hessian beside which the tiny number that LightGBM adds to it is lost
    return np.array([1024.0, 1024, -1024, -1024]), np.full(4, 1024.0)


PLAIN = {
    "objective": pull,
    "num_leaves": 2,
    "min_data_in_leaf": 1,
    "min_data_in_bin": 1,
    "learning_rate": 0.9,
    "num_threads": 1,
    "verbose": -1,
}


def main() -> None:
    ready()
    follow = gl.lightgbm.learning_rate(SCHEDULE)
    checkpoint, beside = folder() / "model.txt", folder() / "state.json"
    model = lightgbm.Booster(model_file=checkpoint) if checkpoint.exists() else None
    if model:
        follow.load_state_dict(json.loads(beside.read_text()))

    def save(env):
        k = env.model.current_iteration() - 1
        log(k, np.float32(env.model.get_leaf_output(k, 1)))  # its last bit of 64 may be off
        if k % 3 == 2:
            save_atomic(beside, json.dumps(follow.state_dict()).encode())
            save_atomic(checkpoint, env.model.model_to_string(num_iteration=-1).encode())
        pause()

    data = lightgbm.Dataset(np.array([[0.0], [0.0], [1.0], [1.0]]), np.zeros(4))
    left = UPDATES - (model.current_iteration() if model else 0)
    if left:  # else the kill came after the last checkpoint
        lightgbm.train(PLAIN, data, left, init_model=model, callbacks=[follow, save])


if __name__ == "__main__":
    main()
