"""PyTorch tensors. Only a program that has loaded PyTorch comes here."""

from typing import Any

import torch

from glissando.backends.steps import not_a_step
from glissando.backends.tensors import Tensors
from glissando.rules import Row


class Torch(Tensors):
    """The operations on PyTorch tensors.

    Args:
        kind: the float type of the rates.
        device: where they are computed.
    """

    exp = staticmethod(torch.exp)
    sin = staticmethod(torch.sin)
    cos = staticmethod(torch.cos)
    root = staticmethod(torch.sqrt)
    tangent = staticmethod(torch.tanh)
    logarithm = staticmethod(torch.log)
    log1p = staticmethod(torch.log1p)
    where = staticmethod(torch.where)

    def __init__(self, kind: Any, device: Any) -> None:
        self.kind = kind
        self.device = device

    def real(self, t: Any) -> Any:
        return t * 1.0

    def minimum(self, x: Any, y: Any) -> Any:
        return torch.minimum(*_tensors(x, y))

    def maximum(self, x: Any, y: Any) -> Any:
        return torch.maximum(*_tensors(x, y))

    def counts(self, t: Any) -> bool:
        return not t.is_floating_point()

    def numbers(self, row: Row, form: str) -> Any:
        return _constant(row, form, self.kind, self.device)

    def steps(self, row: Row, form: str, t: Any) -> Any:
        return _constant(row, form, t.dtype, t.device)

    def count_up_to(self, sorted_: Any, t: Any) -> Any:
        return torch.bucketize(t, sorted_, right=True)

    def member(self, numbers: Any, i: Any) -> Any:
        return torch.take(numbers, i)  # a subscript would compile for each place anew

    def past(self, steps: Any, i: Any, t: Any) -> Any:
        return self.real(t - torch.take(steps, i))


def _tensors(*values: Any) -> Any:
    # a constant schedule is a plain number, which torch.minimum would refuse
    return (v if isinstance(v, torch.Tensor) else torch.tensor(v) for v in values)


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _constant(row: Row, form: str, kind: Any, device: Any) -> Any:
    """Return one of a row's forms as a tensor; in a compiled graph it is a constant."""
    if not row:  # which `frombuffer` refuses
        return torch.empty(0, dtype=kind, device=device)
    packed = getattr(row, form)
    own = torch.int64 if packed.typecode == "q" else torch.float64
    return torch.frombuffer(packed, dtype=own).to(device, kind)


def rates(schedule: Any, step: Any) -> Any:
    """Return the rates at a tensor of steps."""
    if step.dtype == torch.bool or step.is_complex():
        raise not_a_step(schedule, step)
    default = torch.get_default_dtype()
    kind = torch.float64 if step.dtype == torch.float64 else default
    m = Torch(kind, step.device)
    step = step.to(kind if step.is_floating_point() else torch.int64)
    rate = schedule.rate_at(m.maximum(step, 0), m)
    if not isinstance(rate, torch.Tensor):
        rate = torch.tensor(rate, dtype=kind, device=step.device)
    return rate.to(kind).expand(step.shape)
