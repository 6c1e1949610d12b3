"""Any design's model: the simple RNN, the paper's variants and the models it is compared with, by one forward.

    e(t) = E[word(t)]                                              word embedding
    w(t) = W_2 e(t) + b_w,  or e(t) itself                         second word embedding
    s(t) = w(t), with U_I I where the image enters here            `mrnn_np.model.image_entry`
    r(t) = recurrent layers of s(1) ... s(t)                       `mrnn_np.model.recurrent_stack`
    m(t) = g(V_w w(t) + V_r r(t) + V_I I + b_m),  or r(t) itself   multimodal, each term where the design has it
    y(t) = softmax(V_y m(t) + b_y),  or with E for V_y             `mrnn_np.model.output`

With the default design it is the m-RNN of `mrnn_np.model.mrnn`, which says the same without a choice; read that first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.batches import Batch
from mrnn_np.errors import UserError
from mrnn_np.layers.dropout import dropout
from mrnn_np.layers.embedding import dense_backward, dense_forward, embedding_backward, embedding_forward
from mrnn_np.layers.fusion import fusion_backward, fusion_forward
from mrnn_np.layers.multimodal import image_backward, image_forward
from mrnn_np.layers.time_steps import State
from mrnn_np.model.design import MULTIMODAL, Design
from mrnn_np.model.image_entry import after_zeros, image_among_words, image_among_words_back
from mrnn_np.model.masks import NO_DROPOUT, Masks, draw_mask
from mrnn_np.model.output import output_backward, output_forward, output_layout, output_scores
from mrnn_np.model.params import Gradient, Layout, Params
from mrnn_np.model.recurrent_stack import RecurrentStack


@dataclass(frozen=True)
class General:
    """A design and its sizes, with the interface of `MRNN`: forward, backward, begin and step.

    Parameters
    ----------
    M : words in the vocabulary
    d_I : width of the image feature; 0 where the design has no image
    design : what is chosen
    d_e, d_w, d_m : widths of the first and second embedding and of the multimodal layer; one embedding alone has d_w
    d_r : width of the recurrent layers, 0 for d_w, which it must be where w(t) is simply added
    """

    M: int
    d_I: int
    design: Design
    d_e: int = 128
    d_w: int = 256
    d_m: int = 512
    d_r: int = 0

    def __post_init__(self) -> None:
        """Refuse a recurrent layer that w(t) cannot be added to."""
        if self.stack.kind.gates == 1 and self.stack.d_r != self.d_w:
            raise UserError(
                f"--d-r is {self.d_r}; {self.design.recurrence} layers are as wide as w, --d-w {self.d_w}: leave it out"
            )

    @property
    def stack(self) -> RecurrentStack:
        """The recurrent layers."""
        design = self.design
        return RecurrentStack(design.recurrence, design.layers, self.d_w, self.d_r or self.d_w, design.bptt)

    @property
    def width_of_E(self) -> int:
        """d_e, or d_w where there is one embedding."""
        return self.d_e if self.design.embedding == "two-layers" else self.d_w

    @property
    def width_of_m(self) -> int:
        """d_m, or d_r where there is no multimodal layer."""
        return self.d_m if self.design.multimodal != "none" else self.stack.d_r

    def inputs_of_m(self) -> Iterator[tuple[str, int]]:
        """The symbols and widths of what enters the multimodal layer beside the image."""
        if self.design.word_enters != "none":
            yield "V_w", self.d_w if self.design.word_enters == "second" else self.d_e
        yield "V_r", self.stack.d_r

    @property
    def layout(self) -> Layout:
        """Every parameter's symbol and shape, in the order they stand in `theta`."""
        layout: Layout = {"E": (self.M, self.width_of_E)}
        if self.design.embedding == "two-layers":
            layout |= {"W_2": (self.d_w, self.d_e), "b_w": (self.d_w,)}
        if self.design.image_joins_words:
            layout["U_I"] = (self.d_w, self.d_I)
        layout |= self.stack.layout
        if self.design.multimodal != "none":
            layout |= {symbol: (self.d_m, width) for symbol, width in self.inputs_of_m()}
            if self.design.image_joins_m:
                layout["V_I"] = (self.d_m, self.d_I)
            layout["b_m"] = (self.d_m,)
        return layout | output_layout(self.design, self.M, self.width_of_E, self.width_of_m)

    def draw_masks(
        self,
        rng: np.random.Generator,
        batch: Batch,
        rates: tuple[float, float, float, float],
        dtype: np.typing.DTypeLike = np.float32,
    ) -> Masks:
        """Host dropout masks for a batch; `rates` are those of e, r, m and I.  Without an m, r is dropped once."""
        N, B_I = len(batch), len(batch.features)
        rate_e, rate_r, rate_m, rate_I = rates
        return Masks(
            draw_mask(rng, (N, self.width_of_E), rate_e, dtype),
            draw_mask(rng, (N, self.stack.d_r), rate_r, dtype),
            draw_mask(rng, (N, self.d_m), rate_m, dtype) if self.design.multimodal != "none" else None,
            draw_mask(rng, (B_I, self.d_I), rate_I, dtype),
        )

    def forward(self, params: Params, batch: Batch, masks: Masks = NO_DROPOUT) -> tuple[Array, Any]:
        """The bits each word of a packed batch costs, (N,), and the cache `backward` needs."""
        p, design = params, self.design
        e, e_cache = embedding_forward(batch.ids, batch.words, p["E"])
        e = dropout(e, masks.e)
        w, w_cache = dense_forward(e, p["W_2"], p["b_w"]) if design.embedding == "two-layers" else (e, None)
        I = dropout(batch.features, masks.I)
        s, sizes, u_cache = w, batch.sizes, None
        if design.image_joins_words:
            u, u_cache = image_forward(I, p["U_I"])
            s, sizes = image_among_words(w, u, batch, once=design.image_enters == "init")
        r, r_cache = self.stack.forward(p, s, sizes)
        r = dropout(r[len(s) - len(w) :], masks.r)
        v, v_cache = image_forward(I, p["V_I"]) if design.image_joins_m else (None, None)
        m, m_cache = self.m_forward(p, e, s if design.image_enters == "both-shared" else w, r, v, batch.image_of)
        bits, y_cache = output_forward(design, p, dropout(m, masks.m), batch.targets)
        caches = [e_cache, w_cache, u_cache, r_cache, v_cache, m_cache, y_cache]
        return bits, (caches, len(s) - len(w), batch.image_of, len(I), masks)

    def backward(self, dbits: Array, cache: Any) -> Gradient:
        """The gradient of sum(dbits * bits) with respect to every parameter; `cache` is used up.

        With truncated backpropagation through time it leaves out what came from further back, on purpose.
        """
        caches, extra, image_of, B_I, masks = cache
        design = self.design
        # Taken out of it, so that the N x M numbers in there are gone before the other gradients need memory.
        dm, grads = output_backward(design, dbits, caches.pop())
        e_cache, w_cache, u_cache, r_cache, v_cache, m_cache = caches
        d_first, d_second, dr, dv, m_grads = self.m_backward(dropout(dm, masks.m), m_cache)
        grads |= m_grads
        if v_cache is not None:
            grads |= image_backward(dv, v_cache)
        ds, r_grads = self.stack.backward(after_zeros(dropout(dr, masks.r), extra), r_cache)
        if design.image_enters == "both-shared":
            ds, d_second = ds + d_second, 0
        dw = ds
        if u_cache is not None:
            dw, du = image_among_words_back(ds, B_I, image_of, extra)
            grads["U_I"] = image_backward(du, u_cache)["V_I"]
        dw = dw + d_second
        de, w_grads = dense_backward(dw, w_cache) if w_cache is not None else (dw, {})
        e_grads = embedding_backward(dropout(de + d_first, masks.e), e_cache)
        if "E" in grads:
            # It is read from and written with: both gradients add up.
            e_grads["E"] += grads["E"]
        return Gradient(self.layout, grads | r_grads | w_grads | e_grads)

    def m_forward(
        self, p: Params, e: Array, w: Array, r: Array, v: Array | None, image_of: Array | slice
    ) -> tuple[Array, Any]:
        """The multimodal layer, or r itself where there is none; (N, width_of_m), and the cache."""
        design = self.design
        if design.multimodal == "none":
            return r, None
        given = {"V_w": w if design.word_enters == "second" else e, "V_r": r}
        inputs = {symbol: given[symbol] for symbol, _ in self.inputs_of_m()}
        weights = {symbol: p[symbol] for symbol in inputs}
        return fusion_forward(inputs, weights, v, image_of, p["b_m"], MULTIMODAL[design.multimodal])

    def m_backward(self, dm: Array, cache: Any) -> tuple[Any, Any, Array, Array | None, dict[str, Array]]:
        """The gradients of e and w, 0 where they do not enter, of r and of v, and those of the weights."""
        if cache is None:
            return 0, 0, dm, None, {}
        d_inputs, dv, grads = fusion_backward(dm, cache)
        d_word = d_inputs.get("V_w", 0)
        d_first, d_second = (d_word, 0) if self.design.word_enters == "first" else (0, d_word)
        return d_first, d_second, d_inputs["V_r"], dv, grads

    def begin(self, params: Params, features: Array) -> State:
        """The state before START of B sentences about images (B, d_I): the images' terms, then the recurrent layers."""
        design = self.design
        u = image_forward(features, params["U_I"])[0] if design.image_joins_words else None
        v = image_forward(features, params["V_I"])[0] if design.image_joins_m else None
        state = self.stack.begin(features)
        if design.image_enters == "init":
            return self.stack.step(params, u, state)[1]
        images = tuple(term for term in (u, v) if term is not None)
        return (*images, *state)

    def step(self, params: Params, ids: Array, state: State) -> tuple[Array, State]:
        """One word further in B sentences: their last words, ids (B,) int, give scores (B, M) and the next state."""
        p, design = params, self.design
        of_stack = len(state) - self.stack.kind.remembered * self.stack.layers
        images, remembered = list(state[:of_stack]), state[of_stack:]
        e, _ = embedding_forward(ids, ids, p["E"])
        w, _ = dense_forward(e, p["W_2"], p["b_w"]) if design.embedding == "two-layers" else (e, None)
        s = w
        if design.image_joins_words and design.image_enters != "init":
            s = w + images.pop(0)
        r, remembered = self.stack.step(p, s, remembered)
        v = images.pop(0) if images else None
        m, _ = self.m_forward(p, e, s if design.image_enters == "both-shared" else w, r, v, slice(None))
        return output_scores(design, p, m), (*state[:of_stack], *remembered)
