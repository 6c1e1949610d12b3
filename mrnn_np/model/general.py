"""Any design's model: the simple RNN, the paper's variants and the models it is compared with, by one forward.

    e(t) = E[word(t)]                                              word embedding
    w(t) = W_2 e(t) + b_w,  or e(t) itself                         second word embedding
    s(t) = w(t) + U_I I, where the image enters here               `image_among_words`
    r(t) = recurrent layers of s(1) ... s(t)                       `mrnn_np.model.recurrent_stack`
    m(t) = g(V_w w(t) + V_r r(t) + V_I I + b_m),  or r(t) itself   multimodal, width 0 where the design lacks a term
    y(t) = softmax(V_y m(t) + b_y),  or with E for V_y             `mrnn_np.model.output`

With the default design it is the m-RNN of `mrnn_np.model.mrnn`, which says the same without a choice; read that first.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from mrnn_np.backend import Array, get_xp
from mrnn_np.data.batches import Batch, Sizes
from mrnn_np.errors import UserError
from mrnn_np.layers.dense import dense_backward, dense_forward
from mrnn_np.layers.dropout import NO_DROPOUT, Masks, draw_mask, dropout
from mrnn_np.layers.embedding import embedding_backward, embedding_forward, sum_rows
from mrnn_np.layers.multimodal import (
    features_backward,
    image_backward,
    image_forward,
    multimodal_backward,
    multimodal_forward,
)
from mrnn_np.layers.recurrent import State
from mrnn_np.model.design import M_RNN, MULTIMODAL, RNN_BASE, Design
from mrnn_np.model.mrnn import MRNN
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
            if self.design.word_enters != "none":
                layout["V_w"] = (self.d_m, self.d_w if self.design.word_enters == "second" else self.d_e)
            layout["V_r"] = (self.d_m, self.stack.d_r)
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
        w, w_cache = self.second_embedding(p, e)
        I = dropout(batch.features, masks.I)
        s, sizes, u_cache = w, batch.sizes, None
        if design.image_joins_words:
            u, u_cache = image_forward(I, p["U_I"])
            s, sizes = image_among_words(w, u, batch, once=design.image_enters == "init")
        r, r_cache = self.stack.forward(p, s, sizes)
        m = r = dropout(r[len(s) - len(w) :], masks.r)
        m_cache = v_cache = None
        if design.multimodal != "none":
            v, v_cache = self.image_term(p, I)
            m, m_cache = self.multimodal(p, e, s if design.image_enters == "both-shared" else w, r, v, batch.image_of)
        bits, y_cache = output_forward(design, p, dropout(m, masks.m), batch.targets)
        caches = [e_cache, w_cache, u_cache, r_cache, v_cache, m_cache, y_cache]
        return bits, (caches, len(s) - len(w), batch.image_of, len(I), masks)

    def backward(self, dbits: Array, cache: Any, need_dI: bool = False) -> Gradient:
        """The gradient of sum(dbits * bits) with respect to every parameter; `cache` is used up.

        With `need_dI` it also holds that of the batch's features, (B_I, d_I), under the symbol I.

        With truncated backpropagation through time it leaves out what came from further back, on purpose.
        """
        caches, extra, image_of, B_I, masks = cache
        design = self.design
        # Taken out of it, so that the N x M numbers in there are gone before the other gradients need memory.
        dm, grads = output_backward(design, dbits, caches.pop())
        e_cache, w_cache, u_cache, r_cache, v_cache, m_cache = caches
        dm = dr = dropout(dm, masks.m)
        de_multimodal = dw_multimodal = 0
        if m_cache is not None:
            dx, dr, dv, grads["V_w"], grads["V_r"], grads["b_m"] = multimodal_backward(dm, m_cache)
            grads["V_I"] = image_backward(dv, v_cache)
            if design.word_enters == "first":
                de_multimodal = dx
            elif design.word_enters == "second":
                dw_multimodal = dx
        ds, r_grads = self.stack.backward(after_zeros(dropout(dr, masks.r), extra), r_cache)
        if design.image_enters == "both-shared":
            ds, dw_multimodal = ds + dw_multimodal, 0
        dw = ds
        if u_cache is not None:
            dw, du = image_among_words_back(ds, B_I, image_of, extra)
            grads["U_I"] = image_backward(du, u_cache)
        de = dw = dw + dw_multimodal
        if w_cache is not None:
            de, grads["W_2"], grads["b_w"] = dense_backward(dw, w_cache)
        dE = embedding_backward(dropout(de + de_multimodal, masks.e), e_cache)
        if "E" in grads:
            # It is read from and written with: both gradients add up.
            dE = dE + grads["E"]
        if need_dI:
            to_m = features_backward(dv, v_cache) if design.image_joins_m else 0
            to_words = features_backward(du, u_cache) if design.image_joins_words else 0
            grads["I"] = dropout(to_m + to_words, masks.I)
        return Gradient(self.layout, grads | r_grads | {"E": dE})

    def second_embedding(self, p: Params, e: Array) -> tuple[Array, Any]:
        """w(t) and its cache; e(t) itself where there is one embedding."""
        return dense_forward(e, p["W_2"], p["b_w"]) if self.design.embedding == "two-layers" else (e, None)

    def image_term(self, p: Params, I: Array) -> tuple[Array, Any]:
        """V_I I of the multimodal layer and its cache; zeros where the image does not enter there."""
        return image_forward(I, p["V_I"]) if self.design.image_joins_m else image_forward(I[:, :0], no_columns(p))

    def multimodal(
        self, p: Params, e: Array, w: Array, r: Array, v: Array, image_of: Array | slice
    ) -> tuple[Array, Any]:
        """The multimodal layer and its cache, with that embedding of the word which enters it."""
        x = {"second": w, "first": e, "none": w[:, :0]}[self.design.word_enters]
        V_w = no_columns(p) if self.design.word_enters == "none" else p["V_w"]
        return multimodal_forward(x, r, v, image_of, V_w, p["V_r"], p["b_m"], MULTIMODAL[self.design.multimodal])

    def begin(self, params: Params, features: Array) -> State:
        """The state before START of B sentences about images (B, d_I): the images' terms, then the recurrent layers."""
        design, state = self.design, self.stack.begin(features)
        u = image_forward(features, params["U_I"])[0] if design.image_joins_words else None
        if design.image_enters == "init":
            state, u = self.stack.step(params, u, state)[1], None
        v = self.image_term(params, features)[0] if design.multimodal != "none" else None
        return (*(term for term in (u, v) if term is not None), *state)

    def step(self, params: Params, ids: Array, state: State) -> tuple[Array, State]:
        """One word further in B sentences: their last words, ids (B,) int, give scores (B, M) and the next state."""
        p, design = params, self.design
        of_stack = len(state) - self.stack.kind.remembered * self.stack.layers
        images, remembered = list(state[:of_stack]), state[of_stack:]
        e, _ = embedding_forward(ids, ids, p["E"])
        w, _ = self.second_embedding(p, e)
        s = w
        if design.image_joins_words and design.image_enters != "init":
            s = w + images.pop(0)
        r, remembered = self.stack.step(p, s, remembered)
        m = r
        if design.multimodal != "none":
            m, _ = self.multimodal(p, e, s if design.image_enters == "both-shared" else w, r, images[0], slice(None))
        return output_scores(design, p, m), (*state[:of_stack], *remembered)


Model: TypeAlias = MRNN | General
"""Both have M, d_I, design, stack, layout, draw_masks, forward, backward, begin and step."""


def build_model(
    M: int, d_I: int, design: Design = M_RNN, d_e: int = 128, d_w: int = 256, d_m: int = 512, d_r: int = 0
) -> Model:
    """Return the model of a design, for M words and images of width d_I: the m-RNN's own class where it is the paper's.

    A design without image has none of width d_I either.  `d_r` is the width of the recurrent layers, 0 for d_w.
    """
    d_I = d_I if design.image else 0
    if design in (M_RNN, RNN_BASE) and d_r in (0, d_w):
        return MRNN(M, d_I, d_e, d_w, d_m)
    return General(M, d_I, design, d_e, d_w, d_m, d_r)


def no_columns(p: Params) -> Array:
    """The matrix (d_m, 0) of a term that the multimodal layer lacks."""
    return p["b_m"].reshape(-1, 1)[:, :0]


def image_among_words(w: Array, u: Array, batch: Batch, once: bool) -> tuple[Array, Sizes]:
    """Return s(t) = w(t) + U_I I and its packed sizes.

    Shown once, before the first word, the image is as a word: s(0) = U_I I and s(t) = w(t), one time step more, whose
    r(0) nobody reads but r(1).

    Parameters
    ----------
    w : (N, d_w), packed as `batch` is
    u : (B_I, d_w), the image's term U_I I
    once : before the first word, instead of at every word
    """
    if not once:
        return w + u[batch.image_of], batch.sizes
    B = batch.sizes[0]
    return get_xp(w).concatenate([u[batch.image_of[:B]], w]), batch.sizes.behind_one_more_step()


def image_among_words_back(ds: Array, B_I: int, image_of: Array, extra: int) -> tuple[Array, Array]:
    """Return dw (N, d_w) and du (B_I, d_w) from ds; `extra` rows of ds, 0 or B, are those of the image itself."""
    labels = range(B_I)
    if not extra:
        return ds, sum_rows(ds, image_of, labels)
    return ds[extra:], sum_rows(ds[:extra], image_of[:extra], labels)


def after_zeros(dr: Array, extra: int) -> Array:
    """The gradient of r(0), r(1) ... from that of r(1) ...: nothing above reads the r(0) of `extra` more rows."""
    xp = get_xp(dr)
    return xp.concatenate([xp.zeros((extra, dr.shape[1]), dr.dtype), dr]) if extra else dr
