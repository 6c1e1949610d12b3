"""The model as a writer of sentences: given what has been written, how likely is each next word?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.data.vocabulary import START, UNK
from mrnn_np.distributed.deal import Form, as_json
from mrnn_np.evaluation.perplexity import require_finite
from mrnn_np.layers.softmax import scores_to_log2
from mrnn_np.model.general import Model
from mrnn_np.model.params import Params

MAX_LENGTH = 30
"""Words after which a sentence is cut off, END counted; 1 in 20,000 captions of Flickr8k is longer."""

LOOK_EVERY = {"numpy": 1, "cupy": 4}
"""Words after which the host looks at what has been written, and the sentences that have ended leave: a GPU, which has
to be waited for, rather writes a few words that nobody asks for."""

State = tuple[Array, ...]


@dataclass(frozen=True)
class Hypothesis:
    """A sentence written about one image."""

    words: tuple[int, ...]
    """word ids, without START, with END if it came to one"""
    log2_prob: float
    """log2 P(words | image), prefix and END included"""
    finished: bool
    """whether it ended before the length limit"""


HYPOTHESES: Form[list[list[Hypothesis]]] = as_json(
    lambda found: [[[h.words, h.log2_prob, h.finished] for h in of_image] for of_image in found],
    lambda plain: [[Hypothesis(tuple(words), *others) for words, *others in of_image] for of_image in plain],
)
"""How those of some images travel from one process to another."""


@dataclass(frozen=True, eq=False)
class Decoder:
    """One model on one backend; every array is on its device."""

    model: Model
    params: Params
    backend: Backend

    def begin(self, features: Array, prefix: Sequence[int] = ()) -> tuple[Array, State, Array]:
        """Read START and the prefix.

        Parameters
        ----------
        features : (B, d_I) host float, standardised, one row per sentence to write
        prefix : word ids every sentence begins with

        Returns
        -------
        log2_next : (B, M), log2 probability of each next word; -inf for START and UNK, which are never written
        state : what the model remembers, arrays of B rows: row j is all that sentence j needs to go on
        log2_prefix : (B,), log2 probability of the prefix
        """
        xp, dtype = self.backend.xp, self.params.theta.dtype
        state: State = self.model.begin(self.params, self.backend.asarray(features.astype(dtype, copy=False)))
        log2_prefix = xp.zeros(len(features), dtype)
        log2_next, state = self.next(xp.full(len(features), START, np.int32), state)
        for word in prefix:
            log2_prefix = log2_prefix + log2_next[:, word]
            log2_next, state = self.next(xp.full(len(features), word, np.int32), state)
        return log2_next, state, log2_prefix

    def next(self, ids: Array, state: State) -> tuple[Array, State]:
        """Read one more word of each sentence, ids (B,): returns log2_next and the state as `begin` does."""
        scores, state = self.model.step(self.params, ids, state)
        log2_next = scores_to_log2(scores)
        # Their probability is not handed to other words: what is reported is the model's own P(words | image).
        log2_next[:, START] = -np.inf
        log2_next[:, UNK] = -np.inf
        return log2_next, state


def finite(written: list[list[Hypothesis]]) -> list[list[Hypothesis]]:
    """Return the hypotheses of each image as they are; raise UserError where there is none with a probability."""
    for of_image in written:
        require_finite([hypothesis.log2_prob for hypothesis in of_image])
    return written


def rows_of(state: State, rows: Array) -> State:
    """The state of the sentences at `rows`, one may be there more than once."""
    return tuple(part[rows] for part in state)
