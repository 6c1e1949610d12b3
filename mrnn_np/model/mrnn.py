"""The m-RNN: five layers per time step, put together from `mrnn_np.layers`.

    e(t) = E[word(t)]                                   word embedding I
    w(t) = W_2 e(t) + b_w                               word embedding II
    r(t) = f2(U_r r(t-1) + w(t))                        recurrent
    m(t) = g2(V_w w(t) + V_r r(t) + V_I I + b_m)        multimodal
    y(t) = softmax(V_y m(t) + b_y)                      output

The paper's RNN-Base is the same network with an image of width d_I = 0: V_I is then a (d_m, 0) matrix and V_I I = 0.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mrnn_np.backend import Array, get_xp
from mrnn_np.data.batches import Batch
from mrnn_np.layers.dense import dense_backward, dense_forward
from mrnn_np.layers.dropout import NO_DROPOUT, Masks, draw_mask, dropout
from mrnn_np.layers.embedding import embedding_backward, embedding_forward
from mrnn_np.layers.multimodal import (
    features_backward,
    image_backward,
    image_forward,
    multimodal_backward,
    multimodal_forward,
)
from mrnn_np.layers.recurrent import recurrent_backward, recurrent_forward, recurrent_step
from mrnn_np.layers.softmax import softmax_backward, softmax_forward, softmax_scores
from mrnn_np.model.design import M_RNN, RNN_BASE, Design
from mrnn_np.model.params import Gradient, Layout, Params
from mrnn_np.model.recurrent_stack import RecurrentStack


@dataclass(frozen=True)
class MRNN:
    """The sizes of one m-RNN and its forward, backward and decoding step; parameters are passed in.

    Parameters
    ----------
    M : words in the vocabulary
    d_I : width of the image feature (4096 in the paper); 0 is RNN-Base
    d_e, d_w, d_m : widths of word embedding I, of word embedding II and the recurrent layer, of the multimodal layer
    """

    M: int
    d_I: int
    d_e: int = 128
    d_w: int = 256
    d_m: int = 512

    @property
    def design(self) -> Design:
        """The paper's choices."""
        return M_RNN if self.d_I else RNN_BASE

    @property
    def stack(self) -> RecurrentStack:
        """The recurrent layer, as the stack of one that it is."""
        return RecurrentStack("relu", 1, self.d_w, self.d_w)

    @property
    def layout(self) -> Layout:
        """Every parameter's symbol and shape, in the order they stand in `theta`."""
        return {
            "E": (self.M, self.d_e),
            "W_2": (self.d_w, self.d_e),
            "b_w": (self.d_w,),
            "U_r": (self.d_w, self.d_w),
            "V_w": (self.d_m, self.d_w),
            "V_r": (self.d_m, self.d_w),
            "V_I": (self.d_m, self.d_I),
            "b_m": (self.d_m,),
            "V_y": (self.M, self.d_m),
            "b_y": (self.M,),
        }

    def draw_masks(
        self,
        rng: np.random.Generator,
        batch: Batch,
        rates: tuple[float, float, float, float],
        dtype: np.typing.DTypeLike = np.float32,
    ) -> Masks:
        """Host dropout masks for a batch; `rates` are those of e, r, m and I, 0 for none."""
        N, B_I = len(batch), len(batch.features)
        shapes = ((N, self.d_e), (N, self.d_w), (N, self.d_m), (B_I, self.d_I))
        return Masks(*(draw_mask(rng, shape, rate, dtype) for shape, rate in zip(shapes, rates, strict=True)))

    def forward(self, params: Params, batch: Batch, masks: Masks = NO_DROPOUT) -> tuple[Array, Any]:
        """The bits each word of a packed batch costs, (N,), and the cache `backward` needs."""
        p = params
        e, e_cache = embedding_forward(batch.ids, batch.words, p["E"])
        w, w_cache = dense_forward(dropout(e, masks.e), p["W_2"], p["b_w"])
        r, r_cache = recurrent_forward(w, p["U_r"], batch.sizes)
        v, v_cache = image_forward(dropout(batch.features, masks.I), p["V_I"])
        m, m_cache = multimodal_forward(w, dropout(r, masks.r), v, batch.image_of, p["V_w"], p["V_r"], p["b_m"])
        bits, y_cache = softmax_forward(dropout(m, masks.m), batch.targets, p["V_y"], p["b_y"])
        return bits, [e_cache, w_cache, r_cache, v_cache, m_cache, masks, y_cache]

    def backward(self, dbits: Array, cache: Any, need_dI: bool = False) -> Gradient:
        """The gradient of sum(dbits * bits) with respect to every parameter; `cache` is used up.

        With `need_dI` it also holds that of the batch's features, (B_I, d_I), under the symbol I.
        """
        # Taken out of it, so that the N x M numbers in there are gone before the other gradients need memory.
        dm, dV_y, db_y = softmax_backward(dbits, cache.pop())
        e_cache, w_cache, r_cache, v_cache, m_cache, masks = cache
        dw_multimodal, dr, dv, dV_w, dV_r, db_m = multimodal_backward(dropout(dm, masks.m), m_cache)
        dV_I = image_backward(dv, v_cache)
        dw_recurrent, dU_r = recurrent_backward(dropout(dr, masks.r), r_cache)
        dw = dw_recurrent + dw_multimodal
        de, dW_2, db_w = dense_backward(dw, w_cache)
        dE = embedding_backward(dropout(de, masks.e), e_cache)
        grads = dE, dW_2, db_w, dU_r, dV_w, dV_r, dV_I, db_m, dV_y, db_y
        to_I = {"I": dropout(features_backward(dv, v_cache), masks.I)} if need_dI else {}
        return Gradient(self.layout, dict(zip(self.layout, grads, strict=True)) | to_I)

    def begin(self, params: Params, features: Array) -> tuple[Array, Array]:
        """What B sentences about images (B, d_I) remember before START: r(0) = 0 and the image's term V_I I."""
        v, _ = image_forward(features, params["V_I"])
        return get_xp(v).zeros((len(v), self.d_w), v.dtype), v

    def step(self, params: Params, ids: Array, state: tuple[Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        """One word further in B sentences being written.

        Parameters
        ----------
        params : the model's parameters
        ids : (B,) int, the last word of each sentence (START at first)
        state : r(t-1) (B, d_w) and V_I I (B, d_m) of each sentence

        Returns
        -------
        scores : (B, M), the argument of the softmax for the next word
        state : r(t), and V_I I as it was
        """
        p, (r, v) = params, state
        e, _ = embedding_forward(ids, ids, p["E"])
        w, _ = dense_forward(e, p["W_2"], p["b_w"])
        r = recurrent_step(w, r, p["U_r"])
        m, _ = multimodal_forward(w, r, v, slice(None), p["V_w"], p["V_r"], p["b_m"])
        return softmax_scores(m, p["V_y"], p["b_y"]), (r, v)
