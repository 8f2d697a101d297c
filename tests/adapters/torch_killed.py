"""Trains 60 updates with a checkpoint after each; may be killed at any moment and run again.

Appends the rate that each update used, seen by the weight's move, to a log.
"""

import io
import sys
from pathlib import Path

import torch

import glissando as gl
from glissando.text.files import write_whole

SCHEDULE = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)


def main(folder: Path) -> None:
    weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr=9.0)
    scheduler = gl.torch.Scheduler(optimizer, SCHEDULE)
    checkpoint = folder / "checkpoint.pt"
    used = []
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        scheduler.load_state_dict(state["scheduler"])
        optimizer.load_state_dict(state["optimizer"])
        used = state["used"]
    for _ in range(len(used), 60):
        weight.data.zero_()
        weight.grad = torch.ones_like(weight)
        optimizer.step()
        used.append(-weight.item())
        scheduler.step()
        buffer = io.BytesIO()
        state = {"scheduler": scheduler.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({**state, "used": used}, buffer)
        write_whole(checkpoint, buffer.getvalue())
        print(len(used), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
