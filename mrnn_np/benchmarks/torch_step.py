"""The training step in PyTorch, written as well as this package's."""

from collections.abc import Callable
from typing import Any, Literal

from mrnn_np.benchmarks.workload import L2, LR, MOMENTUM
from mrnn_np.layers.activations import SCALE, SLOPE
from mrnn_np.layers.softmax import LN2
from mrnn_np.model.params import Params

Form = Literal["eager", "rnn", "compiled"]
"""How the recurrence is written: step by step, as PyTorch's own RNN, which is cuDNN's on a GPU, or step by step and
compiled."""


def torch_step(params: Params, form: Form) -> Callable[[tuple[Any, ...]], Any]:
    """Return what trains on ids, targets, image_of, features and sizes of a packed batch, and returns bits per word.

    Packed rows, each image projected once, one output product, SGD in one pass.  The bits are a tensor.
    """
    import torch

    p = {name: torch.nn.Parameter(torch.tensor(params[name])) for name in params}
    # A cost in nats, with a step that is 1 / ln 2 larger, moves the parameters as a cost in bits does.
    # PyTorch's weight decay is the whole 2 lambda; in nats, the penalty shrinks as the cost does.
    optimiser = torch.optim.SGD(p.values(), LR / LN2, momentum=MOMENTUM, weight_decay=2 * L2 * LN2, fused=True)
    linear = torch.nn.functional.linear

    def step_by_step(w: Any, sizes: tuple[int, ...]) -> Any:
        states, r = [], w.new_zeros(sizes[0], w.shape[1])
        for w_t in w.split(sizes):
            r = torch.relu(torch.addmm(w_t, r[: len(w_t)], p["U_r"].T))
            states.append(r)
        return torch.cat(states)

    def by_rnn(w: Any, sizes: tuple[int, ...]) -> Any:
        # It multiplies what comes in by a matrix: here w(t) by 1, and a product more.
        weights = [torch.eye(w.shape[1]), p["U_r"]]
        first, many = w.new_zeros(1, sizes[0], w.shape[1]), torch.tensor(sizes, device="cpu")
        return torch._VF.rnn_relu(w, many, first, weights, False, 1, 0.0, True, False)[0]  # type: ignore[attr-defined, unused-ignore]

    recurrence = by_rnn if form == "rnn" else step_by_step

    def nats(ids: Any, targets: Any, image_of: Any, features: Any, sizes: tuple[int, ...]) -> Any:
        w = linear(torch.nn.functional.embedding(ids, p["E"]), p["W_2"], p["b_w"])
        r = recurrence(w, sizes)
        v = linear(features, p["V_I"], p["b_m"])
        z = linear(w, p["V_w"]) + linear(r, p["V_r"]) + v.index_select(0, image_of)
        m = SCALE * torch.tanh(SLOPE * z)
        return torch.nn.functional.cross_entropy(linear(m, p["V_y"], p["b_y"]), targets)

    # Code for just these shapes is the fastest there is.
    cost = torch.compile(nats, dynamic=False) if form == "compiled" else nats

    def step(batch: tuple[Any, ...]) -> Any:
        loss = cost(*batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return loss.detach() / LN2

    return step
