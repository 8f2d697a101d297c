"""Rows of numbers as PyTorch tensors."""

from typing import Any

import torch

from glissando.tables import Row


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def tensor(row: Row, form: str, kind: Any, device: Any) -> Any:
    """Return one of a row's forms; in a compiled graph it is a constant."""
    if not row:  # which `frombuffer` refuses
        return torch.empty(0, dtype=kind, device=device)
    packed = getattr(row, form)
    its = torch.int64 if packed.typecode == "q" else torch.float64
    return torch.frombuffer(packed, dtype=its).to(device, kind)
