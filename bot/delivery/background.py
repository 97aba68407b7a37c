"""Tasks that work beside a loop: kept until they end, told of where they fail, ended with it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

Work = Callable[[], Coroutine[object, object, None]]

_LOG = logging.getLogger(__name__)


class BackgroundTasks:
    """The tasks of one outbox."""

    def __init__(self, on_done: Callable[[], None]) -> None:
        """Call `on_done` whenever a task ended."""
        self._on_done = on_done
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: set[Work] = set()

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Start a task."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    def spawn_once(self, work: Work) -> None:
        """Start a task, unless one that does the same is running."""
        if work not in self._running:
            self._running.add(work)
            self.spawn(self._run(work))

    def is_running(self, work: Work) -> bool:
        """Return whether a task that was started by `spawn_once` is running."""
        return work in self._running

    async def finish(self, seconds: float) -> bool:
        """Wait for all tasks for so long; return whether they ended, and were not cut off."""
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while self._tasks and (left := until - clock()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
        if not self._tasks:
            return True
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        return False

    async def _run(self, work: Work) -> None:
        try:
            await work()
        finally:
            self._running.discard(work)

    def _on_task_done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._on_done()
        if not task.cancelled() and task.exception():
            _LOG.critical("Outbox task failed", exc_info=task.exception())
