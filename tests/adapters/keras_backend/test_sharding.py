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
        runs = {}
        for devices in (1, 2, 4):
            flag = f"--xla_force_host_platform_device_count={devices}"
            script = str(Path(__file__).with_name("sharded.py"))
            run = subprocess.run(
                [sys.executable, script],
                env={**os.environ, "XLA_FLAGS": flag},
                capture_output=True,
                text=True,
                timeout=300,
            )
            assert run.returncode == 0, run.stderr
            moves = json.loads(run.stdout)
            assert moves.pop("devices") == devices
            runs[devices] = moves
        assert runs[1] == runs[2] == runs[4]
        assert runs[4]["epoch"] == rates(WARM_UP, np.repeat(range(6), 4).tolist())
        assert runs[4]["step"] == rates(WARM_UP, range(24))
        assert close(runs[4]["graph"], rates(WARM_UP, range(24)), WARM_UP.bound())
