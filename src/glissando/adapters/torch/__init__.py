"""PyTorch follows a schedule: an `LRScheduler` that counts the optimizer's own updates."""

from glissando.adapters.shared.frameworks import framework_of

with framework_of("torch"):
    from glissando.adapters.torch.scheduler import Scheduler as Scheduler
    from glissando.adapters.torch.training import Training as Training
    from glissando.adapters.torch.training_function import train_function as train_function
