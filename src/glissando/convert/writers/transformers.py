"""Transformers: training arguments where they say it, else a scheduler for the trainer."""

from collections.abc import Iterator

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.lambda_lr import lambda_lr
from glissando.convert.writers.shared.python_code import called
from glissando.convert.writers.shared.training_arguments import arguments_of, draft_of
from glissando.errors import ScheduleError
from glissando.schedule import Schedule

USE = "# trainer = Trainer(model, arguments, optimizers=(optimizer, scheduler_for(optimizer)), ...)"


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as training arguments, then as a function."""
    refused: ScheduleError | None = None
    try:
        for arguments in arguments_of(schedule, "transformers", "lr_scheduler_type"):
            call = called("TrainingArguments", output_dir="out", **arguments.settings())
            code = f"from transformers import TrainingArguments\n\narguments = {call}\n"
            yield draft_of(arguments, code)
    except ScheduleError as error:  # code can say it
        refused = error
    yield lambda_lr(schedule, USE)
    if refused:  # where no code is wanted
        raise refused
