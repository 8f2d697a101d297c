"""Makes the golden values of a peer that cannot be installed beside the others.

    python tests/parity/golden.py torchtitan

makes a virtual environment for it in `.venv/peers`, which finds in this interpreter's what it does
not have itself, and runs the peer there. It downloads what is named below; Paddle's wheel alone has
195 MB.
"""

import argparse
import importlib
import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
SETS = 12
ALL_SETS = 100  # at least, where a peer has few schedules with many options

REQUIREMENTS: dict[str, list[str]] = {
    "composer": ["mosaicml==0.32.1"],
    "fastai": [
        "fastai==2.8.12",
        "fastcore==2.2.39",
        "fastdownload==0.0.8",
        "fasttransform==0.0.5",
        "plum-dispatch==2.10.1",
        "beartype==0.23.1",
        "cloudpickle==3.1.2",
        "contourpy==1.3.3",
        "cycler==0.12.1",
        "fonttools==4.68.0",
        "kiwisolver==1.5.1",
        "matplotlib==3.11.2",
        "pandas==3.1.1",
        "pyparsing==3.3.3",
        "python-dateutil==4.0.0",
    ],
    "fvcore": ["fvcore==0.1.5.post20221221"],
    "megatron": ["megatron-core==0.16.1"],
    "mmengine": ["mmengine==0.10.7"],
    "nemo": ["nemo_toolkit==3.0.0"],
    "paddle": ["paddlepaddle==3.3.1"],
    "timm": ["timm==1.0.31"],
    "torchtitan": ["torchtitan==0.3.0"],
    "ultralytics": ["ultralytics==8.4.190"],
}
"""What `pip install --no-deps` gets for a peer, with exact versions."""


def inside(peer: str) -> None:
    """Write the golden values: run by the interpreter of the peer's environment."""
    sys.path.insert(0, str(HERE.parent))
    module = importlib.import_module(f"parity.peers.{peer}")
    cases: dict[str, list[tuple[object, object, list[int]]] | None] = {}
    for case in module.CASES:
        if case.draw is None:
            cases[case.name] = None
            continue
        random, runs = Random(case.name), []
        for _ in range(max(SETS, ALL_SETS // len(module.CASES))):
            arguments = json.loads(json.dumps(case.draw(random)))
            steps = 2 * case.horizon(arguments) + 1
            rates = [None if isinstance(r, complex) else r for r in case.rates(arguments, steps)]
            apart = [step for step in range(steps) if case.apart(arguments, step)]
            runs.append((arguments, rates, apart))
        cases[case.name] = runs
    found = {
        "version": module.VERSION,
        "ulps": getattr(module, "ULPS", 0),
        "classes": module.classes(),
        "notes": {case.name: case.note for case in module.CASES if case.note},
        "cases": cases,
    }
    # a line for each set: a change shows in a few lines
    text = json.dumps(found, separators=(",", ":")).replace("],[{", "],\n[{")
    (HERE / "golden" / f"{peer}.json").write_text(text + "\n")


def outside(peer: str) -> None:
    """Make the peer's environment, and run this file in it."""
    folder = HERE.parents[1] / ".venv" / "peers" / peer
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        command = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        own = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        (Path(own) / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", *REQUIREMENTS[peer]], check=True
    )
    subprocess.run([python, __file__, peer, "--inside"], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=sorted(REQUIREMENTS))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    inside(options.peer) if options.inside else outside(options.peer)
