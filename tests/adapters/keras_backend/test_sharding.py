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
        processes = {}
        for devices in (1, 2, 4):
            flag = f"--xla_force_host_platform_device_count={devices}"
            processes[devices] = subprocess.Popen(
                command,
                env={**os.environ, "XLA_FLAGS": flag},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        runs = {}
        for devices, process in processes.items():
            out, errors = process.communicate(timeout=300)
            assert process.returncode == 0, errors
            runs[devices] = json.loads(out)
            assert runs[devices].pop("devices") == devices
        assert runs[1] == runs[2] == runs[4]
        assert runs[4]["epoch"] == rates(WARM_UP, np.repeat(range(6), 4).tolist())
        assert runs[4]["step"] == rates(WARM_UP, range(24))
        assert close(runs[4]["graph"], rates(WARM_UP, range(24)), WARM_UP.bound())
