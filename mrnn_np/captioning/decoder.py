"""The model as a writer of sentences: given what has been written, how likely is each next word?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.data.vocabulary import START, UNK
from mrnn_np.layers.multimodal import image_forward
from mrnn_np.layers.softmax import softmax_log2
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params

MAX_LENGTH = 30
"""Words after which a sentence is cut off, END counted; 1 in 20,000 captions of Flickr8k is longer."""


@dataclass(frozen=True)
class Hypothesis:
    """A sentence written about one image."""

    words: tuple[int, ...]
    """word ids, without START, with END if it came to one"""
    log2_prob: float
    """log2 P(words | image), prefix and END included"""
    finished: bool
    """whether it ended before the length limit"""


@dataclass(frozen=True, eq=False)
class Decoder:
    """One model on one backend; every array is on its device."""

    model: MRNN
    params: Params
    backend: Backend

    def begin(self, features: Array, prefix: Sequence[int] = ()) -> tuple[Array, Array, Array, Array]:
        """Read START and the prefix.

        Parameters
        ----------
        features : (B, d_I) host float, standardised, one row per sentence to write
        prefix : word ids every sentence begins with

        Returns
        -------
        log2_next : (B, M), log2 probability of each next word; -inf for START and UNK, which are never written
        r : (B, d_w), the recurrent state
        v : (B, d_m), the image's term V_I I
        log2_prefix : (B,), log2 probability of the prefix
        """
        xp, dtype = self.backend.xp, self.params.theta.dtype
        v, _ = image_forward(self.backend.asarray(features.astype(dtype, copy=False)), self.params["V_I"])
        r = xp.zeros((len(features), self.model.d_w), dtype)
        log2_prefix = xp.zeros(len(features), dtype)
        log2_next, r = self.next(xp.full(len(features), START, np.int32), r, v)
        for word in prefix:
            log2_prefix = log2_prefix + log2_next[:, word]
            log2_next, r = self.next(xp.full(len(features), word, np.int32), r, v)
        return log2_next, r, v, log2_prefix

    def next(self, ids: Array, r: Array, v: Array) -> tuple[Array, Array]:
        """Read one more word of each sentence, ids (B,): returns log2_next and r as `begin` does."""
        scores, r = self.model.step(self.params, ids, r, v)
        log2_next = softmax_log2(scores)
        # Their probability is not handed to other words: what is reported is the model's own P(words | image).
        log2_next[:, START] = -np.inf
        log2_next[:, UNK] = -np.inf
        return log2_next, r
