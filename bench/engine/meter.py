"""CPU seconds of the parts of a program, by the clock of the thread that works; each part without its inner ones."""

import functools
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

Part = tuple[Any, str, str]  # whose attribute, its name, the part that it counts to


class Meter:
    """Counts the CPU seconds of each part. Safe to use from several threads."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.total = 0.0
        self._lock = threading.Lock()
        self._own = threading.local()

    @contextmanager
    def watching(self, parts: Iterable[Part]) -> Iterator[None]:
        """Measure these functions and the whole process."""
        with ExitStack() as patches:
            for owner, name, part in parts:
                patches.enter_context(mock.patch.object(owner, name, self._timed(part, getattr(owner, name))))
            begun = time.process_time()
            yield
            self.total += time.process_time() - begun

    def _timed(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def timed(*arguments: Any, **named: Any) -> Any:
            begun, inner = time.thread_time(), self._inner()
            inner.append(0.0)
            try:
                return work(*arguments, **named)
            finally:
                spent = time.thread_time() - begun
                self._enter(part, spent - inner.pop())
                if inner:
                    inner[-1] += spent

        return timed

    def _inner(self) -> list[float]:
        """Return the seconds of the inner parts, for each part that the thread is in."""
        if not hasattr(self._own, "inner"):
            self._own.inner = []
        inner: list[float] = self._own.inner
        return inner

    def _enter(self, part: str, seconds: float) -> None:
        with self._lock:
            self.spent[part] += seconds
