"""Adapters: what makes a framework's own trainer follow a schedule, one module each."""

NAMES = {
    "keras": (
        "LearningRateLogger",
        "LearningRateSchedule",
        "LearningRateScheduler",
        "Training",
        "resume",
        "train_function",
    ),
    "torch": ("Scheduler", "Training", "train_function"),
    "lightning": ("LearningRateScheduler", "configure"),
    "ignite": ("Scheduler",),
    "transformers": ("follow", "train_function"),
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
    "xgboost": ("LearningRateScheduler", "train_function"),
    "lightgbm": ("learning_rate",),
    "catboost": ("fit",),
    "sklearn": ("Scheduled", "train_function"),
}
"""What each has for its users, to be found without the framework; the best known come first."""
