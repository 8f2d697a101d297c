"""What is best by the runs that are done."""

from glissando.studies.report.done import best_of
from glissando.studies.report.findings import Budget, Peaks, Winner
from glissando.studies.report.ranking import Finalist
from glissando.studies.report.statistics import cost, estimate
from glissando.studies.rungs.decide import Decision
from glissando.studies.settings import Settings


def budget_of(settings: Settings, peaks: Peaks) -> Budget:
    """Return the best of each candidate at each length, the best candidates first."""
    found = {
        name: {
            steps: best for steps, tried in of.items() if (best := best_of(tried, settings.goal))
        }
        for name, of in peaks.items()
    }

    def order(name: str) -> tuple[float, float]:
        longest = max(found[name], default=0)
        last = cost(found[name][longest].loss, settings.goal) if longest else 0.0
        return -longest, last

    return {name: found[name] for name in sorted(found, key=order)}


def winner_of(
    settings: Settings,
    ranking: tuple[Finalist, ...],
    budget: Budget,
    decision: Decision,
) -> Winner | None:
    """Return the best of the last comparison, or what is the best known before it."""
    if ranking and ranking[0].loss.mean is not None:
        best = ranking[0]
        return Winner(best.name, best.peak, best.schedule, best.loss, settings.steps, final=True)
    pruned = {each.candidate for each in decision.pruned}
    left = {name for name in budget if name not in pruned}
    known = [n for n in settings.lengths if any(n in of for of in budget.values())]
    whole = [n for n in known if all(n in budget[name] for name in left)]
    if not known:
        return None
    steps = max(whole) if whole else min(known)
    found = {name: of[steps] for name, of in budget.items() if steps in of}
    name = min(found, key=lambda each: cost(found[each].loss, settings.goal))
    best_run = found[name]
    if best_run.diverged:
        return None
    schedule = settings.candidate(name).at(best_run.peak, settings.steps)
    loss = estimate([best_run.loss])
    return Winner(name, best_run.peak, schedule, loss, steps, final=False)
