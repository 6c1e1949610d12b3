"""log2 P(sentence | image) for each pair of a sentence and an image, whatever the model, by its decoding step.

Where the image enters the recurrent layer, nothing of a sentence can be computed without it, so every pair is computed
whole; `mrnn_np.evaluation.pair_scores` is the m-RNN's own, several times faster way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.evaluation.pair_scores import ROWS, PairScorer
from mrnn_np.evaluation.prefix_tree import PrefixTree
from mrnn_np.layers.softmax import scores_to_log2
from mrnn_np.model.design import M_RNN, RNN_BASE
from mrnn_np.model.general import Model
from mrnn_np.model.params import Params


@dataclass(frozen=True, eq=False)
class StepScorer:
    """Scores the S sentences of a tree with any images, as `PairScorer` does."""

    model: Model
    params: Params
    """on the backend's device"""
    tree: PrefixTree
    backend: Backend

    def __call__(self, features: Array, on_rows: Callable[[int], object] = lambda rows: None) -> Array:
        """log2 P(sentence | image), END included, for a few images and all sentences.

        Parameters
        ----------
        features : (B, d_I) host float, standardised; the memory this takes grows with B
        on_rows : told, block after block, how many softmax rows were computed; B C in all

        Returns
        -------
        (B, S) host float of the parameters' dtype
        """
        return self.beginnings(features, on_rows)[:, self.tree.ends]

    def beginnings(self, features: Array, on_rows: Callable[[int], object] = lambda rows: None) -> Array:
        """log2 P(beginning | image) of all n nodes of the tree, (B, n); else as for whole sentences."""
        tree, xp, asarray = self.tree, self.backend.xp, self.backend.asarray
        dtype = self.params.theta.dtype
        state = self.model.begin(self.params, asarray(features.astype(dtype, copy=False)))
        # What is remembered of every context of one depth about every image, (contexts, B, d).
        depth_above = tuple(part[None] for part in state)
        B, images, before = len(features), xp.arange(len(features)), 0
        words, context_of, parents = (asarray(x) for x in (tree.words, tree.context_of, tree.parents))
        log2_prob = xp.zeros((len(tree.words), B), dtype)
        together = max(1, ROWS[self.backend.name] // B)
        for first, last in pairwise(np.searchsorted(tree.contexts, tree.starts).tolist()):
            blocks = []
            for start in range(first, last, together):
                stop = min(start + together, last)
                nodes = tree.contexts[start:stop]
                from_rows = asarray(tree.context_of[nodes] - before)
                remembered = tuple(part[from_rows].reshape(len(nodes) * B, -1) for part in depth_above)
                ids = xp.repeat(words[asarray(nodes)], B)
                scores, state = self.model.step(self.params, ids, remembered)
                log2_next = scores_to_log2(scores).reshape(len(nodes), B, -1)
                follow = slice(*tree.first_children[[start, stop]].tolist())
                chosen = log2_next[context_of[follow][:, None] - start, images, words[follow][:, None]]
                log2_prob[follow] = chosen + log2_prob[parents[follow]]
                blocks.append(tuple(part.reshape(len(nodes), B, -1) for part in state))
                on_rows(len(ids))
            depth_above, before = tuple(xp.concatenate(parts) for parts in zip(*blocks, strict=True)), first
        return self.backend.to_numpy(log2_prob.T)


Scorer: TypeAlias = PairScorer | StepScorer
"""Either way of scoring: it has a `tree`, and is called with features and a function to tell of its progress."""


def pair_scorer(model: Model, params: Params, tree: PrefixTree, backend: Backend) -> Scorer:
    """Return what scores the sentences of a tree with any image: the m-RNN's fast way, or another model's steps."""
    if model.design in (M_RNN, RNN_BASE):
        return PairScorer.of(params, tree, backend)
    return StepScorer(model, params, tree, backend)
