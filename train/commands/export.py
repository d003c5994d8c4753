"""`train export`: a run's network with all that belongs to it, in a file that other programs read."""

import logging
import os

import click

from harvest.console.program import Exit, settings_of
from train.commands.extra import extra
from train.export.formats import BACKEND, FORMATS, expect_libraries
from train.models.info import read_model_info
from train.runs import find_run

log = logging.getLogger(__name__)

EXPORTS = "exports"  # in the data folder


@click.command("export")
@click.argument("run", metavar="RUN")
@click.option("--format", "name", required=True, type=click.Choice(list(FORMATS)),
              help="keras: for Keras. onnx: for onnxruntime and others. savedmodel: for TensorFlow's servers. litert: "
              "for phones. huggingface: a folder for its hub, with the first two.")  # fmt: skip
@click.pass_context
def export(context: click.Context, /, run: str, *, name: str) -> Exit:
    """Write the network of a finished run into a file that needs nothing else, and check that it says the same.

    Preparation of pictures, unknown labels, calibration and the labels' names are within.
    """
    settings = settings_of(context)
    folder = find_run(settings.data / "runs", run)
    read_model_info(folder)
    expect_libraries(name)
    if os.environ.get("KERAS_BACKEND", BACKEND) != BACKEND:
        log.info("the export goes through TensorFlow, whatever KERAS_BACKEND says")
        os.environ["KERAS_BACKEND"] = BACKEND
    with extra(verbose=settings.verbose):
        import tensorflow  # noqa: F401  # converters load it late: here it is quiet

        from train.export import export as exports
    written = exports.export(folder, settings.data / EXPORTS / run / name, name, builds=settings.data / "builds")
    settings.show({"run": run, "format": name, **written.as_json()}, written.as_text())
    return Exit.DONE
