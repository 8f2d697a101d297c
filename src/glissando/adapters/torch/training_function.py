"""A study's training function, made of a PyTorch model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from glissando.adapters.shared.batches import plain_attributes
from glissando.adapters.shared.generators import generator_of
from glissando.adapters.shared.train_function import (
    WHERE,
    Report,
    Run,
    TrainFunction,
    checkpoint,
    must_be_function,
    result_of,
    trained,
)
from glissando.adapters.torch.groups import Groups
from glissando.adapters.torch.ordered import Ordered, check_data
from glissando.adapters.torch.scheduler import Scheduler
from glissando.errors import ScheduleError, shown
from glissando.finder import random_state
from glissando.plateau import OnPlateau
from glissando.rules import STEPS

_FILE = "torch.pt"

_MAKE = "lambda: (model, optimizer), which makes both anew"
_LOSS = "lambda model, batch: cross_entropy(model(batch[0]), batch[1])"
_VALIDATE = "lambda model: cross_entropy(model(x), y).item()"


def train_function(
    make: Callable[[], Any],
    loss: Callable[[Any, Any], Any],
    data: Any,
    validate: Callable[[Any], Any],
    *,
    batch: int = 32,
    every: int | None = None,
    groups: Groups = None,
    before_update: Callable[[Any], object] | None = None,
) -> TrainFunction:
    """Make a study's training function of a PyTorch model.

    It follows the schedule by a `gl.torch.Scheduler`: update k uses `schedule(k)`. The order of the
    data is drawn for each epoch from the seed alone, so that two schedules are tried on the same
    batches. It goes on from a checkpoint, also in the middle of an epoch, as if there had been no
    interruption: bit for bit on the CPU, and on a GPU where its operations are deterministic.

    In a checkpoint are the parameters, buffers, generators and plain attributes of the modules, the
    states of optimizer, scheduler and scaler, the place in the data, and the random states.

    Args:
        make: a function that makes the model and its optimizer and returns both; and a
            `torch.amp.GradScaler` as the third, if there is one. The random generators are seeded
            when it is called. The optimizer's rate is of no account.
        loss: a function of the model and a batch that returns the loss, a tensor with one number.
            The transfer to a device and `torch.autocast` belong in it.
        data: tensors, `(x, y)`, of whose rows a batch has the same number; or a `Dataset`; or a
            `DataLoader`, or what else yields batches each time that it is iterated over; or a
            function of the seed that returns one of these in the process that trains.
        validate: a function of the model that returns what the schedules are compared by, a
            number. The model is in evaluation mode, without gradients, and random states are put
            back.
        batch: how many rows a batch of tensors or of a `Dataset` has. What is left of an epoch and
            fills no batch is left out.
        every: after how many updates to validate; by default a twentieth of the run. A plateau
            observes these results.
        groups: what is different in some parameter groups, as for `gl.torch.Scheduler`.
        before_update: a function of the model that is called when the gradients are complete, such
            as `lambda model: torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)`.

    Returns:
        The function `train(schedule, seed, resume, report)`.

    Raises:
        ScheduleError: an argument breaks its rule. Later, in the training: a function of yours
            returned something else than it should.

    Example:
        >>> import torch
        >>> import glissando as gl
        >>> x = torch.linspace(-1, 1, 64).reshape(-1, 1)
        >>> def make():
        ...     model = torch.nn.Linear(1, 1)
        ...     return model, torch.optim.SGD(model.parameters(), lr=0.1)
        >>> def loss(model, batch):
        ...     x, y = batch
        ...     return torch.nn.functional.mse_loss(model(x), y)
        >>> train = gl.torch.train_function(
        ...     make, loss, (x, 3 * x), lambda model: loss(model, (x, 3 * x)).item())
        >>> rate = gl.Constant(0.1, steps=20)
        >>> train(rate, seed=1) == train(rate, seed=1) > train(gl.Constant(0.2, steps=20), seed=1)
        True
    """
    must_be_function(make, "make", _MAKE)
    must_be_function(loss, "loss", _LOSS)
    must_be_function(validate, "validate", _VALIDATE)
    if before_update is not None:
        must_be_function(before_update, "before_update", "lambda model: ...")
    check_data(data)
    batch = int(STEPS.check(batch, f"{WHERE}: `batch`"))
    return _Function(make, loss, data, validate, batch, every, groups, before_update)


class _Function(TrainFunction):
    """What `train_function` returns."""

    framework = "torch"

    def __init__(
        self,
        make: Callable[[], Any],
        loss: Callable[[Any, Any], Any],
        data: Any,
        validate: Callable[[Any], Any],
        batch: int,
        every: int | None,
        groups: Groups,
        before_update: Callable[[Any], object] | None,
    ) -> None:
        super().__init__(make, every, batch=batch)
        self.make = make
        self.loss = loss
        self.data = data
        self.validate = validate
        self.batch = batch
        self.groups = groups
        self.before_update = before_update

    def _train(self, run: Run, resume: Path | None, report: Report) -> float:
        with Ordered(self.data, self.batch, run.seed) as batches:
            return trained(_Training(self, run, batches), run, resume, report)


class _Training:
    """A model in training.

    Args:
        function: what it is made by.
        run: what it is asked for.
        batches: its data.
    """

    def __init__(self, function: _Function, run: Run, batches: Ordered) -> None:
        self.model, self.optimizer, self.scaler = _made(function.make)
        self.function = function
        self.batches = batches
        self.scheduler = Scheduler(self.optimizer, run.schedule, function.groups)
        self.observes = isinstance(run.schedule, OnPlateau)
        if not self.model.training:
            self.model.train()

    def update(self, step: int) -> None:
        """Make an update."""
        loss = self.function.loss(self.model, self.batches.draw())
        if not isinstance(loss, torch.Tensor) or loss.numel() != 1 or not loss.requires_grad:
            raise ScheduleError(
                f"{WHERE}: `loss` must return a tensor with one number that has a gradient, got "
                f"{shown(loss)}"
            )
        self.model.zero_grad()  # also of what the optimizer does not have, but clipping may see
        self.optimizer.zero_grad()
        (loss if self.scaler is None else self.scaler.scale(loss)).backward()
        if self.function.before_update is not None:
            if self.scaler is not None:
                self.scaler.unscale_(self.optimizer)
            self.function.before_update(self.model)
        if self.scaler is None:
            self.optimizer.step()
        else:
            self.scaler.step(self.optimizer)
            self.scaler.update()
        self.scheduler.step()

    def observe(self, step: int) -> float:
        """Validate the model."""
        modes = [(module, module.training) for module in self.model.modules()]
        with random_state.kept(), torch.no_grad():
            self.model.eval()
            try:
                result = result_of(self.function.validate(self.model), "validate")
            finally:
                for module, training in modes:
                    module.training = training
        if self.observes:
            self.scheduler.step(result)
        return result

    def save(self, folder: Path) -> None:
        """Write a checkpoint."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {
            "buffers": dict(self.model.named_buffers()),  # also those that are not persistent
            "modules": [plain_attributes(module) for module in self.model.modules()],
            "generators": [generator.get() for generator in _generators(self.model)],
            "place": self.batches.place,
            "random": random_state.state(),
            "step": self.batches.drawn,
        }
        torch.save(state, folder / _FILE)

    def load(self, folder: Path) -> int:
        """Go on from a checkpoint."""
        state = torch.load(checkpoint(folder, _FILE), map_location="cpu", weights_only=False)
        scheduler = state.pop("scheduler")
        for name, part in self._parts().items():
            if name != "scheduler":
                part.load_state_dict(state[name])
        # that of another schedule with the same beginning
        self.scheduler.load_state_dict(scheduler, on_mismatch="replace")
        with torch.no_grad():
            for name, buffer in self.model.named_buffers():
                buffer.copy_(state["buffers"][name])
        for module, attributes in zip(self.model.modules(), state["modules"], strict=True):
            vars(module).update(attributes)
        for generator, value in zip(_generators(self.model), state["generators"], strict=True):
            generator.set(value)
        self.batches.go_to(state["place"], state["step"])
        random_state.put(state["random"])  # the data may have drawn
        return int(state["step"])

    def _parts(self) -> dict[str, Any]:
        parts = {"model": self.model, "optimizer": self.optimizer, "scheduler": self.scheduler}
        return parts if self.scaler is None else parts | {"scaler": self.scaler}


def _made(make: Callable[[], Any]) -> tuple[Any, Any, Any]:
    """Return the model, its optimizer and its scaler, or None."""
    made = make()
    parts = made if isinstance(made, tuple | list) else (made,)
    model, optimizer, scaler = (*parts, None, None, None)[:3]
    if (
        len(parts) not in (2, 3)
        or not isinstance(model, torch.nn.Module)
        or not hasattr(optimizer, "step")
        or not (scaler is None or isinstance(scaler, torch.amp.GradScaler))
    ):
        raise ScheduleError(
            f"{WHERE}: `make` must return a model and its optimizer, as `return model, "
            f"torch.optim.AdamW(model.parameters())`, and perhaps a GradScaler, got {shown(made)}"
        )
    return model, optimizer, scaler


def _generators(model: Any) -> list[Any]:
    held = (value for module in model.modules() for value in vars(module).values())
    unique = {id(value): value for value in held}
    return [found for value in unique.values() if (found := generator_of(value)) is not None]
