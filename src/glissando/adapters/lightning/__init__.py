"""Lightning follows a schedule: from `configure_optimizers`, or by a callback of the `Trainer`.

`configure` makes what `configure_optimizers` returns. `LearningRateScheduler` is a callback: it
leaves the module as it is, and takes one schedule for each of several optimizers. Both are for the
package `lightning` and for `pytorch_lightning`, whichever the program has imported.
"""

from glissando.adapters.shared.frameworks import framework_of

with framework_of("lightning"):
    from glissando.adapters.lightning.callback import LearningRateScheduler as LearningRateScheduler
    from glissando.adapters.lightning.configured import configure as configure
