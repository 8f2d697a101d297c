"""Programs that are several processes."""

import json
import os
import subprocess
import sys


def launched(command, folder):
    """Run processes that train together, and return what each of them saw, by part."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    parts = {}
    for path in sorted(folder.glob("*-*.json")):
        parts.setdefault(int(path.stem[0]), []).append(json.loads(path.read_text()))
    return [parts[part] for part in sorted(parts)]
