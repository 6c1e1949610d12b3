"""One training step, as this package does it, as PyTorch does it, and as the bare matrix products alone would.

Batches are of sentences about an image each, or of whole images: five captions each, of which this package computes the
words they begin with once.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from mrnn_np import minimal
from mrnn_np.backend import Backend
from mrnn_np.benchmarks.products import Product, forward_and_backward
from mrnn_np.benchmarks.task import Task, products_alone
from mrnn_np.benchmarks.torch_step import torch_step
from mrnn_np.benchmarks.workload import D_I, L2, LR, MOMENTUM, image_batches, parameters, training_batches
from mrnn_np.data.batches import Batch, pack, unpack
from mrnn_np.data.tree_batches import TreeBatch, pack_tree
from mrnn_np.errors import UserError
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.prefix_sharing import PrefixSharing
from mrnn_np.training.sgd import SGD

BATCHES = 4

AnyBatch: TypeAlias = Batch | TreeBatch


def numpy_task(
    vocabulary: int, batch_size: int, backend: Backend, batches: int = BATCHES, length: int = 0, lr: float = LR
) -> Task:
    """Forward, backward by hand, SGD: what this package does, on either backend.

    A round is `batches` steps, on ragged sentences, or on such of `length` words where that is not 0.
    """
    return _by_hand(vocabulary, training_batches(vocabulary, batch_size, batches, length), backend, lr)


def numpy_shared_task(vocabulary: int, batch_size: int, backend: Backend) -> Task:
    """The same on whole images, whose captions share the words they begin with."""
    return _by_hand(vocabulary, image_batches(vocabulary, batch_size, BATCHES, pack_tree), backend, LR)


def _by_hand(vocabulary: int, batches: list[Any], backend: Backend, lr: float) -> Task:
    model, host = parameters(vocabulary)
    form: Any = PrefixSharing(model) if isinstance(batches[0], TreeBatch) else model
    params = host.with_theta(backend.asarray(host.theta))
    velocity, sgd = backend.xp.zeros_like(params.theta), SGD(L2, MOMENTUM)

    def step(batch: AnyBatch) -> Any:
        bits, cache = form.forward(params, batch)
        sgd.update(params, form.backward(backend.xp.full_like(bits, 1 / len(batch)), cache), velocity, lr)
        return bits.sum() / len(batch)

    return as_task(step, [batch.to(backend.asarray) for batch in batches], batches, model)


def padded_task(vocabulary: int, batch_size: int, backend: Backend) -> Task:
    """The way it is most often written in NumPy: padded sentences, and the plain lines of `mrnn_np.minimal`."""
    model, params = parameters(vocabulary)
    batches = training_batches(vocabulary, batch_size, BATCHES)
    p = {symbol: params[symbol].copy() for symbol in params}
    velocity = {symbol: np.zeros_like(matrix) for symbol, matrix in p.items()}

    def step(batch: tuple[Any, ...]) -> float:
        cost, g = minimal.cost_and_gradient(p, *batch)
        minimal.sgd(p, g, velocity, LR, MOMENTUM, L2)
        return cost

    return as_task(step, [padded(batch) for batch in batches], batches, model)


def padded(batch: Batch) -> tuple[Any, ...]:
    """The same sentences as `mrnn_np.minimal` takes them: words, targets, which of them are words, and features."""
    sentences = [targets[:-1].tolist() for targets in unpack(batch.targets, batch)]
    image_of = [rows[0] for rows in unpack(batch.image_of, batch)]
    return *minimal.pad(sentences), batch.features[image_of]


def torch_task(vocabulary: int, batch_size: int, backend: Backend, compiled: bool = False) -> Task:
    """PyTorch, eager."""
    return _by_torch(vocabulary, training_batches(vocabulary, batch_size, BATCHES), compiled)


def torch_shared_task(vocabulary: int, batch_size: int, backend: Backend, compiled: bool = False) -> Task:
    """PyTorch on whole images, with a row for each word."""
    return _by_torch(vocabulary, image_batches(vocabulary, batch_size, BATCHES, pack), compiled)


def torch_compile_task(vocabulary: int, batch_size: int, backend: Backend) -> Task:
    """The same in PyTorch, compiled; each batch has its own shapes and gets its own code, which is the fastest."""
    task = torch_task(vocabulary, batch_size, backend, compiled=True)

    def run() -> list[float]:
        try:
            return task.run()
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"torch-compile: {reason}; it needs a C++ compiler") from None

    return Task(task.count, run)


def _by_torch(vocabulary: int, batches: list[Batch], compiled: bool) -> Task:
    import torch

    def tensors(batch: Batch) -> tuple[Any, ...]:
        ids, image_of, features = (torch.from_numpy(x) for x in (batch.ids, batch.image_of, batch.features))
        return ids, torch.from_numpy(batch.targets).long(), image_of, features, batch.sizes

    model, params = parameters(vocabulary)
    return as_task(torch_step(params, compiled), [tensors(batch) for batch in batches], batches, model)


def as_task(step: Callable[[Any], Any], prepared: list[Any], batches: list[Any], model: MRNN) -> Task:
    """A round is a step on each batch, `prepared` as `step` takes it; it returns its bits per word, on any device."""

    def run() -> list[float]:
        # Read back when all steps are on their way, as training does.
        return [float(cost) for cost in [step(batch) for batch in prepared]]

    return Task(sum(map(len, batches)), run, products_of_steps(model, batches), lambda: step(prepared[0]))


def products_task(vocabulary: int, batch_size: int, backend: Backend) -> Task:
    """The products of the steps, alone."""
    batches = training_batches(vocabulary, batch_size, BATCHES)
    return products_alone(sum(map(len, batches)), products_of_steps(MRNN(vocabulary, D_I), batches))


def products_shared_task(vocabulary: int, batch_size: int, backend: Backend) -> Task:
    """The products of the steps on whole images, alone."""
    batches = image_batches(vocabulary, batch_size, BATCHES, pack_tree)
    return products_alone(sum(map(len, batches)), products_of_steps(MRNN(vocabulary, D_I), batches))


def products_of_steps(model: MRNN, batches: list[Any]) -> list[Product]:
    """Of each step three products of each layer over all rows, and the recurrence time step by time step."""
    M, d_I, d_e, d_w, d_m = model.M, model.d_I, model.d_e, model.d_w, model.d_m
    products = []
    for batch in batches:
        rows, images = sum(batch.sizes), len(batch.features)
        for outputs, inputs in ((d_w, d_e), (d_m, d_w), (d_m, d_w), (M, d_m)):
            products += forward_and_backward(rows, outputs, inputs)
        products += [("y", images, d_m, d_I), ("dW", images, d_m, d_I), ("dW", rows, d_w, d_w)]
        products += [(kind, size, d_w, d_w) for size in batch.sizes for kind in ("y", "dx")]
    return products


VARIANTS = {
    "numpy": numpy_task,
    "products": products_task,
    "torch": torch_task,
    "torch-compile": torch_compile_task,
    "padded": padded_task,
}
SHARED_VARIANTS = {"numpy": numpy_shared_task, "products": products_shared_task, "torch": torch_shared_task}
