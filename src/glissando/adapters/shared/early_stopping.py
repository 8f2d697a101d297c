"""Holds the patience of early stopping against that of a plateau."""

from collections.abc import Mapping

from glissando.adapters.shared.conflicts import Reaction, react
from glissando.adapters.shared.param_schedules import AnySchedule
from glissando.plateau import OnPlateau, Plateau


def compare_patience(
    named: Mapping[str, AnySchedule],
    patience: int,
    where: str,
    reaction: Reaction,
    *,
    stopper: str = "EarlyStopping",
    unit: str = "evaluations",
    first: bool = True,
) -> None:
    """Report an early stopping that ends training before a plateau lowers the rate.

    Args:
        named: what is followed, by name.
        patience: after how many bad metrics in a row training is stopped.
        where: what the message calls the adapter.
        reaction: what to do about one.
        stopper: what the user calls it that stops training.
        unit: what both count.
        first: whether this process is the one that warns; all of them raise.
    """
    for name, followed in named.items():
        if not isinstance(followed, OnPlateau):
            continue
        plateau = followed.plateau
        at_once = isinstance(plateau, Plateau) and plateau.rules != "torch"
        falls = max(1, plateau.patience + (not at_once))
        if patience <= falls and (first or reaction == "raise"):
            react(
                reaction,
                f"{where}: {stopper} with a patience of {patience} ends training after {patience} "
                f"{unit} without an improvement, but the plateau lowers `{name}` only after "
                f"{falls}: nothing is trained at the lower rate. Give {stopper} a patience above "
                f"{falls}, such as {2 * falls}, or the plateau a shorter one; if it is meant, pass "
                "on_conflict='ignore'",
            )
