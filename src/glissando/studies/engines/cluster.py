"""The process between a study and a Ray cluster.

Ray ends the process that is connected to a cluster when its head is gone, prints what it likes, and
takes signals for itself. So that is a process of its own, which reads what to do from its standard
input and says what came of it on its standard output, in pickled tuples. When the study ends,
however it ends, the input ends, and with it this process and what Ray has started for it.
"""

import logging
import os
import pickle
import queue
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn, TypeAlias
from urllib.parse import urlsplit

from glissando.studies.engines.remote import Place, perform_here
from glissando.studies.resources import Resources

HEAD_LIMIT = 30
"""After how many seconds without an answer the head is taken to be gone."""

CONNECT_LIMIT = 60.0
"""How many seconds it may take to connect."""

ANSWER_LIMIT = 10.0
"""How many seconds the head may take to answer at all."""

GOODBYE_LIMIT = 5.0
"""How many seconds it may take to leave the cluster."""

TICK = 0.2
"""How many seconds this waits for what is done, and then looks for what is to be done."""

LOOK = 2.0
"""After how many seconds this looks for machines that came or went, and for runs that hang."""


Runs: TypeAlias = "queue.SimpleQueue[tuple[str, bytes] | None]"


class Begin(NamedTuple):
    """What a study says first.

    Attributes:
        address: of the cluster.
        place: where the study is.
        train: the training function, as bytes.
        resources: what each run may use.
        variables: of the environment of the processes that make runs.
    """

    address: str
    place: Place
    train: bytes
    resources: Resources
    variables: dict[str, str]


class Busy:
    """A run that Ray was given, and when it last gave a sign of life.

    Clocks of machines differ: what counts is when a change of its log was seen here.
    """

    def __init__(self, key: str, log: Path) -> None:
        self.key = key
        self.log = log
        self.sign = self._sign()
        self.since: float | None = None  # it waits for a machine

    def _sign(self) -> Any:
        try:
            found = self.log.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def silent(self) -> float:
        """Return for how many seconds it has not reported, 0 if it has not begun."""
        sign = self._sign()
        if sign != self.sign:
            self.sign, self.since = sign, time.monotonic()
        return 0.0 if self.since is None else time.monotonic() - self.since


class Cluster:
    """A connection to a Ray cluster.

    Args:
        begin: what the study said first.
        say: sends it a message.
    """

    def __init__(self, begin: Begin, say: Callable[..., None]) -> None:
        import ray

        self.ray = ray
        self.begin = begin
        self.say = say
        asked = begin.resources
        self.each = {"CPU": asked.threads, "GPU": asked.gpus, "memory": asked.memory or 0}
        _hold_to_answer(begin.address)
        ray.init(
            begin.address,
            namespace="glissando",
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env={"env_vars": begin.variables},
        )
        self.task = ray.remote(
            num_cpus=asked.threads,
            num_gpus=asked.gpus,
            memory=int(asked.memory) if asked.memory else None,
            max_retries=0,
        )(perform_here)
        self.train = [ray.put(begin.train)]  # in a list it is fetched by whoever asks for it
        self.busy: dict[Any, Busy] = {}
        self.slots = -1
        self._count()
        self.looked = time.monotonic()

    def give(self, key: str, run: bytes) -> None:
        """Give Ray a run."""
        place = self.begin.place
        busy = Busy(key, Path(place.folder, "runs", key, "steps.jsonl"))
        self.busy[self.task.remote(self.train, place, run, self.begin.resources)] = busy

    def look(self) -> None:
        """Say what is done, what hangs, and how much room there is."""
        done, _ = self.ray.wait(list(self.busy), timeout=TICK)
        for reference in done:
            self.say("end", self.busy.pop(reference).key, *self._result(reference))
        if time.monotonic() - self.looked >= LOOK:
            self._count()
            self._end_hanging()
            self.looked = time.monotonic()

    def _result(self, reference: Any) -> tuple[str, Any]:
        errors = self.ray.exceptions
        try:
            return self.ray.get(reference)  # type: ignore[no-any-return]
        except (errors.WorkerCrashedError, errors.OutOfMemoryError) as error:
            return "died", _line(error)
        except (errors.NodeDiedError, errors.LocalRayletDiedError, errors.ObjectLostError) as error:
            return "lost", _line(error)
        except errors.RayError as error:
            why = _line(getattr(error, "cause", None) or error)
            return "stop", (
                f"study: Ray cannot make a run: {why}; every machine of the cluster needs the same "
                "Python and Glissando"
            )

    def _count(self) -> None:
        """Say how many runs the machines have room for, if that has changed."""
        alive = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        slots = sum(self._room(node) for node in alive)
        if slots != self.slots:
            self.slots = slots
            self.say("slots", slots)

    def _room(self, node: dict[str, float]) -> int:
        return int(min(node.get(name, 0.0) / each for name, each in self.each.items() if each))

    def _end_hanging(self) -> None:
        limit = self.begin.resources.timeout
        for reference, busy in list(self.busy.items()):
            if limit is not None and busy.silent() > limit:
                self.ray.cancel(reference, force=True)
                del self.busy[reference]
                self.say("end", busy.key, "hung", None)


def _hold_to_answer(address: str) -> None:
    """Raise where nothing listens: Ray itself would try for minutes."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.hostname and parts.port:
        socket.create_connection((parts.hostname, parts.port), ANSWER_LIMIT).close()


def _first(error: BaseException) -> BaseException:
    """Return what an error came of, such as of a token that is missing."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


def main() -> None:
    """Follow a study until its input ends."""
    say = _speaker()
    inbox = os.fdopen(0, "rb", closefd=False)
    begin: Begin = pickle.load(inbox)
    runs: Runs = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(inbox, runs), daemon=True).start()
    os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", str(HEAD_LIMIT))
    refuse = partial(_refuse, say, begin.address)
    late = threading.Timer(CONNECT_LIMIT, refuse, [f"no answer within {CONNECT_LIMIT:g} s"])
    late.daemon = True
    late.start()
    try:
        cluster = Cluster(begin, say)
    except Exception as error:  # Ray raises many kinds
        refuse(_line(_first(error)))
    late.cancel()
    while True:
        with suppress(queue.Empty):
            while True:
                run = runs.get(timeout=0 if cluster.busy else None)
                if run is None:
                    cluster.ray.shutdown()
                    return
                cluster.give(*run)
        cluster.look()


def _refuse(say: Callable[..., None], address: str, why: str) -> NoReturn:
    try:
        say(
            "stop",
            f"study: `address` must be that of a Ray cluster, got {address!r}: {why}; start one "
            "with `ray start --head`",
        )
    finally:
        os._exit(1)


def _speaker() -> Callable[..., None]:
    """Return what sends a message; let all that is printed go where errors go."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def say(*message: Any) -> None:
        output.write(pickle.dumps(message))
        output.flush()

    return say


def _receive(inbox: IO[bytes], runs: Runs) -> None:
    """Put what the study says into a queue, None at its end; then do not stay for long."""
    with suppress(EOFError):
        while True:
            runs.put(pickle.load(inbox))
    runs.put(None)
    time.sleep(GOODBYE_LIMIT)
    os._exit(1)
