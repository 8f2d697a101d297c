"""Keeps the Keras suite out of the plain run: `test_keras.py` runs it, once for each backend."""

import os

collect_ignore = [] if "GLISSANDO_KERAS_SUITE" in os.environ else ["keras_backend"]
