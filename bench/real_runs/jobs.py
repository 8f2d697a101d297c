"""Runs with a mistake in them, as users make it, and runs without one."""

import math
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import glissando as gl
from bench.real_runs.plans import RESTARTABLE, Plan, plan
from glissando.schedule import Schedule


class Resume(NamedTuple):
    """A run that goes on from its checkpoint.

    Attributes:
        at: the update of the checkpoint.
        plan: what the second run sets up.
        state: the update whose scheduler's state is loaded; None if none is.
        lost: how many updates the first run made after the checkpoint.
    """

    at: int
    plan: Plan
    state: int | None
    lost: int = 0


class Hand(NamedTuple):
    """A change by hand: from update `at` on all rates times `factor`, or the constant `rate`."""

    at: int
    factor: float = 1.0
    rate: float | None = None


class Job(NamedTuple):
    """A training.

    Attributes:
        fault: the cause that is to be told; "" for a clean run.
        meant: what was meant, update by update.
        plan: what is set up.
        updates: how many updates are made.
        options: the arguments of the audit.
        per_epoch: how many updates an epoch has.
        advance: how the scheduler is advanced: by "update", "epoch" or "batch" of an accumulation.
        accumulation: of how many batches a gradient is.
        early: how often the scheduler is advanced before the first update.
        resume: where the run goes on from a checkpoint.
        hand: what is changed by hand.
        infinite: the updates whose loss is infinite, so that the scaler skips them.
        other: what another process that writes into the log has set up.
        tail: whether the log begins at the resume, as in a new file.
        prepared: whether Accelerate prepares the scheduler, which every process then advances.
    """

    fault: str
    meant: Schedule
    plan: Plan
    updates: int
    options: Mapping[str, int] = MappingProxyType({})
    per_epoch: int = 50
    advance: str = "update"
    accumulation: int = 1
    early: int = 0
    resume: Resume | None = None
    hand: Hand | None = None
    infinite: frozenset[int] = frozenset()
    other: Plan | None = None
    prepared: bool = False
    tail: bool = False


DECAYS = ("linear", "cosine", "wsd", "polynomial", "annealing")

SMOOTH = (*RESTARTABLE, "annealing")


def clean(r: random.Random) -> Job:
    p = plan(r)
    past = 0 if p.kind in ("annealing", "cosine") else 20  # Transformers' cosine rises again, too
    updates = r.randint(p.end * 2 // 3, p.end + past)
    job = Job("", p.schedule(), p, updates, accumulation=r.choice([1, 1, 2]))
    if p.kind in RESTARTABLE and r.random() < 0.3:
        at = r.randint(20, updates // 2)
        job = job._replace(resume=Resume(at, p, at, r.choice([0, 25])))
    return job


def clean_epochs(r: random.Random) -> Job:
    p = plan(r, "step", "annealing", warm=False)
    return _by_epochs(r, p)._replace(fault="", advance="epoch")


def _by_epochs(r: random.Random, p: Plan) -> Job:
    """Return a run of a plan whose steps are epochs."""
    per_epoch, epochs = r.choice([10, 20, 29]), r.choice([12, 20, 30])
    p = p._replace(end=epochs, warm=0, stable=epochs // 2, drops=(epochs // 3, epochs * 2 // 3))
    meant = p.schedule().hold_each(per_epoch)
    return Job("updates for epochs", meant, p, epochs * per_epoch, per_epoch=per_epoch)


def shifted(r: random.Random) -> Job:
    p, n = plan(r, *SMOOTH), r.choice([4, 5, 8, 10, 25])
    job = Job("shifted", p.schedule(), p, p.end - n)
    if p.kind == "annealing" or r.random() < 0.5:
        return job._replace(early=n)
    at = r.randint(60, p.end // 2)
    return job._replace(resume=Resume(at, p, at - n))


def epochs(r: random.Random) -> Job:
    p, n = plan(r, *SMOOTH), r.choice([10, 20, 29])
    options = {"per_epoch": n} if r.random() < 0.5 else {}
    job = Job("epochs for updates", p.schedule(), p, p.end, options, per_epoch=n)
    return job._replace(advance="epoch")


def updates_for_epochs(r: random.Random) -> Job:
    job = _by_epochs(r, plan(r, "cosine", "linear", "annealing", "step", warm=False))
    return job._replace(options={"per_epoch": job.per_epoch} if r.random() < 0.5 else {})


def once_a_process(r: random.Random) -> Job:
    p = plan(r, *RESTARTABLE)
    job = Job("advanced once a process", p.schedule(), p, p.end, prepared=True)
    if p.warm and r.random() < 0.3:
        job = job._replace(plan=p.times(2)._replace(warm=p.warm, stable=2 * p.stable - p.warm))
    return job._replace(options={"world_size": 2} if r.random() < 0.5 else {})


def not_divided(r: random.Random) -> Job:
    p, n = plan(r, *DECAYS), r.choice([2, 4, 8])
    job = Job("accumulation not divided", p.schedule(), p, p.end, accumulation=n)
    if r.random() < 0.3:
        return job._replace(advance="batch", options={"accumulation": n})
    longer = p.times(n) if r.random() < 0.5 or p.kind == "wsd" else p._replace(end=p.end * n)
    return job._replace(plan=longer, options={"accumulation": n} if r.random() < 0.7 else {})


def skipped(r: random.Random) -> Job:
    p = plan(r, "cosine", "linear", "polynomial")
    updates = p.end * 9 // 10
    infinite = set(r.sample(range(5, updates * 3 // 4), r.randint(1, 4)))
    if r.random() < 0.4:  # until the first scale is low enough
        infinite |= set(range(r.randint(1, 4)))
    return Job("skipped updates", p.schedule(), p, updates, infinite=frozenset(infinite))


def warm_again(r: random.Random) -> Job:
    p = plan(r, *DECAYS[:4], warm=True)
    at = r.randint(p.warm + 20, p.end // 2)
    rest = p._replace(end=p.end - at, stable=p.stable - at)
    again = p if r.random() < 0.6 or (p.kind == "wsd" and rest.stable <= p.warm) else rest
    resume = Resume(at, again, None, r.choice([0, 0, 25]))
    job = Job("warm-up repeated", p.schedule(), p, p.end, resume=resume)
    return job._replace(tail=r.random() < 0.3)


def old_horizon(r: random.Random) -> Job:
    old = plan(r, "cosine", "linear", "polynomial", "annealing")
    new = old._replace(end=int(old.end * r.choice([1.3, 1.5, 1.8])))
    at = r.randint(old.warm + 20, old.end * 2 // 3)
    if old.kind == "annealing":  # PyTorch's state holds T_max, and overwrites the new one
        meant = old.schedule().take(at) >> new.schedule().drop(at)
        job = Job("resumed on the old horizon", meant, old, old.end)
        return job._replace(resume=Resume(at, new, at), tail=r.random() < 0.3)
    job = Job("resumed on the old horizon", old.schedule(), old, new.end)
    resume = Resume(at, new, at, r.choice([0, 0, 25]))
    return job._replace(resume=resume, tail=r.random() < 0.3)


def rewarmed(r: random.Random) -> Job:
    p = plan(r, "cosine", "linear", "polynomial")
    at = r.randint(p.warm + 20, p.end // 2)
    warm = r.choice([15, 30, 45]) + (p.warm in (15, 30, 45))
    end = r.choice([p.end, p.end - at])
    again = p._replace(warm=warm, end=end, start=0.0)
    return Job("rewarmed", p.schedule(), p, p.end, resume=Resume(at, again, None))


def scaled(r: random.Random) -> Job:
    p, n = plan(r), r.choice([2, 4, 8, 16])
    times = r.choice([n, math.sqrt(n)])
    made = p._replace(peak=p.peak * times, start=p.start * times)
    if r.random() < 0.5:
        made = made._replace(floor=p.floor * times)
    return Job("peak scaled", p.schedule(), made, p.end, r.choice([{}, {"world_size": n}]))


def no_floor(r: random.Random) -> Job:
    p = plan(r, *DECAYS, floor=True)
    return Job("floor missing", p.schedule(), p._replace(floor=0.0), p.end)


def bounced(r: random.Random) -> Job:
    p = plan(r, "annealing")
    return Job("bounced past the end", p.schedule(), p, p.end + p.end // 3)


def milestone(r: random.Random) -> Job:
    p = plan(r, "step", warm=True)
    p = p._replace(warm=max(p.warm, p.end // 8))
    inside, later = r.randint(p.warm // 2, p.warm - 1), p.drops[1]
    rest = gl.Piecewise([p.peak * 0.1, p.peak * 0.01], [later - p.warm])
    meant = gl.Linear(p.start, p.peak, p.warm) >> rest
    made = p._replace(drops=(inside, later))
    return Job("milestone inside the warm-up", meant, made, p.end)


def same_name(r: random.Random) -> Job:
    p = plan(r, "cosine", "linear", "polynomial", "wsd")
    if p.kind == "wsd":
        made = p._replace(fall=r.choice(["cosine", "1 - sqrt", "polynomial"]))
        return Job("another schedule of the same name", p.schedule(), made, p.end)
    ways = [p._replace(kind=kind) for kind in ("cosine", "linear", "polynomial") if kind != p.kind]
    ways += [p._replace(floor=p.floor + p.peak * 0.03), p._replace(end=p.end - 1)]
    if p.warm:
        ways += [p._replace(end=p.end + p.warm), p._replace(rise=1)]
    return Job("another schedule of the same name", p.schedule(), r.choice(ways), p.end)


def by_hand(r: random.Random) -> Job:
    p = plan(r, *SMOOTH)
    at = r.randint(p.warm + 20, p.end * 2 // 3)
    if r.random() < 0.5:
        hand = Hand(at, factor=r.choice([0.5, 0.3, 0.1, 2.0]))
    else:
        hand = Hand(at, rate=p.peak * r.choice([0.37, 0.11]))
    return Job("changed by hand", p.schedule(), p, p.end, hand=hand)


def two_writers(r: random.Random) -> Job:
    p = plan(r, *RESTARTABLE)
    other = r.choice([p._replace(peak=2 * p.peak), p._replace(end=p.end * 2), p.times(2)])
    return Job("two processes writing", p.schedule(), p, p.end, other=other)


Maker = Callable[[random.Random], Job]

FAULTS: dict[str, Maker] = {
    "shifted": shifted,
    "epochs for updates": epochs,
    "updates for epochs": updates_for_epochs,
    "advanced once a process": once_a_process,
    "accumulation not divided": not_divided,
    "skipped updates": skipped,
    "warm-up repeated": warm_again,
    "resumed on the old horizon": old_horizon,
    "rewarmed": rewarmed,
    "peak scaled": scaled,
    "floor missing": no_floor,
    "bounced past the end": bounced,
    "milestone inside the warm-up": milestone,
    "another schedule of the same name": same_name,
    "changed by hand": by_hand,
    "two processes writing": two_writers,
}


def _multiplied(made: Job) -> Job:
    """Return a run whose lengths are multiplied by the processes, as a prepared scheduler needs."""
    resume = made.resume and made.resume._replace(plan=made.resume.plan.times(2))
    return made._replace(plan=made.plan.times(2), resume=resume, prepared=True)


def job(framework: str, fault: str, seed: int) -> Job:
    """Return a seeded run of a framework with a fault, or without one."""
    r = random.Random(f"{framework} {fault} {seed}")
    if fault:
        made = FAULTS[fault](r)
    else:
        made = (clean_epochs if r.random() < 0.2 and framework != "trainer" else clean)(r)
    if framework == "accelerate" and not fault:
        if seed % 3 == 0:  # both write the same
            made = made._replace(other=made.plan)
        elif made.advance == "update":
            made = _multiplied(made)
    if made.advance == "batch" and framework == "lightning":  # it steps once an update
        return made._replace(advance="update", plan=made.plan.times(made.accumulation))
    return made
