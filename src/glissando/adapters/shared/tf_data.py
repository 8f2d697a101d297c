"""A `tf.data.Dataset`, read without moving on the order in which it shuffles next time."""

import sys
from collections.abc import Iterator
from typing import Any

from glissando.errors import ScheduleError

_DUMMIES = {"ShuffleDatasetV3": "DummySeedGenerator", "CacheDatasetV2": "DummyMemoryCache"}
"""What holds memory that a dataset shares with its copies, and what makes a memory of its own."""

_NOT_RANDOM = 1  # two zeros would be taken for no seed at all

_IGNORE_STATE = 1  # tables and variables stay the very same ones


def is_dataset(data: Any) -> bool:
    """Return whether it is a `tf.data.Dataset`, without loading TensorFlow."""
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and isinstance(data, tensorflow.data.Dataset)


def copied(dataset: Any, seed: int | None) -> Any:
    """Return a dataset that yields the same, and shuffles and caches by itself.

    Args:
        dataset: the dataset.
        seed: what the copy shuffles by; None: the dataset's own seeds, from their beginning.

    Raises:
        ScheduleError: TensorFlow cannot copy it.
    """
    import tensorflow as tf

    try:
        graph = tf.compat.v1.GraphDef.FromString(
            tf.raw_ops.DatasetToGraphV2(
                input_dataset=tf.data.experimental.to_variant(dataset),
                external_state_policy=_IGNORE_STATE,
            ).numpy()
        )
        nodes = {node.name: node for node in graph.node}
        for node in list(nodes.values()):
            if node.op not in _DUMMIES:
                continue
            for name in node.input:
                constant = nodes[name]
                if constant.attr["dtype"].type == tf.resource.as_datatype_enum:
                    constant.Clear()
                    constant.name, constant.op = name, _DUMMIES[node.op]
            if seed is not None and node.op == "ShuffleDatasetV3":
                for name, value in zip(node.input[2:4], (_NOT_RANDOM, seed), strict=True):
                    tensor = tf.make_tensor_proto(value, tf.int64)
                    nodes[name].attr["value"].tensor.CopyFrom(tensor)
        variant = tf.raw_ops.DatasetFromGraph(graph_def=graph.SerializeToString())
    except (tf.errors.OpError, ValueError) as error:
        raise ScheduleError(
            "Training: a tf.data.Dataset is read through a copy, so that it shuffles afterwards as "
            "if nobody had read it, and this one cannot be copied; give a function instead that "
            "makes it anew, as in lambda: Dataset.from_tensor_slices(...).batch(32)"
        ) from error
    return tf.data.experimental.from_variant(variant, dataset.element_spec)


def variables(dataset: Any) -> Iterator[Any]:
    """Yield the variables that its functions use, such as the seeds of Keras' augmentation."""
    for wrapper in dataset._functions():
        yield from wrapper.function.graph.variables
    for one in dataset._inputs():
        yield from variables(one)
