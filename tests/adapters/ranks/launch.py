"""Runs a script's `rank(folder, part)` in real processes: `launch.py SCRIPT FOLDER 4 2 4`.

The processes of a part end before those of the next one begin. They are forks, so that the
frameworks are imported once.
"""

import gc
import os
import runpy
import socket
import sys

import torch.multiprocessing


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return str(server.getsockname()[1])


def one(rank, script, folder, part, world, port):
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(world),
        "LOCAL_WORLD_SIZE": str(world),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
    }
    script["rank"](folder, part)


if __name__ == "__main__":
    path, folder, *worlds = sys.argv[1:]
    script = runpy.run_path(path)
    gc.freeze()  # Accelerate collects garbage often, and what was imported is none
    for part, world in enumerate(worlds):
        torch.multiprocessing.start_processes(
            one,
            (script, folder, part, int(world), free_port()),
            nprocs=int(world),
            start_method="fork",
        )
