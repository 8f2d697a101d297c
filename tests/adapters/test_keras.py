"""The Keras adapter on each backend; a process can have only one, so each gets its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).parent / "keras_backend"


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_keras(backend, tmp_path):
    path = os.pathsep.join(filter(None, [str(SUITE), os.environ.get("PYTHONPATH")]))
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", str(SUITE)],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "GLISSANDO_KERAS_SUITE": "1",
            "PYTHONPATH": path,
            "OMP_NUM_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            # of hundreds of fits, most are of one network and compile to one program
            "JAX_COMPILATION_CACHE_DIR": str(tmp_path),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        },
        capture_output=True,
        text=True,
        timeout=1500,
    )
    if run.returncode:
        pytest.fail(f"under KERAS_BACKEND={backend}:\n{run.stdout}\n{run.stderr}", pytrace=False)
