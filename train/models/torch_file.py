"""Tables of tensors as torch writes them, read without torch and without running what a pickle may name.

The format is torch's first one: three pickles of facts, one of the table, one of the storages' names, then each
storage's length and its bytes. A pickle can call anything that it names; here it may name four things, all ours.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle

Tensors = dict[str, NDArray[Any]]


def read_tensors(path: Path) -> Tensors:
    """Return the tensors of a file by their names.

    Raises:
        ValueError: It is no such file.
    """
    with path.open("rb") as file:
        try:
            if _Table(file).load() != MAGIC:
                raise ValueError("not in torch's first format")
            _Table(file).load()  # the protocol
            _Table(file).load()  # sizes of numbers on the machine that wrote it
            table = _Table(file)
            tensors = table.load()
            for name in _Table(file).load():
                _fill(table.storages[name], file)
        except (pickle.UnpicklingError, EOFError, LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"no table of tensors: {error}") from error
    return dict(tensors)


class _Table(pickle.Unpickler):
    """Unpickles tensors as views of storages, which are filled afterwards."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.storages: dict[str, NDArray[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name stands for, of the few that may occur."""
        known = {
            "collections.OrderedDict": OrderedDict,
            "torch._utils._rebuild_tensor_v2": _tensor,
            "torch.FloatStorage": np.float32,
            "torch.LongStorage": np.int64,
        }
        if f"{module}.{name}" not in known:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return known[f"{module}.{name}"]

    def persistent_load(self, pid: tuple[Any, ...]) -> NDArray[Any]:
        """Return the storage that a tensor is a view of."""
        _, dtype, name, _, length, _ = pid
        return self.storages.setdefault(name, np.zeros(length, dtype))


def _tensor(storage: NDArray[Any], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> Any:
    """Return a view of a storage."""
    if shape and offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) >= len(storage):
        raise pickle.UnpicklingError("a tensor reaches beyond its storage")
    in_bytes = [stride * storage.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, in_bytes, writeable=False)


def _fill(storage: NDArray[Any], file: IO[bytes]) -> None:
    length = int.from_bytes(file.read(8), "little")
    content = file.read(length * storage.itemsize)
    if length != len(storage) or len(content) != storage.nbytes:
        raise ValueError("a storage is cut short")
    storage[:] = np.frombuffer(content, storage.dtype)
