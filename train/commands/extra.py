"""Imports of what only training needs: quiet, and with one line where it is not installed."""

import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from train.config import TrainError

# what the extra `train` installs, or a backend
EXTRA = {"keras", "h5py", "tensorflow", "jax", "torch", "sklearn", "scipy", "skimage", "threadpoolctl", "jinja2"}

CHATTER = re.compile(rb"WARNING: All log messages before absl|[IW]\d{4} ")


@contextmanager
def extra(*, verbose: bool) -> Iterator[None]:
    """Import what only training needs; one line says so when it is not installed.

    It is quiet, whatever TensorFlow's own setting in the environment asks for, unless the user wants to hear more.
    """
    try:
        if verbose:
            yield
            return
        logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of each network that it compiles anew
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # what goes wrong, Python says
        with _without_chatter():
            yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        raise TrainError(
            f"{error.name} is not installed, training needs it: pip install '.[train]', in raisonne's checkout"
        ) from error
    except (ValueError, AssertionError) as error:  # Keras reads its settings while it is imported
        path = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "keras.json"
        why = str(error) or "a setting has a value that it does not know"
        raise TrainError(f"Keras cannot be set up ({why}): mend or delete {path}, or mend KERAS_BACKEND") from error


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Hold stderr back and let through all but what TensorFlow logs while it loads, which no setting of it stops."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            os.write(2, b"".join(line for line in held if not CHATTER.match(line)))
