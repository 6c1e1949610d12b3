"""One training step, as this package does it, as PyTorch does it, and as the bare matrix products alone would."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from mrnn_np import minimal
from mrnn_np.backend import Backend
from mrnn_np.benchmarks.task import Product, Task, forward_and_backward, products_alone
from mrnn_np.benchmarks.torch_step import Form, torch_step
from mrnn_np.benchmarks.workload import D_I, L2, LR, MOMENTUM, parameters, training_batches
from mrnn_np.data.batches import Batch, unpack
from mrnn_np.distributed.ranks import ALONE
from mrnn_np.distributed.shares import Team
from mrnn_np.errors import UserError
from mrnn_np.layers.dropout import NO_DROPOUT
from mrnn_np.model.mrnn import MRNN
from mrnn_np.training.batches import Dealt, deal_out
from mrnn_np.training.gradient import BatchGradient
from mrnn_np.training.sgd import SGD

BATCHES = 4


def numpy_task(
    vocabulary: int, batch_size: int, backend: Backend, batches: int = BATCHES, length: int = 0, lr: float = LR
) -> Task:
    """Forward, backward by hand, SGD: what this package does, on either backend.

    A round is `batches` steps, on ragged sentences, or on such of `length` words where that is not 0.
    """
    packed = training_batches(vocabulary, batch_size, batches, length)
    model, host = parameters(vocabulary)
    params = host.with_theta(backend.asarray(host.theta))
    velocity, sgd = backend.xp.zeros_like(params.theta), SGD(L2, MOMENTUM)
    team = Team(1, ALONE, backend)
    gradient = BatchGradient(model, team, backend, None)

    def step(batch: Batch | Dealt) -> Any:
        with team.at_work():
            grads, bits = gradient.of(params, batch, NO_DROPOUT)
            sgd.update(params, grads, velocity, lr)
        return bits / len(batch)

    dealt = [deal_out(batch, NO_DROPOUT, team.all)[0].to(backend.asarray) for batch in packed]
    return as_task(step, dealt, packed, model)


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


def torch_task(vocabulary: int, batch_size: int, backend: Backend, form: Form = "eager") -> Task:
    """PyTorch."""
    import torch

    def tensors(batch: Batch) -> tuple[Any, ...]:
        ids, image_of, features = (torch.as_tensor(x) for x in (batch.ids, batch.image_of, batch.features))
        return ids, torch.as_tensor(batch.targets).long(), image_of, features, batch.sizes

    model, params = parameters(vocabulary)
    batches = training_batches(vocabulary, batch_size, BATCHES)
    return as_task(torch_step(params, form), [tensors(batch) for batch in batches], batches, model)


def torch_cudnn_task(vocabulary: int, batch_size: int, backend: Backend) -> Task:
    """PyTorch with its own recurrence, which is cuDNN's on a GPU."""
    return torch_task(vocabulary, batch_size, backend, "rnn")


def torch_compile_task(vocabulary: int, batch_size: int, backend: Backend) -> Task:
    """The same in PyTorch, compiled; each batch has its own shapes and gets its own code, which is the fastest."""
    task = torch_task(vocabulary, batch_size, backend, "compiled")

    def run() -> list[float]:
        try:
            return task.run()
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"torch-compile: {reason}; it needs a C++ compiler") from None

    return Task(task.count, run, steps=task.steps)


def as_task(step: Callable[[Any], Any], prepared: list[Any], batches: list[Batch], model: MRNN) -> Task:
    """A round is a step on each batch, `prepared` as `step` takes it; it returns its bits per word, on any device."""
    steps = [partial(step, batch) for batch in prepared]

    def run() -> list[float]:
        # Read back when all steps are on their way, as training does.
        return [float(cost) for cost in [step() for step in steps]]

    return Task(sum(map(len, batches)), run, products_of_steps(model, batches), steps)


def products_task(vocabulary: int, batch_size: int, backend: Backend) -> Task:
    """The products of the steps, alone."""
    batches = training_batches(vocabulary, batch_size, BATCHES)
    return products_alone(sum(map(len, batches)), products_of_steps(MRNN(vocabulary, D_I), batches), backend)


def products_of_steps(model: MRNN, batches: list[Batch]) -> list[Product]:
    """Of each step three products of each layer over all rows, and the recurrence time step by time step."""
    M, d_I, d_e, d_w, d_m = model.M, model.d_I, model.d_e, model.d_w, model.d_m
    products = []
    for batch in batches:
        rows, images = len(batch), len(batch.features)
        for outputs, inputs in ((d_w, d_e), (d_m, d_w), (d_m, d_w), (M, d_m)):
            products += forward_and_backward(rows, outputs, inputs)
        products += [("y", images, d_m, d_I), ("dW", images, d_m, d_I), ("dW", rows, d_w, d_w)]
        products += [(kind, size, d_w, d_w) for size in batch.sizes for kind in ("y", "dx")]
    return products


VARIANTS = {
    "numpy": numpy_task,
    "products": products_task,
    "torch": torch_task,
    "torch-cudnn": torch_cudnn_task,
    "torch-compile": torch_compile_task,
    "padded": padded_task,
}
