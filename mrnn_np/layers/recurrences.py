"""The recurrent layers by name, all of one form:  x(t) and what is remembered of the words before give r(t).

x(t) is what the layer below says, already multiplied by the layer's input matrix.  What is remembered is a tuple of
arrays whose first is r(t-1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mrnn_np.backend import Array
from mrnn_np.layers.gru import gru_backward, gru_forward, gru_step
from mrnn_np.layers.lstm import lstm_backward, lstm_forward, lstm_step
from mrnn_np.layers.nonlinearities import RELU, SIGMOID, TANH, NonLinearity
from mrnn_np.layers.recurrent import recurrent_backward, recurrent_forward, recurrent_step
from mrnn_np.layers.time_steps import State


@dataclass(frozen=True)
class Recurrence:
    """One kind of recurrent layer, of any width d_r."""

    gates: int
    """width of x(t) in units of d_r; 1 where x(t) is simply added"""
    remembered: int
    """arrays (B, d_r) in the state"""
    forward: Callable[[Array, Array, Sequence[int], int], tuple[Array, Any]]
    """x (N, gates d_r), U_r (gates d_r, d_r), sizes, bptt -> r (N, d_r), cache"""
    backward: Callable[[Array, Any], tuple[Array, dict[str, Array]]]
    """dr, cache -> dx, {"U_r"}"""
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
