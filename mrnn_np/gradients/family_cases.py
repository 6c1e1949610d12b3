"""What the gradients of the models beside the m-RNN are checked on: a case for each layer, and one for each preset."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.gradients.cases import Case, cost_case, layer_case, ragged_batch
from mrnn_np.layers import activations, gru, lstm, multimodal, recurrent
from mrnn_np.layers.activations import SIGMOID, TANH, NonLinearity
from mrnn_np.model.design import M_RNN, RNN_BASE
from mrnn_np.model.general import build_model
from mrnn_np.model.presets import PRESETS


def family_cases(backend: Backend, seed: int = 0) -> list[Case]:
    """Every layer beside the m-RNN's own, then the whole cost of every preset but it and RNN-Base."""
    return [*family_layer_cases(backend, seed), *design_cases(backend, seed)]


def family_layer_cases(backend: Backend, seed: int = 0) -> list[Case]:
    """One case for each layer, on one packed batch."""
    rng = np.random.default_rng(seed)
    batch = ragged_batch(rng, M=9, d_I=4).to(backend.asarray)
    N, B_I, sizes = len(batch), len(batch.features), batch.sizes
    case = partial(layer_case, backend, rng)

    def element_wise(name: str, function: NonLinearity) -> Case:
        return case(name, {"z": (N, 4)}, lambda z: (function.f(z),) * 2, lambda c, y: c * function.slope(y))

    def recurrent_case(name: str, f: NonLinearity) -> Case:
        def forward(x: Array, U_r: Array) -> tuple[Array, Any]:
            return recurrent.recurrent_forward(x, U_r, sizes, f)

        return case(name, {"x": (N, 4), "U_r": (4, 4)}, forward, recurrent.recurrent_backward)

    def any_multimodal(w: Array, r: Array, v: Array, V_w: Array, V_r: Array, b_m: Array) -> tuple[Array, Any]:
        return multimodal.multimodal_forward(w, r, v, batch.image_of, V_w, V_r, b_m, TANH)

    return [
        element_wise("sigmoid", NonLinearity("sigmoid", activations.sigmoid, activations.sigmoid_slope)),
        element_wise("tanh", NonLinearity("tanh", activations.tanh, activations.tanh_slope)),
        recurrent_case("recurrent, sigmoid", SIGMOID),
        recurrent_case("recurrent, tanh", TANH),
        case(
            "LSTM", {"x": (N, 12), "U_r": (12, 3)}, lambda x, U_r: lstm.lstm_forward(x, U_r, sizes), lstm.lstm_backward
        ),
        case("GRU", {"x": (N, 9), "U_r": (9, 3)}, lambda x, U_r: gru.gru_forward(x, U_r, sizes), gru.gru_backward),
        case(
            "multimodal, any",
            {"w": (N, 3), "r": (N, 4), "v": (B_I, 5), "V_w": (5, 3), "V_r": (5, 4), "b_m": (5,)},
            any_multimodal,
            multimodal.multimodal_backward,
        ),
    ]


def design_cases(backend: Backend, seed: int = 0) -> list[Case]:
    """The whole cost of every preset that is not an `MRNN`, in a size that a numerical derivative can afford."""
    designs = {name: preset.design for name, preset in PRESETS.items() if preset.design not in (M_RNN, RNN_BASE)}
    # Two layers show what four do.
    designs["lrcn"] = replace(designs["lrcn"], layers=2)
    gated = ("lstm", "gru")
    return [
        cost_case(backend, name, build_model(5, 2, design, 2, 3, 4, 2 if design.recurrence in gated else 0), seed)
        for name, design in designs.items()
    ]
