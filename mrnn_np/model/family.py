"""One model for every design: the m-RNN's own class where the design is the paper's, else the general one."""

from typing import TypeAlias

from mrnn_np.model.design import Design
from mrnn_np.model.general import General
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.presets import M_RNN, RNN_BASE

Model: TypeAlias = MRNN | General
"""Both have M, d_I, layout, draw_masks, forward, backward, begin and step."""


def build_model(
    M: int, d_I: int, design: Design = M_RNN, d_e: int = 128, d_w: int = 256, d_m: int = 512, d_r: int = 0
) -> Model:
    """Return the model of a design, for a vocabulary of M words and image features of width d_I.

    A design without image has none of width d_I either.  `d_r` is the width of the recurrent layers, 0 for d_w.
    """
    d_I = d_I if design.image else 0
    if design in (M_RNN, RNN_BASE) and d_r in (0, d_w):
        return MRNN(M, d_I, d_e, d_w, d_m)
    return General(M, d_I, design, d_e, d_w, d_m, d_r)
