"""How many images a second a network learns from on an accelerator, with JAX: ResNet50 in bfloat16, synthetic images.

`python -m bench.gpu [--backbone resnet50] [--side 224] [--batch 64 --batch 256] [--steps 50] [--json]`. Each batch size
is measured on pixels that lie ready (loader off) and from the memory map, cropped and flipped by the product's loader.
Then a training is stopped and taken up by the product's checkpoint and has to end with the same weights, and the
features of one batch are compared with the processor's. Without an accelerator it says so, and runs on the processor.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("XLA_FLAGS", "--xla_gpu_deterministic_ops=true")  # else no training repeats itself there

import jax
import keras
import numpy as np

from bench.train import drawn
from train.config import IMAGE, Config
from train.data.batches import ShuffledBatches
from train.data.examples import Examples
from train.data.loader import Pictures
from train.experiments import checkpoint
from train.experiments.cross_validation import cross_validate
from train.models.multimodal import compiled, multimodal
from train.models.weights import load_backbone

CLASSES = {"artist": 100, "decade": 40}
PICTURES = 64  # drawn; more would tell nothing else


def network_of(config: Config, policy: str) -> keras.Model:
    """Return the product's network, its backbone computing in this precision and its head in float32."""
    keras.config.set_dtype_policy(policy)
    backbone = load_backbone(config)
    keras.config.set_dtype_policy("float32")
    return compiled(multimodal(config, {}, CLASSES, backbone), config)


def measured(network: keras.Model, batches: Iterable[Any]) -> float:
    """Return the images a second of training steps, after two that compile."""
    images = 0
    for number, (inputs, truths) in enumerate(batches):
        if number == 2:
            begun = time.perf_counter()
        logs = network.train_on_batch(inputs, truths, return_dict=True)
        images += len(inputs[IMAGE]) if number >= 2 else 0
    float(logs["loss"])  # waits for the device
    return images / (time.perf_counter() - begun)


def rates(config: Config, policy: str, folder: Path, steps: int) -> dict[str, float]:
    """Return the rates with and without the loader."""
    chance = np.random.default_rng(0)
    rows = np.arange((steps + 2) * config.batch_size)
    truths = {name: chance.integers(0, size, len(rows)).astype(np.int32) for name, size in CLASSES.items()}
    pictures = Pictures(drawn(folder, PICTURES), config.side, cache=folder)
    ready = chance.integers(0, 256, (config.batch_size, config.side, config.side, 3)).astype(np.uint8)
    loading = ShuffledBatches(
        rows, lambda some, chances: {IMAGE: pictures.crops(some % PICTURES, "paper", chances)}, truths,
        batch_size=config.batch_size, seed=0,
    )  # fmt: skip
    lying = (
        ({IMAGE: ready}, {name: numbers[: len(ready)] for name, numbers in truths.items()}) for _ in range(steps + 2)
    )
    return {
        "loader off": measured(network_of(config, policy), lying),
        "loader on": measured(network_of(config, policy), (loading[place] for place in range(len(loading)))),
    }


def is_taken_up(config: Config, folder: Path) -> bool:
    """Stop a training behind its first epoch, take it up, and say whether it ends as one that was never stopped."""
    count = 5 * config.batch_size
    folds = np.resize(np.arange(5), count).astype(np.int8)
    chance = np.random.default_rng(0)
    truths = {name: chance.integers(0, size, count).astype(np.int32) for name, size in CLASSES.items()}
    images = (drawn(folder, PICTURES) * (count // PICTURES + 1))[:count]
    classes = {name: [*range(size)] for name, size in CLASSES.items()}
    examples = Examples(
        [str(row) for row in range(count)], images, {}, truths, classes, folds, folds, ["drawn"] * count
    )
    checkpoint.EVERY = 0

    def ended(name: str) -> list[np.ndarray]:
        (folder / name).mkdir(exist_ok=True)
        cross_validate(examples, config, folder=folder / name, cache=folder)
        return list(keras.models.load_model(folder / name / "model.keras").get_weights())

    whole = ended("whole")
    keep = checkpoint.Checkpoint.on_epoch_end

    def keep_and_stop(self: checkpoint.Checkpoint, epoch: int, logs: Any = None) -> None:
        keep(self, epoch, logs)
        raise KeyboardInterrupt

    checkpoint.Checkpoint.on_epoch_end = keep_and_stop  # type: ignore[method-assign]
    try:
        ended("stopped")
    except KeyboardInterrupt:
        pass
    finally:
        checkpoint.Checkpoint.on_epoch_end = keep  # type: ignore[method-assign]
    return all(np.array_equal(one, other) for one, other in zip(whole, ended("stopped"), strict=True))


def parity(config: Config, policy: str) -> float:
    """Return the largest cosine distance of features on the device, in its precision, from those on the processor."""
    pixels = np.random.default_rng(0).integers(0, 256, (4, config.side, config.side, 3)).astype(np.float32) - 127.5
    found = []
    for device, precision in ((jax.devices()[0], policy), (jax.devices("cpu")[0], "float32")):
        keras.config.set_dtype_policy(precision)
        with jax.default_device(device):
            keras.utils.set_random_seed(0)
            found.append(np.asarray(load_backbone(config)(pixels, training=False), np.float64))
    keras.config.set_dtype_policy("float32")
    first, second = (values / np.linalg.norm(values, axis=1, keepdims=True) for values in found)
    return float((1 - (first * second).sum(axis=1)).max())


def main() -> None:
    """Print the rates, and whether a training is taken up and features agree."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--backbone", default="resnet50")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--batch", type=int, action="append")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    device = jax.devices()[0]
    policy = "float32" if device.platform == "cpu" else "mixed_bfloat16"  # a processor is slower with it
    result: dict[str, Any] = {"device": f"{device.platform}: {device.device_kind}", "precision": policy, "images/s": {}}
    config = Config(inputs=(IMAGE,), backbone=options.backbone, weights="none", side=options.side, epochs=2, folds=1)
    with tempfile.TemporaryDirectory() as name:
        for size in options.batch or (64, 256):
            sized = replace(config, batch_size=size)
            for kind, rate in rates(sized, policy, Path(name), options.steps).items():
                result["images/s"][f"batch {size}, {kind}"] = round(rate, 1)
        small = min(options.batch or (64,))
        sized = replace(config, batch_size=small)
        result["ends the same after a stop"] = is_taken_up(sized, Path(name))
    result["parity"] = parity(config, policy)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['device']}, {options.backbone} at {options.side} px, {policy}, JAX {jax.__version__}")
    if device.platform == "cpu":
        print("no accelerator is at hand: these are a processor's figures")
    for kind, rate in result["images/s"].items():
        print(f"{rate:9,.1f} images/s  {kind}")
    print(f"a training that was stopped ends the same: {result['ends the same after a stop']}")
    print(f"features differ from the processor's by a cosine distance of {result['parity']:.1e}")


if __name__ == "__main__":
    main()
