"""Worker processes: started once, each trains many runs, none outlives the demo."""

import json
import os
import queue
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from importlib import metadata, util
from types import TracebackType
from typing import Any

from glissando.demo import DemoError
from glissando.demo.plan import Run
from glissando.demo.store import Result

BACKENDS = ("jax", "tensorflow", "torch")
NEEDED = ("keras", "plotly", "sklearn", "tqdm")
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
ON_THE_CPU = {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_TORCH_DEVICE": "cpu"}


def find_backend() -> tuple[str, str]:
    """Return Keras's backend, by KERAS_BACKEND or what is installed, and the versions in use.

    Raises:
        DemoError: a package is missing; the message says what to install.
    """
    missing = [name for name in NEEDED if not util.find_spec(name)]
    installed = [name for name in BACKENDS if util.find_spec(name)]
    backend = os.environ.get("KERAS_BACKEND") or next(iter(installed), None)
    if missing or backend is None:
        what = ", ".join(missing) or "a backend for Keras (jax, tensorflow or torch)"
        raise DemoError(f'the demo needs {what}: pip install "glissando[demo]"')
    if backend not in installed:
        raise DemoError(
            f"KERAS_BACKEND={backend}: no such backend is installed here; "
            + (f"take one of {', '.join(installed)}" if installed else f"pip install {backend}")
        )
    return backend, f"Keras {_version('keras')}, {backend} {_version(backend)}"


def _version(module: str) -> str:
    try:
        return metadata.version(module)
    except metadata.PackageNotFoundError:  # tensorflow comes under other names, as tensorflow-cpu
        return metadata.version(metadata.packages_distributions()[module][0])


class Pool:
    """`size` worker processes, started at once and ended with the `with` block."""

    def __init__(self, size: int, backend: str) -> None:
        self._workers = [_Worker(number, backend) for number in range(size)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(size)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown()
        for worker in self._workers:
            worker.close()

    def prepare(self, data: str) -> None:
        """Get the images onto this machine, by one worker, so that two do not fetch them."""
        self._ask({"data": data})

    def train(self, runs: list[Run]) -> Iterator[tuple[Run, Result]]:
        """Train the runs and yield each with its result when it is done.

        Raises:
            DemoError: a run failed or its worker died; the message has its last words.
        """
        asked = {
            self._threads.submit(self._ask, {"data": run.setup.data, "run": run.to_data()}): run
            for run in runs
        }
        for answer in as_completed(asked):
            yield asked[answer], answer.result()

    def _ask(self, job: dict[str, Any]) -> Result:
        worker = self._idle.get()
        try:
            return worker.ask(job)
        finally:
            self._idle.put(worker)


class _Worker:
    def __init__(self, number: int, backend: str) -> None:
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close
        self._process = subprocess.Popen(
            [sys.executable, "-m", "glissando.demo.train", str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            encoding="utf-8",
            env=os.environ | ONE_THREAD | ON_THE_CPU | {"KERAS_BACKEND": backend},
            start_new_session=True,  # Ctrl-C is for the demo, which ends its workers
        )

    def ask(self, job: dict[str, Any]) -> Result:
        assert self._process.stdin
        assert self._process.stdout
        try:
            print(json.dumps(job), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise DemoError(f"a training process ended by itself{self._last_words()}")
        answer = json.loads(line)
        if "error" in answer:
            raise DemoError(answer["error"])
        return dict(answer["result"])

    def kill(self) -> None:
        self._process.kill()  # nothing is lost but the run in its hands

    def close(self) -> None:
        with suppress(BrokenPipeError), self._process, self._words:
            pass

    def _last_words(self) -> str:
        self._words.seek(0)
        lines = self._words.read().decode("utf-8", "replace").strip().splitlines()
        return ": " + " | ".join(lines[-3:]) if lines else ""
