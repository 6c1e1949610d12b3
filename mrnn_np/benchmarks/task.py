"""What a variant hands to the benchmark: something to do again and again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mrnn_np.benchmarks.products import Product, Products


@dataclass(frozen=True, eq=False)
class Task:
    """One kind of work, as one variant does it."""

    count: int
    """words, images or pairs done by one round"""
    run: Callable[[], list[float]]
    """do one round, wait until it is done, and return the numbers that all variants must agree on; none if empty"""
    products: Sequence[Product] = ()
    """the matrix products of a round, where they are counted"""
    step: Callable[[], Any] | None = None
    """one training step that waits for nothing, where a device counts what it launches"""


def products_alone(count: int, products: Sequence[Product]) -> Task:
    """The task that does nothing else."""
    kept = Products()

    def run() -> list[float]:
        kept.run(products)
        return []

    return Task(count, run, products)
