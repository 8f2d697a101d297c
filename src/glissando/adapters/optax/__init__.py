"""JAX follows a schedule: a schedule already is what optax calls one.

`optax.adamw(rate)` works as it is, under `jax.jit`, in `jax.lax.scan`, in `flax.nnx` training and
inside `optax.MultiSteps` or `optax.apply_if_finite`: optax counts the completed updates, and
update k uses `rate(k)`. This module adds what optax lacks: `inject` schedules several
hyperparameters at once, `for_run` fits a schedule to a run's length, `plateau` lowers the rate when
a metric stops improving, `state_dict` and `resume` find out at a resume whether the schedule is
still the same, `offset` goes on without the optimizer's state, and `counts` and `rates` read back
what any optimizer is at. `Training` is a training for `gl.find_rate` to try.
"""

from glissando.adapters.shared.frameworks import framework_of

with framework_of("optax"):
    from glissando.adapters.optax.hyperparameters import InjectState as InjectState
    from glissando.adapters.optax.hyperparameters import inject as inject
    from glissando.adapters.optax.plateau import Observed as Observed
    from glissando.adapters.optax.plateau import OnPlateauState as OnPlateauState
    from glissando.adapters.optax.plateau import plateau as plateau
    from glissando.adapters.optax.resume import offset as offset
    from glissando.adapters.optax.resume import resume as resume
    from glissando.adapters.optax.resume import state_dict as state_dict
    from glissando.adapters.optax.run_length import for_run as for_run
    from glissando.adapters.optax.state import counts as counts
    from glissando.adapters.optax.state import rates as rates
    from glissando.adapters.optax.training import Training as Training
