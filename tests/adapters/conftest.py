"""Keeps programs that tests start from being collected, and counts the kills."""

import os

# `test_keras.py` runs the Keras suite, once for each backend
collect_ignore = ["killed", "ranks"]
if "GLISSANDO_KERAS_SUITE" not in os.environ:
    collect_ignore.append("keras_backend")


def pytest_terminal_summary(terminalreporter):
    """Print how many processes were killed while they trained."""
    reports = terminalreporter.getreports("passed")
    kills = [n for report in reports for name, n in report.user_properties if name == "kills"]
    if kills:
        terminalreporter.line(f"{sum(kills)} SIGKILLs during training, of {len(kills)} programs")
