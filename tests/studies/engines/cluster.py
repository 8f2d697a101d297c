"""A Ray cluster on this machine: a head and worker nodes, each with processes of its own.

Nothing of it is in the home folder or in /tmp/ray, and nothing of it is left.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 90
"""How many seconds a node may take to start."""

HEAD_LIMIT = 4
"""After how many seconds nodes and drivers give up a head that is gone; Ray's own are 60."""

ENVIRONMENT = {
    "RAY_AUTH_MODE": "disabled",  # no token is read from or written to the home folder
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_gcs_rpc_server_reconnect_timeout_s": str(HEAD_LIMIT),
    "RAY_health_check_period_ms": "1000",  # as few of them as by default, but sooner
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
}


def slay(pid: int) -> None:
    """Kill a process, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


class Node:
    """A node of a cluster: `ray start`, and all that it starts."""

    def __init__(self, folder: Path, environment: dict[str, str], *options: str) -> None:
        self.log = folder / "log"
        command = [
            sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *options,
            "--temp-dir", str(folder), "--object-store-memory", "80000000",
            "--min-worker-port", "0", "--max-worker-port", "0", "--include-log-monitor", "false",
        ]  # fmt: skip
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env=os.environ | environment,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it has started."""
        end = time.monotonic() + PATIENCE
        while "Ray runtime started" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def processes(self) -> dict[int, str]:
        """Return the processes that are alive of those that it started, by their ids."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
            except OSError:  # it has ended
                continue
            state, session = fields[0], int(fields[3])
            if session == self.process.pid and state != "Z":
                found[int(folder.name)] = command
        return found

    def kill(self, *, until: float = 20.0) -> None:
        """Kill all its processes at once."""
        end = time.monotonic() + until
        while left := self.processes():
            for pid in left:
                slay(pid)
            assert time.monotonic() < end, left
        self.process.wait()


class Cluster:
    """A head, which makes no runs, and nodes with a core each."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # sockets want a short path
        self.environment = ENVIRONMENT | {"RAY_TMPDIR": str(self.folder)}  # of drivers, too
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            self.ports = one.getsockname()[1], other.getsockname()[1]
        self.address = f"127.0.0.1:{self.ports[0]}"
        self.client_address = f"ray://127.0.0.1:{self.ports[1]}"
        self.all: list[Node] = []
        self.nodes: list[Node] = []

    def __enter__(self) -> "Cluster":
        try:
            self.restart()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.all:
            node.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _begin(self, *options: str) -> Node:
        folder = self.folder / str(len(self.all))
        folder.mkdir()
        self.all.append(Node(folder, self.environment, *options))
        return self.all[-1]

    def start_head(self) -> None:
        """Start a head at the cluster's address."""
        self.head = self._begin(
            "--head", "--port", str(self.ports[0]), "--num-cpus", "0",
            "--include-dashboard", "false", "--no-monitor",
            "--ray-client-server-port", str(self.ports[1]),
        )  # fmt: skip
        self.head.wait()

    def start_nodes(self, count: int) -> None:
        """Let nodes join."""
        options = ("--address", self.address, "--num-cpus", "1")
        nodes = [self._begin(*options) for _ in range(count)]
        for node in nodes:
            node.wait()
        self.nodes += nodes

    def kill(self, node: Node) -> None:
        """Kill what is left of a node, which no longer is one of the cluster."""
        self.nodes.remove(node)
        node.kill()

    def restart(self) -> None:
        """Start all anew, at the same address."""
        for node in self.all:
            node.kill()
        self.nodes.clear()
        self.start_head()
        self.start_nodes(2)
