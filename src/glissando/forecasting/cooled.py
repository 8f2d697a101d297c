"""Which peak is best: the pilots' own cooled losses say it, as no law can."""

from collections.abc import Sequence
from typing import NamedTuple

from glissando.errors import ScheduleError
from glissando.forecasting.distance import same_peak
from glissando.forecasting.fit import peak_of
from glissando.forecasting.pilot_group import PilotGroup
from glissando.logs.curve import Curve
from glissando.rules import MAX_RATE, Many, Number

COOLED = 0.2
"""Below this fraction of its peak the rate of a run has cooled down."""

NEARLY = 0.02
"""Runs whose lengths differ by no more than this fraction ended at the same step."""

PEAKS = Many(Number(0, MAX_RATE, above=True), "a list of rates")


class Choice(NamedTuple):
    """The pilots of the best peak, why it is the best, and what speaks against that."""

    group: PilotGroup
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]


def choose_peak(groups: Sequence[PilotGroup], peaks: Sequence[float] | None) -> Choice:
    """Return the pilots of the peak whose best cooled loss is the lowest, at one step.

    Args:
        groups: the pilots by their peaks.
        peaks: which peaks may be chosen, each a pilot's; None for all.
    """
    able = list(groups) if peaks is None else _of(groups, peaks)
    if len(able) == 1:
        return Choice(able[0], (f"Peak {able[0].peak:.4g}: there is no other.",), ())
    step, losses = _compared(able)
    if len(losses) < 2:
        most = max(able, key=lambda group: (len(group.curves), group.steps))
        doubt = (
            "the peaks cannot be compared, as no two have runs that are cooled down at the same "
            "step: gl.pilots(...) says which runs that takes"
        )
        return Choice(most, (f"Peak {most.peak:.4g}: it has the most pilots.",), (doubt,))
    best = min(losses, key=lambda i: losses[i])
    listed = ", ".join(f"{loss:.4f} at {able[i].peak:.4g}" for i, loss in losses.items())
    where = f"its pilots' cooled losses near step {step:,} are {listed}"
    reason = f"Peak {able[best].peak:.4g}: {where}."
    return Choice(able[best], (reason,), tuple(_doubts(able, losses, best)))


def _doubts(able: Sequence[PilotGroup], losses: dict[int, float], best: int) -> list[str]:
    found = []
    if len(losses) < len(able):
        left = ", ".join(f"{g.peak:.4g}" for i, g in enumerate(able) if i not in losses)
        found.append(f"no run at peak {left} is cooled down where the others are: it is left out")
    near = min(loss for i, loss in losses.items() if i != best) - losses[best]
    if near < able[best].noise:
        found.append(
            f"the best two peaks differ by {near:.2g}, less than the noise of "
            f"{able[best].noise:.2g}: either may be the better"
        )
    if best in (0, len(able) - 1):
        end = "lowest" if best == 0 else "highest"
        found.append(f"the best peak is the {end} of the pilots': one beyond it may be better")
    return found


def _of(groups: Sequence[PilotGroup], peaks: Sequence[float]) -> list[PilotGroup]:
    wanted = PEAKS.check(peaks, "best: `peaks`")
    if not wanted:
        raise ScheduleError("best: `peaks` must be one or more, got none")
    for peak in wanted:
        if not any(same_peak(group.peak, peak) for group in groups):
            raise ScheduleError(
                "best: `peaks` must be peaks of pilots, "
                f"{', '.join(f'{group.peak:.4g}' for group in groups)}, got {peak:.4g}: no law "
                "compares peaks; train a pilot there, gl.pilots(...) says which"
            )
    return [group for group in groups if any(same_peak(group.peak, peak) for peak in wanted)]


def _compared(groups: Sequence[PilotGroup]) -> tuple[int, dict[int, float]]:
    """Return the last step at which most peaks have a cooled run, and the best losses there."""
    ends = [
        [(curve.steps[-1], curve.last) for curve in group.curves if _is_cooled(curve)]
        for group in groups
    ]
    best: tuple[int, dict[int, float]] = (0, {})
    for step in sorted({step for each in ends for step, _ in each}, reverse=True):
        near = [[loss for at, loss in each if abs(at - step) <= NEARLY * step] for each in ends]
        losses = {i: min(each) for i, each in enumerate(near) if each}
        if len(losses) > len(best[1]):
            best = step, losses
    return best


def _is_cooled(curve: Curve) -> bool:
    return bool(curve.schedule(curve.steps[-1] - 1) <= COOLED * peak_of(curve))
