"""Many devices: each batch of pictures is divided among them, by Keras' data parallelism on JAX or TensorFlow's.

On JAX the result is that of one device but for rounding. TensorFlow keeps the statistics of batch normalisation and the
chances of dropout by device.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import keras
import numpy as np

from train.config import ALL_DEVICES, Config, TrainError
from train.data.examples import Rows

BACKENDS = ("jax", "tensorflow")


def device_names() -> list[str]:
    """Return the devices that the backend sees: accelerators, or where there are none, processors."""
    return list(keras.distribution.list_devices()) if keras.config.backend() in BACKENDS else []


def with_devices(config: Config, asked: str) -> Config:
    """Return the configuration with as many devices as are asked for.

    Args:
        config: The rest of it.
        asked: A number, or "all" there are.

    Raises:
        TrainError: There are fewer, or they cannot share what is trained.
    """
    if asked == "1":
        return config
    if (backend := keras.config.backend()) not in BACKENDS:
        raise TrainError(
            f"--devices needs JAX or TensorFlow, this is {backend}: set KERAS_BACKEND=jax, or leave it out"
        )
    names = device_names()
    count = len(names) if asked == ALL_DEVICES else int(asked)
    if count > len(names):
        there = f"there is {names[0]} alone" if len(names) == 1 else f"there are {len(names)} ({', '.join(names)})"
        raise TrainError(f"--devices {count}: {there}: give no more than {len(names)}, or all")
    if count > 1:
        _expect_shares(config, count)
    return replace(config, devices=count)


def _expect_shares(config: Config, count: int) -> None:
    if not config.has_image:
        raise TrainError("--devices divides pictures among devices, and --inputs has no image: leave it out")
    if config.is_fine_tuned and config.batch_size % count:
        raise TrainError(
            f"--batch-size {config.batch_size} does not divide among {count} devices: give a multiple of {count}"
        )
    if not config.is_fine_tuned and keras.config.backend() == "tensorflow":
        raise TrainError(
            "--devices with --tune frozen needs JAX, since TensorFlow divides training alone: "
            "set KERAS_BACKEND=jax, or leave it out"
        )


@contextmanager
def shared(devices: int) -> Iterator[None]:
    """Let so many devices share the networks that are made, and the batches that are computed, within."""
    if devices == 1:
        yield
    elif keras.config.backend() == "jax":
        before = keras.distribution.distribution()
        keras.distribution.set_distribution(_Shares(devices=device_names()[:devices]))
        try:
            yield
        finally:
            keras.distribution.set_distribution(before)
    else:
        with _mirrored(tuple(device_names()[:devices])).scope():
            yield


@cache
def _mirrored(names: tuple[str, ...]) -> Any:
    """Return TensorFlow's strategy, one for all networks of a process: two number their exchanges alike and clash."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(names)


def evened(rows: Rows, devices: int, *, seed: int) -> Rows:
    """Repeat examples, fewer than there are devices, until each device has equally many."""
    lacking = -len(rows) % devices
    return np.concatenate([rows, np.random.default_rng(seed).choice(rows, lacking)]) if lacking else rows


class _Shares(keras.distribution.DataParallel):  # type: ignore[misc]  # keras has no types
    """Divides a batch among the devices; one that does not divide goes whole to each."""

    def get_data_layout(self, data_shape: tuple[int, ...]) -> keras.distribution.TensorLayout:
        if data_shape[0] % self.num_model_replicas:
            return keras.distribution.TensorLayout([None] * len(data_shape), self.device_mesh)
        return super().get_data_layout(data_shape)
