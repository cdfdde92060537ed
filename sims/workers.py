"""Processes that work on chunks of premises, each on one after the other."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Key = TypeVar("Key")
Result = TypeVar("Result")


def map_chunks(work: Callable[[Key], Result], keys: Sequence[Key], workers: int) -> Iterator[Result]:
    """Do the same work for several chunks.

    Args:
        work: What is done for a chunk; it reaches each process once, so it may carry what all chunks share.
        keys: Names or numbers of the chunks.
        workers: Processes; this one where it is one, or where there is one chunk.

    Returns:
        Results in the order of the chunks.
    """
    if min(workers, len(keys)) <= 1:
        yield from map(work, keys)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(keys)), context, initializer=_begin, initargs=(work,)) as pool:
        yield from pool.map(_do, keys)


_work: Callable[[Any], Any] | None = None


def _begin(work: Callable[[Any], Any]) -> None:
    """Give a process the work that it does for every chunk, and let it end with the one that started it."""
    global _work
    _work = work
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the end of the process that started this one: if it was killed, nobody else says that work is over."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(key: Any) -> Any:
    assert _work is not None  # noqa: S101 - set by `_begin`
    return _work(key)
