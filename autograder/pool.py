"""Many sandboxes at once, behind the one interface that every kind of worker shares.

A worker pool is a `concurrent.futures.Executor`: threads here, each driving a sandbox of its own
outside this process; a cluster's client offers the same interface.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed


def local(jobs: int = 1) -> Executor:
    """Workers on this machine, `jobs` notebooks at a time."""
    return ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="sandbox")


def run(workers: Executor, work: Callable, tasks: Iterable) -> Iterator[tuple[object, object]]:
    """(task, `work(task)`) for every task, in the order in which they end.

    `work` must return its failures: what it raises is an error of the grader's own and ends the run.
    """
    futures = {workers.submit(work, task): task for task in tasks}
    for future in as_completed(futures):
        yield futures.pop(future), future.result()
