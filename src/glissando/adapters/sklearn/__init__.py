"""scikit-learn's estimators with `partial_fit` follow a schedule, one step a call."""

from glissando.adapters.sklearn.scheduled import SET as SET
from glissando.adapters.sklearn.scheduled import Scheduled as Scheduled
from glissando.adapters.sklearn.training_function import train_function as train_function
