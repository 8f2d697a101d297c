"""A schedule as code for the framework that a user trains with."""

from glissando.errors import ScheduleError
from glissando.languages.source import source
from glissando.plateau import OnPlateau
from glissando.studies.candidate import Followed

USES = {
    "keras": 'model.fit(x, y, callbacks=[gl.keras.LearningRateScheduler(schedule, unit="step")])',
    "torch": "scheduler = gl.torch.Scheduler(optimizer, schedule)  # scheduler.step() an update",
    "lightning": "return gl.lightning.configure(self, optimizer, schedule)",
    "ignite": "gl.ignite.Scheduler(optimizer, schedule).attach(trainer)",
    "transformers": "gl.transformers.follow(trainer, schedule).train()",
    "optax": "optimizer = optax.adamw(schedule)",
    "xgboost": (
        "xgboost.train(params, data, {steps}, "
        "callbacks=[gl.xgboost.LearningRateScheduler(schedule)])"
    ),
    "lightgbm": (
        "lightgbm.train(params, data, {steps}, callbacks=[gl.lightgbm.learning_rate(schedule)])"
    ),
    "catboost": "gl.catboost.fit(model, schedule, x, y)",
    "sklearn": "estimator = gl.sklearn.Scheduled(estimator, schedule)  # a step each partial_fit",
}
"""By framework, the line that makes a training follow `schedule`."""


def code_of(followed: Followed, title: str, framework: str | None = None) -> str:
    """Return Python code that has a schedule, as a value and as a function that needs no Glissando.

    Args:
        followed: the schedule; one on a plateau, or with a function of one's own, has no such
            function.
        title: what it is, for the first line.
        framework: what the training is written in, such as "keras", for the line that uses it.

    Example:
        >>> from glissando import Constant
        >>> print(code_of(Constant(0.1, 100), "Constant", "optax"))
        # Constant
        import glissando as gl
        <BLANKLINE>
        schedule = gl.Constant(0.1, steps=100)
        <BLANKLINE>
        # optimizer = optax.adamw(schedule)
        <BLANKLINE>
        # The same without Glissando: rate(k) is the rate of update k, from 0.
        import math
        <BLANKLINE>
        <BLANKLINE>
        def rate(t):
            if t < 0:
                raise ValueError("step must be 0 or more")
            return 0.1
        <BLANKLINE>
    """
    parts = [
        f"# {' '.join(title.split())}",
        "import glissando as gl",
        "",
        f"schedule = {followed!r}",
        "",
    ]
    use = USES.get(framework or "")
    if use and not (framework == "optax" and isinstance(followed, OnPlateau)):
        parts += [f"# {use.replace('{steps}', str(int(followed.steps)))}", ""]
    function = _function(followed)
    if function:
        parts += [
            "# The same without Glissando: rate(k) is the rate of update k, from 0.",
            function,
        ]
    return "\n".join(parts)


def _function(followed: Followed) -> str:
    if isinstance(followed, OnPlateau):
        return ""
    try:
        return source(followed, "python") + "\n"
    except ScheduleError:  # a function of one's own
        return ""
