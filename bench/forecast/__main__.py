"""Make the runs that are not stored, and print what came out of them in Markdown."""

import argparse

import torch
from tqdm import tqdm

import glissando as gl
from bench.forecast.plan import planned
from bench.forecast.report import Results, report
from bench.forecast.runs import Store
from bench.forecast.text import CACHE

parser = argparse.ArgumentParser(prog="python -m bench.forecast", description=__doc__)
parser.add_argument(
    "--again",
    action="store_true",
    help="make all runs again, in build/: an hour of one core; downloads 7 MB of text",
)
store = Store(CACHE / "runs") if parser.parse_args().again else Store()
torch.set_num_threads(1)  # sums depend on how many there are
for run in tqdm(planned(store.make), unit="run", disable=None):
    store.make(run)
print(report(Results(store), gl.forecast))
