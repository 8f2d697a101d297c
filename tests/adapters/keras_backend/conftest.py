"""Warnings of others."""


def pytest_configure(config):
    # Keras 3.15 reads its variables in a way that NumPy 2.4 calls deprecated.
    config.addinivalue_line(
        "filterwarnings",
        "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    )
    # Most tests follow one schedule of 24 steps, in epochs and in updates. `test_length.py`, which
    # sees this warning, has what is told of that, and what is not.
    config.addinivalue_line(
        "filterwarnings", "ignore:LearningRate.*. the schedule of .* has:UserWarning"
    )
