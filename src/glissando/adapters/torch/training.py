"""A PyTorch training that can be tried at any rate, and put back as it was."""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import torch

from glissando.adapters.shared.generators import Generator
from glissando.adapters.torch.batches import Batches
from glissando.adapters.torch.rated import Rated
from glissando.adapters.torch.snapshot import Snapshot
from glissando.errors import ScheduleError, shown
from glissando.finder import random_state
from glissando.finder.training import Training as Base
from glissando.rules import STEPS


class Training(Base):
    """A PyTorch training, for `gl.find_rate` to try at one rate after another.

    An update takes `accumulate` batches and makes one step of each optimizer. The largest rate of
    all parameter groups of all optimizers becomes the rate that is tried; the others keep their
    proportion to it, as they are when this is built. Schedulers stay attached: while rates are
    tried, they neither set them nor count the updates. A model in evaluation mode is put into
    training mode; one whose parts differ is left as it is.

    Everything is put back into the very same objects: parameters, buffers and gradients, also
    tied or shared ones, modes, attributes of modules, the state of the optimizers and the scaler;
    the generators, samplers and counters of the data, and of the modules. Of the data only what
    decides the next batch is kept, not the samples: containers of up to 1,000 members are looked
    through, and whole numbers in arrays of one dimension are kept up to 8 million. A generator
    of yours that only a function holds is to be given in `others`. What a file or a stream has
    already delivered does not come back.

    Args:
        model: the module, or several, also compiled or wrapped.
        optimizers: the optimizer, or several; also one that wraps another. Not one that asks for
            the loss several times an update, such as LBFGS.
        loss: a function of a batch that returns its loss, a tensor with one number, such as
            `lambda batch: criterion(model(batch[0]), batch[1])`. The transfer to a device and
            `torch.autocast` belong in it. It is not divided by `accumulate`.
        batches: the DataLoader of the training, or anything that yields batches each time that it
            is iterated over. An iterator is refused: its batches would be lost to the training.
        accumulate: the batches of an update, 1 or more.
        scaler: the `torch.amp.GradScaler`, if there is one. Where it skips an update, as for its
            first, too large scales, there is none at that rate.
        before_update: called when the gradients of an update are complete, and not scaled any
            more, such as `lambda: torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)`.
        validation: what yields the batches of the validation, if its loss is to be asked for.
        others: what else `loss` or `before_update` change: an averaged model, a generator,
            anything whose attributes are to come back.
        directory: where what is put back is kept, in a file that is gone afterwards; by default
            it is kept in the memory of the CPU.

    Raises:
        ScheduleError: an argument breaks its rule; a group has no rate.

    Example:
        >>> import torch
        >>> import glissando as gl
        >>> weight = torch.nn.Linear(1, 1, bias=False)
        >>> optimizer = torch.optim.SGD(weight.parameters(), lr=0.1)
        >>> ones = [torch.ones(4, 1)] * 3
        >>> training = gl.torch.Training(weight, optimizer, lambda x: weight(x).mean(), ones)
        >>> before, state = weight.weight.item(), training.save()
        >>> training.step(0.5) == before
        True
        >>> round(before - weight.weight.item(), 6)
        0.5
        >>> training.restore(state)
        >>> weight.weight.item() == before, optimizer.param_groups[0]["lr"]
        (True, 0.1)
    """

    def __init__(
        self,
        model: Any,
        optimizers: Any,
        loss: Callable[[Any], Any],
        batches: Any,
        *,
        accumulate: int = 1,
        scaler: Any = None,
        before_update: Callable[[], object] | None = None,
        validation: Any = None,
        others: Any = (),
        directory: str | os.PathLike[str] | None = None,
    ) -> None:
        self.models = _several(model)
        for one in self.models:
            if not isinstance(one, torch.nn.Module):
                raise ScheduleError(
                    f"Training: `model` must be a torch.nn.Module, or several, got {shown(one)}"
                )
        self.optimizers = [Rated(one) for one in _several(optimizers)]
        if not self.optimizers:
            raise ScheduleError("Training: `optimizers` must have one or more, got none")
        for name, function in {"loss": loss, "before_update": before_update}.items():
            if not (callable(function) or (name == "before_update" and function is None)):
                raise ScheduleError(f"Training: `{name}` must be a function, got {shown(function)}")
        if directory is not None and not os.path.isdir(directory):
            raise ScheduleError(
                f"Training: `directory` must be a directory that is there, got {shown(directory)}"
            )
        self.loss = loss
        self.batches = Batches(batches, "Training: `batches`")
        self.accumulate = int(STEPS.check(accumulate, "Training: `accumulate`"))
        self.scaler = scaler
        self.before_update = before_update
        self.validation = None
        if validation is not None:
            self.validation = Batches(validation, "Training: `validation`")
        self.others = _several(others)
        self.directory = directory
        self._largest = max(rate for one in self.optimizers for rate in one.built)
        if not 0 < self._largest < math.inf:
            raise ScheduleError(
                "Training: the groups' rates tell their proportion, and the largest must be above "
                f"0 and finite, got {self._largest:g}: build the optimizers with other rates"
            )
        self._generators: list[Generator] = []  # what `reseed` is to seed; `save` finds it
        self._shufflers: list[Any] = []

    def step(self, rate: float) -> float:
        """Make one update; return the mean loss of its batches, before it.

        Args:
            rate: the rate of the group, or groups, whose rate is the largest.

        Raises:
            ScheduleError: `loss` returns no loss; there is no batch; an optimizer makes no update.
        """
        for model in self.models:
            if not model.training:
                model.train()
        for parameter in self._parameters():
            parameter.grad = None
        with ExitStack() as stack:
            for optimizer in self.optimizers:
                stack.enter_context(optimizer.at(rate, self._largest))
            losses = [self._backward(self.batches.draw()) for _ in range(self.accumulate)]
            self._update()
        return sum(losses) / self.accumulate

    def _parameters(self) -> Iterator[Any]:
        for model in self.models:
            yield from model.parameters()
        for optimizer in self.optimizers:
            for group in optimizer.target.param_groups:
                yield from group["params"]

    def _modules(self) -> Iterator[Any]:
        for model in self.models:
            yield from model.modules()

    def _backward(self, batch: Any) -> float:
        """Add the gradients of a batch; return its loss."""
        loss = self.loss(batch)
        if not isinstance(loss, torch.Tensor) or loss.numel() != 1 or not loss.requires_grad:
            raise ScheduleError(
                "Training: `loss` must return a tensor with one number that has a gradient, got "
                f"{shown(loss)}"
            )
        share = loss / self.accumulate
        (share if self._scaler is None else self._scaler.scale(share)).backward()
        return float(loss.item())

    @property
    def _scaler(self) -> Any:
        """The scaler, which an optimizer of Accelerate's has itself."""
        own = (optimizer.scaler for optimizer in self.optimizers if optimizer.scaler is not None)
        return next(own, self.scaler)

    def _update(self) -> None:
        scaler = self._scaler
        if self.before_update is not None:
            if scaler is not None:
                for optimizer in self.optimizers:
                    scaler.unscale_(optimizer.unscaled)
            self.before_update()
        # compiled code is made anew for each new state of an optimizer, until PyTorch gives it up
        with torch.compiler.set_stance("force_eager"):
            for optimizer in self.optimizers:
                if scaler is None or optimizer.scaler is not None:
                    optimizer.optimizer.step()
                else:
                    scaler.step(optimizer.optimizer)
                if scaler is None and not optimizer.updated:
                    raise ScheduleError(
                        f"Training: step() of {type(optimizer.optimizer).__name__} made no update: "
                        "does it wait for the end of an accumulation?"
                    )
        if scaler is not None and any(one.scaler is None for one in self.optimizers):
            scaler.update()

    def save(self) -> Snapshot:
        """Return all that an update can change; an epoch begins with the next one.

        Raises:
            ScheduleError: a parameter has no shape yet.
            OSError: the disk of `directory` is full, say. Nothing has changed then.
        """
        self.batches.close()
        snapshot = Snapshot(self.directory)
        targets = [level for optimizer in self.optimizers for level in optimizer.levels]
        buffers = [buffer for model in self.models for buffer in model.buffers()]
        # a module in TorchScript does not hold its tensors as attributes
        snapshot.add([*self.models, *targets, *buffers, self.scaler, *self.others])
        snapshot.add_data(*self._loaders())
        self._generators, self._shufflers = snapshot.generators, snapshot.shufflers
        return snapshot

    def _loaders(self) -> list[Any]:
        return [data.loader for data in (self.batches, self.validation) if data is not None]

    def restore(self, state: Snapshot) -> None:
        """Put back what `save` returned, bit for bit; it may be put back several times."""
        self.batches.close()
        state.restore()

    def reseed(self, seed: int) -> None:
        """Begin a new epoch, with the order of the data, dropout and the like from a seed.

        It seeds the global generators, such as those of Python, NumPy and PyTorch, and those that
        `save` found in the data and the modules. Samplers that shuffle by the epoch take the seed
        for its number.
        """
        random_state.seed(seed)
        for generator in self._generators:
            generator.seed(seed % 2**32)
        for shuffler in self._shufflers:
            shuffler.set_epoch(seed)
        self.batches.close()

    def validate(self) -> float | None:
        """Return the mean loss of the validation's batches, or None where there are none.

        The model is in evaluation mode for it, without gradients. Its mode is put back, and so are
        all random states.

        Raises:
            ScheduleError: there is no batch.
        """
        if self.validation is None:
            return None
        kept = Snapshot()
        kept.add_data(self.validation.loader, *self._modules())
        with random_state.kept(), torch.no_grad():
            try:
                for model in self.models:
                    model.eval()
                losses = [float(self.loss(batch)) for batch in self.validation.epoch()]
            finally:
                kept.restore()
        if not losses:
            raise ScheduleError("Training: `validation` must yield a batch or more, got none")
        return sum(losses) / len(losses)


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
