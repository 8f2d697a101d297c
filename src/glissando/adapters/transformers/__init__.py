"""Transformers' `Trainer` follows a schedule: its scheduler is made of it."""

from glissando.adapters.transformers.follow import follow as follow
from glissando.adapters.transformers.training_function import train_function as train_function
