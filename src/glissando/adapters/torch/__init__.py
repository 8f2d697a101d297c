"""PyTorch follows a schedule: an `LRScheduler` that counts the optimizer's own updates."""

from glissando.adapters.torch.scheduler import Scheduler as Scheduler
