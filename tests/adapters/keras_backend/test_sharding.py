"""Batches that JAX shares out among devices: the rates of one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from probe import BACKEND, WARM_UP, close, rates

if BACKEND == "jax":

    def test_pain_22_as_many_devices_as_you_like_use_the_same_rates():
        command = [sys.executable, str(Path(__file__).with_name("sharded.py"))]
        flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4"}
        done = subprocess.run(
            command, env={**os.environ, **flags}, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        one, two, four = json.loads(done.stdout)
        assert one == two == four
        assert four["epoch"] == rates(WARM_UP, np.repeat(range(6), 4).tolist())
        assert four["step"] == rates(WARM_UP, range(24))
        assert close(four["graph"], rates(WARM_UP, range(24)), WARM_UP.bound())
