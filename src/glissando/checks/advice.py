"""What to write instead: a sentence for each cause of a difference."""

from typing import Any

ADVICE = {
    "shifted": "load the scheduler's state of the same checkpoint as the model's, and step it once "
    "after each update, never before the first",
    "skipped updates": "nothing, if the schedule is to count the updates that were made; to count "
    "all, step the scheduler also where the scaler skips",
    "advanced once a process": "multiply the scheduler's steps by {times}, or step it in one "
    "process only: `Accelerator(step_scheduler_with_optimizer=False)`",
    "accumulation not divided": "count updates, not micro-batches: len(loader) * epochs // "
    "accumulation steps for the scheduler, which is stepped once an update",
    "epochs for updates": 'step the scheduler once an update: in Lightning, "interval": "step"',
    "updates for epochs": "step the scheduler once an epoch, or hold each of its rates: "
    "schedule.hold_each(updates an epoch)",
    "warm-up repeated": "load the scheduler's state at the resume, not the weights alone",
    "started again at a resume": "load the scheduler's state at the resume, not the weights alone",
    "resumed on the old horizon": "give the scheduler the steps of the whole run, before and after "
    "the resume, and set them again after its state is loaded",
    "rewarmed": "load the scheduler's state at the resume, and set no warm-up of its own; if it "
    "was wanted, say so in what is meant: schedule.rewarm(...)",
    "peak scaled": "divide the rate that the framework is given by {factor:.6g}, or mean a peak "
    "of {peak:.6g}",
    "floor missing": "set the decay's last rate, such as `eta_min`, `min_lr` or `alpha`, to "
    "{meant:.6g}",
    "bounced past the end": "stop at update {end:,}, or give the decay as many steps as the run",
    "started again past the end": "stop at update {end:,}, or give the decay as many steps as the "
    "run",
    "milestone inside the warm-up": "move the first milestone past the warm-up's end, or shorten "
    "the warm-up",
    "another schedule of the same name": "set the shape, the end and the lengths that were meant, "
    "or take the dialect of the framework as what is meant",
    "two processes writing": "log in the main process only, or into a file for each",
    "changed by hand": "set the schedule instead, so that it is known what ran",
}
"""By the name of a cause; braces hold its parameters."""


def advice(name: str, parameters: dict[str, Any]) -> str:
    """Return what to write instead, where a cause has such a sentence."""
    try:
        return ADVICE.get(name, "").format(**parameters)
    except KeyError:  # it was told in another way, that has other numbers
        return ""
