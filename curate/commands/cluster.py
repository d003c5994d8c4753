"""The option `--cluster`, which `curate build` and `curate export` share: who works on the pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from curate.cluster import connected
from curate.executor import Executor, Processes

cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Let the workers of this Dask scheduler do the work on pictures, in the data folder that they share.",
)


@contextmanager
def executor_in(data: Path, cluster: str | None) -> Iterator[tuple[Executor, Path]]:
    """Yield who works, and the data folder by a path that they know: this machine, or a cluster."""
    if cluster is None:
        yield Processes(), data
        return
    with connected(cluster, data.absolute()) as workers:
        yield workers, data.absolute()
