"""PyTorch tensors. Only a program that has loaded PyTorch comes here."""

from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from glissando.backends.steps import not_a_step
from glissando.backends.tensors import Tensors
from glissando.errors import learned
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
    library = "torch"

    def __init__(self, kind: Any, device: Any) -> None:
        self.kind = kind
        self.device = device

    def real(self, t: Any) -> Any:
        return t * 1.0

    def minimum(self, x: Any, y: Any) -> Any:
        return torch.minimum(self.operand(x), self.operand(y))

    def maximum(self, x: Any, y: Any) -> Any:
        return torch.maximum(self.operand(x), self.operand(y))

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        # of two plain numbers PyTorch would make a tensor of the default type
        return torch.where(condition, self.operand(x) if isinstance(y, float) else x, y)

    def operand(self, x: Any) -> Any:
        """Return a plain number, which a constant schedule is, as a tensor."""
        if isinstance(x, torch.Tensor):
            return x
        return torch.tensor(x, dtype=self.kind if isinstance(x, float) else None)

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

    def tensor(self, rate: Any) -> Any:
        return torch.as_tensor(rate, device=self.device).to(self.kind)

    def known(self, x: Any) -> Any:
        # where to look at them would stop a device, or the recording of a graph
        hidden = torch.compiler.is_compiling() or type(x) is not torch.Tensor or learned(x)
        return [] if hidden or x.device.type != "cpu" else x.reshape(-1).tolist()


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _constant(row: Row, form: str, kind: Any, device: Any) -> Any:
    """Return one of a row's forms as a tensor; in a compiled graph it is a constant."""
    if not row:  # which `frombuffer` refuses
        return torch.empty(0, dtype=kind, device=device)
    packed = getattr(row, form)
    own = torch.int64 if packed.typecode == "q" else torch.float64
    return torch.frombuffer(packed, dtype=own).to(device, kind)


class _FlatFloors(TorchFunctionMode):  # type: ignore[misc]  # torch is not followed by mypy
    """Gives `//` the slope 0, which it has between two jumps; PyTorch has none for it."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        if func is torch.Tensor.__floordiv__:
            args = [x.detach() if isinstance(x, torch.Tensor) else x for x in args]
        return func(*args, **kwargs or {})


def rates(schedule: Any, step: Any) -> Any:
    """Return the rates at a tensor of steps, in float32 where the default type is less exact."""
    if step.dtype == torch.bool or step.is_complex():
        raise not_a_step(schedule, step)
    if not (step.is_floating_point() and step.requires_grad):
        return _rates(schedule, step)
    with _FlatFloors():
        rate = _rates(schedule, step)
    # a rate that is the same at all steps has a slope, too
    return rate if rate.requires_grad else rate + 0.0 * step.clamp(0, 0)


def _rates(schedule: Any, step: Any) -> Any:
    default = torch.get_default_dtype()
    kind = torch.promote_types(default, torch.float32)
    if step.is_floating_point():
        kind = step.dtype if step.dtype == torch.float64 else kind
        t = step.to(kind)
    elif kind == default:
        t = step.to(torch.int64)
    else:  # PyTorch would compute with integers in the default type
        t = step.to(torch.float32 if step.device.type == "mps" else torch.float64)
    m = Torch(t.dtype if t.is_floating_point() else kind, step.device)
    rate = schedule.rate_at(m.maximum(t, 0), m)
    if not isinstance(rate, torch.Tensor):
        rate = torch.tensor(rate, dtype=kind, device=step.device)
    return m.not_below_0(rate).to(kind).expand(step.shape)
