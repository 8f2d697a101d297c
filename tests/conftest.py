"""Settings for all tests."""

import os

from hypothesis import HealthCheck, settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

common = {
    "deadline": None,  # the first call in a framework compiles
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
}
# the same examples on every machine; `make soak` looks for new ones
settings.register_profile("default", max_examples=60, derandomize=True, **common)
settings.register_profile("soak", max_examples=1_000, **common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
