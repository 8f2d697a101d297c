"""Each script of `killed/` is killed at random moments and run again until it is done.

A handful of kills in the plain suite; with `make soak`, at least 100 over all scripts.
"""

import math
import os
import random
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent / "killed"
SCRIPTS = sorted(path for path in HERE.glob("*.py") if path.name != "common.py")
COMMON = runpy.run_path(str(HERE / "common.py"))
UPDATES, SCHEDULE = COMMON["UPDATES"], COMMON["SCHEDULE"]

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
KILLS = math.ceil(100 / len(SCRIPTS)) if SOAK else 1
IN_A_RUN = 3  # kills of one training, at most
PATIENCE = 180  # seconds, of a machine that does other things as well


class Training:
    """One training in one folder, over several processes."""

    def __init__(self, script: Path, folder: Path):
        folder.mkdir()
        self.command = [sys.executable, str(script), str(folder)]
        self.environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        self.folder = folder
        self.log = folder / "log"
        self.parts: list[list[tuple[int, float]]] = []  # what each process logged

    def run(self, kill_at: int | None = None, delay: float = 0.0) -> bool:
        """Run one process; return whether it was killed, `delay` after it logged `kill_at`."""
        with (
            open(self.folder / "errors", "w") as errors,
            subprocess.Popen(
                self.command,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=self.environment,
                cwd=self.folder,
            ) as process,
        ):
            try:
                if kill_at is not None:
                    while (line := process.stdout.readline()) and line != "ready\n":
                        pass
                    self.wait(process, kill_at)
                    time.sleep(delay)
                    process.kill()
                process.communicate(timeout=PATIENCE)
            finally:
                process.kill()
        assert process.returncode in (0, -signal.SIGKILL), (self.folder / "errors").read_text()
        self.collect(torn=process.returncode != 0)
        return process.returncode != 0

    def wait(self, process: subprocess.Popen[str], k: int) -> None:
        """Wait until update `k` is in the log, or the process is done."""
        end = time.monotonic() + PATIENCE
        while process.poll() is None and self.last() < k:
            assert time.monotonic() < end, f"no update {k} in {PATIENCE} s"
            time.sleep(0.002)

    def last(self) -> int:
        lines = self.log.read_text().split("\n")[:-1] if self.log.exists() else []
        return int(lines[-1].split()[0]) if lines else -1

    def collect(self, torn: bool) -> None:
        """Read the log of the process that ended, and put it away."""
        text = self.log.read_text() if self.log.exists() else ""
        lines = text.split("\n")
        assert torn or lines[-1] == ""  # what follows the last line's end
        pairs = (line.split() for line in lines[:-1])
        self.parts.append([(int(k), float(rate)) for k, rate in pairs])
        self.log.unlink(missing_ok=True)


def check(parts: list[list[tuple[int, float]]]) -> None:
    """Assert that the rates are those of a run that nobody killed."""
    for part in parts:
        for k, rate in part:
            truth = SCHEDULE(k)
            assert rate in (truth, float(np.float32(truth))), f"update {k}"
    assert {k for part in parts for k, _ in part} == set(range(UPDATES))
    done = -1
    for part in parts:
        steps = [k for k, _ in part]
        if steps:  # it went on from a checkpoint that is not old, and left out no update
            assert max(0, done - 15) <= steps[0] <= done + 1
            assert steps == list(range(steps[0], steps[-1] + 1))
        done = max([done, *steps])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_killed_at_random_moments_the_rates_are_those_of_an_uninterrupted_run(
    script, tmp_path, record_property
):
    chance = random.Random(script.stem)
    kills = attempt = 0
    while kills < KILLS:
        training = Training(script, tmp_path / str(attempt))
        count = min(IN_A_RUN, KILLS - kills)
        hits = 0
        for k in sorted(chance.randrange(-1, UPDATES - 2) for _ in range(count)):
            if not training.run(k, delay=chance.uniform(0, 0.03)):
                break  # it was faster
            part = training.parts[-1]
            hits += not part or part[-1][0] < UPDATES - 1
        else:
            assert not training.run()
        check(training.parts)
        kills += hits
        attempt += 1
        assert attempt < 10 + KILLS, f"hit {kills} times only"
    record_property("kills", kills)
