"""Make the runs that are not stored, and print who chose what, in Markdown."""

import argparse
from dataclasses import fields
from pathlib import Path

import torch
from tqdm import tqdm

from bench.contest import rivals
from bench.contest.field import FIRST_PEAKS, Field
from bench.contest.report import course, table, top
from bench.contest.store import RUNS, Store
from bench.contest.task import Task
from bench.contest.truth import Truth

parser = argparse.ArgumentParser(prog="python -m bench.contest", description=__doc__)
for each in fields(Task):
    what = "bible, shakespeare, or the path of a text" if each.name == "text" else None
    parser.add_argument(f"--{each.name}", type=each.type, default=each.default, help=what)
parser.add_argument("--peaks", type=float, nargs="+", default=FIRST_PEAKS)
parser.add_argument("--folder", type=Path, default=RUNS, help="where the runs are kept")


torch.set_num_threads(1)  # sums depend on how many there are
given = vars(parser.parse_args())
task = Task(**{each.name: given[each.name] for each in fields(Task)})
with tqdm(unit="run", disable=None) as bar:
    store = Store(task, given["folder"], made=lambda run: bar.update())
    field = Field(task, tuple(given["peaks"])).widened(store.loss)
    truth = Truth(field, store.loss)
    study = rivals.Study(field, store)
    answers = [
        rivals.full_grid(field, store),
        study.answer,
        *(rivals.shorter(field, store, part) for part in (3, 9)),
        rivals.asha(field, store),
        rivals.linear_at_found_rate(field, store),
    ]
    found = table(answers, truth), top(truth), course(study)
print(*found, sep="\n\n")
