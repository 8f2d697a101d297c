"""PyTorch: the scheduler's and the optimizer's state in one file."""

import torch
from common import SCHEDULE, UPDATES, folder, log, pause, ready, whole

import glissando as gl

torch.set_num_threads(1)


def main() -> None:
    ready()
    weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr=9.0)
    scheduler = gl.torch.Scheduler(optimizer, SCHEDULE)
    checkpoint = folder() / "checkpoint.pt"
    done = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        scheduler.load_state_dict(state["scheduler"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["done"]
    for k in range(done, UPDATES):
        weight.data.zero_()  # so that the move is the rate to the last bit
        weight.grad = torch.ones_like(weight)
        optimizer.step()
        scheduler.step()
        log(k, -weight.item())
        pause()
        if k % 3 == 2:
            states = {"scheduler": scheduler.state_dict(), "optimizer": optimizer.state_dict()}
            with whole(checkpoint) as part:
                torch.save({**states, "done": k + 1}, part)


if __name__ == "__main__":
    main()
