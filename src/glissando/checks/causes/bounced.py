"""Past its end the schedule rises again, or starts anew, where it was to stay at its end."""

from collections.abc import Iterator

import numpy as np

from glissando.checks.view import Explanation, View


def explain(view: View) -> Iterator[Explanation]:
    """Yield the decay that is run backwards past the end, or the schedule that starts again."""
    meant, end = view.meant, view.meant.end
    if view.updates.max(initial=0) <= end:
        return
    rates = view.logged(meant.bounced)
    if view.explains(rates):
        yield Explanation(
            "bounced past the end",
            f"past update {end:,} the decay is run backwards, and the rate rises again",
            {"end": end},
            5.0,
            rates,
            (),
            meant.bounced,
        )
        return
    for begin in (0, meant.warmed):
        again = begin + np.mod(view.updates - begin, max(end - begin, 1))
        rates = np.where(view.updates < end, view.rates, meant(again))
        if view.explains(rates):
            yield Explanation(
                "started again past the end",
                f"past update {end:,} the schedule starts again from update {begin:,}",
                {"end": end, "begin": begin},
                6.0,
                rates,
            )
            return
