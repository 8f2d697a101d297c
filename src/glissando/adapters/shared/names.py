"""What the same hyperparameter is called elsewhere."""

from collections.abc import Collection

from glissando.errors import suggestion

ALIASES: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "rho alpha decay",  # of RMSprop; elsewhere `alpha` is a penalty or a quantile, and no rate
        "lr learning_rate eta step_size eta0 learning_rate_init",
        "betas[0] beta1 beta_1 beta[0] b1 momentum mom",
        "betas[1] beta2 beta_2 beta[1] b2",
        "betas[2] beta3 beta_3 b3",
        "weight_decay wd l2",
        "clipnorm max_norm clip_norm grad_clip",
        "eps epsilon",
    )
)
"""Names of one hyperparameter in several frameworks. Adam's momentum is its first beta."""


def other_name(name: object, known: Collection[str]) -> str:
    """Return what to write instead of a name that is not known: its alias, or what looks alike."""
    for names in ALIASES:
        if str(name).lower() in names and (here := sorted(names & set(known))):
            return f"; here it is called {here[0]!r}."
    return suggestion(name, list(known))
