"""Frameworks that are not installed, and the packages that have them."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

PACKAGES = {
    "catboost": ("CatBoost", "catboost"),
    "ignite": ("Ignite", "pytorch-ignite"),
    "jax": ("JAX", "jax"),
    "keras": ("Keras", "keras"),
    "lightgbm": ("LightGBM", "lightgbm"),
    "lightning": ("Lightning", "lightning"),
    "optax": ("Optax", "optax"),
    "pytorch_lightning": ("Lightning", "lightning"),
    "sklearn": ("scikit-learn", "scikit-learn"),
    "torch": ("PyTorch", "torch"),
    "transformers": ("Transformers", "transformers"),
    "xgboost": ("XGBoost", "xgboost"),
}
"""What is imported, its name in prose, and what `pip install` takes."""


class MissingFramework(ModuleNotFoundError):  # noqa: N818  # it names what is missing
    """An adapter's framework is not installed; the message names its package."""

    __module__ = "glissando"


@contextmanager
def framework_of(adapter: str) -> Iterator[None]:
    """Import what an adapter needs, and name the package where it is not installed.

    An error in a framework that is there goes on as it is.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in PACKAGES or find_spec(module) or isinstance(error, MissingFramework):
            raise
        name, package = PACKAGES[module]
        message = f"gl.{adapter} needs {name}: pip install {package}"
        raise MissingFramework(message, name=module) from error
