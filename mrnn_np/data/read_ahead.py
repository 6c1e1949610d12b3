"""Reading that runs beside computing: the next batches are gathered while this one is being worked on."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def read_ahead(things: Iterable[T], depth: int = 2) -> Iterator[T]:
    """Yield `things` in their order while another thread makes the next `depth` of them.

    NumPy lets go of Python's lock while it copies rows and draws random numbers, and the system while it reads a
    memory-mapped file, so both go on beside the matrix products.  What making one raises is raised to who asks for it.
    """
    done, source = object(), iter(things)
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as reader:
        coming = deque(reader.submit(next, source, done) for _ in range(depth))
        while (thing := coming.popleft().result()) is not done:
            coming.append(reader.submit(next, source, done))
            yield thing  # type: ignore[misc]
