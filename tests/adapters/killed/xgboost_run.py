"""XGBoost: the model alone, which knows its rounds and carries its schedule."""

import json

import numpy as np
import xgboost
from common import SCHEDULE, UPDATES, folder, log, pause, ready, save_atomic

import glissando as gl

PLAIN = {"lambda": 0.0, "base_score": 0.0, "max_depth": 1, "eta": 0.9, "nthread": 1}


class Save(xgboost.callback.TrainingCallback):
    """Log the rate of each round, the leaf of its tree, and save the model every third."""

    def after_iteration(self, model, epoch, evals_log):
        k = model.num_boosted_rounds() - 1
        log(k, np.float32(json.loads(model[k : k + 1].get_dump(dump_format="json")[0])["leaf"]))
        if k % 3 == 2:
            save_atomic(folder() / "model.ubj", bytes(model.save_raw("ubj")))
        pause()


def pull(predictions, data):
    return -np.ones(len(predictions)), np.ones(len(predictions))


def main() -> None:
    ready()
    data = xgboost.DMatrix(np.zeros((4, 1)), np.ones(4))
    checkpoint = folder() / "model.ubj"
    model = xgboost.Booster(model_file=checkpoint) if checkpoint.exists() else None
    left = UPDATES - (model.num_boosted_rounds() if model else 0)
    callbacks = [gl.xgboost.LearningRateScheduler(SCHEDULE), Save()]
    xgboost.train(PLAIN, data, left, obj=pull, xgb_model=model, callbacks=callbacks)


if __name__ == "__main__":
    main()
