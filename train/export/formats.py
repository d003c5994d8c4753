"""The formats by name: what each lays down, and the libraries that it needs beside TensorFlow. Loads none of them."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from numpy.typing import NDArray

from train.config import TrainError

Arrays = Mapping[str, NDArray[Any]]  # by name
Ask = Callable[[Arrays], Arrays]  # from a network's inputs to each target's probabilities, (batch, classes)

FORMATS: Mapping[str, tuple[str, ...]] = {  # the networks in its folder; each is a module of this room
    "keras": ("keras",),
    "onnx": ("onnx",),
    "savedmodel": ("savedmodel",),
    "litert": ("litert",),
    "huggingface": ("keras", "onnx"),
}
LIBRARIES: Mapping[str, tuple[str, ...]] = {
    "onnx": ("onnx", "tf2onnx", "onnxruntime"),
    "litert": ("ai_edge_litert",),
}
BACKEND = "tensorflow"  # that converts; a network trained on another one is read by it


class Format(Protocol):
    """A module of this room that writes networks in one format."""

    FILE: str  # its name in the folder

    def write(self, network: Any, path: Any, labels: Any) -> None:
        """Write a network, its labels within."""

    def opened(self, path: Any) -> Ask:
        """Return the network as those ask it who have the file alone."""


def format_named(name: str) -> Format:
    """Return the module that writes a format."""
    module: Any = import_module(f"train.export.{name}")
    return module


def expect_libraries(name: str) -> None:
    """Refuse what cannot be written here, before any library is loaded.

    Raises:
        TrainError: A library is not installed.
    """
    needed = [BACKEND, *(library for part in FORMATS[name] for library in LIBRARIES.get(part, ()))]
    lacking = [library for library in needed if find_spec(library) is None]
    if lacking:
        raise TrainError(
            f"--format {name} needs {', '.join(lacking)}, not installed here: pip install '.[train,export]', in "
            "raisonne's checkout"
        )
