"""Warnings of others."""


def pytest_configure(config):
    # Keras 3.15 reads its variables in a way that NumPy 2.4 calls deprecated.
    config.addinivalue_line(
        "filterwarnings",
        "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    )
