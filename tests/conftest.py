"""Settings for all tests, and their order."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

common = {
    "deadline": None,  # the first call in a framework compiles
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
}
# the same examples on every machine; `make soak` looks for new ones
settings.register_profile("default", max_examples=60, derandomize=True, **common)
settings.register_profile("few", max_examples=10, derandomize=True, **common)
settings.register_profile("soak", max_examples=1_000, **common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

LONG = (
    "adapters/test_keras.py",
    "adapters/test_kills.py",
    "adapters/test_agreement.py",
    "adapters/test_accelerate.py",
    "adapters/test_transformers.py",
    "adapters/test_lightning.py",
    "adapters/test_ranks.py",
    "studies/engines/",
    "demo/test_demo_command.py",
    "docs/",
    "parity/",
)
"""What takes long, or starts something long once for many tests."""


def pytest_xdist_auto_num_workers():
    """Return how many processes test: one more than cores, as many tests wait for others' work."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items):
    """Begin with what takes long, so that at the end no process has much left when others wait."""

    def place(item):
        within = (i for i, name in enumerate(LONG) if item.nodeid.startswith(f"tests/{name}"))
        return next(within, len(LONG))

    items.sort(key=place)


@pytest.fixture(scope="session")
def browser():
    """Yield one Chromium for all tests of pages."""
    from playwright.sync_api import sync_playwright

    found = map(shutil.which, ("chromium", "google-chrome", "chrome"))
    program = os.environ.get("BROWSER_PATH") or next(filter(None, found))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
