"""What a variant hands to the benchmark: something to do again and again, such as the matrix products alone."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mrnn_np.backend import Array, Backend

Product = tuple[str, int, int, int]
"""A product of a linear layer  y = x W^T: which one ("y", "dx" or "dW"), then its rows, outputs and inputs."""


def forward_and_backward(rows: int, outputs: int, inputs: int) -> list[Product]:
    """The three products of training a linear layer."""
    return [(kind, rows, outputs, inputs) for kind in ("y", "dx", "dW")]


def flops(products: Iterable[Product]) -> int:
    """The number of multiplications and additions that products take."""
    return sum(2 * rows * outputs * inputs for _, rows, outputs, inputs in products)


class Products:
    """Runs products in arrays that it keeps, so that nothing but products is measured."""

    def __init__(self, xp: Any = np) -> None:
        self.xp = xp
        self._kept: dict[tuple[str, int, int], Array] = {}

    def run(self, products: Iterable[Product]) -> None:
        """Do them, in order."""
        array, matmul = self._array, self.xp.matmul
        for kind, rows, outputs, inputs in products:
            if kind == "y":
                matmul(array("x", rows, inputs), array("W", outputs, inputs).T, out=array("y", rows, outputs))
            elif kind == "dx":
                matmul(array("dy", rows, outputs), array("W", outputs, inputs), out=array("dx", rows, inputs))
            else:
                matmul(array("dy", rows, outputs).T, array("x", rows, inputs), out=array("dW", outputs, inputs))

    def _array(self, name: str, rows: int, columns: int) -> Array:
        key = name, rows, columns
        if key not in self._kept:
            # Not zeros: memory that was never written is one page, and reading it costs nothing.
            self._kept[key] = self.xp.full((rows, columns), 1e-3, np.float32)
        return self._kept[key]


@dataclass(frozen=True, eq=False)
class Task:
    """One kind of work, as one variant does it."""

    count: int
    """words, images or pairs done by one round"""
    run: Callable[[], list[float]]
    """do one round, wait until it is done, and return the numbers that all variants must agree on; none if empty"""
    products: Sequence[Product] = ()
    """the matrix products of a round, where they are counted"""
    steps: Sequence[Callable[[], Any]] = ()
    """the training steps of a round, none of which waits for a device"""


def products_alone(count: int, products: Sequence[Product], backend: Backend) -> Task:
    """The task that does nothing else."""
    kept = Products(backend.xp)

    def run() -> list[float]:
        kept.run(products)
        backend.synchronize()
        return []

    return Task(count, run, products)
