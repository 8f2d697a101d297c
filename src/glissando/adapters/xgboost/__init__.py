"""XGBoost follows a schedule: a callback that acts before each round, the first one included."""

from glissando.adapters.xgboost.callback import READ as READ
from glissando.adapters.xgboost.callback import LearningRateScheduler as LearningRateScheduler
from glissando.adapters.xgboost.training_function import train_function as train_function
