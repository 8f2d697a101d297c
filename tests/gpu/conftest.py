"""Says which GPU the tests here run on, or that there is none."""

import torch


def pytest_report_header():
    """Return the line that stands above the tests."""
    if torch.cuda.is_available():
        return f"GPU: {torch.cuda.get_device_name()}"
    return "No GPU: PyTorch sees no CUDA device here, and the tests that need one are skipped"
