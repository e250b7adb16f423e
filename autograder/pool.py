"""Many sandboxes at once, behind the one interface that every kind of worker shares.

A worker pool is a `concurrent.futures.Executor`: threads here, each driving a sandbox of its own
outside this process; a cluster's client offers the same interface.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager


def local(jobs: int = 1) -> Executor:
    """Workers on this machine, `jobs` notebooks at a time."""
    return ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="sandbox")


@contextmanager
def running(workers: Executor, work: Callable, tasks: Iterable) -> Iterator[Iterator]:
    """`work(task)` of every task, in the order in which they end; the work begins at once.

    What has not begun when the block is left by an error is not begun any more. `work` must return its failures:
    what it raises is an error of the grader's own and ends the run.
    """
    futures = {workers.submit(work, task) for task in tasks}
    try:
        yield _ended(futures)
    finally:
        for future in futures:
            future.cancel()


def _ended(futures):
    for future in as_completed(set(futures)):
        futures.discard(future)  # and with it the result: a class of thousands does not fit in memory
        if future.exception():  # what has ended well by now is not lost with it
            yield from [other.result() for other in futures if other.done() and not other.exception()]
        yield future.result()
