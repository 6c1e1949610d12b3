"""The m-RNN on batches whose sentences share their beginnings: the same five layers, cost and gradients, fewer rows.

When the five captions of a Flickr8k image stand in one batch, a sixth of the rows are saved.  There is no dropout: its
masks are drawn for each word, and what two sentences share would no longer be the same.
"""

from dataclasses import dataclass
from typing import Any

from mrnn_np.backend import Array
from mrnn_np.data.tree_batches import TreeBatch
from mrnn_np.layers.embedding import dense_backward, dense_forward, embedding_backward, embedding_forward
from mrnn_np.layers.multimodal import (
    image_backward,
    image_forward,
    multimodal_backward,
    multimodal_forward,
)
from mrnn_np.layers.tree import (
    tree_recurrent_backward,
    tree_recurrent_forward,
    tree_softmax_backward,
    tree_softmax_forward,
)
from mrnn_np.model.masks import NO_DROPOUT, Masks
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Gradient, Params


@dataclass(frozen=True)
class PrefixSharing:
    """An m-RNN in the form that takes a `TreeBatch`; parameters are the model's own."""

    model: MRNN

    def forward(self, params: Params, batch: TreeBatch, masks: Masks = NO_DROPOUT) -> tuple[Array, Any]:
        """The bits that all words after each row cost together, (C,), and the cache `backward` needs.

        Parameters
        ----------
        params : the model's parameters
        batch : from `pack_tree`
        masks : none; only here so that this and a model are called alike
        """
        p, b = params, batch
        e, e_cache = embedding_forward(b.ids, b.words, p["E"])
        w, w_cache = dense_forward(e, p["W_2"], p["b_w"])
        r, r_cache = tree_recurrent_forward(w, p["U_r"], b.parents, b.forks, b.sizes, b.fork_sizes)
        v, v_cache = image_forward(b.features, p["V_I"])
        m, m_cache = multimodal_forward(w, r, v, b.image_of, p["V_w"], p["V_r"], p["b_m"])
        bits, y_cache = tree_softmax_forward(m, b.target_rows, b.targets, b.counts, p["V_y"], p["b_y"])
        return bits, [e_cache, w_cache, r_cache, v_cache, m_cache, y_cache]

    def backward(self, dbits: Array, cache: Any) -> Gradient:
        """The gradient of sum(dbits * bits) with respect to every parameter; `cache` is used up."""
        # Taken out of it, so that the N x M numbers in there are gone before the other gradients need memory.
        dm, y_grads = tree_softmax_backward(dbits, cache.pop())
        e_cache, w_cache, r_cache, v_cache, m_cache = cache
        dw_multimodal, dr, dv, m_grads = multimodal_backward(dm, m_cache)
        v_grads = image_backward(dv, v_cache)
        dw_recurrent, r_grads = tree_recurrent_backward(dr, r_cache)
        de, w_grads = dense_backward(dw_recurrent + dw_multimodal, w_cache)
        e_grads = embedding_backward(de, e_cache)
        return Gradient(self.model.layout, e_grads | w_grads | r_grads | v_grads | m_grads | y_grads)
