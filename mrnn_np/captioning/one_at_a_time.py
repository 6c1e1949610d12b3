"""Greedy decoding and sampling: one sentence per image, one word after another, no way back."""

from collections.abc import Callable, Sequence

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.captioning.decoder import MAX_LENGTH, Decoder, Hypothesis
from mrnn_np.data.vocabulary import END

Choose = Callable[[Array], Array]


def greedy(
    decoder: Decoder, features: Array, prefix: Sequence[int] = (), max_length: int = MAX_LENGTH
) -> list[Hypothesis]:
    """Write one sentence per row of `features`, host float (B, d_I), always with the most likely next word."""
    return write(decoder, features, lambda log2_next: log2_next.argmax(axis=1), prefix, max_length)


def sample(
    decoder: Decoder,
    features: Array,
    rng: np.random.Generator,
    temperature: float = 1.0,
    prefix: Sequence[int] = (),
    max_length: int = MAX_LENGTH,
) -> list[Hypothesis]:
    """Write one sentence per row of `features`, host float (B, d_I), each word drawn from y(t)^(1/temperature).

    Temperature 1 draws from the model's own distribution, near 0 it approaches greedy decoding, above 1 it grows wild.
    START and UNK are never drawn.  The random numbers are the host's, so both backends write the same sentences.
    """
    backend = decoder.backend

    def choose(log2_next: Array) -> Array:
        xp = backend.xp
        likelihood = xp.exp2((log2_next - log2_next.max(axis=1, keepdims=True)) / temperature)
        cumulative = xp.cumsum(likelihood, axis=1)
        # In (0, 1], so that the first word of probability 0 cannot be hit.
        u = backend.asarray(1 - rng.random((len(log2_next), 1), np.float32))
        return (cumulative < u * cumulative[:, -1:]).sum(axis=1)

    return write(decoder, features, choose, prefix, max_length)


def write(
    decoder: Decoder, features: Array, choose: Choose, prefix: Sequence[int], max_length: int
) -> list[Hypothesis]:
    """Write one sentence per row of `features`; `choose` picks word ids (B,) from log2_next (B, M).

    A sentence that has ended stays in the batch, its further words uncounted, until all have ended.
    """
    backend, xp, B = decoder.backend, decoder.backend.xp, len(features)
    log2_next, state, log2_prob = decoder.begin(features, prefix)
    alive, rows = xp.ones(B, bool), xp.arange(B)
    words = [np.full(B, word) for word in prefix]
    ended = np.zeros(B, bool)
    while len(words) < max_length and not ended.all():
        ids = choose(log2_next)
        log2_prob = log2_prob + xp.where(alive, log2_next[rows, ids], 0)
        alive = alive & (ids != END)
        # The only transfer: B small integers a word.
        words.append(backend.to_numpy(ids))
        ended |= words[-1] == END
        log2_next, state = decoder.next(ids, state)
    sentences = np.stack(words, axis=1).tolist()
    log2_probs = backend.to_numpy(log2_prob).tolist()
    return [
        Hypothesis(tuple(sentence[: sentence.index(END) + 1] if end else sentence), log2_prob, bool(end))
        for sentence, log2_prob, end in zip(sentences, log2_probs, ended, strict=True)
    ]
