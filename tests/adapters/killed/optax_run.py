"""JAX: the state of an optax optimizer as msgpack, the schedule as JSON beside it."""

import json

import flax.serialization
import jax
import jax.numpy as jnp
import optax
from common import SCHEDULE, UPDATES, folder, log, pause, ready, save_atomic

import glissando as gl


def main() -> None:
    ready()
    rate, weight = SCHEDULE, jnp.zeros(())
    checkpoint = folder() / "checkpoint.json"
    saved = json.loads(checkpoint.read_text()) if checkpoint.exists() else None
    if saved:
        rate = gl.optax.resume(rate, saved["schedule"])
    optimizer = gl.optax.inject(optax.sgd, learning_rate=rate)
    update, state = jax.jit(optimizer.update), optimizer.init(weight)
    if saved:
        state = flax.serialization.from_bytes(state, bytes.fromhex(saved["optimizer"]))
    for k in range(gl.optax.state_dict(rate, state)["step"], UPDATES):
        change, state = update(jnp.ones(()), state, weight)  # from a weight of 0
        log(k, -change)
        pause()
        if k % 3 == 2:
            saved = {
                "schedule": gl.optax.state_dict(rate, state),
                "optimizer": flax.serialization.to_bytes(state).hex(),
            }
            save_atomic(checkpoint, json.dumps(saved).encode())


if __name__ == "__main__":
    main()
