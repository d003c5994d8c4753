"""What a thread does for a task: it asks for the answer, and touches neither catalogue nor archive."""

from dataclasses import dataclass
from pathlib import Path

from harvest import images
from harvest.answers import Known
from harvest.errors import BadAnswer, Gone, TaskFailed
from harvest.fetch import Fetcher
from harvest.images import StoredImage
from harvest.request import Request
from harvest.response import Response
from harvest.tasks import IMAGE, Task


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed task with what a thread needs to work on it."""

    task: Task
    known: Known | None  # the last answer to it
    addresses: tuple[str, ...] = ()  # of an image: to be tried in turn


@dataclass(frozen=True, slots=True)
class Product:
    """What a thread brings: an answer, and the image's file where it is one."""

    response: Response
    image: StoredImage | None = None


def run(job: Job, fetcher: Fetcher, data: Path) -> Product:
    """Ask for a task's answer; an image that is gone or none leads to its next address.

    Raises:
        HarvestError: As `Fetcher.fetch` says.
    """
    if job.task.request.kind != IMAGE:
        return Product(fetcher.fetch(job.task.request, job.known.conditions if job.known else None))
    failure: TaskFailed = Gone(f"{job.task.request.key}: no address for its image")
    for url in job.addresses:
        try:
            response = fetcher.fetch(Request(IMAGE, url))
            return Product(response, images.store(data, response))
        except (Gone, BadAnswer) as error:
            failure = error if not isinstance(failure, BadAnswer) else failure
    raise failure
