"""log2 P(sentence | image) for each pair of a sentence and an image, the fast way that the m-RNN allows.

    m(t) = g2( V_w w(t) + V_r r(t) + b_m  +  V_I I )           log2 P = sum_t log2 softmax(V_y m(t) + b_y)[next word]
               once per beginning of a      once per image
               sentence: `context_terms`

The words and the image meet only in m(t).  What stays to be done for every pair is one g2 and one row of the softmax,
and of that row nothing is kept but its log-sum-exp and the scores of the words that do follow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mrnn_np.backend import Array, Backend, get_xp
from mrnn_np.backend.threads import on_each_core
from mrnn_np.evaluation.prefix_tree import PrefixTree
from mrnn_np.layers.activations import SCALE, g2
from mrnn_np.layers.dense import dense_forward
from mrnn_np.layers.multimodal import image_forward
from mrnn_np.layers.recurrent import recurrent_step
from mrnn_np.layers.softmax import LN2, sum_columns
from mrnn_np.model.params import Params

ROWS = {"numpy": 512, "cupy": 16384}
"""Softmax rows computed together, on a CPU by one core.  Their scores then stay in its cache: two cores with 512 rows
each reach 82 % of the speed of the bare products, with 256 or 1,024 rows 79 %, and 70 % where both share 1,024 rows.
A GPU needs more of them to be busy."""

SAFE_SCORE = 60.0
"""Scores of at most this size go through exp in float32 as they are: a sum of 1e6 times e^60 = 1e26 does not overflow
at 3e38, and e^-60 = 1e-26 is far above the smallest number, 1e-38."""


def context_terms(params: Params, tree: PrefixTree, backend: Backend) -> Array:
    """The words' term  V_w w(t) + V_r r(t) + b_m  of every context of the tree, (C, d_m), on the backend.

    One depth of the tree after the other, as r(t) needs r(t-1); 2 C (d_e d_w + d_w^2 + 2 d_w d_m) flops.
    """
    p, xp = params, backend.xp
    terms = xp.empty((len(tree.contexts), len(p["b_m"])), p.theta.dtype)
    r = xp.zeros((1, len(p["b_w"])), p.theta.dtype)
    before = 0  # the first context of the depth above, whose states r holds
    for first, last in pairwise(np.searchsorted(tree.contexts, tree.starts).tolist()):
        nodes = tree.contexts[first:last]
        w, _ = dense_forward(p["E"][backend.asarray(tree.words[nodes])], p["W_2"], p["b_w"])
        r = recurrent_step(w, r[backend.asarray(tree.context_of[nodes] - before)], p["U_r"])
        terms[first:last] = w @ p["V_w"].T + r @ p["V_r"].T + p["b_m"]
        before = first
    return terms


def scores_are_safe(params: Params) -> bool:
    """Whether no score can leave `SAFE_SCORE`, whatever the words and the image, so that exp needs no row maximum.

    |m_j| <= 1.7159, so |V_y m + b_y| <= 1.7159 max_k sum_j |V_y[k, j]| + max_k |b_y[k]|: 46 for a model of Flickr8k.
    """
    V_y, b_y = params["V_y"], params["b_y"]
    return SCALE * float(abs(V_y).sum(axis=1).max()) + float(abs(b_y).max()) <= SAFE_SCORE


def log_sum_exp(scores: Array, b_y: Array, safe: bool) -> Array:
    """ln sum_k exp(scores[:, k] + b_y[k]), (rows,), of scores V_y m, (rows, M), whose memory is used up.

    Where `scores_are_safe`, the row maximum need not be taken off first, and as exp(s + b) = exp(s) exp(b) the bias and
    the sum are one product of a matrix and a vector: two passes over the largest array instead of five, which makes
    all of it 6 % faster.
    """
    xp = get_xp(scores)
    if safe:
        return xp.log(xp.exp(scores, out=scores) @ xp.exp(b_y))
    scores += b_y
    peak = scores.max(axis=1)
    scores -= peak[:, None]
    return xp.log(sum_columns(xp.exp(scores, out=scores))) + peak


@dataclass(frozen=True, eq=False)
class PairScorer:
    """Scores the S sentences of a tree with any images; `terms` are the `context_terms` of the tree.

    Memory, for the 5,000 sentences of Flickr8k's dev split: 83 MB of terms, 5 MB a core for a block of the softmax, and
    3 MB of nodes for 16 images at a time; the scores of 1,000 images are 20 MB.  The whole process stays below 0.4 GB.
    """

    params: Params
    """on the backend's device"""
    tree: PrefixTree
    backend: Backend
    terms: Array
    """(C, d_m), the `context_terms` of the tree"""

    @classmethod
    def of(cls, params: Params, tree: PrefixTree, backend: Backend) -> "PairScorer":
        """Compute the words' half of the model."""
        return cls(params, tree, backend, context_terms(params, tree, backend))

    def __call__(self, features: Array, on_rows: Callable[[int], object] = lambda rows: None) -> Array:
        """log2 P(sentence | image), END included, for a few images and all sentences.

        Parameters
        ----------
        features : (B, d_I) host float, standardised; the memory this takes grows with B, 16 is plenty
        on_rows : told, block after block, how many softmax rows were computed; B C in all

        Returns
        -------
        (B, S) host float of the parameters' dtype; 2 B C d_m M flops
        """
        return self.beginnings(features, on_rows)[:, self.tree.ends]

    def beginnings(self, features: Array, on_rows: Callable[[int], object] = lambda rows: None) -> Array:
        """log2 P(beginning | image) of all n nodes of the tree, (B, n); else as for whole sentences."""
        tree, p, xp = self.tree, self.params, self.backend.xp
        dtype, safe = p.theta.dtype, scores_are_safe(p)
        v, _ = image_forward(self.backend.asarray(features.astype(dtype, copy=False)), p["V_I"])
        words, context_of = self.backend.asarray(tree.words), self.backend.asarray(tree.context_of)
        images = xp.arange(len(v))
        # log2 P(last word of a node | its other words, image); of node 0, the empty one, 0.
        log2_prob = xp.zeros((len(tree.words), len(v)), dtype)
        together = max(1, ROWS[self.backend.name] // len(v))

        def score(first: int) -> int:
            """Score the words that follow the contexts from that one on, and return how many rows that took."""
            terms = self.terms[first : first + together]
            m = g2(terms[:, None] + v).reshape(-1, v.shape[1])
            scores = m @ p["V_y"].T
            follow = slice(*tree.first_children[[first, first + len(terms)]].tolist())
            word, context = words[follow], context_of[follow] - first
            chosen = scores.reshape(len(terms), len(v), -1)[context[:, None], images, word[:, None]]
            total = log_sum_exp(scores, p["b_y"], safe).reshape(len(terms), len(v))
            log2_prob[follow] = (chosen + p["b_y"][word][:, None] - total[context]) * (1 / LN2)
            return len(m)

        blocks = range(0, len(self.terms), together)
        for rows in on_each_core(score, blocks, self.backend):
            on_rows(rows)
        parents = self.backend.asarray(tree.parents)
        for first, last in pairwise(tree.starts[1:]):
            log2_prob[first:last] += log2_prob[parents[first:last]]
        return self.backend.to_numpy(log2_prob.T)
