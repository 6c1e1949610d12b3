"""The recurrent layers by name, and several of one kind one upon the other.

    x_1(t) = w(t)  where it can simply be added (relu, sigmoid, tanh), else  W_x w(t) + b_x
    x_k(t) = W_xk r_{k-1}(t) + b_xk
    r_k(t) = recurrence(x_k(t), r_k(t-1); U_rk)

The first layer's symbols have no number: W_x, b_x, U_r.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mrnn_np.backend import Array, get_xp
from mrnn_np.layers.activations import RELU, SIGMOID, TANH, NonLinearity
from mrnn_np.layers.dense import dense_backward, dense_forward
from mrnn_np.layers.gru import gru_backward, gru_forward, gru_step
from mrnn_np.layers.lstm import lstm_backward, lstm_forward, lstm_step
from mrnn_np.layers.recurrent import State, recurrent_backward, recurrent_forward, recurrent_step
from mrnn_np.model.params import Layout, Params


@dataclass(frozen=True)
class Recurrence:
    """One kind of recurrent layer, of any width d_r: x(t) and what is remembered of the words before give r(t).

    x(t) is what the layer below says, already multiplied by the layer's input matrix.
    """

    gates: int
    """width of x(t) in units of d_r; 1 where x(t) is simply added"""
    remembered: int
    """arrays (B, d_r) in the state"""
    forward: Callable[[Array, Array, Sequence[int], int], tuple[Array, Any]]
    """x (N, gates d_r), U_r (gates d_r, d_r), sizes, bptt -> r (N, d_r), cache"""
    backward: Callable[[Array, Any], tuple[Array, Array]]
    """dr, cache -> dx, dU_r"""
    step: Callable[[Array, State, Array], State]
    """x(t), state, U_r -> state"""


def _plain(f: NonLinearity) -> Recurrence:
    def forward(x: Array, U_r: Array, sizes: Sequence[int], bptt: int) -> tuple[Array, Any]:
        return recurrent_forward(x, U_r, sizes, f, bptt)

    def step(x: Array, state: State, U_r: Array) -> State:
        return (recurrent_step(x, state[0], U_r, f),)

    return Recurrence(1, 1, forward, recurrent_backward, step)


RECURRENCES = {
    "relu": _plain(RELU),
    "sigmoid": _plain(SIGMOID),
    "tanh": _plain(TANH),
    "lstm": Recurrence(4, 2, lstm_forward, lstm_backward, lstm_step),
    "gru": Recurrence(3, 1, gru_forward, gru_backward, gru_step),
}


@dataclass(frozen=True)
class RecurrentStack:
    """`layers` recurrent layers of one kind, all of width d_r, on inputs of width d_w."""

    recurrence: str
    layers: int
    d_w: int
    d_r: int
    bptt: int = 0

    @property
    def kind(self) -> Recurrence:
        """The recurrent layer itself."""
        return RECURRENCES[self.recurrence]

    def symbols(self) -> Iterator[tuple[str, str, str]]:
        """The symbols of the input matrix, its bias and the recurrent matrix of each layer; "" for what it lacks."""
        for k in range(1, self.layers + 1):
            number = "" if k == 1 else str(k)
            adds = k == 1 and self.kind.gates == 1
            yield ("", "", "U_r") if adds else (f"W_x{number}", f"b_x{number}", f"U_r{number}")

    @property
    def layout(self) -> Layout:
        """Every parameter's symbol and shape."""
        layout: Layout = {}
        width, gates = self.d_w, self.kind.gates * self.d_r
        for W_x, b_x, U_r in self.symbols():
            if W_x:
                layout |= {W_x: (gates, width), b_x: (gates,)}
            layout[U_r] = (gates, self.d_r)
            width = self.d_r
        return layout

    def forward(self, p: Params, w: Array, sizes: Sequence[int]) -> tuple[Array, Any]:
        """The top layer's r of a packed batch: w (N, d_w) gives r (N, d_r) and the cache for `backward`."""
        caches, r = [], w
        for W_x, b_x, U_r in self.symbols():
            x, x_cache = dense_forward(r, p[W_x], p[b_x]) if W_x else (r, None)
            r, r_cache = self.kind.forward(x, p[U_r], sizes, self.bptt)
            caches.append((x_cache, r_cache))
        return r, caches

    def backward(self, dr: Array, caches: Any) -> tuple[Array, dict[str, Array]]:
        """The gradient of w, (N, d_w), and of every parameter, from that of the top layer's r, (N, d_r)."""
        grads = {}
        for (W_x, b_x, U_r), (x_cache, r_cache) in zip(reversed(list(self.symbols())), reversed(caches), strict=True):
            dr, grads[U_r] = self.kind.backward(dr, r_cache)
            if W_x:
                dr, grads[W_x], grads[b_x] = dense_backward(dr, x_cache)
        return dr, grads

    def begin(self, w: Array) -> State:
        """The state before the first word of B sentences, all zeros; w (B, any) says on which device."""
        zeros = get_xp(w).zeros((len(w), self.d_r), w.dtype)
        return (zeros,) * (self.kind.remembered * self.layers)

    def step(self, p: Params, w: Array, state: State) -> tuple[Array, State]:
        """One time step: w(t) (B, d_w) and the state of all layers, arrays (B, d_r), give r(t) and the next state."""
        after: State = ()
        each, r = self.kind.remembered, w
        for k, (W_x, b_x, U_r) in enumerate(self.symbols()):
            x = dense_forward(r, p[W_x], p[b_x])[0] if W_x else r
            of_layer = self.kind.step(x, state[k * each : (k + 1) * each], p[U_r])
            after, r = after + of_layer, of_layer[0]
        return r, after
