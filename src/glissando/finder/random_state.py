"""The random states of the whole process, as they were before."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


@contextmanager
def kept() -> Iterator[None]:
    """Put the random states back at the end, bit for bit, whatever was drawn or seeded within.

    These are the global generators of Python, of NumPy, of PyTorch on every kind of device, of
    TensorFlow and of Keras: each where it is loaded. JAX has none. Generators that somebody made
    belong to what uses them.

    Example:
        >>> import random
        >>> from glissando.finder import random_state
        >>> random.seed(7)
        >>> with random_state.kept():
        ...     random.seed(8)
        ...     drawn = random.random()
        >>> random.random() == random.Random(7).random()
        True
    """
    with ExitStack() as stack:  # one that fails keeps no other from being put back
        for name, keep in _KEEP.items():
            if (module := sys.modules.get(name)) is not None:
                stack.callback(keep(module))
        yield


def seed(number: int) -> None:
    """Begin all of them anew from a seed: each where it is loaded."""
    for name, begin in _SEED.items():
        if (module := sys.modules.get(name)) is not None:
            begin(module, number % 2**31)


def state() -> dict[str, Any]:
    """Return the states that can be written to a file: Python's, NumPy's, PyTorch's, Keras's."""
    found: dict[str, Any] = {"random": sys.modules["random"].getstate()}
    if (numpy := sys.modules.get("numpy")) is not None:
        found["numpy"] = numpy.random.get_state(legacy=False)
    if (torch := sys.modules.get("torch")) is not None:
        found["torch"] = torch.get_rng_state().numpy()
        found["cuda"] = [one.numpy() for one in _started(torch)]
    if (keras := sys.modules.get(_KERAS_GENERATORS)) is not None:
        found["keras"] = _numbers(keras.global_seed_generator())
    return found


def put(found: dict[str, Any]) -> None:
    """Go on from what `state` returned, in another process, too."""
    sys.modules["random"].setstate(found["random"])
    if "numpy" in found:
        sys.modules["numpy"].random.set_state(found["numpy"])
    if "torch" in found:
        torch = sys.modules["torch"]
        torch.set_rng_state(torch.from_numpy(found["torch"]))
        if found["cuda"]:
            torch.cuda.set_rng_state_all([torch.from_numpy(one) for one in found["cuda"]])
    if "keras" in found:
        sys.modules[_KERAS_GENERATORS].global_seed_generator().state.assign(found["keras"])


def _started(torch: Any) -> list[Any]:
    return list(torch.cuda.get_rng_state_all()) if torch.cuda.is_initialized() else []


def _numbers(generator: Any) -> list[int]:
    value = generator.state.value
    return [int(value[0]), int(value[1])]


def _python(random: Any) -> Callable[[], None]:
    state = random.getstate()
    return lambda: random.setstate(state)


def _numpy(numpy: Any) -> Callable[[], None]:
    state = numpy.random.get_state(legacy=False)
    return lambda: numpy.random.set_state(state)


def _torch(torch: Any) -> Callable[[], None]:
    cpu = torch.get_rng_state()
    started = [device for device in (torch.cuda, torch.xpu) if device.is_initialized()]
    states = [device.get_rng_state_all() for device in started]
    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None

    def put_back() -> None:
        torch.set_rng_state(cpu)
        for device, state in zip(started, states, strict=True):
            device.set_rng_state_all(state)
        for device in (torch.cuda, torch.xpu):
            if device not in started:  # it starts with the seed that it was last told
                device.manual_seed_all(torch.initial_seed())
        if mps is not None:
            torch.mps.set_rng_state(mps)

    return put_back


def _tensorflow(eager: Any) -> Callable[[], None]:
    """Keep the global seed, and the generator that seeds the operations under it."""
    context = eager.context()
    seed, random = context._seed, getattr(context, "_rng", None)
    state = None if random is None else random.getstate()

    def put_back() -> None:
        now = getattr(context, "_rng", None)
        if now is random and (random is None or random.getstate() == state):
            return
        context._seed, context._rng = seed, random
        if random is not None:
            random.setstate(state)
        # operations that get a seed once more would go on from where they were with it
        context.clear_kernel_cache()

    return put_back


def _tensorflow_generator(operations: Any) -> Callable[[], None]:
    generator = operations.global_generator
    state = None if generator is None else generator.state.numpy()

    def put_back() -> None:
        operations.global_generator = generator
        if generator is not None:
            generator.state.assign(state)

    return put_back


def _seed_tensorflow_generator(operations: Any, number: int) -> None:
    if operations.global_generator is not None:  # or it is made when it is asked for
        operations.global_generator.reset_from_seed(number)


def _keras(global_state: Any) -> Callable[[], None]:
    """Keep the global seed, and the generator that is made from it at its first use."""
    names = ("global_random_seed", "global_seed_generator")
    seed, generator = map(global_state.get_global_attribute, names)
    state = None
    if generator is not None:
        state = generator.state.value * 1  # a copy

    def put_back() -> None:
        for name, value in zip(names, (seed, generator), strict=True):
            global_state.set_global_attribute(name, value)
        if generator is not None:
            generator.state.assign(state)

    return put_back


def _seed_keras(generators: Any, number: int) -> None:
    generators.global_seed_generator().state.assign([number, 0])  # compiled functions may hold it


_KERAS_GENERATORS = "keras.src.random.seed_generator"
_TENSORFLOW = "tensorflow.python.eager.context"
_GENERATOR = "tensorflow.python.ops.stateful_random_ops"

_KEEP: dict[str, Callable[[Any], Callable[[], None]]] = {
    "random": _python,
    "numpy": _numpy,
    "torch": _torch,
    _TENSORFLOW: _tensorflow,
    _GENERATOR: _tensorflow_generator,
    "keras.src.backend.common.global_state": _keras,
}
"""The modules that have a random state, and what keeps it and returns how to put it back."""

_SEED: dict[str, Callable[[Any, int], object]] = {
    _KERAS_GENERATORS: _seed_keras,  # first: it draws from Python's at first use
    "random": lambda random, number: random.seed(number),
    "numpy": lambda numpy, number: numpy.random.seed(number),
    "torch": lambda torch, number: torch.manual_seed(number),
    _TENSORFLOW: lambda eager, number: eager.set_global_seed(number),
    _GENERATOR: _seed_tensorflow_generator,
}
"""The modules that have one, and what begins it anew."""
