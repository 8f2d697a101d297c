"""Gradient boosting on a table: each round's tree is added at the schedule's rate."""

from pathlib import Path

import numpy as np
import xgboost

from bench.evidence import data
from bench.evidence.training import Learner, Report, perform
from glissando import OnPlateau, Schedule

ROWS = 0.8
"""How many of the rows a round learns from."""


class Trees(Learner):
    """Trees that predict the logarithm of a diamond's price."""

    def __init__(self, seed: int) -> None:
        matrices = [
            xgboost.DMatrix(x.numpy(), y.numpy(), nthread=1)
            for x, y in data.diamonds(8_000, 2_000, 20_000)
        ]
        self.learned, self.on_watch, self.on_trial = matrices
        self.seed, self.prices = seed, self.learned.get_label()
        start = {"base_score": float(self.prices.mean())}
        self.options = {"nthread": 1, "max_depth": 5, "tree_method": "hist", **start}
        self.booster = xgboost.Booster(self.options, [self.learned, self.on_watch])

    def update(self, step: int, rate: float) -> None:
        """Add a tree, which learns from four rows in five.

        XGBoost's own draws are others after a model is loaded; these depend on the seed and the
        round alone.
        """
        drawn = np.random.RandomState([self.seed, step]).rand(len(self.prices)) < ROWS
        missed = self.booster.predict(self.learned, training=True) - self.prices
        self.booster.set_param("learning_rate", rate)
        weights = drawn.astype("float32")
        self.booster.boost(self.learned, iteration=step, grad=missed * weights, hess=weights)

    def error(self, matrix: xgboost.DMatrix) -> float:
        missed = self.booster.predict(matrix) - matrix.get_label()
        return float(np.sqrt(np.mean(missed.astype("float64") ** 2)))

    def watched(self) -> float:
        return self.error(self.on_watch)

    def judged(self) -> dict[str, float]:
        return {"rmse": self.error(self.on_trial)}

    def save(self, folder: Path) -> None:
        self.booster.save_model(folder / "trees.ubj")

    def load(self, folder: Path) -> None:
        self.booster = xgboost.Booster(self.options, [self.learned, self.on_watch])
        self.booster.load_model(folder / "trees.ubj")
        self.booster.set_param(self.options)


def train(schedule: Schedule | OnPlateau, seed: int, resume: Path | None, report: Report) -> float:
    """Return the root of the mean squared error of log prices that were not seen."""
    return perform(Trees(seed), schedule, resume, report)
