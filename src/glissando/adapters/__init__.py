"""Adapters: what makes a framework's own trainer follow a schedule, one module each."""

NAMES = {
    "keras": (
        "LearningRateLogger",
        "LearningRateSchedule",
        "LearningRateScheduler",
        "Training",
        "resume",
    ),
    "torch": ("Scheduler", "Training"),
    "lightning": ("LearningRateScheduler", "configure"),
    "ignite": ("Scheduler",),
    "transformers": ("follow",),
    "optax": (
        "inject",
        "for_run",
        "plateau",
        "offset",
        "resume",
        "state_dict",
        "counts",
        "rates",
        "Training",
    ),
    "xgboost": ("LearningRateScheduler",),
    "lightgbm": ("learning_rate",),
    "catboost": ("fit",),
    "sklearn": ("Scheduled",),
}
"""What each has for its users, to be found without the framework; the best known come first."""
