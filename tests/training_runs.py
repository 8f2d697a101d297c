"""Runs of training functions, as a study makes them."""

import subprocess
import sys


class Reports:
    """Takes the reports of a run, and has it write checkpoints.

    Args:
        folder: where they go, each into a folder of its step.
        at: at which steps; None: at all.
    """

    def __init__(self, folder, at=None):
        self.folder = folder
        self.at = at
        self.steps = []
        self.losses = {}

    def __call__(self, step, loss=None, *, save=None):
        self.steps.append(step)
        if loss is not None:
            self.losses[step] = loss
        if self.at is None or step in self.at:
            self[step].mkdir(parents=True)
            save(self[step])

    def __getitem__(self, step):
        """Return the folder of a checkpoint."""
        return self.folder / str(step)


def interrupted(train, rate, seed, folder, at=None):
    """Make a run, and go on from each of its checkpoints.

    Returns the reports of the whole run, the result, and what comes of an interruption: by its
    step, the reports and the result.
    """
    whole = Reports(folder / "whole", at)
    result = train(rate, seed, None, whole)
    others = {}
    for step in [step for step in whole.steps if at is None or step in at]:
        after = Reports(folder / f"from {step}", {rate.steps})
        others[step] = after, train(rate, seed, whole[step], after)
    return whole, result, others


def exact(train, rate, seed, folder, at=None):
    """Check that an interruption changes no report and no result; return the reports."""
    whole, result, others = interrupted(train, rate, seed, folder, at)
    assert whole.steps == list(range(1, rate.steps + 1))
    assert whole.losses[rate.steps] == result
    for step, (after, other) in others.items():
        assert other == result, step
        assert after.steps == whole.steps[step:]
        assert after.losses == {k: loss for k, loss in whole.losses.items() if k > step}
    return whole


ELSEWHERE = """
import pickle, sys
train, rate, seed = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(pickle.dumps([one(rate, seed) for one in train]))
"""


def elsewhere(functions, rate, seed):
    """Return what training functions give in a new process."""
    import pickle

    import cloudpickle

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ELSEWHERE],
        input=cloudpickle.dumps((functions, rate, seed)),
        stdout=subprocess.PIPE,
        check=True,
    )
    return pickle.loads(done.stdout)
